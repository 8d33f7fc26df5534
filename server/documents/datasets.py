"""Which data set each kind of document has, and a filled-in example of each to try templates with."""

from dataclasses import fields
from typing import Any, Final, get_args, get_type_hints

from server.documents.after import Rectification, ResultSheet, Revisit, Transfer
from server.documents.before import Approval, Notice
from server.documents.fields import DataSet, Row
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
    """Make a data set in which every field says its own name, and every table has two rows."""
    example: DataSet = _example(DATA_SETS[kind])
    return example


def _example(of: type[DataSet] | type[Row]) -> Any:
    hints = get_type_hints(of)
    values: dict[str, Any] = {}
    for each in fields(of):
        row = next((part for part in get_args(hints[each.name]) if isinstance(part, type)), None)
        values[each.name] = (_example(row), _example(row)) if row else each.metadata.get("label") or each.name
    return of(**values)


def field_table(of: type[DataSet]) -> list[tuple[str, str, str]]:
    """List the fields of a data set for its description: name, what it is called, how it is filled."""
    found = []
    for each in fields(of):
        told = each.metadata
        how = "必填" if told["required"] else "选填"
        found.append((each.name, told["label"], f"{how}，人工填写" if told["entered"] else how))
    return found
