"""Trying a template before it is put in use, with an invented visit; nothing is kept."""

from dataclasses import dataclass
from typing import Final

from server.access import Actor, Permission, require
from server.documents.blocks import blocks_of
from server.documents.datasets import described_fields, example_of
from server.documents.kinds import DocumentKind
from server.documents.pictures import placed
from server.documents.typesetting import set_pages
from server.documents.word import check_template, write_docx

_INVENTED: Final = "示例：内容为虚构"


@dataclass(frozen=True)
class Trial:
    """A template that was tried and can be used: the fields of its data set, by whether it names them."""

    used: list[dict[str, str]]
    unused: list[dict[str, str]]


def try_template(actor: Actor, kind: DocumentKind, docx: bytes) -> Trial:
    """Say which fields a template names. Raises `DocumentTemplateWrong`."""
    require(actor, Permission.DOCUMENT_MANAGE)
    used = check_template(docx, kind)
    fields = described_fields(kind)
    return Trial(
        [each for each in fields if each["field"] in used],
        [each for each in fields if each["field"] not in used],
    )


def fill_template(actor: Actor, kind: DocumentKind, docx: bytes) -> bytes:
    """Fill a template with an invented visit, to look at it. Raises `DocumentTemplateWrong`."""
    require(actor, Permission.DOCUMENT_MANAGE)
    check_template(docx, kind)
    return write_docx(docx, kind, example_of(kind), draft=True, remark=_INVENTED)


def print_example(actor: Actor, kind: DocumentKind) -> bytes:
    """Print the invented visit as the document would be printed: a draft, since no template changes the PDF."""
    require(actor, Permission.DOCUMENT_MANAGE)
    data = example_of(kind)
    paper = {
        "title": kind.chinese,
        "number": data.number,
        "version": 1,
        "organisation": data.organisation,
        "draft": True,
        "code": False,
        "content": "",
        "blocks": placed(blocks_of(data), {}, {}),
    }
    return set_pages("document", paper, {})
