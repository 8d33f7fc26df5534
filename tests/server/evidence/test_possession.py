"""Naming a hash shows nobody a file: whoever names one that somebody else brought has to send its bytes."""

import io
import zipfile

import pytest
from sqlalchemy import delete, select

from server import audit
from server.access import Actor
from server.evidence import possession, service, taking
from server.evidence.models import MediaBringer, MediaLink, Upload
from server.inspections.models import Record
from server.inspections.reviewing import blocks_of
from tests.actors.phone import SIGNED
from tests.actors.uploader import Uploader, sha256_of
from tests.server.evidence.conftest import a_photo, an_entry

ANSWERS = {**SIGNED, "/data/photo": "wall.jpg"}


@pytest.fixture
def photo(request):
    """A photo that no other test has: the store outlives a test."""
    return a_photo() + request.node.nodeid.encode()


def fills(cast, phone, photo, task=None):
    """Seal a record with this photo."""
    task = task or cast.task(phone)
    phone.pulls()
    return phone.fills(task, ANSWERS, photos={"wall.jpg": photo})


@pytest.fixture
def owner(cast, photo):
    """Somebody whose record has the photo, which was sent."""
    phone = cast.phone()
    fills(cast, phone, photo)
    phone.syncs()
    return phone


@pytest.fixture
def stranger(cast, owner, photo):
    """Somebody on another task, who has pushed a record that names the photo and sent all other files of it."""
    phone = cast.phone()
    phone.named = fills(cast, phone, photo)
    phone.pushes()
    phone.pulls()
    phone.uploads(phone.state.media_wanted - {sha256_of(photo)})
    return phone


def addresses(sha256, record):
    media = f"/api/v1/media/{sha256}"
    return [media, f"{media}/about", f"{media}/preview", f"/api/v1/records/{record}/media/wall.jpg/stamped"]


def originals_in(who, record):
    answer = who.call("GET", f"/api/v1/records/{record}/package", query_string={"stamped": "false"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name.removeprefix("media/") for name in archive.namelist() if name.startswith("media/")}


def waits_for(session, record):
    return [
        sha256
        for block in blocks_of(session, session.get_one(Record, record))
        if block["code"] == "media.missing"
        for sha256 in block["sha256"]
    ]


def test_a_record_that_names_a_strangers_photo_is_taken_and_shows_nothing(owner, stranger, photo, session):
    sha256 = sha256_of(photo)

    for address in addresses(sha256, stranger.named):
        assert stranger.get(address, expect=404)["code"] == "media.not-found", address

    assert sha256 not in originals_in(stranger, stranger.named)
    assert waits_for(session, stranger.named) == [sha256]
    assert Uploader(stranger).status(sha256) == {sha256: "absent"}
    assert Uploader(owner).status(sha256) == {sha256: "stored"}
    [own] = owner.drafts
    assert owner.call("GET", f"/api/v1/media/{sha256}").data == photo
    assert sha256 in originals_in(owner, own)
    assert waits_for(session, own) == []


def test_whoever_sends_the_bytes_holds_them_and_sees_them(owner, stranger, photo, session):
    sha256 = sha256_of(photo)
    uploader = Uploader(stranger)

    url = uploader.create(photo)
    assert uploader.last.headers["Upload-Offset"] == "0"
    assert stranger.get(f"/api/v1/media/{sha256}", expect=404)["code"] == "media.not-found"
    uploader.send(url, photo)

    assert stranger.call("GET", f"/api/v1/media/{sha256}").data == photo
    assert sha256 in originals_in(stranger, stranger.named)
    assert waits_for(session, stranger.named) == []
    assert uploader.status(sha256) == {sha256: "stored"}
    uploader.create(photo)
    assert uploader.last.headers["Upload-Offset"] == str(len(photo)), "whoever sent it need not send it twice"


def test_our_phone_that_holds_the_same_photo_sends_it_by_itself(cast, owner, photo, session):
    colleague = cast.phone()
    record = fills(cast, colleague, photo)

    colleague.syncs()

    assert colleague.call("GET", f"/api/v1/media/{sha256_of(photo)}").data == photo
    assert waits_for(session, record) == []


def test_whoever_sees_the_photo_anyway_may_name_it(cast, photo, session):
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    fills(cast, lead, photo, task)
    lead.syncs()
    second.syncs()

    record = fills(cast, second, photo, task)
    second.pushes()

    assert sha256_of(photo) not in waits_for(session, record)
    Uploader(second).create(photo)
    second_uploader = Uploader(second)
    second_uploader.create(photo)
    assert second_uploader.last.headers["Upload-Offset"] == str(len(photo))


def test_after_a_restore_that_forgot_the_upload_its_record_still_shows_the_photo(owner, photo, session):
    session.execute(delete(Upload).where(Upload.sha256 == sha256_of(photo)))
    session.flush()

    assert owner.call("GET", f"/api/v1/media/{sha256_of(photo)}").data == photo
    uploader = Uploader(owner)
    uploader.create(photo)
    assert uploader.last.headers["Upload-Offset"] == str(len(photo)), "nobody else had a claim to it"


def test_a_file_that_came_with_a_submission_is_held_by_who_brought_it(cast, owner, photo, app, session):
    phone = cast.phone()
    actor = Actor(phone.person_id, "stock", frozenset(), phone.person_id, "140522")
    kept = taking.store_file(app.store, io.BytesIO(photo), len(photo))
    taking.enter_files(session, [(actor, kept, {})])
    expected = service.Expectation(
        "sha256:of-a-stock-phone", phone.device, None, "140522", [an_entry(photo)],
        author_id=phone.person_id, sender_id=phone.person_id,
    )  # fmt: skip
    service.expect_all(session, [expected])

    assert possession.withheld(session, [expected.rev]) == set()
    assert session.get(MediaBringer, (sha256_of(photo), phone.person_id)) is not None
    link = session.scalars(select(MediaLink).where(MediaLink.rev == expected.rev)).one()
    assert not link.vouched, "it counts because the bytes came"
    audit.seal(session)
