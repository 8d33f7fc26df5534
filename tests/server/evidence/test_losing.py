"""Originals that the store has lost: they come back from the backup, or phones are asked for them; nobody waits to open one."""

from pathlib import Path

import pytest
from sqlalchemy import select

from media import StoreUnavailable
from server.access import Role
from server.audit import AuditEntry
from server.duties import Duty
from server.evidence import losing, service
from server.evidence.losing import LostAndFound
from server.evidence.models import MediaObject
from server.evidence.patrol import SHELVES, Patrol
from server.worker import make_worker
from tests.actors import Cast
from tests.actors.uploader import Uploader, sha256_of
from tests.server.evidence.conftest import a_photo, inspect_all, link
from tests.server.evidence.test_left_behind import LASTING


@pytest.fixture
def photographer(fresh_app):
    return Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))


def patrols(app, second=None, *, is_sure=False) -> None:
    """Let a worker walk along every shelf."""
    patrol = Patrol(
        app.store, app.readers, LASTING, LostAndFound(app.store, app.readers, second, is_sure=is_sure)
    )
    make_worker(app).perform(Duty("patrol", lambda _: SHELVES, patrol.perform, patrol.settle))


def lose(app, *contents: bytes, left: int = 0) -> None:
    for content in contents:
        with app.store.open_file(sha256_of(content)) as file:
            place = Path(file.name)
        place.unlink()
        if left:
            place.write_bytes(content[:left])


def told(app, action: str) -> dict[str, dict]:
    with app.readers() as session:
        query = select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.action == action)
        return dict(session.execute(query).all())


@pytest.mark.parametrize("left", [0, 100], ids=["gone", "cut"])
def test_what_no_second_place_has_is_asked_of_phones_again(fresh_app, photographer, left):
    lost, kept = a_photo(40), a_photo(200)
    record = link(fresh_app, lost, seen_by=[photographer.client])
    url = photographer.create(lost)
    photographer.send(url, lost)
    photographer.upload(kept)
    inspect_all(fresh_app)
    lose(fresh_app, lost, left=left)

    patrols(fresh_app)

    assert photographer.status(sha256_of(lost), sha256_of(kept)) == {
        sha256_of(lost): "absent",
        sha256_of(kept): "stored",
    }
    with fresh_app.readers() as session:
        assert service.missing_for_record(session, record) == [sha256_of(lost)]
        assert losing.lost_now(session, 10) == [sha256_of(lost)]
    [(sha256, details)] = told(fresh_app, "media.lost").items()
    assert (sha256, details["size"]) == (sha256_of(lost), len(lost))
    assert details["sm3"] is not None
    photographer.head(url, expect=410)

    patrols(fresh_app)
    photographer.upload(lost)

    assert len(told(fresh_app, "media.lost")) == 1
    assert photographer.client.call("GET", f"/api/v1/media/{sha256_of(lost)}").data == lost
    with fresh_app.readers() as session:
        assert losing.lost_now(session, 10) == []
    assert len(inspect_all(fresh_app)) == 1


def test_what_a_second_place_has_comes_back_from_there(fresh_app, photographer):
    lost, kept = a_photo(40), a_photo(200)
    photographer.upload(lost)
    photographer.upload(kept)
    inspect_all(fresh_app)
    lose(fresh_app, lost, left=100)
    asked = []

    def second(wanted):
        asked.append(wanted.sha256)
        with fresh_app.store.write("second", fresh_app.store.begin("second", wanted.size)) as writing:
            writing.write(lost)
            writing.finish(wanted.sha256)

    patrols(fresh_app, second)

    assert asked == [sha256_of(lost)] == list(told(fresh_app, "media.restored"))
    assert told(fresh_app, "media.lost") == {}
    assert photographer.client.call("GET", f"/api/v1/media/{sha256_of(lost)}").data == lost
    assert [each.sha256 for each in inspect_all(fresh_app)] == [sha256_of(lost)], "its previews are made anew"


def test_while_the_second_place_is_away_nothing_is_given_up(fresh_app, photographer):
    lost, kept = a_photo(40), a_photo(200)
    photographer.upload(lost)
    photographer.upload(kept)
    lose(fresh_app, lost)

    def second(_wanted):
        raise StoreUnavailable("the disk is not mounted")

    patrols(fresh_app, second)

    assert told(fresh_app, "media.lost") == {}
    with fresh_app.readers() as session:
        assert session.get(MediaObject, sha256_of(lost)) is not None


def test_a_store_that_has_nothing_at_all_is_another_one_and_nothing_is_given_up(fresh_app, photographer):
    photos = [a_photo(shade) for shade in range(0, 250, 50)]
    for photo in photos:
        photographer.upload(photo)
    lose(fresh_app, *photos)

    with pytest.raises(StoreUnavailable, match="right one"):
        patrols(fresh_app)
    assert told(fresh_app, "media.lost") == {}
    admin = Cast(fresh_app).signed_in(Role.ADMIN)
    [found] = [each for each in admin.get("/api/v1/health")["findings"] if each["part"] == "originals"]
    assert (found["level"], found["told_en"]) == ("bad", "the store has nothing of what the database knows")

    patrols(fresh_app, is_sure=True)

    assert told(fresh_app, "media.lost").keys() == {sha256_of(photo) for photo in photos}
    [found] = [each for each in admin.get("/api/v1/health")["findings"] if each["part"] == "originals"]
    assert (found["level"], found["told_en"]) == ("bad", "5 lost, asked of phones again")
