"""The phone's engine on every case of the conformance suite."""

import pytest

from tests.conformance.cases import Case, read_cases
from tests.conformance.observing import EngineRun, checked

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_engine_finds_what_the_case_expects(case: Case, engine_run: EngineRun):
    found, expected = engine_run.observed[case.id], case.engine
    if expected["error"]:
        assert expected["error"] in (found["error"] or "")
        return
    assert found["error"] is None
    assert found["violations"] == expected["violations"]
    assert {path: found["values"].get(path) for path in expected["calculated"]} == expected["calculated"]


@pytest.mark.parametrize("case", [case for case in CASES if not case.defect], ids=lambda case: case.id)
def test_both_compute_the_same_values(case: Case, engine_run: EngineRun):
    """Every value that the form computes, not only those a case thinks of."""
    found = engine_run.observed[case.id]["values"]
    ours = {path: value for path, value in checked(case)["calculated"].items() if path not in case.differs}
    assert {path: found.get(path, "") for path in ours} == ours


def test_vitest_agrees_and_shows_the_defects_that_no_case_can(engine_run: EngineRun):
    assert engine_run.passed, engine_run.output
