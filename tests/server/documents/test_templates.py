"""A template that can't be opened or fails while it is filled is refused with what is wrong, whatever it is."""

import io
import zipfile

import pytest

from server.documents.kinds import DocumentKind
from server.documents.word import check_template, shipped
from server.problems import DocumentTemplateWrong

NOTICE = shipped(DocumentKind.NOTICE)
BODY = b"<w:body>"


def changed(**members):
    """The template that ships with some members of its archive replaced, None: left out."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(NOTICE)) as source, zipfile.ZipFile(written, "w") as archive:
        for name in dict.fromkeys([*source.namelist(), *members]):
            content = members[name] if name in members else source.read(name)
            if content is not None:
                archive.writestr(name, content)
    return written.getvalue()


def saying(words):
    with zipfile.ZipFile(io.BytesIO(NOTICE)) as source:
        body = source.read("word/document.xml")
    paragraph = f"{BODY.decode()}<w:p><w:r><w:t>{words}</w:t></w:r></w:p>".encode()
    return changed(**{"word/document.xml": body.replace(BODY, paragraph, 1)})


def damaged():
    """A file of which some bytes are others than they were."""
    with zipfile.ZipFile(io.BytesIO(NOTICE)) as source:
        begins = source.getinfo("word/document.xml").header_offset + 100
    return (
        NOTICE[:begins] + bytes(each ^ 0xFF for each in NOTICE[begins : begins + 60]) + NOTICE[begins + 60 :]
    )


@pytest.mark.parametrize(
    "words",
    [
        "{{ 1 / 0 }}",
        "{% for each in range(999999999) %}{% endfor %}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ title.encode('nothing') }}",
    ],
    ids=["division", "range", "recursion", "depth", "encoding"],
)
def test_a_template_that_fails_while_it_is_filled_is_refused(words):
    with pytest.raises(DocumentTemplateWrong):
        check_template(saying(words), DocumentKind.NOTICE)


@pytest.mark.parametrize(
    "docx",
    [
        damaged(),
        changed(**{"[Content_Types].xml": None}).replace(b"word/document.xml", b"word/documen\xff.xml"),
        changed(é=b"").replace("é".encode(), b"\xff\xfe"),
        changed(**{"_rels/.rels": None}),
        changed(**{"[Content_Types].xml": None}),
        changed(**{"[Content_Types].xml": b"<x/>"}),
        changed(**{"word/document.xml": b""}),
        changed(**{"word/document.xml": b"<x/>"}),
        changed(**{"word/_rels/document.xml.rels": b"<x/>"}),
        changed(**{"docProps/core.xml": b"<x/>"}),
    ],
    ids=[
        "damaged",
        "other name",
        "damaged name",
        "no rels",
        "no types",
        "other types",
        "empty",
        "other",
        "other rels",
        "other properties",
    ],
)
def test_a_template_that_cannot_be_opened_is_refused(docx):
    with pytest.raises(DocumentTemplateWrong) as refusal:
        check_template(docx, DocumentKind.NOTICE)
    assert refusal.value.members["errors"][0]["place"] == ""
