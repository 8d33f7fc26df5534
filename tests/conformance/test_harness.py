"""The suite can fail: a wrong operator on either side, or a wrong expectation, does not go unnoticed."""

import operator
from dataclasses import replace
from pathlib import Path

from forms import load_form
from forms.xpath.comparing import ORDERS
from forms.xpath.inlining import Inliner
from tests.conformance.cases import HERE, Case, compiled, read_cases
from tests.conformance.layout import instance_of, media_of
from tests.conformance.observing import EngineRun, checked, run_engine

DIST = HERE / "node_modules" / "@getodk" / "xforms-engine" / "dist" / "index.js"
AT_MOST = "return this.toNumber() <= operand.toNumber();"


def sample() -> list[Case]:
    """Some forms with limits in them, and no case about a defect."""
    forms = {"forms/dates", "forms/lookups", "forms/translations", "forms/numbers", "forms/strings"}
    return [case for case in read_cases() if case.form in forms and not case.defect]


def engine_failures(cases: list[Case], run: EngineRun) -> list[Case]:
    return [case for case in cases if run.observed[case.id]["violations"] != case.engine["violations"]]


def test_at_most_taken_as_less_than_fails_many_cases_of_our_checker(monkeypatch):
    cases = sample()
    for case in cases:  # Laid out and compiled by the healthy evaluator.
        instance_of(case)
        media_of(case)
    monkeypatch.setitem(ORDERS, "<=", operator.lt)
    written = Inliner._compared
    monkeypatch.setattr(
        Inliner, "_compared", lambda *given: written(*given[:-1], given[-1].replace("<=", "<"))
    )
    broken = {name: load_form(compiled(name).xform) for name in {case.form for case in cases}}
    failed = [case for case in cases if checked(case, broken[case.form])["violations"] != case.violations]
    assert len(failed) >= 10
    assert len({case.form for case in failed}) >= 3


def test_at_most_taken_as_less_than_fails_many_cases_of_the_engine(tmp_path: Path):
    text = DIST.read_text()
    assert text.count(AT_MOST) == 1
    # Beside a way to its dependencies, which the copy looks for from where it lies.
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    broken = tmp_path / "broken-engine.mjs"
    broken.write_text(text.replace(AT_MOST, AT_MOST.replace("<=", "<")))
    cases = sample()
    run = run_engine(cases, broken)
    assert not run.passed
    assert len(engine_failures(cases, run)) >= 10


def test_the_healthy_engine_fails_none_of_them(engine_run: EngineRun):
    assert engine_failures(sample(), engine_run) == []


def test_a_wrong_expectation_fails():
    cases = [case for case in read_cases() if case.form in ("forms/files", "forms/unique")]
    right = next(case for case in cases if case.violations)
    wrong = replace(right, told={**right.told, "expect": {"violations": []}})
    cases[cases.index(right)] = wrong
    run = run_engine(cases, DIST)
    assert not run.passed
    assert engine_failures(cases, run) == [wrong]
    assert checked(wrong)["violations"] != wrong.violations
