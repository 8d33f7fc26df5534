"""What a crash leaves behind: whole files are finished, objects adopted, and only what nobody can need is forgotten."""

import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from media import MemoryStore, Progress, StoreUnavailable
from server import clock
from server.access import Role
from server.audit import AuditEntry
from server.duties import Duty
from server.evidence import service
from server.evidence.models import MediaObject, Upload
from server.evidence.patrol import EVERY, Patrol
from server.worker import make_worker
from tests.actors import Cast
from tests.actors.uploader import Uploader, sha256_of
from tests.server.evidence.conftest import a_photo, link

LASTING = timedelta(days=14)


@pytest.fixture
def photographer(fresh_app):
    return Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))


@pytest.fixture
def later(monkeypatch):
    """Let time pass for the server; what is written meanwhile was written before."""
    real, passed = clock.now, [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: real() + passed[0])

    def pass_by(time: timedelta) -> None:
        passed[0] += time

    return pass_by


def works(app, name: str) -> int:
    """Let a worker do one duty."""
    worker = make_worker(app)
    return worker.perform(next(duty for duty in worker.duties if duty.name == name))


def patrols(app) -> None:
    """Let a worker walk along every shelf."""
    patrol = Patrol(app.store, app.readers, LASTING, None)
    rounds = Duty("patrol", lambda _: [f"{shelf:02x}" for shelf in range(256)], patrol.perform, patrol.settle)
    make_worker(app).perform(rounds)


def upload_of(app, url: str) -> Upload:
    with app.readers() as session:
        return session.get_one(Upload, UUID(url.rpartition("/")[2]))


def leave_bytes(app, name: str, content: bytes, progress: Progress | None = None) -> Progress:
    """Bytes of an upload, as a request leaves them that dies when they are in the store."""
    with app.store.write(name, progress or app.store.begin(name, len(content))) as writing:
        writing.write(content)
        return writing.flush()


def is_there(app, name: str) -> bool:
    """Whether the store has any bytes of an upload."""
    return app.store.resume(name, Progress(1)).offset > 0


def leave_whole(app, uploader, content: bytes, **promised) -> str:
    """An upload whose last byte was acknowledged by a process that died before it made an object of it."""
    url = uploader.create(content, **promised)
    begun = upload_of(app, url)
    progress = leave_bytes(app, str(begun.id), content, Progress(0, begun.progress))
    with app.sessions.begin() as session:
        session.execute(
            update(Upload)
            .where(Upload.id == UUID(url.rpartition("/")[2]))
            .values(
                offset=progress.offset,
                progress=progress.notes,
                held_until=clock.now() + timedelta(seconds=10),
            )
        )
    return url


def test_a_whole_upload_is_finished_though_its_phone_never_asks_again(fresh_app, photographer, later):
    content = a_photo()
    url = leave_whole(fresh_app, photographer, content)
    assert works(fresh_app, "finish uploads") == 0, "its process may still be at work"
    later(timedelta(seconds=11))

    assert works(fresh_app, "finish uploads") == 1

    assert photographer.status(sha256_of(content)) == {sha256_of(content): "stored"}
    assert upload_of(fresh_app, url).finished_at is not None
    assert photographer.client.call("GET", f"/api/v1/media/{sha256_of(content)}").data == content
    assert works(fresh_app, "finish uploads") == 0


def test_a_whole_upload_never_expires(fresh_app, photographer, later):
    content = a_photo()
    leave_whole(fresh_app, photographer, content, sha256=None)
    later(3 * LASTING)

    assert works(fresh_app, "sweep uploads") == 0
    assert works(fresh_app, "finish uploads") == 1

    photographer.client.sign_in()
    assert photographer.status(sha256_of(content)) == {sha256_of(content): "stored"}


def test_a_whole_upload_is_not_gone_for_its_phone_either(fresh_app, photographer, later):
    content = a_photo()
    url = leave_whole(fresh_app, photographer, content)
    later(3 * LASTING)
    photographer.client.sign_in()

    assert photographer.offset(url) == len(content)

    assert photographer.status(sha256_of(content)) == {sha256_of(content): "stored"}


def test_a_whole_upload_waits_while_the_store_is_down(fresh_app, photographer, later, monkeypatch):
    content = a_photo()
    leave_whole(fresh_app, photographer, content)
    later(timedelta(seconds=11))
    with monkeypatch.context() as down:
        down.setattr(fresh_app.store, "write", unavailable)
        with pytest.raises(StoreUnavailable):
            works(fresh_app, "finish uploads")
    assert works(fresh_app, "finish uploads") == 0, "not at once again"

    later(timedelta(seconds=11))

    assert works(fresh_app, "finish uploads") == 1
    assert photographer.status(sha256_of(content)) == {sha256_of(content): "stored"}


def unavailable(*_args, **_more):
    raise StoreUnavailable("down")


def test_a_whole_upload_that_breaks_its_promise_is_kept_for_a_day(fresh_app, photographer, later):
    content = a_photo()
    url = leave_whole(fresh_app, photographer, content, sha256="0" * 64)
    later(timedelta(seconds=11))

    assert works(fresh_app, "finish uploads") == 1

    assert upload_of(fresh_app, url).mismatched == sha256_of(content)
    photographer.head(url, expect=460)
    assert works(fresh_app, "sweep uploads") == 0
    later(timedelta(hours=25))
    assert works(fresh_app, "sweep uploads") == 1


def test_a_whole_upload_of_which_a_loss_of_power_left_less_goes_on_there(fresh_app, photographer, later):
    content = a_photo()
    url = leave_whole(fresh_app, photographer, content, sha256=None)
    path = fresh_app.settings.data / "media" / "uploads" / url.rpartition("/")[2]
    os.truncate(path, 100)
    later(timedelta(seconds=11))

    assert works(fresh_app, "finish uploads") == 1

    assert photographer.offset(url) == 100
    photographer.send(url, content, 100)
    assert photographer.status(sha256_of(content)) == {sha256_of(content): "stored"}


def store_without_a_row(app, content: bytes) -> str:
    """An object whose process died before the database heard of it."""
    name = str(uuid4())
    progress = leave_bytes(app, name, content)
    with app.store.write(name, progress) as writing:
        sha256 = writing.finish(sha256_of(content)).sha256
    app.store.discard(name, progress)
    return sha256


def test_an_object_that_no_row_names_is_adopted_and_completes_its_record(fresh_app, photographer):
    content = a_photo()
    record = link(fresh_app, content, seen_by=[photographer.client])
    sha256 = store_without_a_row(fresh_app, content)
    assert photographer.status(sha256) == {sha256: "absent"}
    with fresh_app.readers() as session:
        assert service.missing_for_record(session, record) == [sha256]

    patrols(fresh_app)

    with fresh_app.readers() as session:
        assert service.missing_for_record(session, record) == []
    assert photographer.status(sha256) == {sha256: "stored"}
    assert photographer.client.call("GET", f"/api/v1/media/{sha256}").data == content
    with fresh_app.readers() as session:
        entry = session.scalar(select(AuditEntry).where(AuditEntry.subject == sha256))
        assert (entry.action, entry.actor, entry.details["adopted"]) == ("media.stored", "system", True)
        found = session.get_one(MediaObject, sha256)
        assert (found.mime, found.size, found.stored_seq) == ("image/jpeg", len(content), entry.seq)
    assert works(fresh_app, "inspect media") == 1


def test_an_object_that_nobody_names_at_all_is_kept(fresh_app, later):
    sha256 = store_without_a_row(fresh_app, b"who sent this?")
    later(timedelta(days=1000))

    patrols(fresh_app)
    patrols(fresh_app)

    assert b"".join(fresh_app.store.open(sha256)) == b"who sent this?"
    with fresh_app.readers() as session:
        assert session.get(MediaObject, sha256) is not None


def test_a_damaged_object_is_neither_adopted_nor_removed(fresh_app, caplog):
    sha256 = store_without_a_row(fresh_app, b"0123456789")
    path = next((fresh_app.settings.data / "media" / "objects").rglob(sha256))
    path.chmod(0o600)
    path.write_bytes(b"!123456789")

    patrols(fresh_app)

    with fresh_app.readers() as session:
        assert session.get(MediaObject, sha256) is None
    assert path.exists()
    assert [record.sha256 for record in caplog.records if "damaged" in record.message] == [sha256]


def test_bytes_whose_upload_was_never_written_down_are_forgotten_after_a_while(
    fresh_app, photographer, later
):
    lost = str(uuid4())
    leave_bytes(fresh_app, lost, b"abc")  # and the database was brought back to a day before
    alive = photographer.create(a_photo())
    photographer.send(alive, a_photo(), cut_after=100, expect=503)

    later(LASTING)
    patrols(fresh_app)
    assert is_there(fresh_app, lost)

    later(timedelta(days=2))
    patrols(fresh_app)
    assert not is_there(fresh_app, lost)
    assert is_there(fresh_app, alive.rpartition("/")[2]), "that is for the sweep to end"


@pytest.mark.parametrize("crash", ["after it was ended", "after it was finished"])
def test_bytes_of_an_upload_that_is_over_are_forgotten(fresh_app, photographer, later, crash):
    content = a_photo()
    url = photographer.create(content)
    name = url.rpartition("/")[2]
    if crash == "after it was ended":
        photographer.end(url)
    else:
        photographer.send(url, content)
    leave_bytes(fresh_app, name, b"abc")  # as if its process had died before they were discarded
    later(LASTING + timedelta(days=2))

    patrols(fresh_app)

    assert not is_there(fresh_app, name)
    if crash == "after it was finished":
        assert b"".join(fresh_app.store.open(sha256_of(content))) == content


def test_files_that_are_not_of_uploads_are_left_alone(fresh_app, later):
    leave_bytes(fresh_app, "somebody-elses", b"abc")
    later(timedelta(days=100))

    patrols(fresh_app)

    assert is_there(fresh_app, "somebody-elses")


def test_a_worker_walks_along_one_shelf_at_a_time(fresh_app, later):
    patrol = Patrol(fresh_app.store, fresh_app.readers, LASTING, None)
    shelves = set()
    with fresh_app.sessions() as session:
        for _ in range(256):
            shelves |= set(patrol.claim(session))
            assert patrol.claim(session) == []
            later(EVERY)

    assert len(shelves) == 256


def test_a_store_that_can_not_be_looked_through_has_no_patrol(fresh_app):
    class Plain:
        free_space = MemoryStore.free_space

    fresh_app.store = Plain()

    assert "patrol store" not in {duty.name for duty in make_worker(fresh_app).duties}
