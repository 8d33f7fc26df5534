"""Compiling an XLSForm (Markdown, xlsx or csv) into an XForm, with refusals an author can act upon."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any, Literal

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

FileType = Literal[".md", ".xlsx", ".csv"]

MAX_SOURCE_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 50_000_000
ROOT_NAME = "data"

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet")
_UNKNOWN_TYPE = re.compile(r"Unknown question type '(.*?)'")
_UNLABELLED = re.compile(r"The survey element named '(.*?)' has no label")


@dataclass(frozen=True, slots=True)
class AuthoringFinding:
    """What an author must correct: the sheet, the row as a spreadsheet counts it (None: all), and why."""

    sheet: str
    row: int | None
    message: str


class AuthoringError(ValueError):
    """A form definition that cannot be compiled; `findings` tell where and why."""

    def __init__(self, findings: list[AuthoringFinding]) -> None:
        super().__init__("; ".join(f"{f.sheet}:{f.row or '-'} {f.message}" for f in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """An XForm with what identifies it; the same source always gives the same bytes and `sha256` (hex)."""

    form_id: str
    version: str
    title: str
    xform: bytes
    sha256: str
    warnings: tuple[str, ...]


def compile_xlsform(source: bytes, file_type: FileType) -> CompiledForm:
    """Compile an XLSForm; raises AuthoringError. `form_id` and `version` must stand in its settings."""
    _require_bounded(source, file_type)
    sheets = _read_sheets(source, file_type)
    settings = _read_settings(sheets)
    warnings: list[str] = []
    try:
        result = convert(
            xlsform=source,
            file_type=file_type,
            form_name=ROOT_NAME,
            warnings=warnings,
            validate=False,
            pretty_print=False,
        )
    except PyXFormError as problem:
        raise AuthoringError([_locate(str(problem), sheets)]) from problem
    xform = result.xform.encode("utf-8")
    return CompiledForm(
        form_id=settings["form_id"],
        version=settings["version"],
        title=settings["form_title"],
        xform=xform,
        sha256=hashlib.sha256(xform).hexdigest(),
        warnings=tuple(warnings),
    )


def _require_bounded(source: bytes, file_type: FileType) -> None:
    if len(source) > MAX_SOURCE_BYTES:
        raise AuthoringError([AuthoringFinding("file", None, "表单文件过大 / The form file is too large")])
    if file_type != ".xlsx":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as problem:
        message = "不是有效的 xlsx 文件 / This is not an xlsx file"
        raise AuthoringError([AuthoringFinding("file", None, message)]) from problem
    if unpacked > MAX_UNPACKED_BYTES:
        raise AuthoringError([AuthoringFinding("file", None, "表单文件过大 / The form file is too large")])


def _read_sheets(source: bytes, file_type: FileType) -> Any:
    try:
        return get_xlsform(source, file_type=file_type)
    except PyXFormError as problem:
        raise AuthoringError([_locate(str(problem), None)]) from problem
    except (KeyError, UnicodeDecodeError, ValueError) as problem:
        message = f"无法读取表单文件 / The form file cannot be read: {problem}"
        raise AuthoringError([AuthoringFinding("file", None, message)]) from problem


def _read_settings(sheets: Any) -> dict[str, str]:
    rows = sheets.settings or []
    settings = {str(name): str(value).strip() for name, value in (rows[0] if rows else {}).items()}
    settings.setdefault("form_id", settings.get("id_string", ""))
    settings.setdefault("form_title", settings.get("title", ""))
    findings = [
        AuthoringFinding("settings", 2 if rows else None, f"缺少 {name} / {name} is missing")
        for name in ("form_id", "version", "form_title")
        if not settings.get(name)
    ]
    if findings:
        raise AuthoringError(findings)
    return settings


def _locate(message: str, sheets: Any) -> AuthoringFinding:
    row = _ROW.search(message)
    sheet = _SHEET.search(message)
    name = sheet[1] if sheet else "survey"
    if row:
        return AuthoringFinding(name, int(row[1]), _ROW.sub("", message))
    for pattern, column in ((_UNKNOWN_TYPE, "type"), (_UNLABELLED, "name")):
        found = pattern.search(message)
        for number, survey_row in enumerate(sheets.survey or [] if sheets and found else [], start=2):
            if found and survey_row.get(column) == found[1]:
                return AuthoringFinding("survey", number, message)
    return AuthoringFinding(name if sheet else "file", None, message)
