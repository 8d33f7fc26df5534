"""What was returned of a visit is told in one row of its list: a record of another form is none of it."""

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from server.inspections.models import Record, Revision
from server.openrosa.models import Submission
from tests.actors.supervisor import supervisor
from tests.server.openrosa.conftest import TASKS_FORM
from tests.server.openrosa.test_contract import one, revisions, rows
from tests.server.openrosa.test_submissions import adopt, silence_ends

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


def test_a_fresh_record_stands_for_what_was_returned_and_not_for_what_was_corrected_since(
    cast, given_out, session, returned_form
):
    person, native, boss = cast.person(Role.INSPECTOR), cast.phone(), supervisor(cast)
    task = cast.task(native, person, forms=["task_check"])
    native.syncs()
    collect, _ = given_out(person)
    collect.updates()
    answers = {"/data/task/task_ref": str(task), "/data/note": "完好"}
    collect.fills("task_check", answers)
    collect.sends()
    record = one(rows(session, Record))
    boss.returns(record.id, {"/data/note": "写明桩号"})
    native.syncs()
    blob = native.record(record.id)["heads"][0].removeprefix("sha256:")
    adopt(native, record, native.call("GET", f"/api/v1/sync/blobs/{blob}"), task)
    native.corrects(record.id, {"/data/note": "J1 完好"})
    native.syncs()
    boss.returns(record.id, {"/data/note": "还要说明"})
    collect.updates()

    collect.fills("task_check", answers | {"/data/note": "J1 完好，J2 缺失"})
    late = collect.fills("task_check", answers | {"/data/note": "又一份"})
    collect.sends()

    record = one(rows(session, Record))
    assert (record.state, len(record.heads)) == ("under_review", 1)
    head = session.get(Revision, record.heads[0])
    [parent] = head.parents
    assert ("J2" in head.data.decode(), session.get(Revision, parent).author_id) == (True, native.person_id)
    assert "已被更新的版本取代" in late.message
