"""Multipart bodies, cut anywhere on their way, come apart as werkzeug's own parser says."""

import io
import random

import pytest
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from server.openrosa.parts import BodyBroken, Parts

BOUNDARY = b"--x7Bq"
CONTENT = {
    "xml_submission_file": ("界桩.xml", "text/xml", b"<data/>"),
    "a": ("a.jpg", "image/jpeg", b"\r\n----x7Bqz and \r\n----x7Bq-no, but nearly\r\n--\r\n"),
    "界桩 近照①.jpg": ("界桩 近照①.jpg", "image/jpeg", random.Random(1).randbytes(3000)),
    "nothing": ("nothing", "", b""),
    "breaks": ("breaks", "", b"\r\n\r\n"),
    "*isIncomplete*": (None, "", b"yes"),
}


class Gathering:
    """A sink that gathers."""

    def __init__(self, head):
        self.head, self.content, self.whole = head, b"", False

    def write(self, piece):
        self.content += bytes(piece)

    def end(self):
        self.whole = True


def body_of(content):
    parts = []
    for name, (filename, kind, data) in content.items():
        told = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        head = f"Content-Disposition: {told}\r\n" + (f"content-type: {kind}; a=b\r\n" if kind else "")
        parts.append(b"--" + BOUNDARY + b"\r\n" + head.encode() + b"\r\n" + data + b"\r\n")
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\nand what nobody reads"


def divided(pieces, most=50):
    found = []
    parts = Parts(BOUNDARY, lambda head: found.append(Gathering(head)) or found[-1], most)
    for piece in pieces:
        parts.feed(piece)
    return parts, found


@pytest.mark.parametrize("step", [1, 2, 7, 64, 1000, 100_000])
def test_a_body_comes_apart_the_same_wherever_it_is_cut_on_its_way(step):
    body = body_of(CONTENT)

    parts, found = divided(body[start : start + step] for start in range(0, len(body), step))

    assert parts.whole
    assert [(each.head.name, each.head.filename, each.head.type, each.content) for each in found] == [
        (name, *told) for name, told in CONTENT.items()
    ]
    assert all(each.whole for each in found)
    form, files = MultiPartParser(stream_factory=lambda **_: io.BytesIO()).parse(
        io.BytesIO(body), BOUNDARY, len(body)
    )
    theirs = {name: file.stream.read() for name, file in files.items()}
    theirs |= {name: value.encode() for name, value in form.items()}
    assert theirs == {each.head.name: each.content for each in found}


def test_a_body_that_ends_before_its_end_is_not_whole_and_its_last_part_neither():
    body = body_of(CONTENT)
    end = body.index(b"--" + BOUNDARY + b"--")

    for cut in range(0, end + len(BOUNDARY) + 3, 13):
        parts, found = divided([body[:cut]])
        assert not parts.whole
        assert all(each.whole for each in found[:-1])


def test_what_is_no_multipart_has_no_parts_and_heads_without_end_and_parts_without_number_are_refused():
    parts, found = divided([b"{}" * 10_000])
    assert (parts.whole, found) == (False, [])
    with pytest.raises(BodyBroken):
        divided([b"--" + BOUNDARY + b"\r\n" + b"x" * 20_000])
    with pytest.raises(BodyBroken):
        divided([body_of(CONTENT)], most=3)


@pytest.mark.parametrize(
    "disposition",
    [
        'form-data; name="a"; filename="0.jpg"',
        'form-data; name="界桩.jpg"; filename="界桩 近照①.jpg"',
        'form-data; name="a;b"; filename="c; filename=d"',
        'form-data; name=""; filename=""',
        'form-data; filename="b.jpg"; name="a"',
        'form-data; name="a \\"quoted\\""; filename="C:\\\\photos\\\\b.jpg"',
        'form-data; name="%22a%22"',
        "form-data; name=a; filename*=utf-8''%E7%95%8C.jpg",
        'FORM-DATA;name="a";filename="b.jpg"',
        "",
    ],
)
@pytest.mark.parametrize("kind", ["image/jpeg", "Text/XML; charset=utf-8", "nonsense", ""])
def test_the_head_of_a_part_says_what_werkzeug_reads_in_it_however_it_is_written(disposition, kind):
    head = f"Content-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    _, found = divided([b"--" + BOUNDARY + b"\r\n" + head.encode() + b"\r\n--" + BOUNDARY + b"--"])

    options, (theirs, _) = parse_options_header(disposition)[1], parse_options_header(kind)
    [told] = [each.head for each in found]
    assert (told.name, told.filename, told.type) == (
        options.get("name", ""),
        options.get("filename"),
        theirs.lower(),
    )
