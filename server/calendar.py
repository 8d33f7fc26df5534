"""Working days (工作日) in China: official years from the State Council's notices, later ones by the rule.

The notice for a year appears in the autumn before. Until it does, the statutory festivals of 《全国年节及纪念日
放假办法》 (as revised on 10 November 2024) are assumed off, and due dates say that they are estimated. A notice that
came after this program was made is entered as a `Notice` and counts for its year from then on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import accumulate

import chinese_calendar

_DAY = timedelta(days=1)
_OFFICIAL_VERSION = f"chinesecalendar-{version('chinesecalendar')}"
_ESTIMATED_VERSION = f"{_OFFICIAL_VERSION}+rule-2024"
MOST_DAYS = 1000

# Spring Festival (初一), Dragon Boat (端午) and Mid-Autumn (中秋) of years that have no notice yet, from the lunar
# calendar (GB/T 33661-2017). Beyond the table only the fixed festivals are known.
_LUNAR: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)),
    2037: ((2, 15), (6, 18), (9, 24)),
    2038: ((2, 4), (6, 7), (9, 13)),
    2039: ((1, 24), (5, 27), (10, 2)),
    2040: ((2, 12), (6, 14), (9, 20)),
}


@dataclass(frozen=True)
class DueDate:
    """A due date; `estimated` when a day on the way has no official calendar yet. Recompute it then."""

    on: date
    estimated: bool
    calendar_version: str


@dataclass(frozen=True)
class Notice:
    """The official schedule of one year: the days off (放假), and the make-up working days (调休上班).

    `version` is what the notice is called, such as its document number. Saturdays and Sundays need not be named.
    """

    version: str
    year: int
    days_off: frozenset[date]
    make_up: frozenset[date]


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked somewhere: by the official years, by newer notices, less a region's own days off.

    `notices` by year take the place of what this program knows of that year. `days_off` are a region's own, such as
    those of an ethnic autonomous area, and `make_up` the weekend days that it works for them.
    """

    notices: Mapping[int, Notice] = field(default_factory=dict)
    days_off: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Say whether a day is worked: a region's own days go before the nation's."""
        if day in self.days_off or day in self.make_up:
            return day in self.make_up
        return _is_worked(day, self.notices.get(day.year))

    def days_left(self, today: date, due_on: date) -> int:
        """Count the working days after today to the last one of a deadline; below zero those that it is late by."""
        first, last = sorted((today, due_on))
        days = self._passed(last) - self._passed(first)
        days += sum(_worked_days(year, self.notices.get(year))[-1] for year in range(first.year, last.year))
        days += sum(
            (day in self.make_up) - _is_worked(day, self.notices.get(day.year))
            for day in self.days_off | self.make_up
            if first < day <= last
        )
        return days if due_on >= today else -days

    def _passed(self, day: date) -> int:
        """The nation's working days of the year so far, this one too."""
        return _worked_days(day.year, self.notices.get(day.year))[day.timetuple().tm_yday]

    def add(self, start: date, days: int) -> DueDate:
        """Return the `days`-th working day after `start`; see `add_working_days`."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"a deadline has 1 to {MOST_DAYS} working days, not {days}")
        day, left = start, days
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        years = range((start + _DAY).year, day.year + 1)
        estimated = any(year not in self.notices and not is_official(year) for year in years)
        known = [_ESTIMATED_VERSION if estimated else _OFFICIAL_VERSION]
        known += [self.notices[year].version for year in years if year in self.notices]
        return DueDate(day, estimated, "; ".join(known))


def add_working_days(start: date, days: int, days_off: Collection[date] = ()) -> DueDate:
    """Return the `days`-th working day after `start`, which is not counted (the principle of 民法典第201条).

    Make-up Saturdays and Sundays count as working days. `days_off` are a region's own days off, such as those
    of an ethnic autonomous area. ValueError for fewer than 1 or more than 1000 days.
    """
    return WorkingCalendar(days_off=frozenset(days_off)).add(start, days)


def latest_start_before(day: date, days: int) -> date:
    """Return the last date whose `days`-th working day is over before `day`: what began by then is overdue."""
    start = day - _DAY
    while add_working_days(start, days).on >= day:
        start -= _DAY
    return start


@cache
def is_working_day(day: date) -> bool:
    """Say whether a day is a working day: as published, else by the rule."""
    if is_official(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and day not in _assumed_days_off(day.year)


def _is_worked(day: date, notice: Notice | None) -> bool:
    if notice is None:
        return is_working_day(day)
    return day in notice.make_up or (day.weekday() < 5 and day not in notice.days_off)


@lru_cache(maxsize=256)
def _worked_days(year: int, notice: Notice | None) -> tuple[int, ...]:
    """How many of the first so many days of a year the nation works: counted once, however many deadlines are asked for."""
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    return (0, *accumulate(int(_is_worked(first + each * _DAY, notice)) for each in range(days)))


@cache
def is_official(year: int) -> bool:
    """Say whether the year's notice is known to the calendar."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _assumed_days_off(year: int) -> frozenset[date]:
    # A festival that falls on a rest day is compensated (补假) on the next day that is neither.
    festivals = _festivals(year)
    off = set(festivals)
    for festival in festivals:
        if festival.weekday() >= 5:
            substitute = festival
            while substitute in off or substitute.weekday() >= 5:
                substitute += _DAY
            off.add(substitute)
    return frozenset(off)


def _festivals(year: int) -> list[date]:
    fixed = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    days = {date(year, month, day) for month, day in fixed}
    if 1900 <= year <= 2100:  # as far as the library computes solar terms: Qingming (清明)
        days |= {day for day, _ in chinese_calendar.get_solar_terms(date(year, 4, 3), date(year, 4, 7))}
    if year in _LUNAR:
        spring, dragon_boat, mid_autumn = (date(year, *each) for each in _LUNAR[year])
        days |= {spring + each * _DAY for each in range(-1, 3)}  # the eve and the first three days
        days |= {dragon_boat, mid_autumn}
    return sorted(days)
