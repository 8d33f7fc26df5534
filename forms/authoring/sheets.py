"""Reading the sheets of a form definition (Markdown, xlsx or csv) under one spelling of their columns."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from forms.authoring.findings import AuthoringError, AuthoringFinding

FileType = Literal[".md", ".xlsx", ".csv"]
Row = Mapping[str, str]
"""The cells of a row by column; blank cells are left out."""

MAX_SOURCE_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 50_000_000

_BOM = b"\xef\xbb\xbf"
_SHORT_NAMES = {
    ("bind", "relevant"): "relevant",
    ("bind", "required"): "required",
    ("bind", "readonly"): "read_only",
    ("bind", "constraint"): "constraint",
    ("bind", "calculate"): "calculation",
    ("bind", "jr:constraintMsg"): "constraint_message",
    ("bind", "jr:requiredMsg"): "required_message",
    ("control", "appearance"): "appearance",
    ("list name",): "list_name",
}
_READING_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    csv.Error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its columns in order, and its rows; row `n` of the tuple is row `n + 2` of a spreadsheet."""

    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A form definition as read: survey and choices under our spelling, the rest as pyxform read it."""

    survey: Sheet
    choices: Sheet
    rest: Mapping[str, Any]

    @property
    def settings(self) -> Row:
        """The first row of the settings."""
        rows = self.rest.get("settings") or ()
        return rows[0] if rows else {}


def read_workbook(source: bytes, file_type: FileType) -> Workbook:
    """Read a form definition; raises AuthoringError when it cannot be read or is too large.

    `relevance`, `bind::relevant` and the like are all read as `relevant`; columns of a language are spelled
    `label::中文 (zh)`.
    """
    _require_bounded(source, file_type)
    sheets = _read(source.removeprefix(_BOM), file_type)
    read = {field.name: getattr(sheets, field.name) for field in fields(sheets)}
    survey, choices = (_take_sheet(name, read) for name in ("survey", "choices"))
    return Workbook(survey=survey, choices=choices, rest=read)


def _require_bounded(source: bytes, file_type: FileType) -> None:
    too_large = AuthoringFinding("file", None, "表单文件过大 / The form file is too large", code="file.size")
    if len(source) > MAX_SOURCE_BYTES:
        raise AuthoringError([too_large])
    if file_type != ".xlsx":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as problem:
        message = "不是有效的 xlsx 文件 / This is not an xlsx file"
        raise AuthoringError([AuthoringFinding("file", None, message, code="file.unreadable")]) from problem
    if unpacked > MAX_UNPACKED_BYTES:
        raise AuthoringError([too_large])


def _read(source: bytes, file_type: FileType) -> Any:
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    try:
        return get_xlsform(source, file_type=file_type)
    except (PyXFormError, *_READING_ERRORS) as problem:
        message = f"无法读取表单文件，请检查文件类型和各列的列名 / The form file cannot be read: {problem}"
        raise AuthoringError([AuthoringFinding("file", None, message, code="file.unreadable")]) from problem


def _take_sheet(name: str, read: dict[str, Any]) -> Sheet:
    """Take a sheet out of what pyxform read and spell its columns our way."""
    written = read.pop(f"{name}_header") or []
    rows = read.pop(name) or ()
    headers = [
        *dict.fromkeys([*(written[0] if written else ()), *(column for row in rows for column in row)])
    ]
    spelled = _spell(name, [header for header in headers if header not in (None, "", "None")])
    findings = [
        AuthoringFinding(
            name,
            number,
            "此行有内容的列没有列名，请在表头补上 / A cell of this row has no header: name its column",
            code="header.missing",
        )
        for number, row in enumerate(rows, start=2)
        if any(column not in spelled for column in row)
    ]
    if findings:
        raise AuthoringError(findings)
    return Sheet(
        header=tuple(spelled.values()),
        rows=tuple({spelled[column]: text for column, text in row.items()} for row in rows),
    )


def _spell(sheet: str, headers: list[str]) -> dict[str, str]:
    """Return our spelling of each column; raises AuthoringError where two columns mean the same."""
    from pyxform import aliases
    from pyxform.parsing.sheet_headers import process_header
    from pyxform.question import MultipleChoiceQuestion, Option

    if sheet == "survey":
        known, also = set(MultipleChoiceQuestion.get_slot_names()), aliases.survey_header
    else:
        known, also = set(Option.get_slot_names()), aliases.list_header
    double_colon = any("::" in header for header in headers)
    spelled: dict[str, str] = {}
    for header in headers:
        tokens: tuple[str, ...] = process_header(header, double_colon, also, known)[1]
        name = "::".join(_shorten(tokens))
        earlier = next((other for other, taken in spelled.items() if taken == name), None)
        if earlier is not None:
            message = (
                f"{earlier} 与 {header} 是同一列，请删除一列 / {earlier} and {header} are the same column"
            )
            raise AuthoringError([AuthoringFinding(sheet, 1, message, header, "header.duplicate")])
        spelled[header] = name
    return spelled


def _shorten(tokens: tuple[str, ...]) -> Iterable[str]:
    short = _SHORT_NAMES.get(tokens[:2])
    return (short, *tokens[2:]) if short else tokens
