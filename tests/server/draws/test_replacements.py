"""What follows in a task when the draw replaces somebody, beside what people decided there."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from server import audit
from server.access import Role
from server.accounts.models import Person
from server.audit import AuditEntry
from server.draws.models import DrawnVisit
from server.inspections.models import Assignment, Record, Task, TaskSection
from tests.actors.supervisor import phones, submitted, supervisor
from tests.server.draws.drawing import COUNTY, certify, place, react


@pytest.fixture
def here(cast):
    return place(cast)


def task_of(cast, pair):
    with cast.app.readers() as session:
        return session.scalars(select(Task.id).where(Task.object_id == UUID(pair["object_id"]))).one()


def assign_by_hand(cast, here, task, *stay):
    """Give a task to who stays, the lead first, and somebody who was never in the draw."""
    other = cast.person(Role.INSPECTOR, Role.LEAD)
    with audit.transaction(cast.app.sessions) as session:
        certify(session, "140599", [other])
    lead, *assisting = *stay, str(other.person_id)
    body = {"lead": lead, "assisting": assisting, "reason": "熟悉该矿"}
    here.planner.post(f"/api/v1/tasks/{task}/reassign", body)
    return str(other.person_id)


def assigned(cast, task):
    """Who is on a task now, with their roles and departments."""
    with cast.app.readers() as session:
        rows = session.scalars(
            select(Assignment).where(Assignment.task_id == task, Assignment.ended_at.is_(None))
        )
        return {str(each.person_id): (each.role, each.section_id) for each in rows}


def replace_in(cast, here, ceremony, pair, person):
    body = {"object_id": pair["object_id"], "person_id": person, "cause": "unavailable", "reason": "骨折住院"}
    here.step(ceremony, "replace", body)
    react(cast, "inspector.replaced")
    [now] = [
        each
        for each in here.planner.get(f"/api/v1/ceremonies/{ceremony['id']}")["pairs"]
        if each["object_id"] == pair["object_id"]
    ]
    return now


def test_whom_somebody_assigned_stays_when_the_draw_replaces_another(cast, here):
    ceremony = here.draws()
    react(cast, "draw.published")
    pair = ceremony["pairs"][0]
    ((team, (lead, second)),) = pair["teams"].items()
    task = task_of(cast, pair)
    other = assign_by_hand(cast, here, task, second)

    now = replace_in(cast, here, ceremony, pair, second)

    assert now["teams"][team] == [lead, came := now["teams"][team][1]]
    assert assigned(cast, task) == {came: ("lead", None), other: ("assisting", None)}


def test_whom_somebody_took_off_a_task_is_not_replaced_there_and_the_log_says_so(cast, here):
    ceremony = here.draws()
    react(cast, "draw.published")
    pair = ceremony["pairs"][0]
    ((team, (lead, second)),) = pair["teams"].items()
    task = task_of(cast, pair)
    other = assign_by_hand(cast, here, task, lead)

    now = replace_in(cast, here, ceremony, pair, second)

    assert assigned(cast, task) == {lead: ("lead", None), other: ("assisting", None)}
    with cast.app.readers() as session:
        [kept] = session.scalars(select(AuditEntry).where(AuditEntry.action == "task.kept"))
    assert (kept.subject, kept.details["left"], kept.details["came"]) == (
        str(task), [second], now["teams"][team][1],
    )  # fmt: skip


def test_a_replaced_inspector_of_a_joint_visit_is_followed_in_the_own_department(cast, here):
    energy = cast.organisation(COUNTY, "阳城县能源局")
    people = [cast.person(Role.INSPECTOR, Role.LEAD) for _ in range(3)]
    with audit.transaction(cast.app.sessions) as session:
        for each in people:
            session.get_one(Person, each.person_id).organisation_id = energy.id
        certify(session, "140599", people)
    bureau = here.objects[0].organisation_id
    ceremony = here.draws({"departments": [str(bureau), str(energy.id)]})
    react(cast, "draw.published")
    pair = ceremony["pairs"][0]
    task = task_of(cast, pair)
    own, other = pair["teams"]["阳城县自然资源局"], pair["teams"]["阳城县能源局"]
    with audit.transaction(cast.app.sessions) as session:
        parts = [
            TaskSection(
                task_id=task, organisation_id=each, lead_id=UUID(them[0]), position=place,
                item_codes=["MINE_OVERSTEP"], forms=[], due_on=date(2026, 3, 31),
            )
            for place, (each, them) in enumerate(((bureau, own), (energy.id, other)))
        ]  # fmt: skip
        session.add_all(parts)
        session.flush()
        sections = [each.id for each in parts]
        for section, them in zip(sections, (own, other), strict=True):
            for person in them:
                session.get_one(Assignment, (task, UUID(person))).section_id = section

    now = replace_in(cast, here, ceremony, pair, other[0])

    came = now["teams"]["阳城县能源局"][0]
    assert assigned(cast, task) == {
        own[0]: ("lead", sections[0]),
        own[1]: ("assisting", sections[0]),
        came: ("assisting", sections[1]),
        other[1]: ("assisting", sections[1]),
    }
    with cast.app.readers() as session:
        assert [session.get_one(TaskSection, each).lead_id for each in sections] == [UUID(own[0]), UUID(came)]


def test_nobody_is_replaced_in_a_visit_that_is_done(cast, here):
    ceremony = here.draws()
    pair = ceremony["pairs"][0]
    ((_, (_, second)),) = pair["teams"].items()
    record = submitted(cast, *phones(cast, 2, Role.LEAD))
    with audit.transaction(cast.app.sessions) as session:
        visit = session.scalars(
            select(DrawnVisit).where(DrawnVisit.object_id == UUID(pair["object_id"]))
        ).one()
        task = session.get_one(Task, session.get_one(Record, record).task_id)
        task.drawn_visit_id = visit.id
    supervisor(cast).accepts(record)

    body = {"object_id": pair["object_id"], "person_id": second, "cause": "unavailable", "reason": "骨折住院"}
    assert here.step(ceremony, "replace", body, expect=409)["code"] == "replacement.visited"

    assert here.holds(ceremony)["replacements"] == []
    other = ceremony["pairs"][1]
    ((_, (_, second)),) = other["teams"].items()
    here.step(ceremony, "replace", body | {"object_id": other["object_id"], "person_id": second})
