"""What can be said of when a revision was sealed."""

from datetime import timedelta

import pytest
from hypothesis import given

from sync import Beacon, RevisionTime, clock_interval
from tests.sync.sync_makers import MORNING, integers, moments

MINUTE = timedelta(minutes=1)
BEACON = Beacon(MORNING)
RECEIVED = MORNING + 60 * MINUTE


def interval(wall=MORNING + 5 * MINUTE, mono=360_000, beacon_mono=60_000, beacon=BEACON, **more):
    time = RevisionTime(wall, mono, "boot-1", "token", beacon_mono)
    return clock_interval(time, RECEIVED, beacon=beacon, **more)


def test_an_honest_clock_is_bounded_estimated_and_not_flagged():
    found = interval()
    assert (found.not_before, found.not_after, found.estimate, found.flags) == (
        MORNING,
        RECEIVED,
        MORNING + 5 * MINUTE,
        (),
    )


def test_without_a_beacon_only_the_receipt_bounds():
    found = clock_interval(RevisionTime(MORNING), RECEIVED)
    assert (found.not_before, found.not_after, found.estimate, found.flags) == (None, RECEIVED, None, ())


@pytest.mark.parametrize(
    ("what", "flag"),
    [
        ({"wall": MORNING + 15 * MINUTE + timedelta(seconds=1)}, "clock_offset"),
        ({"wall": MORNING - timedelta(seconds=1)}, "wall_before_beacon"),
        ({"wall": RECEIVED + 2 * MINUTE + timedelta(seconds=1), "mono": None}, "wall_after_receipt"),
        ({"previous_wall": MORNING + 6 * MINUTE}, "wall_moved_backwards"),
        ({"beacon": None}, "beacon_unreadable"),
        (
            {"beacon": Beacon(RECEIVED + MINUTE), "mono": None, "wall": RECEIVED + MINUTE},
            "beacon_after_receipt",
        ),
        ({"mono": 59_999}, "mono_inconsistent"),
        ({"mono": 60_000 + 63 * 60_000}, "mono_inconsistent"),
        ({"mono": 2**53 - 1}, "mono_inconsistent"),
    ],
)
def test_an_odd_clock_is_flagged_and_nothing_else(what, flag):
    assert interval(**what).flags == (flag,)


@pytest.mark.parametrize(
    "what",
    [
        {"wall": MORNING + 15 * MINUTE},
        {"wall": MORNING},
        {"wall": RECEIVED + 2 * MINUTE, "mono": None},
        {"previous_wall": MORNING + 5 * MINUTE},
    ],
)
def test_a_clock_at_the_very_limit_is_not_flagged(what):
    assert interval(**what).flags == ()


@given(moments, moments, moments, moments, integers, integers)
def test_any_clocks_are_bounded_and_none_is_corrected(wall, received, beacon, previous, mono, beacon_mono):
    time = RevisionTime(wall, mono, "boot", "token", beacon_mono)
    found = clock_interval(time, received, beacon=Beacon(beacon), previous_wall=previous)
    assert (found.not_before, found.not_after) == (beacon, received)
    assert found.estimate is None or beacon <= found.estimate <= received + 2 * MINUTE
