"""Binding many PDFs into one: each page keeps what is on it, and gets the number of the case file at its head.

Originals are not altered: their pages are copied, and the number is laid over them.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader, PdfWriter

from server.documents.typesetting import set_pages


@dataclass(frozen=True)
class Part:
    """A part of a case file: what the catalogue says of it, and its PDF."""

    title: str
    number: str
    date: str
    pdf: bytes
    pages: int


def bind(cover: dict[str, Any], parts: Sequence[Part]) -> tuple[bytes, int]:
    """Bind parts behind a cover and a catalogue; returns the PDF and how many pages it has.

    Cover and catalogue are numbered in their own way, as they are in an archive; pages of the parts from 1 on.
    """
    first, rows = 1, []
    for part in parts:
        rows.append({"title": part.title, "number": part.number, "date": part.date, "page": first})
        first += part.pages
    total = first - 1
    front = set_pages("case", {**cover, "rows": rows, "total": total}, {})
    writer = PdfWriter()
    writer.append(io.BytesIO(front), "封面和目录")
    numbers = PdfReader(io.BytesIO(set_pages("numbers", {"total": total}, {}))) if total else None
    at = 0
    for part in parts:
        begin = len(writer.pages)
        writer.append(io.BytesIO(part.pdf), f"{part.title} {part.number}".strip())
        for page in writer.pages[begin:]:
            if numbers is not None:
                page.merge_page(numbers.pages[at])
            at += 1
    bound = io.BytesIO()
    writer.write(bound)
    pages = len(writer.pages)
    writer.close()
    return bound.getvalue(), pages


def size_of(parts: Iterable[Part]) -> int:
    """How many bytes the parts have together."""
    return sum(len(each.pdf) for each in parts)
