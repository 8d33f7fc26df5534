"""Which data set each kind of document has, and an invented example of each to try templates with."""

from dataclasses import fields
from typing import Any, Final, get_args, get_type_hints

from server.documents.after import Rectification, ResultSheet, Revisit, Transfer
from server.documents.before import Approval, Notice
from server.documents.fields import DataSet, Row
from server.documents.invented import INVENTED
from server.documents.kinds import DocumentKind
from server.documents.visiting import OnSiteRecord

DATA_SETS: Final[dict[DocumentKind, type[DataSet]]] = {
    DocumentKind.APPROVAL: Approval,
    DocumentKind.NOTICE: Notice,
    DocumentKind.RECORD: OnSiteRecord,
    DocumentKind.RESULT: ResultSheet,
    DocumentKind.RECTIFICATION: Rectification,
    DocumentKind.TRANSFER: Transfer,
    DocumentKind.REVISIT: Revisit,
}


def example_of(kind: DocumentKind) -> DataSet:
    """Make the data set of an invented visit, in which every table has two rows."""
    example: DataSet = _example(DATA_SETS[kind])
    return example


def _example(of: type[DataSet] | type[Row]) -> Any:
    hints = get_type_hints(of)
    values: dict[str, Any] = {}
    for each in fields(of):
        row = next((part for part in get_args(hints[each.name]) if isinstance(part, type)), None)
        said = INVENTED.get(f"{of.__name__}.{each.name}", INVENTED.get(each.name))
        values[each.name] = (_example(row), _example(row)) if row else said
    return of(**values)


def described_fields(kind: DocumentKind) -> list[dict[str, str]]:
    """List the fields that a template of a kind may name: field, what it is called, how it is filled."""
    found = []
    for each in fields(DATA_SETS[kind]):
        told = each.metadata
        how = "必填" if told["required"] else "选填"
        filled = f"{how}，人工填写" if told["entered"] else how
        found.append({"field": each.name, "label": told["label"], "filled": filled})
    return found
