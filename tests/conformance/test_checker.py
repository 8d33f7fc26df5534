"""Our checker on every case of the conformance suite."""

import pytest

from forms import UnreadableInstance, parse_instance
from tests.conformance.cases import Case, read_cases
from tests.conformance.observing import checked

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_our_checker_finds_what_the_case_expects(case: Case):
    found = checked(case)
    computed = {path: found["calculated"].get(path, "") for path in case.calculated}
    assert found | {"calculated": computed} == {
        "violations": case.violations,
        "server": case.server,
        "calculated": case.calculated,
    }


def test_a_draft_with_a_control_character_cannot_be_read():
    """Defect 5 of the engine: it writes such a draft; see defects.test.js."""
    with pytest.raises(UnreadableInstance):
        parse_instance(b'<data id="kinds" version="1"><text>a\x01b</text></data>')
