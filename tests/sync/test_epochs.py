"""The epoch changes when, and only when, the database is not the one that phones know."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import BadGuard, EpochGuard, Keep, Rotate, decide, new_epoch, read_guard, write_guard
from tests.sync.sync_makers import MORNING

GUARD = EpochGuard("01EPOCH", 100, "aa")


@pytest.mark.parametrize(
    ("guard", "seq", "found", "decision"),
    [
        (None, 0, None, Rotate("no-guard")),
        (GUARD, 100, "aa", Keep()),
        (GUARD, 180, "aa", Keep()),
        (GUARD, 99, None, Rotate("database-behind")),
        (GUARD, 0, None, Rotate("database-behind")),
        (GUARD, 100, "bb", Rotate("hash-differs")),
        (GUARD, 180, None, Rotate("hash-differs")),
        (EpochGuard("01EPOCH"), 0, None, Keep()),
        (EpochGuard("01EPOCH"), 5, None, Keep()),
    ],
)
def test_the_epoch_is_kept_or_changed_for_a_reason(guard, seq, found, decision):
    assert decide(guard, seq, found) == decision


@given(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_later_epoch_sorts_later(now):
    first = new_epoch(now)
    assert len(first) == 26
    assert first < new_epoch(now + timedelta(milliseconds=1))


def test_an_epoch_sorts_later_though_the_clock_was_set_back():
    first = new_epoch(MORNING)
    assert first < new_epoch(MORNING - timedelta(days=400), after=first)


def test_two_epochs_of_one_moment_differ():
    assert new_epoch(MORNING) != new_epoch(MORNING)


def test_there_is_no_guard_before_the_first(tmp_path):
    assert read_guard(tmp_path / "epoch.json") is None


def test_a_guard_reads_back_and_is_replaced_whole(tmp_path):
    path = tmp_path / "epoch.json"
    write_guard(path, GUARD)
    assert read_guard(path) == GUARD
    write_guard(path, EpochGuard("02EPOCH"))
    assert read_guard(path) == EpochGuard("02EPOCH")
    assert [found.name for found in tmp_path.iterdir()] == ["epoch.json"]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"epoch":"x"', b'{"epoch":1,"high_seq":0,"high_hash":""}', b"\xff"]
)
def test_a_damaged_guard_is_told_apart_from_none(tmp_path, data):
    path = tmp_path / "epoch.json"
    path.write_bytes(data)
    with pytest.raises(BadGuard):
        read_guard(path)


def test_a_guard_keeps_what_is_durable_and_reads_one_of_before(tmp_path):
    path = tmp_path / "epoch.json"
    durable = EpochGuard("01EPOCH", 100, "aa", 90, "bb", "2026-11-26T01:02:03.000Z")
    write_guard(path, durable)
    assert read_guard(path) == durable
    path.write_bytes(b'{"epoch":"01EPOCH","high_seq":100,"high_hash":"aa"}')
    assert read_guard(path) == GUARD
    path.write_bytes(b'{"epoch":"01EPOCH","high_seq":100,"high_hash":"aa","durable_seq":"90"}')
    with pytest.raises(BadGuard):
        read_guard(path)


def test_a_guard_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "epoch.json"
    write_guard(path, GUARD)
    with pytest.raises(TypeError):
        write_guard(path, EpochGuard("02EPOCH", {1, 2}))
    assert read_guard(path) == GUARD
    assert [found.name for found in tmp_path.iterdir()] == ["epoch.json"]
