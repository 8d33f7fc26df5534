"""A thousand deadlines against an independent count, and what a new notice does to those that stand."""

import random
from bisect import bisect_right
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from server import audit
from server.access import Role
from server.audit import AuditEntry
from server.calendar import Notice, WorkingCalendar
from server.results import recounting
from server.results.deadlines import DeadlineRules, Moments, WorkingDaysRule, read_rules
from server.results.models import Deadline, DeadlineChange
from server.worker import drain
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers

# The State Council's notices, written out by hand: first and last days off, and the weekend days that are worked.
OFF = """
2022-12-31/2023-01-02 2023-01-21/2023-01-27 2023-04-05/2023-04-05 2023-04-29/2023-05-03 2023-06-22/2023-06-24
2023-09-29/2023-10-06 2024-01-01/2024-01-01 2024-02-10/2024-02-17 2024-04-04/2024-04-06 2024-05-01/2024-05-05
2024-06-10/2024-06-10 2024-09-15/2024-09-17 2024-10-01/2024-10-07 2025-01-01/2025-01-01 2025-01-28/2025-02-04
2025-04-04/2025-04-06 2025-05-01/2025-05-05 2025-05-31/2025-06-02 2025-10-01/2025-10-08 2026-01-01/2026-01-03
2026-02-15/2026-02-23 2026-04-04/2026-04-06 2026-05-01/2026-05-05 2026-06-19/2026-06-21 2026-09-25/2026-09-27
2026-10-01/2026-10-07
"""
WORKED = """
2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08 2024-02-04 2024-02-18 2024-04-07
2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12 2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""


def days_between(first, last):
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def counted_by_hand():
    """Every working day of 2023 to 2026 in order, by the notices above."""
    spans = [tuple(date.fromisoformat(day) for day in span.split("/")) for span in OFF.split()]
    off = {day for span in spans for day in days_between(*span)}
    worked = {date.fromisoformat(day) for day in WORKED.split()}
    return [
        day
        for day in days_between(date(2023, 1, 1), date(2026, 12, 31))
        if day in worked or (day.weekday() < 5 and day not in off)
    ]


FREE = counted_by_hand()


def test_a_thousand_deadlines_over_three_years_fall_on_the_days_that_the_notices_say():
    chance = random.Random(7)
    years = days_between(date(2023, 9, 1), date(2026, 9, 30))
    checked = set()
    for place in range(1000):
        start, days = chance.choice(years), chance.choice([1, 5, 15, 15, 20, 20, 30])
        own = set(chance.sample(years, 40)) if place % 2 else set()
        working = [day for day in FREE if day not in own]
        rules = DeadlineRules(
            entry=WorkingDaysRule(days, "task_end"),
            publication=WorkingDaysRule(days, "inspection_end"),
            followup=WorkingDaysRule(days, "followup_end"),
            objection=WorkingDaysRule(days, "objection_filed"),
            days_off=frozenset(own),
        )
        moments = Moments(inspection_end=start, task_end=start, closing=start)
        found = [
            rules.entry_due(moments),
            rules.publication_due(moments),
            rules.followup_due(start),
            rules.objection_due(start),
        ][place % 4]
        assert found.on == working[bisect_right(working, start) + days - 1], (start, days, sorted(own))
        assert not found.estimated
        checked.add((start, days, place % 4))
    assert len(checked) > 900


def test_the_count_by_hand_has_as_many_days_as_are_known_of_each_year():
    by_year = [sum(day.year == year for day in FREE) for year in (2023, 2024, 2025, 2026)]
    assert by_year == [249, 251, 248, 248]


def test_a_notice_makes_its_year_certain_and_a_regions_own_days_go_before_it():
    start, spring = date(2027, 1, 29), days_between(date(2027, 2, 4), date(2027, 2, 12))
    notice = Notice("国办发明电〔2026〕9号", 2027, frozenset(spring), frozenset({date(2027, 1, 30)}))
    nation = WorkingCalendar({2027: notice})
    own = WorkingCalendar({2027: notice}, frozenset({date(2027, 2, 1)}), frozenset({date(2027, 1, 31)}))

    due = nation.add(start, 5)
    assert (due.on, due.estimated) == (date(2027, 2, 15), False)  # 30 January, 1 to 3 February, then the 15th
    assert due.calendar_version.endswith("国办发明电〔2026〕9号")
    assert own.add(start, 5).on == date(2027, 2, 15)  # a Sunday worked for the Monday off
    assert WorkingCalendar().add(start, 5).estimated


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"followup": {"kind": "before_closing"}}, "followup.kind"),
        ({"objection": {"kind": "working_days", "days": 20, "from": "task_end"}}, "objection.from"),
        ({"entry": {"kind": "working_days", "days": 20, "from": "objection_filed"}}, "entry.from"),
    ],
)
def test_what_a_deadline_counts_from_belongs_to_it(given, names):
    with pytest.raises(ValueError, match=names):
        read_rules({"deadline": given})


def test_a_new_notice_counts_again_what_was_estimated_and_leaves_a_trace(cast, monkeypatch):
    monkeypatch.setattr(recounting, "MOST_AT_ONCE", 1)
    crew = phones(cast)
    # A phone's clock that runs ahead is not believed, so the days are moved where they are kept.
    record = submitted(cast, *crew, answers=visit_answers())
    supervisor(cast).accepts(record)
    drain(cast.app)
    with audit.transaction(cast.app.sessions) as session:
        for row in session.scalars(select(Deadline)):
            rules = DeadlineRules()
            moments = Moments(date(2026, 12, 25), date(2026, 12, 25), date(2026, 12, 25))
            due = rules.entry_due(moments) if row.kind == "entry" else rules.publication_due(moments)
            assert due.estimated
            row.start_on, row.due_on, row.estimated = due.start_on, due.on, True
            row.calendar, row.rule = due.calendar_version, due.rule
    county = cast.signed_in(Role.ADMIN)
    notice = {
        "year": 2027,
        "version": "国办发明电〔2026〕9号",
        "days_off": [f"2027-01-0{day}" for day in (1, 4, 5)],
        "make_up": [],
    }
    cast.organisation("130800")
    assert county.post("/api/v1/calendars", notice, expect=403)["code"] == "access.outside-jurisdiction"
    nation = cast.signed_in(Role.ADMIN, region="000000")
    both = notice | {"make_up": ["2027-01-01"]}
    assert nation.post("/api/v1/calendars", both, expect=422)["code"] == "calendar.unsound"
    nation.post("/api/v1/calendars", notice, expect=201)
    drain(cast.app)

    result = crew[0].get("/api/v1/results")[0]
    assert (result["due_on"], result["estimated"]) == ("2027-01-20", False)
    assert result["publish_on"] == "2027-01-27"
    assert "国办发明电〔2026〕9号" in result["due_rule"]
    told = crew[0].get(f"/api/v1/results/{result['id']}/deadlines")
    assert [(each["was"], each["now"]) for each in told["changes"]] in (
        [("2027-01-18", "2027-01-20"), ("2027-01-25", "2027-01-27")],
        [("2027-01-25", "2027-01-27"), ("2027-01-18", "2027-01-20")],
    )
    own = {"region": "140522", "year": 2027, "version": "县放假", "days_off": ["2027-01-12"], "make_up": []}
    county.post("/api/v1/calendars", own, expect=201)
    foreign = own | {"region": "130800"}
    assert county.post("/api/v1/calendars", foreign, expect=403)["code"] == "access.outside-jurisdiction"
    drain(cast.app)
    assert crew[0].get(f"/api/v1/results/{result['id']}")["due_on"] == "2027-01-21"
    with cast.app.readers() as session:
        assert len(session.scalars(select(DeadlineChange)).all()) == 8
        steps = session.scalars(select(AuditEntry).where(AuditEntry.action == "calendar.continues")).all()
        assert len(steps) == 8  # two results with two deadlines each, one at a time, twice
    assert {each["version"] for each in supervisor(cast).get("/api/v1/calendars")} == {
        "国办发明电〔2026〕9号",
        "县放假",
    }
