"""What a record expects, and what of it has come."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import func, select

from server.evidence import service
from server.evidence.models import MediaLink
from sync import MediaEntry, Position
from tests.actors.uploader import sha256_of
from tests.server.evidence.conftest import a_photo, an_entry, link


def test_a_record_lacks_what_its_revisions_promise_until_it_comes(uploader, app, session):
    first, second = a_photo(10), a_photo(200)
    record = link(app, first)
    link(app, second, record=record)
    assert service.missing_for_record(session, record) == sorted([sha256_of(first), sha256_of(second)])

    uploader.upload(first)

    assert service.missing_for_record(session, record) == [sha256_of(second)]
    both = [sha256_of(second), sha256_of(first), sha256_of(second)]
    assert service.missing(session, both) == [sha256_of(second)]


def test_expecting_the_same_twice_is_expecting_it_once(app, session):
    photo, record = a_photo(), uuid4()
    for _ in range(2):
        link(app, photo, record=record, rev="sha256:" + "1" * 64)

    assert session.scalar(select(func.count()).select_from(MediaLink)) == 1


def test_what_the_phone_claimed_about_a_photo_is_kept(session):
    entry = MediaEntry(
        name="证据.jpg",
        sha256="a" * 64,
        size=5,
        type="image/jpeg",
        captured_at=datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC),
        position=Position(35.49, 112.41, accuracy=4.5, at=datetime(2026, 11, 20, 3, 4, tzinfo=UTC)),
    )
    service.expect(session, "sha256:" + "2" * 64, uuid4(), None, "140522", [entry])

    kept = session.scalars(select(MediaLink)).one()

    assert (kept.name, kept.captured_at) == (entry.name, entry.captured_at)
    assert kept.position == {
        "latitude": 35.49,
        "longitude": 112.41,
        "accuracy": 4.5,
        "at": "2026-11-20T03:04:00.000Z",
    }


def test_a_revision_without_media_expects_nothing(session):
    service.expect(session, "sha256:" + "3" * 64, uuid4(), None, "140522", [])

    assert session.scalars(select(MediaLink)).all() == []


def test_several_photos_of_one_revision_are_all_expected(session):
    record = uuid4()
    entries = [an_entry(a_photo(shade), f"{shade}.jpg") for shade in range(0, 250, 50)]
    service.expect(session, "sha256:" + "4" * 64, record, uuid4(), "140522", entries)

    assert len(service.missing_for_record(session, record)) == 5
