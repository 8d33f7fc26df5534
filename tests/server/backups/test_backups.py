"""A backup is whole or none, is checked before anybody relies on it, and says how far it reaches."""

import json
import shutil
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from server import audit, clock
from server.access import SYSTEM, Role
from server.backups import keeping, making
from server.worker import keeping_of
from tests.actors.uploader import Uploader
from tests.server.evidence.conftest import inspect_all


def head(app):
    with app.readers() as session:
        return audit.head(session)


def manifest_of(place, name):
    return json.loads((Path(place) / "backups" / name / "manifest.json").read_text())


def names(place):
    return sorted(path.name for path in (Path(place) / "backups").iterdir())


def test_a_backup_while_serving_reaches_the_head_and_phones_are_told_so(bureau, place):
    lead = bureau.cast.phone()
    record = lead.fills(bureau.cast.task(lead))
    lead.syncs()
    seq, digest = head(bureau.app)
    assert lead.state.durable_seq == 0

    bureau.runs("backup", place)
    lead.syncs()

    (name,) = names(place)
    told = manifest_of(place, name)
    assert (told["seq"], told["hash"]) == (seq, digest)
    assert told["epoch"] == bureau.app.installation.epoch
    assert told["counts"]["revision"] == 1
    assert told["media"] == len(lead.files)
    assert lead.state.durable_seq == seq
    assert lead.record(record)["state"] == "under_review"
    assert set(Uploader(lead).status(*lead.files).values()) == {"durable"}
    assert not list(Path(place).rglob("epoch*"))
    assert not list(Path(place).rglob("*.pem"))


def test_a_restored_bureau_begins_a_new_epoch_and_nothing_counts_as_durable(bureau, place):
    lead = bureau.cast.phone()
    lead.fills(bureau.cast.task(lead))
    lead.syncs()
    bureau.runs("backup", place)
    before = bureau.app.installation.epoch
    seq, _ = head(bureau.app)
    bureau.breaks_down()

    said = bureau.runs("restore", place).output

    bureau.starts()
    assert bureau.app.installation.epoch > before
    assert bureau.app.installation.epoch in said
    assert bureau.app.installation.durable_seq == 0
    with bureau.app.readers() as session:
        assert audit.verify_chain(session) is None
    assert head(bureau.app)[0] == seq + 1  # that it was restored is in the log
    lead.app = bureau.app
    lead.get("/api/v1/me", expect=401)


def say(app, times=1):
    for _ in range(times):
        with audit.transaction(app.sessions) as session:
            audit.append(session, SYSTEM, "thing.done", ("thing", "1"))


def test_what_is_written_during_a_backup_is_not_in_it_and_waits_for_nothing(bureau, place, monkeypatch):
    """The snapshot is one moment: head and counts of the manifest are those of the copy."""
    app, stop = bureau.app, threading.Event()

    def write():
        while not stop.is_set():
            say(app)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while head(app)[0] < 20:
            pass
        bureau.runs("backup", place)
    finally:
        stop.set()
        writer.join()

    (name,) = names(place)
    told = manifest_of(place, name)
    assert 20 <= told["seq"] == told["counts"]["audit"] <= head(app)[0]
    assert app.installation.durable_seq == told["seq"]
    bureau.runs("backups", place, "--check")


def test_a_backup_that_was_broken_off_is_none(one_bureau, place, monkeypatch):
    def breaks(*_):
        raise OSError("the power went")

    monkeypatch.setattr(making, "_describe", breaks)
    one_bureau.runs("backup", place, expect=1)

    assert names(place) == []
    assert one_bureau.app.installation.durable_seq == 0
    left = Path(place) / "backups" / ".draft-of-a-crash"
    left.mkdir()
    assert one_bureau.runs("backups", place).output == ""
    assert "no backup" in one_bureau.runs("restore", place, "--replace", expect=1).output


def test_so_many_backups_are_kept_and_media_once(one_bureau, place):
    lead = one_bureau.cast.phone()
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    for _ in range(3):
        say(one_bureau.app)
        one_bureau.runs("backup", place, "--keep", "2")

    said = one_bureau.runs("backups", place, "--check", "--check-media").output.splitlines()

    assert [line.split()[0] for line in said] == names(place)
    assert len(said) == 2
    stored = [path.name for path in (Path(place) / "media" / "objects").rglob("*") if path.is_file()]
    assert sorted(stored) == sorted(lead.files)


@pytest.mark.parametrize("part", ["database.*", "media.txt", "manifest.json"])
def test_a_damaged_backup_is_told_and_not_brought_back(one_bureau, place, part):
    one_bureau.runs("backup", place)
    (name,) = names(place)
    (damaged,) = (Path(place) / "backups" / name).glob(part)
    damaged.write_bytes(damaged.read_bytes() + b"?")
    seq, epoch = head(one_bureau.app)[0], one_bureau.app.installation.epoch
    one_bureau.stops()

    one_bureau.runs("backups", place, "--check", expect=1)
    one_bureau.runs("restore", place, "--replace", expect=1)

    app = one_bureau.starts()
    assert (head(app)[0], app.installation.epoch) == (seq, epoch)


def test_damaged_media_of_a_backup_is_named(one_bureau, place):
    lead = one_bureau.cast.phone()
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    one_bureau.runs("backup", place)
    sha256 = min(lead.files)
    (damaged,) = (Path(place) / "media" / "objects").rglob(sha256)
    damaged.write_bytes(b"?" * damaged.stat().st_size)

    assert sha256 in one_bureau.runs("backups", place, "--check-media", expect=1).output


def test_a_file_that_the_store_has_lost_does_not_hold_up_the_rest(one_bureau, place):
    lead = one_bureau.cast.phone()
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    lost, *kept = sorted(lead.files)
    (gone,) = (one_bureau.media / "objects").rglob(lost)
    gone.unlink()

    said = one_bureau.runs("backup", place, expect=1)

    assert lost in said.output
    (name,) = names(place)
    assert manifest_of(place, name)["media_missing"] == 1
    assert Uploader(lead).status(lost, *kept) == {lost: "stored", **dict.fromkeys(kept, "durable")}
    one_bureau.breaks_down()
    one_bureau.runs("restore", place)
    lead.app = one_bureau.starts()
    lead.signs_in()
    assert Uploader(lead).status(lost)[lost] != "stored"  # so that the phone sends it again
    lead.syncs()
    assert Uploader(lead).status(lost)[lost] == "stored"


def test_previews_of_what_a_restore_brought_back_are_made_anew(one_bureau, place):
    lead = one_bureau.cast.phone()
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    inspect_all(one_bureau.app)
    one_bureau.runs("backup", place)
    one_bureau.breaks_down(media_too=True)

    one_bureau.runs("restore", place)

    looked_into = inspect_all(one_bureau.starts())
    assert {each.sha256 for each in looked_into} == set(lead.files)


def test_a_database_that_is_there_is_set_aside_and_never_lost(bureau, place):
    bureau.runs("backup", place)
    say(bureau.app, 3)
    seq = head(bureau.app)[0]
    assert "in use" in bureau.runs("restore", place, "--replace", expect=1).output
    bureau.stops()
    assert "--replace" in bureau.runs("restore", place, expect=1).output

    said = bureau.runs("restore", place, "--replace").output

    assert head(bureau.starts())[0] == seq - 2
    aside = said.partition("is kept: ")[2].splitlines()[0]
    assert bureau.head_of(aside) == seq
    bureau.runs("backup", place)  # what was set aside is no part of the next one
    bureau.breaks_down()
    bureau.runs("restore", place)
    assert head(bureau.starts())[0] == seq - 1


def test_a_damaged_database_is_set_aside_too(one_bureau, place):
    one_bureau.runs("backup", place)
    seq = head(one_bureau.app)[0]
    one_bureau.stops()
    database = Path(one_bureau.settings.database_url.removeprefix("sqlite:///"))
    database.write_bytes(b"nothing that SQLite could read" * 1000)

    assert "--replace" in one_bureau.runs("restore", place, expect=1).output
    said = one_bureau.runs("restore", place, "--replace").output

    assert head(one_bureau.starts())[0] == seq + 1
    aside = said.partition("is kept: ")[2].splitlines()[0]
    assert Path(aside).read_bytes().startswith(b"nothing that SQLite")


def test_a_backup_of_another_database_and_a_place_among_the_originals_are_refused(
    one_bureau, place, tmp_path
):
    one_bureau.runs("backup", place)
    (name,) = names(place)
    manifest = Path(place) / "backups" / name / "manifest.json"
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}
    body = manifest_of(place, name)
    manifest.write_text(json.dumps(body | {"database": other[body["database"]]}))
    one_bureau.stops()

    assert "the backup is of" in one_bureau.runs("restore", place, "--replace", expect=1).output
    assert "no second copy" in one_bureau.runs("backup", str(tmp_path / "data"), expect=1).output


def test_keys_are_copied_only_when_asked_to_a_folder_that_nobody_else_reads(one_bureau, place, tmp_path):
    keys = tmp_path / "safe"
    one_bureau.runs("backup", place, "--keys", str(keys))

    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert sorted(path.name for path in keys.iterdir()) == ["escrow.pem", "secret", "server.pem"]
    for path in keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes() == (one_bureau.settings.keys / path.name).read_bytes()


def test_what_phones_keep_is_opened_by_the_copied_key_of_an_organisation_that_lies_elsewhere(
    one_bureau, place, tmp_path
):
    one_bureau.stops()
    one_bureau.environment["MERESTONE_ESCROW_KEY"] = str(tmp_path / "elsewhere" / "ours.pem")
    organisations = one_bureau.starts().installation.escrow
    one_bureau.runs("backup", place, "--keys", str(tmp_path / "safe"))
    one_bureau.breaks_down()
    shutil.rmtree(tmp_path / "elsewhere")
    one_bureau.environment["MERESTONE_ESCROW_KEY"] = str(tmp_path / "safe" / "escrow.pem")
    one_bureau.runs("restore", place)

    assert one_bureau.starts().installation.escrow.private_pem == organisations.private_pem


def test_without_a_second_copy_phones_hear_so_and_administrators_too(one_bureau, place):
    one_bureau.environment["MERESTONE_SECOND_COPY"] = "none"
    one_bureau.stops()
    one_bureau.starts()
    lead, chief = one_bureau.cast.phone(), one_bureau.cast.signed_in(Role.ADMIN)
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()

    one_bureau.runs("backup", place)
    lead.syncs()

    assert lead.state.durable_seq == 0
    assert set(Uploader(lead).status(*lead.files).values()) == {"stored"}
    status = chief.get("/api/v1/status")
    assert status["warnings"] == ["no-second-copy"]
    assert status["second_copy"]["behind"] == status["seq"]
    assert one_bureau.cast.stranger().get("/readyz")["warnings"] == ["no-second-copy"]
    lead.get("/api/v1/status", expect=403)


def test_the_store_may_promise_the_second_copy_of_media(one_bureau):
    one_bureau.environment["MERESTONE_STORE_DURABLE"] = "yes"
    one_bureau.stops()
    one_bureau.starts()
    lead, chief = one_bureau.cast.phone(), one_bureau.cast.signed_in(Role.ADMIN)
    sha256 = Uploader(lead).upload(b"a photo")

    assert Uploader(lead).status(sha256) == {sha256: "durable"}
    assert lead.get(f"/api/v1/media/{sha256}/about")["state"] == "durable"
    assert chief.get("/api/v1/status")["second_copy"]["media"] == "store"


def test_the_worker_backs_up_by_itself_when_something_is_new(bureau, place, monkeypatch):
    bureau.environment |= {"MERESTONE_BACKUP_TO": place, "MERESTONE_BACKUP_MINUTES": "10"}
    bureau.environment["MERESTONE_BACKUP_KEEP"] = "2"
    bureau.stops()
    app = bureau.starts()
    now, real = [clock.now()], clock.now
    monkeypatch.setattr(keeping.clock, "now", lambda: real() + (now[0] - real_start))
    real_start = now[0]
    worker = keeping_of(app)

    def later(minutes):
        now[0] += timedelta(minutes=minutes)
        worker.work()
        return len(names(place))

    assert later(0) == 1
    assert app.installation.durable_seq == head(app)[0]
    say(app)
    assert later(5) == 1  # not due yet
    assert later(6) == 2
    assert app.installation.durable_seq == head(app)[0]
    assert later(11) == 2  # nothing is new
    say(app)
    assert later(11) == 2  # the oldest has gone
    assert app.installation.durable_seq == head(app)[0]
