"""Deadlines: the defaults of the law, a bureau's own rules, and rules that can't be meant."""

from datetime import date

import pytest

from server.results.deadlines import Moments, WrongDeadlineRuleError, read_rules

MOMENTS = Moments(inspection_end=date(2026, 2, 3), task_end=date(2026, 2, 6), closing=date(2026, 3, 31))


def test_by_default_a_result_is_entered_15_working_days_after_the_task():
    due = read_rules({}).entry_due(MOMENTS)

    assert due.on == date(2026, 3, 5)
    assert "15个工作日" in due.rule
    assert "2026-02-06" in due.rule
    assert not due.estimated


def test_by_default_a_normal_result_is_public_20_working_days_after_the_inspection():
    assert read_rules({}).publication_due(MOMENTS).on == date(2026, 3, 9)


def test_a_bureau_may_count_20_days_from_the_end_of_the_inspection():
    rules = read_rules(
        {"deadline": {"entry": {"kind": "working_days", "days": 20, "from": "inspection_end"}}}
    )
    assert rules.entry_due(MOMENTS).on == date(2026, 3, 9)
    assert rules.publication_due(MOMENTS) == read_rules({}).publication_due(MOMENTS)


def test_a_bureau_may_want_the_result_before_the_task_closes():
    due = read_rules({"deadline": {"entry": {"kind": "before_closing"}}}).entry_due(MOMENTS)

    assert due.on == date(2026, 3, 31)
    assert "截止" in due.rule


def test_a_regions_own_days_off_count():
    rules = read_rules({"deadline": {"days_off": ["2026-03-05"]}})
    assert rules.entry_due(MOMENTS).on == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ([], "deadline"),
        ({"entery": {}}, "entery"),
        ({"entry": "15"}, "entry.kind"),
        ({"entry": {"kind": "days"}}, "entry.kind"),
        ({"entry": {"kind": "working_days", "days": "15"}}, "entry.days"),
        ({"entry": {"kind": "working_days", "days": True}}, "entry.days"),
        ({"entry": {"kind": "working_days", "days": 0}}, "entry.days"),
        ({"publication": {"kind": "working_days", "days": 20, "from": "now"}}, "publication.from"),
        ({"publication": {"kind": "working_days", "days": 20, "problems": "yes"}}, "publication.problems"),
        ({"entry": {"kind": "before_closing", "problems": True}}, "entry.problems"),
        ({"days_off": ["2026-02-30"]}, "days_off"),
        ({"days_off": 3}, "days_off"),
    ],
)
def test_rules_that_cannot_be_meant_are_named(given, names):
    with pytest.raises(WrongDeadlineRuleError, match=names):
        read_rules({"deadline": given})
