"""What the suite itself must be: large enough, with a case for each form that ships and each known defect."""

import re
from collections import Counter

import pytest

from forms.catalog import catalog
from tests.conformance.cases import HERE, Case, read_cases
from tests.conformance.observing import checked

CASES = read_cases()
DEFECTS = re.findall(r"^\| (\d+) \|", (HERE / "README.md").read_text(), re.MULTILINE)


def test_there_are_at_least_four_hundred_cases_each_with_a_name_of_its_own():
    assert len(CASES) >= 400
    assert len({case.id for case in CASES}) == len(CASES)


def test_every_form_that_ships_has_twenty_cases():
    counted = Counter(case.form for case in CASES)
    few = {form.form_id for form in catalog() if counted[f"catalogue/{form.form_id}"] < 20}
    assert not few


def test_every_awkward_form_is_used():
    used = {case.form for case in CASES}
    assert {f"forms/{path.stem}" for path in (HERE / "forms").glob("*.md")} <= used


@pytest.mark.parametrize("number", DEFECTS)
def test_every_known_defect_of_the_engine_has_a_case_named_for_it(number: str):
    title = re.compile(rf"engine defect {number}\b")
    shown_alone = (HERE / "defects.test.js").read_text()
    assert any(title.search(case.name) for case in CASES) or title.search(shown_alone)


def test_a_case_that_the_engine_fails_names_a_known_defect():
    unknown = {case.id for case in CASES if "engine" in case.told and case.defect not in [*DEFECTS, "clock"]}
    assert not unknown


@pytest.mark.parametrize("first", {case.file: case for case in CASES}.values(), ids=lambda case: case.file)
def test_a_base_instance_has_no_findings(first: Case):
    base = Case(**{**vars(first), "name": "the base", "told": {"expect": {}}})
    found = checked(base)
    assert found["violations"] == []
    assert found["server"] == []
