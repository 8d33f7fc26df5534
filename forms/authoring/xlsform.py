"""Compiling an XLSForm (Markdown, xlsx or csv) into an XForm, with refusals an author can act upon."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from forms.authoring.compile_errors import CODE, locate, locate_warning
from forms.authoring.expanding import Block, Expanded, ExpandedRow, expand
from forms.authoring.findings import AuthoringError, AuthoringFinding
from forms.authoring.sheets import FileType, Row, Sheet, Workbook, read_workbook
from forms.catalog import block_source

__all__ = ["AuthoringError", "AuthoringFinding", "CompiledForm", "ExpandedRow", "FileType", "compile_xlsform"]

ROOT_NAME = "data"

# What pyxform trips over instead of refusing it.
_STUMBLES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """An XForm with what identifies it; the same source and blocks always give the same bytes and `sha256` (hex).

    `rows` and `choice_rows` are the survey and the choices as pyxform saw them, blocks and items expanded,
    each with the row of the author's file it came from.
    """

    form_id: str
    version: str
    title: str
    xform: bytes
    sha256: str
    warnings: tuple[AuthoringFinding, ...]
    rows: tuple[ExpandedRow, ...] = ()
    choice_rows: tuple[ExpandedRow, ...] = ()


def compile_xlsform(source: bytes, file_type: FileType) -> CompiledForm:
    """Compile an XLSForm; raises AuthoringError. `form_id` and `version` must stand in its settings."""
    # Loaded by who compiles: most processes never do.
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    book = read_workbook(source, file_type)
    settings = _read_settings(book)
    expanded = expand(book.survey, book.choices, shipped_block, ROOT_NAME)
    warnings: list[str] = []
    try:
        result = convert(
            xlsform=_sheets(book, expanded),
            form_name=ROOT_NAME,
            warnings=warnings,
            validate=False,
            pretty_print=False,
        )
    except PyXFormError as problem:
        raise AuthoringError(locate(problem, expanded)) from problem
    except _STUMBLES as problem:
        message = f"表单无法编译，请检查各表的表头和内容 / The form cannot be compiled: {problem!r:.200}"
        raise AuthoringError([AuthoringFinding("file", None, message, code=CODE)]) from problem
    xform = result.xform.encode("utf-8")
    return CompiledForm(
        form_id=settings["form_id"],
        version=settings["version"],
        title=settings["form_title"],
        xform=xform,
        sha256=hashlib.sha256(xform).hexdigest(),
        warnings=tuple(locate_warning(warning, expanded) for warning in warnings),
        rows=expanded.rows,
        choice_rows=expanded.choice_rows,
    )


@cache
def shipped_block(name: str) -> Block | None:
    """Return the block of the catalogue of that name (`opening`, `rows/check_item`)."""
    source = block_source(name)
    if source is None:
        return None
    book = read_workbook(source, ".md")
    return Block(survey=book.survey, choices=book.choices)


def _sheets(book: Workbook, expanded: Expanded) -> dict[str, Any]:
    """Return all sheets as pyxform reads them from a dict; it may change what it is given."""
    return {**book.rest, **_written("survey", expanded.survey), **_written("choices", expanded.choices)}


def _written(name: str, sheet: Sheet) -> dict[str, Any]:
    return {name: [dict(row) for row in sheet.rows], f"{name}_header": [dict.fromkeys(sheet.header)]}


def _read_settings(book: Workbook) -> Row:
    settings = {str(name): str(value).strip() for name, value in book.settings.items()}
    settings.setdefault("form_id", settings.get("id_string", ""))
    settings.setdefault("form_title", settings.get("title", ""))
    row = 2 if book.settings else None
    findings = [
        AuthoringFinding("settings", row, f"缺少 {name} / {name} is missing", name, "settings.missing")
        for name in ("form_id", "version", "form_title")
        if not settings.get(name)
    ]
    if findings:
        raise AuthoringError(findings)
    return settings
