"""What goes wrong while a backup is made or brought back is said in words, and leaves what was there in its place."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from server import audit, clock
from server.access import SYSTEM
from server.backups import making, restoring, sqlite_copy
from server.backups.places import open_place
from server.worker import keeping_of


def head(bureau):
    with bureau.app.readers() as session:
        return audit.head(session)


def database_of(bureau):
    return Path(bureau.settings.database_url.removeprefix("sqlite:///"))


def test_a_disk_that_is_full_while_the_database_is_copied_is_told_in_words(one_bureau, place, monkeypatch):
    def is_full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite_copy, "read_snapshot", is_full)

    said = one_bureau.runs("backup", place, expect=1).output

    assert "disk is full" in said
    assert one_bureau.app.installation.durable_seq == 0


def test_a_database_that_can_not_be_read_is_told_in_words(one_bureau, place):
    one_bureau.stops()
    database_of(one_bureau).write_bytes(b"nothing that SQLite could read" * 1000)

    assert "not a database" in one_bureau.runs("backup", place, expect=1).output


def test_a_backup_of_a_newer_program_is_refused_before_anything_is_changed(bureau, place):
    bureau.cast.organisation()
    bureau.runs("backup", place)
    (manifest,) = Path(place).glob("backups/*/manifest.json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"migration": "20991231_10"}))
    before, epoch = head(bureau), bureau.app.installation.epoch
    bureau.stops()

    said = bureau.runs("restore", place, "--replace", expect=1).output

    assert "20991231_10" in said
    bureau.starts()
    assert (head(bureau), bureau.app.installation.epoch) == (before, epoch)


def test_a_database_stays_in_its_place_until_the_other_is_on_the_disk(one_bureau, place, monkeypatch):
    one_bureau.cast.organisation()
    one_bureau.runs("backup", place)
    before = head(one_bureau)
    one_bureau.stops()

    def is_full(_source, target):
        Path(target).write_bytes(b"a part")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(restoring.shutil, "copyfile", is_full)
        assert "No space left" in one_bureau.runs("restore", place, "--replace", expect=1).output

    one_bureau.starts()
    assert head(one_bureau) == before
    assert [path for path in database_of(one_bureau).parent.iterdir() if path.stat().st_size == 6] == []


@pytest.mark.parametrize("by", ["the command", "the worker"])
def test_a_backup_is_kept_and_the_newest_even_if_the_clock_went_back(one_bureau, place, monkeypatch, by):
    one_bureau.environment |= {"MERESTONE_BACKUP_TO": place, "MERESTONE_BACKUP_KEEP": "1"}
    one_bureau.stops()
    one_bureau.starts()
    ahead = clock.now() + timedelta(days=400)
    with monkeypatch.context() as patched:
        patched.setattr(making.clock, "now", lambda: ahead)
        one_bureau.runs("backup", place)
    with one_bureau.app.transaction() as session:
        audit.append(session, SYSTEM, "thing.done", ("thing", "1"))

    if by == "the command":
        one_bureau.runs("backup", place, "--keep", "1")
    else:
        keeping_of(one_bureau.app).work()

    newest = open_place(place).newest()
    assert newest is not None
    assert (newest.seq, one_bureau.app.installation.durable_seq) == (head(one_bureau)[0],) * 2
    assert len(open_place(place).names()) == 1
    assert newest.made_at < ahead


def test_a_damaged_file_of_the_epoch_is_told_in_words_and_a_restore_needs_none(one_bureau, place):
    one_bureau.cast.organisation()
    one_bureau.runs("backup", place)
    one_bureau.stops()
    one_bureau.settings.epoch_file.write_text('{"epoch"')

    assert "epoch.json" in one_bureau.runs("backup", place, expect=1).output
    one_bureau.runs("restore", place, "--replace")
    assert one_bureau.starts().installation.durable_seq == 0


def test_without_the_file_of_the_epoch_a_backup_says_how_to_go_on_and_begins_no_epoch(one_bureau, place):
    one_bureau.cast.organisation()
    one_bureau.runs("backup", place)
    one_bureau.stops()
    before = one_bureau.settings.epoch_file.read_bytes()
    one_bureau.settings.epoch_file.unlink()

    said = one_bureau.runs("backup", place, expect=1).output

    assert "start merestone serve" in said
    assert not one_bureau.settings.epoch_file.exists()
    one_bureau.starts()
    one_bureau.runs("backup", place)
    one_bureau.stops()
    one_bureau.settings.epoch_file.write_bytes(before)
    one_bureau.runs("backup", place)
