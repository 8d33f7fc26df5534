"""Documents as Word files (docx), from templates that a bureau can edit (docxtpl, Jinja in a sandbox).

A template names fields of the data set: `{{ object_name }}`, `{%tr for item in items %}`. An unknown field is an error when the
template is tried, never a hole in a document. The Word file is for working on; what is issued is the PDF.

Whatever ends the opening or filling of a template is its fault and told as such: it may do anything, and what opens it
raises what its parsers raise.
"""

import io
import re
import zipfile
from pathlib import Path
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from server.db import Json
from server.documents.datasets import example_of
from server.documents.fields import BLANK, DataSet
from server.documents.kinds import DocumentKind
from server.documents.places import place_of, place_of_unclosed
from server.problems import DocumentTemplateWrong

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TEMPLATES: Final = Path(__file__).parent / "templates"
#: What a template may unpack to; one of words and tables has some hundred kilobytes.
_LARGEST: Final = 20 * 1024 * 1024
#: What every template may name beside the fields of its data set.
_ALWAYS: Final = frozenset({"title", "draft"})
#: What Jinja says of a row that lacks a field, such as `'dict object' has no attribute 'nothing'`.
_LACKING: Final = re.compile(r"has no attribute '(\w+)'")


def shipped(kind: DocumentKind) -> bytes:
    """Return the template that ships."""
    return (_TEMPLATES / f"{kind.value}.docx").read_bytes()


def write_docx(
    template: bytes, kind: DocumentKind, data: DataSet | Json, *, draft: bool, remark: str = ""
) -> bytes:
    """Fill a template with a data set. Blank texts are struck out. Raises `DocumentTemplateWrong`.

    `remark` stands in the properties of the file: which version of the template it was made with.
    """
    values = data.as_json() if isinstance(data, DataSet) else data
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(
            {"title": kind.chinese, "draft": "草稿，不具效力" if draft else "", **values},
            _environment(),
            autoescape=True,
        )
        document.docx.core_properties.comments = remark
        written = io.BytesIO()
        document.save(written)
    except Exception as error:
        raise DocumentTemplateWrong(errors=[_told(error, template)]) from error
    return written.getvalue()


def check_template(template: bytes, kind: DocumentKind) -> frozenset[str]:
    """Try a template with an invented visit; return the fields it names.

    Raises `DocumentTemplateWrong`, which names every unknown field and where it stands.
    """
    _require_docx(template)
    example = example_of(kind)
    try:
        used = DocxTemplate(io.BytesIO(template)).get_undeclared_template_variables(_environment())
    except Exception as error:
        raise DocumentTemplateWrong(errors=[_told(error, template)]) from error
    unknown = sorted(used - example.as_json().keys() - _ALWAYS)
    if unknown:
        raise DocumentTemplateWrong(
            errors=[
                {
                    "field": each,
                    "place": place_of(template, each),
                    "reason": "没有这个字段",
                    "reason_en": "no such field",
                }
                for each in unknown
            ]
        )
    write_docx(template, kind, example, draft=True)
    return frozenset(used - _ALWAYS)


def _require_docx(template: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as archive:
            names = {each.filename for each in archive.infolist()}
            size = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DocumentTemplateWrong(errors=[_error("不是 Word 文档（.docx）", "not a .docx file")]) from error
    if "word/document.xml" not in names or size > _LARGEST:
        raise DocumentTemplateWrong(
            errors=[_error("不是 Word 文档（.docx）或过大", "not a .docx file, or too large")]
        )


def _environment() -> SandboxedEnvironment:
    # autoescape is on: XML is written, and what somebody typed must stay text.
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_struck_out)


def _struck_out(value: Any) -> Any:
    return BLANK if value == "" else value


def _told(error: Exception, template: bytes) -> Json:
    """Say what a template engine said, with the field that a row lacks and where it stands."""
    lacking = _LACKING.search(str(error)) if isinstance(error, TemplateError) else None
    if lacking:
        told = _error("表格行中没有这个字段", "rows have no such field")
        return {**told, "field": lacking[1], "place": place_of(template, lacking[1])}
    try:
        place = place_of_unclosed(template)
    except Exception:  # noqa: BLE001 - what can't be opened has no places
        place = ""
    return {**_error(f"模板写法有误：{error}", str(error)), "place": place}


def _error(reason: str, english: str) -> Json:
    return {"field": "", "place": "", "reason": reason[:500], "reason_en": english[:500]}
