"""A joint visit on stock phones: each inspector's list tells the part of the own department, and no other's."""

from datetime import timedelta

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import Person
from server.inspections.models import Record, Revision
from server.registry.models import InspectionItem
from tests.actors.phone import certify
from tests.actors.supervisor import supervisor
from tests.server.openrosa.test_contract import one, rows

ITEMS = ("MINE_OVERSTEP", "BOUNDARY_MARKER")
CLOSES = clock.today() + timedelta(days=9)


@pytest.fixture
def crew(cast, app, given_out, returned_form):
    """A visit of two bureaus with two people each, and the stock phones of both leads: `(task, phones)`."""
    bureaus = [cast.organisation(), cast.organisation(name="阳城县能源局")]
    people = [cast.person(Role.INSPECTOR) for _ in range(4)]
    certify(app, *people)
    with audit.transaction(app.sessions) as session:
        for each in people[2:]:
            session.get_one(Person, each.person_id).organisation_id = bureaus[1].id
        for code in ITEMS:
            if session.get(InspectionItem, code) is None:
                session.add(
                    InspectionItem(
                        code=code, name=code, form_id="task_check", basis="", content="", aliases=[]
                    )
                )
            else:
                session.get_one(InspectionItem, code).form_id = "task_check"
    task = cast.task(*people[:2], forms=["task_check"], item_codes=list(ITEMS))
    parts = [
        {"organisation": str(bureau.id), "people": [str(each.person_id) for each in its], "items": [item]}
        for bureau, its, item in zip(bureaus, (people[:2], people[2:]), ITEMS, strict=True)
    ]
    parts[1]["due_on"] = CLOSES.isoformat()
    cast.signed_in(Role.PLANNER).put(f"/api/v1/tasks/{task}/departments", {"departments": parts}, expect=200)
    return str(task), [given_out(people[0])[0].updates(), given_out(people[2])[0].updates()]


def test_each_department_is_told_its_own_bureau_items_people_and_closing_day(crew):
    task, collects = crew

    told = [collect.tasks()[task] for collect in collects]

    assert [row["org"] for row in told] == ["阳城县自然资源局", "阳城县能源局"]
    assert [row["items"] for row in told] == list(ITEMS)
    assert told[0]["inspector1_name"] != told[1]["inspector1_name"]
    assert told[1]["due"] == CLOSES.isoformat() != told[0]["due"]


def test_a_fresh_record_stands_for_what_was_returned_to_its_own_department(crew, cast, session):
    task, collects = crew
    boss = supervisor(cast)
    answers = {"/data/task/task_ref": task, "/data/note": "完好"}
    for collect in collects:
        collect.fills("task_check", answers)
        collect.sends()
    for record in rows(session, Record):
        boss.returns(record.id, {"/data/note": "写明桩号"})

    for collect in reversed(collects):
        collect.updates().fills("task_check", answers | {"/data/note": "J1 完好"})
        collect.sends()

    assert boss.quarantine() == []
    for record in rows(session, Record):
        assert record.state == "under_review"
        assert session.get(Revision, one(record.heads)).author_id == record.author_id
