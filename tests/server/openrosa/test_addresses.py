"""Addresses of forms whose authors called them and their versions whatever they liked."""

import pytest

from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from tests.server.openrosa.conftest import TASKS_FORM


@pytest.mark.parametrize(
    ("form_id", "version"),
    [
        ("spot check", "1"),
        ("spot/check", "2026/1"),
        ("a#b?c", "v1 #2"),
        ("a%20b%2Fc", "100%"),
        ("界桩核查", "2026年 1"),
        ("check", "1.xml"),
    ],
)
def test_a_form_is_found_with_its_lists_whatever_it_and_its_version_are_called(
    visit, session, form_id, version
):
    named = TASKS_FORM.replace("task_check", form_id).replace("| 1 |", f"| {version} |")
    checklists.publish(session, SYSTEM, named.encode(), ".md")
    audit.seal(session)
    session.commit()

    assert visit.collect.updates().forms[form_id].version == version
    assert visit.collect.tasks().keys() == {str(visit.task)}
