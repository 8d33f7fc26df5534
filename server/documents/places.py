"""Where a field stands in a Word template, in words that somebody finds again in Word or WPS."""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

_AROUND: Final = 40  # characters
_PAIRS: Final = (("{{", "}}"), ("{%", "%}"))


def place_of(docx: bytes, field: str) -> str:
    """Name the first place that has a field: 第 3 段, 第 2 个表格第 4 行, 页眉; empty where none is found."""
    named = re.compile(rf"\b{re.escape(field)}\b")
    for place, text in _texts(Document(io.BytesIO(docx))):
        found = named.search(text)
        if found:
            shown = text[max(found.start() - _AROUND, 0) : found.end() + _AROUND].strip()
            return f"{place}：{shown}"
    return ""


def place_of_unclosed(docx: bytes) -> str:
    """Name the first place where what was opened, such as `{{`, is not closed in the same paragraph; empty for none."""
    for place, text in _texts(Document(io.BytesIO(docx))):
        if any(text.count(opened) != text.count(closed) for opened, closed in _PAIRS):
            return f"{place}：{text[: 2 * _AROUND]}"
    return ""


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Go through the texts of a document in their order, each with its place."""
    paragraphs = tables = 0
    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            paragraphs += 1
            yield f"第 {paragraphs} 段", part.text
        elif isinstance(part, Table):
            tables += 1
            for number, row in enumerate(part.rows, 1):
                yield f"第 {tables} 个表格第 {number} 行", "　".join(cell.text for cell in row.cells)
    for section in document.sections:
        for name, part in (("页眉", section.header), ("页脚", section.footer)):
            yield name, "\n".join(paragraph.text for paragraph in part.paragraphs)
