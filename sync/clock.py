"""When a revision was sealed: an interval that can be defended, and what is odd about the phone's clocks.

Everything is stored, nothing is corrected, and nothing is ordered by a phone's clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.receipts import Beacon
from sync.revision import RevisionTime

CLOCK_FLAGS = (
    "beacon_unreadable",
    "beacon_after_receipt",
    "mono_inconsistent",
    "clock_offset",
    "wall_before_beacon",
    "wall_after_receipt",
    "wall_moved_backwards",
)
"""What can be odd about the clocks of a revision, as `ClockInterval.flags` names it."""

MAX_OFFSET = timedelta(minutes=10)
MAX_AHEAD_OF_RECEIPT = timedelta(minutes=2)


@dataclass(frozen=True)
class ClockInterval:
    """A revision was sealed between `not_before` (unknown without a beacon) and `not_after`.

    `estimate` is the beacon's moment plus what the phone's forward-only clock counted since; that clock may
    pause while a phone sleeps, so the truth may be later. `flags` are those of `CLOCK_FLAGS` that hold, for the
    reviewer.
    """

    not_before: datetime | None
    not_after: datetime
    estimate: datetime | None
    flags: tuple[str, ...]


def clock_interval(
    time: RevisionTime,
    received_at: datetime,
    *,
    beacon: Beacon | None = None,
    previous_wall: datetime | None = None,
) -> ClockInterval:
    """Bound the moment of sealing. `beacon` is `time.beacon` as the server verified it, None if it could not.

    `previous_wall` is the wall clock of the same device's revision before this one (the next lower
    `dev_seq`).
    """
    estimate, consistent = _estimate(time, received_at, beacon)
    oddities = {
        "beacon_unreadable": time.beacon is not None and beacon is None,
        "beacon_after_receipt": beacon is not None and beacon.at > received_at,
        "mono_inconsistent": not consistent,
        "clock_offset": estimate is not None and abs(time.wall - estimate) > MAX_OFFSET,
        "wall_before_beacon": beacon is not None and time.wall < beacon.at,
        "wall_after_receipt": time.wall > received_at + MAX_AHEAD_OF_RECEIPT,
        "wall_moved_backwards": previous_wall is not None and time.wall < previous_wall,
    }
    flags = tuple(flag for flag, found in oddities.items() if found)
    return ClockInterval(None if beacon is None else beacon.at, received_at, estimate, flags)


def _estimate(
    time: RevisionTime, received_at: datetime, beacon: Beacon | None
) -> tuple[datetime | None, bool]:
    """Estimate the moment of sealing, and tell whether the forward-only clock can be true."""
    if beacon is None or time.mono is None or time.beacon_mono is None:
        return None, True
    elapsed = time.mono - time.beacon_mono
    if elapsed < 0:
        return None, False
    try:
        estimate = beacon.at + timedelta(milliseconds=elapsed)
    except OverflowError:
        return None, False
    return (estimate, True) if estimate <= received_at + MAX_AHEAD_OF_RECEIPT else (None, False)
