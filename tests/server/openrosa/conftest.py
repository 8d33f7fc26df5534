"""A visit of two inspectors, the first with ODK Collect."""

from types import SimpleNamespace

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from tests.actors.collect_phone import CollectPhone, settings_code
from tests.actors.supervisor import supervisor

TASKS_FORM = """
| survey | | | | | |
| | type | name | label | required | calculation |
| | begin_group | task | 任务 | | |
| | select_one_from_file tasks.csv | task_ref | 检查任务 | true() | |
| | calculate | task_no | | | pulldata('tasks', 'task_no', 'name', ${task_ref}) |
| | calculate | review_note | | | pulldata('tasks', 'review_note', 'name', ${task_ref}) |
| | calculate | returned_instance | | | pulldata('tasks', 'returned_instance', 'name', ${task_ref}) |
| | end_group | | | | |
| | text | note | 情况 | true() | |
| settings | | | |
| | form_title | form_id | version |
| | 任务核查 / Task check | task_check | 1 |
"""


def give_key(cast, giver, person, name="检查手机"):
    """Make a key for somebody, and set a stock phone up with it: `(phone, key)`."""
    key = giver.post("/api/v1/openrosa/keys", {"person": str(person.person_id), "name": name}, expect=201)
    url = giver.get(f"/api/v1/openrosa/keys/{key['id']}/settings")["settings"]["general"]["server_url"]
    return CollectPhone(cast.app, settings_code({"server_url": url})), key


@pytest.fixture
def given_out(cast):
    """Give keys out and set phones up, one after the other."""
    giver = supervisor(cast)
    return lambda person: give_key(cast, giver, person)


@pytest.fixture
def give_on():
    """Set a phone up in an application of its own."""
    return lambda cast, person: give_key(cast, supervisor(cast), person)[0]


@pytest.fixture
def visit(cast, given_out):
    """Two inspectors on a task with a spot check; the first has a stock phone that is up to date."""
    lead, second = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR)
    task = cast.task(lead, second)
    collect, key = given_out(lead)
    collect.updates()
    return SimpleNamespace(
        lead=lead, second=second, task=task, collect=collect, key=key, supervisor=supervisor(cast)
    )


@pytest.fixture
def returned_form(session):
    """A form that looks its task up in the list of the inspector's own."""
    checklists.publish(session, SYSTEM, TASKS_FORM.encode(), ".md")
    audit.seal(session)
    session.commit()
