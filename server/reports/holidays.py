"""The days off that a snapshot was taken by, so that its ledger counts the same working days for ever.

A spreadsheet's NETWORKDAYS knows weekends and a list of days off, but not the Saturdays and Sundays that are worked
instead (调休上班). A ledger therefore carries both lists, and its formula adds the worked weekends that lie between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.calendar import WorkingCalendar
from server.db import JsonList
from server.reports.models import ReportRow, ReportSnapshot
from server.results.calendars import Calendars

_BEFORE, _AFTER = timedelta(days=366), timedelta(days=2 * 366)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Holidays:
    """Days off that are no weekend, and weekend days that are worked, of some regions; each ascending."""

    regions: tuple[str, ...]
    off: tuple[date, ...]
    make_up: tuple[date, ...]

    def remaining(self, today: date, due: date) -> int:
        """Count the working days behind `today` up to `due`; below zero when `due` is over, by as many as it is late."""
        first, last = min(today, due), max(today, due)
        weekdays = _weekdays(first, last)
        off = sum(first < day <= last for day in self.off)
        made_up = sum(first < day <= last for day in self.make_up)
        return (weekdays - off + made_up) * (1 if due >= today else -1)


def calendars_now(session: Session, snapshot: ReportSnapshot) -> JsonList:
    """Write the days from a year before the snapshot to two years after it, for all regions of its rows that share them."""
    regions = session.scalars(
        select(ReportRow.region).where(ReportRow.snapshot_id == snapshot.id).distinct().order_by("region")
    ).all()
    known, shared = Calendars(session), dict[tuple[frozenset[date], frozenset[date]], list[str]]()
    for region in regions:
        calendar = known.of(region)
        shared.setdefault((calendar.days_off, calendar.make_up), []).append(region)
    today = clock.day_of(snapshot.as_of)
    return [_days(known.of(places[0]), places, today) for places in shared.values()]


def holidays_of(snapshot: ReportSnapshot) -> list[Holidays]:
    """Read what a snapshot wrote; one without rows has no calendars."""
    return [
        Holidays(
            tuple(each["regions"]),
            tuple(date.fromisoformat(day) for day in each["off"]),
            tuple(date.fromisoformat(day) for day in each["make_up"]),
        )
        for each in snapshot.facts["calendars"]
    ]


def _days(calendar: WorkingCalendar, regions: Sequence[str], today: date) -> dict[str, list[str]]:
    days = [today - _BEFORE + place * _DAY for place in range((_BEFORE + _AFTER).days + 1)]
    different = [day for day in days if calendar.is_working_day(day) != (day.weekday() < 5)]
    return {
        "regions": list(regions),
        "off": [day.isoformat() for day in different if day.weekday() < 5],
        "make_up": [day.isoformat() for day in different if day.weekday() >= 5],
    }


def _weekdays(first: date, last: date) -> int:
    """Count Mondays to Fridays behind `first` up to `last`."""
    weeks, rest = divmod((last - first).days, 7)
    return 5 * weeks + sum((last - place * _DAY).weekday() < 5 for place in range(rest))
