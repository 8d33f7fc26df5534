"""The rules of the legality gate: each case of `gate_vectors.json`, which the phone's gate is tested with too."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from server.inspections.gate.checks import Allowed, judge_visit, worst
from server.inspections.gate.rules import Mode, Verdict, mode_names, needs, rules
from server.inspections.gate.visit import (
    Capacity,
    Commission,
    Department,
    Papers,
    Participant,
    PlanStanding,
    Source,
    Urgency,
    Visit,
)

VECTORS = json.loads((Path(__file__).parent / "gate_vectors.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in VECTORS["cases"]}


def day(text):
    return date.fromisoformat(text) if text else None


def person(told):
    return Participant(
        id=told["id"],
        name=told["id"],
        capacity=Capacity(told.get("capacity", "inspector")),
        active=told.get("active", True),
        certificate=told["certificate"],
        valid_to=day(told["valid_to"]),
        passed=told.get("passed"),
        scope=frozenset(told.get("scope", ())),
        serves=told.get("serves", True),
        section=told.get("section"),
    )


def visit_of(told):
    said = VECTORS["base"] | told
    papers, commission, plan = said["papers"], said["commission"], said["plan"]
    return Visit(
        day=day(said["day"]),
        judged_on=day(said["today"]),
        opens_on=day(said["opens_on"]),
        due_on=day(said["due_on"]),
        items=tuple(said["items"]),
        people=tuple(person(each) for each in said["people"]),
        is_enterprise=said["enterprise"],
        mode=Mode(said["mode"]),
        source=Source(said["source"]),
        plan=plan
        and PlanStanding(
            plan["published"],
            plan["filed"],
            tuple((day(first), day(last)) for first, last in plan["windows"]),
        ),
        listed=said["listed"] and frozenset(said["listed"]),
        item_modes={item: frozenset(map(Mode, modes)) for item, modes in said["item_modes"].items()},
        papers=Papers(
            papers["approval_no"],
            day(papers["approved_on"]),
            papers["notice_no"],
            day(papers["served_on"]),
            said["urgent"] and Urgency(said["urgent"], day(said["approve_by"])),
        ),
        year_count=said["year_count"],
        cap=said["cap"],
        beside=tuple(said["beside"]),
        recusals=said["recusals"],
        asks_entry_code=said["asks_entry_code"],
        entry_code=said["entry_code"],
        is_judged_after=said["after"],
        is_secret=said["secret"],
        commission=Commission(
            **{name: day(value) if name == "valid_to" else value for name, value in commission.items()}
        ),
        departments=tuple(
            Department(each["key"], each["name"], tuple(each["items"])) for each in said["departments"]
        ),
    )


def outcomes(visit, allowed=()):
    return {check.rule.code: check.finding.outcome for check in judge_visit(visit, allowed)}


@pytest.mark.parametrize("name", CASES)
def test_a_case_comes_out_as_it_is_written(name):
    case = CASES[name]

    found = outcomes(visit_of(case["visit"]))

    assert {rule: found[rule] for rule in case["expect"]} == case["expect"]


def test_every_outcome_of_every_rule_has_its_case_and_every_case_a_rule():
    written = {(rule, outcome) for case in CASES.values() for rule, outcome in case["expect"].items()}
    assert written == {(rule.code, outcome) for rule in rules().values() for outcome in rule.outcomes}
    assert len(CASES) == len(VECTORS["cases"]) >= 40


def test_a_visit_that_lacks_nothing_is_allowed_by_every_rule():
    checks = judge_visit(visit_of({}))

    assert {check.verdict for check in checks} == {Verdict.ALLOW}
    assert worst(checks) is Verdict.ALLOW


def test_what_does_not_hold_says_why_and_by_which_law_in_both_languages():
    for rule in rules().values():
        assert all(rule.name)
        assert rule.bases
        assert all(basis.source and basis.says for basis in rule.bases)
        for outcome in rule.outcomes.values():
            assert all(outcome.why) is (outcome.verdict is not Verdict.ALLOW)


def allowed(rule, outcome):
    return Allowed(rule, outcome, "分管领导书面同意", "李某", datetime(2026, 11, 26, tzinfo=UTC))


def test_what_somebody_allowed_warns_and_names_who_and_why():
    visit = visit_of({"year_count": 5})

    (check,) = [
        each for each in judge_visit(visit, [allowed("visits.cap", "over")]) if each.rule.code == "visits.cap"
    ]

    assert check.verdict is Verdict.WARN
    assert check.as_json()["allowed"] == {
        "by": "李某",
        "reason": "分管领导书面同意",
        "at": "2026-11-26T00:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("told", "override"),
    [
        ({"people": VECTORS["base"]["people"][:1]}, allowed("inspectors.two", "too_few")),
        ({"recusals": {"甲": "recused"}}, allowed("recusal.answered", "recused")),
        ({"secret": True, "mode": "network"}, allowed("secrecy.kept", "networked")),
        ({"papers": VECTORS["base"]["papers"] | {"approval_no": None}}, allowed("approval.given", "overdue")),
    ],
    ids=[
        "fewer than two",
        "an interest",
        "a secret over the network",
        "another outcome than the allowed one",
    ],
)
def test_nobody_can_allow(told, override):
    assert worst(judge_visit(visit_of(told), [override])) is Verdict.BLOCK


def test_a_mode_says_what_it_needs_and_no_more():
    assert "position" in needs(Mode.ON_SITE)
    assert not {"position", "entry_code"} & (
        needs(Mode.WRITTEN) | needs(Mode.NETWORK) | needs(Mode.COMMISSIONED)
    )
    assert {"institution", "report"} <= needs(Mode.COMMISSIONED)
    assert needs(Mode.ADOPTED) == {"opinion"}
    assert all(all(mode_names(mode)) for mode in Mode)
