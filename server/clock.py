"""The one source of time. Aware UTC everywhere; a phone's clock is recorded, never ordered by."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""The one civil time of the country: days and deadlines are counted in it."""


def now() -> datetime:
    """Return this moment in UTC, with microseconds."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day that it is in China now."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the day that a moment falls on in China."""
    return moment.astimezone(CHINA).date()


def iso(moment: datetime) -> str:
    """Write a moment as the wire does: ISO 8601, UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
