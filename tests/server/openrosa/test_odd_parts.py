"""Parts with names, types and moments that no phone of today sends: each is kept, none is in the way of the others."""

import gzip
import hashlib
import zlib

import pytest
from sqlalchemy import update

from server.checklists.models import FormVersion
from server.evidence.models import MediaObject
from server.openrosa.models import SubmittedFile
from tests.actors.collect_phone import message_of, photo
from tests.actors.phone import SIGNED
from tests.server.openrosa.test_contract import FORM, SIGNATURES, one, revisions, rows

BOUNDARY = b"b7Bq"
XML = (
    b'Content-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\nContent-Type: text/xml'
)
# What is hashed can't be pressed together, as an index does with what repeats.
LONG = "".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(100))


def named(filename, kind="image/jpeg"):
    return f'Content-Disposition: form-data; name="{filename}"; filename="{filename}"\r\nContent-Type: {kind}'.encode()


def posts(
    collect, xml, *parts, signed_with=SIGNATURES, kind="multipart/form-data", packed_by=bytes, headers=None
):
    """Post the XML, the signatures and further parts as `(head, content)`."""
    signatures = [(named(name, "image/png"), content) for name, content in signed_with.items()]
    body = b"".join(
        b"--" + BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"
        for head, content in [(XML, xml), *signatures, *parts]
    )
    return collect.call(
        "POST",
        f"{collect.server_url}/submission",
        data=packed_by(body + b"--" + BOUNDARY + b"--\r\n"),
        content_type=f"{kind}; boundary={BOUNDARY.decode()}",
        headers=headers or {},
    )


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (named("a\x00b.jpg"), "ab.jpg"),
        (named("a.jpg", "image/\x00jpeg"), "a.jpg"),
        (named(f"{LONG}.jpg"), f"{LONG[-251:]}.jpg"),
        (named(".."), "file"),
        (named("."), "file"),
        (named("../../a.jpg"), "a.jpg"),
        (named("\x00"), "file"),
        (b'Content-Disposition: form-data; name="a.jpg"\r\nContent-Type: image/jpeg', "a.jpg"),
        (b"Content-Type: image/jpeg", "file"),
        (named("%22北%22.jpg"), '"北".jpg'),
        (named('\\"北\\".jpg'), '"北".jpg'),
        (named("100%25 界桩;a=b 😀.jpg"), "100%25 界桩;a=b 😀.jpg"),
        (
            b"Content-Disposition: form-data; name=\"p\"; filename*=UTF-8''%E7%95%8C.jpg\r\nContent-Type: image/jpeg",
            "界.jpg",
        ),
    ],
    ids=[
        "NUL",
        "NUL in type",
        "long",
        "two dots",
        "dot",
        "folders",
        "blank",
        "no filename",
        "no name",
        "quotes as OkHttp writes them",
        "quotes as others do",
        "percents, blanks and Chinese",
        "as RFC 5987 has it",
    ],
)
def test_a_file_is_kept_whatever_it_is_called(visit, session, head, told):
    filled = visit.collect.fills(FORM, SIGNED)

    answer = posts(visit.collect, filled.xml, (head, photo("odd")))

    assert answer.status_code == 201, message_of(answer)
    revision = one(revisions(session))
    assert {entry["name"] for entry in revision.media} == {*SIGNATURES, told}
    assert session.get(MediaObject, hashlib.sha256(photo("odd")).hexdigest())


def test_fields_are_no_files_and_one_name_holds_all_that_came_under_it(visit, session):
    filled = visit.collect.fills(FORM, SIGNED)
    field = b'Content-Disposition: form-data; name="Date"'

    parts = [(field, b"today"), *((named("a.jpg"), content) for content in (b"", b"1", b"", b"2"))]
    assert posts(visit.collect, filled.xml, *parts).status_code == 201

    [revision] = revisions(session)
    assert {entry["name"] for entry in revision.media} == {*SIGNATURES, "a.jpg", "a~2.jpg", "a~3.jpg"}
    assert {file.size for file in rows(session, SubmittedFile, SubmittedFile.name == "a.jpg")} == {0, 1}


def test_how_much_has_come_is_told_of_what_the_xml_names_and_not_of_what_came_beside_it(visit, session):
    filled = visit.collect.fills(FORM, SIGNED)
    beside = [(named(f"left{number}.jpg"), photo(f"left {number}")) for number in range(2)]

    answer = posts(visit.collect, filled.xml, *beside, signed_with={"company.png": photo("company.png")})

    assert not revisions(session)
    assert "附件 1/3" in message_of(answer)
    [arriving] = visit.supervisor.get("/api/v1/openrosa/arriving")
    assert (arriving["here"], arriving["expected"], len(arriving["missing"])) == (1, 3, 2)


def test_the_type_of_a_body_may_be_written_in_any_case(visit, session):
    filled = visit.collect.fills(FORM, SIGNED)

    assert posts(visit.collect, filled.xml, kind="Multipart/Form-Data").status_code == 201
    assert one(revisions(session)).findings == []


@pytest.mark.parametrize(
    ("packed_by", "encoding"),
    [(gzip.compress, "gzip"), (gzip.compress, "X-GZIP"), (zlib.compress, "deflate")],
)
def test_a_compressed_submission_is_refused_in_words_and_taken_when_it_comes_as_it_is(
    visit, session, packed_by, encoding
):
    filled = visit.collect.fills(FORM, SIGNED)

    answer = posts(visit.collect, filled.xml, packed_by=packed_by, headers={"Content-Encoding": encoding})

    assert (answer.status_code, answer.mimetype) == (415, "text/xml")
    assert answer.headers["Accept-Encoding"] == "identity"
    assert "提交经过压缩" in message_of(answer)
    assert not rows(session, MediaObject)
    assert posts(visit.collect, filled.xml, headers={"Content-Encoding": "Identity"}).status_code == 201
    assert one(revisions(session)).findings == []


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00", "2026-13-01", ""]
)
def test_a_record_that_says_it_was_finished_when_nobody_can_is_taken(visit, session, moment):
    filled = visit.collect.fills(FORM, SIGNED)
    xml = filled.xml.replace(b"<note>", f"<end>{moment}</end><note>".encode(), 1)

    answer = posts(visit.collect, xml)

    assert answer.status_code == 201, message_of(answer)
    assert one(revisions(session)).status == "accepted"


def test_when_no_form_can_be_read_no_empty_list_is_sent(visit, session):
    session.execute(update(FormVersion).values(sha256="0" * 64))
    session.commit()

    assert visit.collect.call("GET", f"{visit.collect.server_url}/formList").status_code == 503
