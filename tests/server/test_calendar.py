"""Working days: the published years to the day, later ones by the rule and flagged."""

import random
import re
from datetime import date, timedelta

import pytest

from server.calendar import (
    Notice,
    WorkingCalendar,
    add_working_days,
    is_official,
    is_working_day,
    latest_start_before,
)

# Start (end of the inspection), n, due date; computed from the State Council's notices.
VECTORS = [
    ("2023-03-31", 20, "2023-04-28"),
    ("2023-09-28", 15, "2023-10-25"),
    ("2023-09-30", 20, "2023-11-01"),
    ("2023-12-31", 20, "2024-01-29"),
    ("2025-01-20", 15, "2025-02-14"),
    ("2025-09-26", 20, "2025-10-30"),
    ("2026-02-06", 15, "2026-03-05"),
    ("2026-02-13", 20, "2026-03-19"),
    ("2026-04-30", 20, "2026-06-01"),
    ("2026-09-18", 15, "2026-10-15"),
    ("2026-09-30", 20, "2026-11-03"),
]
MAKE_UP_DAYS = re.findall(
    r"\S+",
    """
2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08
2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
""",
)
OFF_2026 = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]


@pytest.mark.parametrize(("start", "days", "due"), VECTORS)
def test_a_deadline_falls_on_the_day_the_notices_say(start, days, due):
    found = add_working_days(date.fromisoformat(start), days)

    assert found.on == date.fromisoformat(due)
    assert not found.estimated
    assert found.calendar_version.startswith("chinesecalendar-")


@pytest.mark.parametrize("day", MAKE_UP_DAYS)
def test_a_make_up_day_at_the_weekend_is_a_working_day(day):
    assert date.fromisoformat(day).weekday() >= 5
    assert is_working_day(date.fromisoformat(day))


def test_every_off_day_of_2026_is_off():
    for first, length in OFF_2026:
        start = date.fromisoformat(f"2026-{first}")
        assert not any(is_working_day(date.fromordinal(start.toordinal() + each)) for each in range(length))


@pytest.mark.parametrize(("year", "count"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_a_published_year_has_its_number_of_working_days(year, count):
    first = date(year, 1, 1).toordinal()
    days = range(first, date(year + 1, 1, 1).toordinal())
    assert sum(is_working_day(date.fromordinal(day)) for day in days) == count


def test_the_start_is_not_counted_even_when_it_is_a_working_day():
    assert add_working_days(date(2026, 3, 2), 1).on == date(2026, 3, 3)


def test_a_regions_own_day_off_moves_the_due_date():
    festival = {date(2026, 3, 4)}
    assert add_working_days(date(2026, 3, 2), 3).on == date(2026, 3, 5)
    assert add_working_days(date(2026, 3, 2), 3, festival).on == date(2026, 3, 6)


def test_a_deadline_that_reaches_into_a_year_without_a_notice_is_estimated():
    assert not is_official(2027)
    due = add_working_days(date(2026, 12, 30), 5)

    assert due.estimated
    assert due.on == date(2027, 1, 7)  # 1 January, a Friday, is off
    assert due.calendar_version.endswith("+rule-2024")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2027-02-05", False),  # the eve of the Spring Festival
        ("2027-02-09", False),  # two festival days fall on the weekend: compensated on Tuesday
        ("2027-02-10", False),
        ("2027-02-11", True),
        ("2027-04-05", False),  # Qingming
        ("2027-06-09", False),  # Dragon Boat
        ("2027-09-15", False),  # Mid-Autumn
        ("2027-05-03", False),  # 1 and 2 May fall on the weekend
        ("2027-05-04", False),
        ("2027-05-05", True),
        ("2060-10-01", False),
        ("2060-10-05", False),  # 2 and 3 October fall on the weekend
        ("2060-10-06", True),
        ("2150-10-01", False),
    ],
)
def test_without_a_notice_the_statutory_festivals_are_off(day, working):
    assert is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_a_nonsense_number_of_days_is_refused(days):
    with pytest.raises(ValueError, match="working days"):
        add_working_days(date(2026, 1, 1), days)


@pytest.mark.parametrize("day", ["2026-03-05", "2026-02-25", "2026-10-09", "2027-05-06"])
def test_what_is_overdue_began_by_the_last_start_whose_days_are_over(day):
    day = date.fromisoformat(day)

    start = latest_start_before(day, 3)

    assert (
        add_working_days(start, 3).on < day <= add_working_days(date.fromordinal(start.toordinal() + 1), 3).on
    )


def test_the_days_left_are_those_that_one_counts_one_by_one():
    notice = Notice("国办发明电", 2027, frozenset({date(2027, 2, 8)}), frozenset({date(2027, 2, 13)}))
    calendar = WorkingCalendar(
        {2027: notice}, frozenset({date(2026, 12, 31), date(2027, 7, 4)}), frozenset({date(2027, 1, 31)})
    )
    chance = random.Random(2027)
    for _ in range(300):
        today = date(2025, 11, 1) + timedelta(days=chance.randrange(900))
        due_on = today + timedelta(days=chance.randrange(-500, 500))
        first, last = sorted((today, due_on))
        between = (first + timedelta(days=each + 1) for each in range((last - first).days))
        counted = sum(calendar.is_working_day(day) for day in between)
        assert calendar.days_left(today, due_on) == (counted if due_on >= today else -counted)
