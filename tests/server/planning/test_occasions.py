"""When a planned inspection is due to be launched, and how launches stand to it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from server.planning.launches import Timeliness, standings_of
from server.planning.models import Launch, PlannedInspection
from server.planning.occasions import occasions
from server.planning.ratio_texts import parse_ratio
from server.planning.windows import parse_windows


def planned(ratio, window):
    windows = [each.as_json() for each in parse_windows(window, 2023)]
    return PlannedInspection(id=uuid4(), ratio=parse_ratio(ratio).as_json(), windows=windows)


def spans(row):
    return [(each.first.isoformat()[5:], each.last.isoformat()[5:]) for each in occasions(row)]


def stand(row, today, *launched):
    launches = [Launch(launched_on=date.fromisoformat(day), objects=1) for day in launched]
    return [each.timeliness for each in standings_of(row, launches, date.fromisoformat(today))]


@pytest.mark.parametrize(
    ("ratio", "window", "expected"),
    [
        ("25%", "3月", [("03-01", "03-31")]),
        ("20%", "5月至6月、9月至10月", [("05-01", "06-30"), ("09-01", "10-31")]),
        ("100% 1次/年", "3月—11月", [("03-01", "11-30")]),
        ("5%，每年不少于2次", "6月至11月择机", [("06-01", "11-30")] * 2),
        ("25%/季", "全年", [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")]),
        ("25%/季", "5月—9月", [("05-01", "06-30"), ("07-01", "09-30")]),
        ("25%/季", "2023年11月至2024年2月", [("11-01", "12-31"), ("01-01", "02-29")]),
        ("100% 1次/年", "2023年11月至2024年2月", [("11-01", "02-29")]),
        ("100% 1次/年", "2024年1月至2月", [("01-01", "02-29")]),
        ("20%，每年2次", "5月至6月、9月至10月", [("05-01", "06-30"), ("09-01", "10-31")]),
    ],
)
def test_occasions_follow_windows_and_frequency(ratio, window, expected):
    assert spans(planned(ratio, window)) == expected


def test_launches_go_to_the_first_occasion_that_had_begun():
    twice = planned("20%", "5月至6月、9月至10月")

    assert stand(twice, "2023-05-20") == [Timeliness.DUE, Timeliness.AHEAD]
    assert stand(twice, "2023-07-01") == [Timeliness.OVERDUE, Timeliness.AHEAD]
    assert stand(twice, "2023-11-01", "2023-05-02", "2023-10-31") == [Timeliness.IN_TIME, Timeliness.IN_TIME]
    assert stand(twice, "2023-11-01", "2023-07-02") == [Timeliness.LATE, Timeliness.OVERDUE]
    assert stand(twice, "2023-05-01", "2023-04-02") == [Timeliness.EARLY, Timeliness.AHEAD]
    assert len(stand(twice, "2023-11-01", *["2023-05-02"] * 5)) == 2, (
        "more launches than occasions are no more occasions"
    )


def test_the_last_day_of_a_window_is_in_time():
    row = planned("25%", "3月")
    last = occasions(row)[0].last

    assert stand(row, "2023-03-31") == [Timeliness.DUE]
    assert stand(row, "2023-12-01", last.isoformat()) == [Timeliness.IN_TIME]
    assert stand(row, "2023-12-01", (last + timedelta(1)).isoformat()) == [Timeliness.LATE]
