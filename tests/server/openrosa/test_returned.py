"""What was returned of a visit is told in one row of its list: a record of another form is none of it."""

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from server.inspections.models import Record
from server.openrosa.models import Submission
from tests.actors.supervisor import supervisor
from tests.server.openrosa.conftest import TASKS_FORM
from tests.server.openrosa.test_contract import one, revisions, rows
from tests.server.openrosa.test_submissions import silence_ends

FORMS = ("task_check", "second_check", "third_check")


@pytest.fixture
def several(session, returned_form):
    """Further forms that look their task up in the same list."""
    for name in FORMS[1:]:
        checklists.publish(session, SYSTEM, TASKS_FORM.replace(FORMS[0], name).encode(), ".md")
    audit.seal(session)
    session.commit()


@pytest.mark.parametrize("returned", [FORMS[:1], FORMS[:2]], ids=["one", "two"])
def test_a_record_of_another_form_begins_one_of_its_own_while_others_are_returned(
    cast, given_out, app, session, several, returned
):
    lead, boss = cast.person(Role.INSPECTOR), supervisor(cast)
    task = cast.task(lead, cast.person(Role.INSPECTOR), forms=list(FORMS))
    collect, _ = given_out(lead)
    collect.updates()
    answers = {"/data/task/task_ref": str(task), "/data/note": "完好"}
    for form in returned:
        collect.fills(form, answers)
    collect.sends()
    for record in rows(session, Record):
        boss.returns(record.id, {"/data/note": "写明桩号"})
    collect.updates()

    last = collect.fills(FORMS[2], answers)
    assert collect.tasks()[str(task)]["returned_instance"].encode() in last.xml
    collect.sends()

    assert boss.quarantine() == []
    assert {record.form_id for record in rows(session, Record)} == {*returned, FORMS[2]}
    assert one(rows(session, Submission, Submission.form_id == FORMS[2])).base is None
    made = len(revisions(session))
    assert silence_ends(app) == 0
    assert len(revisions(session)) == made

    again = collect.fills(returned[-1], answers)
    collect.sends()
    assert one(rows(session, Submission, Submission.instance_id == again.instance_id)).base is not None
    assert len(rows(session, Record)) == len(returned) + 1
