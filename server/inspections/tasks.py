"""Opening tasks, giving them to other people, taking them back. Each locks the task's row first (R1)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import SYSTEM, Actor, Permission, Role, found_within, require, walked_within, within
from server.accounts.lateness import too_late
from server.accounts.models import Person
from server.accounts.organisations import find_organisation
from server.accounts.people import find_person
from server.audit import Acting
from server.db import Unindexed
from server.draws.models import Draw, DrawnVisit
from server.inspections.models import Assignment, Record, Task, TaskSection, TaskState
from server.problems import TaskClosed, TaskJoint, TaskNotFound, TaskPeopleWrong
from server.registry import service as registry
from server.registry.models import InspectionItem, ItemMode

LEAD, ASSISTING = "lead", "assisting"
_STANDING = (TaskState.ASSIGNED.value, TaskState.OPEN.value)
_ASSIGNMENTS = (
    select(Assignment)
    .where(Assignment.task_id.in_(bindparam("ids", expanding=True)))
    .order_by(Assignment.role.desc(), Assignment.person_id)
)
_IN_THE_FIELD = {Role.INSPECTOR.value, Role.LEAD.value}


@dataclass(frozen=True)
class PlannedVisit:
    """A visit that was decided somewhere: who goes where, with which forms, until when.

    `drawn_visit_id` tells visits apart: the same one never opens two tasks. `mode` and `source` are the gate's words.
    """

    number: str
    name: str
    region: str
    organisation_id: UUID
    object_id: UUID
    forms: Sequence[str]
    item_codes: Sequence[str]
    lead_id: UUID
    assisting_ids: Sequence[UUID]
    opens_on: date
    due_on: date
    approval_no: str | None = None
    notice_no: str | None = None
    approved_on: date | None = None
    notice_served_on: date | None = None
    mode: str = "on_site"
    source: str | None = None
    draw_id: UUID | None = None
    drawn_visit_id: UUID | None = None
    planned_id: UUID | None = None


def open_tasks(session: Session, actor: Acting, draw_id: UUID) -> list[Task]:
    """Open a task for every visit of a published draw that has none yet. Whoever published it was permitted.

    A draw that was drawn anew meanwhile opens nothing.
    """
    draw = session.get_one(Draw, draw_id)
    if draw.superseded_at is not None:
        return []
    drawn = session.scalars(
        select(DrawnVisit).where(DrawnVisit.draw_id == draw_id).order_by(DrawnVisit.task_no, DrawnVisit.id)
    )
    visits = drawn.all()
    modes = modes_of(session, visits)
    return open_visits(session, actor, [_planned(draw, visit, modes[visit.id]) for visit in visits])


def modes_of(session: Session, visits: Collection[DrawnVisit]) -> dict[UUID, str]:
    """Say in which mode each of some drawn visits is made."""
    codes = {code for visit in visits for code in visit.item_codes}
    chosen = select(InspectionItem.code, InspectionItem.modes).where(InspectionItem.code.in_(codes))
    modes = {item.code: item.modes for item in session.execute(chosen)}
    return {visit.id: mode_of(modes.get(code, ()) for code in visit.item_codes) for visit in visits}


def mode_of(modes: Iterable[Collection[str]]) -> str:
    """Name the mode of a visit: the first that all its items allow, on site where they agree on none or say nothing."""
    said = [set(each) for each in modes if each]
    agreed = (mode.value for mode in ItemMode if all(mode.value in each for each in said))
    return next(agreed, ItemMode.ON_SITE.value)


def _planned(draw: Draw, visit: DrawnVisit, mode: str) -> PlannedVisit:
    people = [UUID(each) for each in visit.inspector_ids]
    return PlannedVisit(
        number=visit.task_no,
        name=visit.task_name,
        region=draw.region,
        organisation_id=draw.organisation_id,
        object_id=visit.object_id,
        forms=visit.forms,
        item_codes=visit.item_codes,
        lead_id=visit.lead_id,
        assisting_ids=[each for each in people if each != visit.lead_id],
        opens_on=visit.opens_on,
        due_on=visit.due_on,
        approval_no=visit.approval_no,
        notice_no=visit.notice_no,
        draw_id=draw.id,
        drawn_visit_id=visit.id,
        planned_id=draw.planned_id,
        mode=mode,
    )


def open_visits(session: Session, actor: Acting, visits: Iterable[PlannedVisit]) -> list[Task]:
    """Open tasks and show each, with its object, to the people on it. What is open already is left alone."""
    wanted = list(visits)
    ids = [visit.drawn_visit_id for visit in wanted if visit.drawn_visit_id]
    there = set(session.scalars(select(Task.drawn_visit_id).where(Task.drawn_visit_id.in_(ids))))
    return [_open(session, actor, visit) for visit in wanted if visit.drawn_visit_id not in there]


def open_further_visit(session: Session, actor: Actor, visit: PlannedVisit) -> Task:
    """Open a visit that no draw ordains, such as a revisit (回访); its people are checked as in `reassign`."""
    require(actor, Permission.TASK_ASSIGN, visit)
    check_people(session, actor, {visit.lead_id, *visit.assisting_ids})
    return _open(session, actor, visit)


def _open(session: Session, actor: Acting, visit: PlannedVisit) -> Task:
    task = Task(
        number=visit.number,
        name=visit.name,
        region=visit.region,
        organisation_id=visit.organisation_id,
        draw_id=visit.draw_id,
        drawn_visit_id=visit.drawn_visit_id,
        planned_id=visit.planned_id,
        object_id=visit.object_id,
        forms=list(visit.forms),
        item_codes=list(visit.item_codes),
        opens_on=visit.opens_on,
        due_on=visit.due_on,
        approval_no=visit.approval_no,
        notice_no=visit.notice_no,
        approved_on=visit.approved_on,
        notice_served_on=visit.notice_served_on,
        mode=visit.mode,
        source=visit.source,
        state=TaskState.ASSIGNED.value,
    )
    session.add(task)
    session.flush()
    roles = {visit.lead_id: LEAD} | {each: ASSISTING for each in visit.assisting_ids if each != visit.lead_id}
    session.add_all(Assignment(task_id=task.id, person_id=each, role=role) for each, role in roles.items())
    session.flush()
    _show(session, task, roles, ())
    audit.append(
        session,
        actor,
        "task.opened",
        ("task", task.id),
        {"number": task.number, "people": _told(roles)},
    )
    return task


def reassign(
    session: Session, actor: Actor, task_id: UUID, lead_id: UUID, assisting_ids: Sequence[UUID], reason: str
) -> Task:
    """Give a task to other people: those who leave lose sight of it, those who come see all of it.

    What the former bring afterwards is taken all the same, flagged as late.
    """
    task = locked_task(session, task_id)
    require(actor, Permission.TASK_ASSIGN, task)
    require_open(task)
    if session.scalar(select(TaskSection.id).where(TaskSection.task_id == task.id).limit(1)):
        raise TaskJoint()
    roles = {lead_id: LEAD} | {each: ASSISTING for each in assisting_ids if each != lead_id}
    check_people(session, actor, roles)
    _give(session, actor, task, roles, reason)
    return task


def _give(
    session: Session,
    actor: Acting,
    task: Task,
    roles: Mapping[UUID, str],
    reason: str,
    sections: Mapping[UUID, UUID] | None = None,
) -> None:
    before = exchange_people(session, task, roles, sections)
    left = sorted(str(person) for person in before - roles.keys())
    details = {"people": _told(roles), "left": left, "reason": reason}
    audit.append(session, actor, "task.reassigned", ("task", task.id), details)


def _told(roles: Mapping[UUID, str]) -> dict[str, str]:
    return {str(person): role for person, role in roles.items()}


def exchange_people(
    session: Session, task: Task, roles: Mapping[UUID, str], sections: Mapping[UUID, UUID] | None = None
) -> set[UUID]:
    """Put people on a task and take all others off it; each sees it, or loses sight of it. Return who was on it.

    `sections`: for which department each person inspects, in a joint visit.
    """
    held = {each.person_id: each for each in assignments_of(session, [task.id])}
    before = {person for person, each in held.items() if each.ended_at is None}
    for person, each in held.items():
        each.ended_at = None if person in roles else each.ended_at or clock.now()
        each.role = roles.get(person, each.role)
    added = {
        person: Assignment(task_id=task.id, person_id=person, role=role)
        for person, role in roles.items()
        if person not in held
    }
    for person in roles:
        (held | added)[person].section_id = (sections or {}).get(person)
    session.add_all(added.values())
    session.flush()
    records = _record_ids(session, task)
    _hide(session, task, before - roles.keys(), records, "reassigned")
    _show(session, task, roles.keys() - before, records)
    feed.touch(session, "task", task.id)
    return before


def withdraw_task(session: Session, actor: Actor, task_id: UUID, reason: str) -> Task:
    """Take a task back from everybody on it. Their work on it is still taken, flagged as late."""
    task = locked_task(session, task_id)
    require(actor, Permission.TASK_ASSIGN, task)
    require_open(task)
    _withdraw(session, actor, task, reason)
    return task


def _withdraw(session: Session, actor: Acting, task: Task, reason: str) -> None:
    task.state, task.closed_at = TaskState.WITHDRAWN.value, clock.now()
    session.flush()
    people = {each.person_id for each in assignments_of(session, [task.id]) if each.ended_at is None}
    _hide(session, task, people, _record_ids(session, task), "withdrawn")
    audit.append(session, actor, "task.withdrawn", ("task", task.id), {"reason": reason})


def follow_visit(session: Session, drawn_visit_id: UUID, left: UUID, came: UUID, reason: str) -> None:
    """Send whom the draw sends now in the place of whom it replaced; everybody else on the task stays.

    Where somebody had given that place to another already, with a reason, that stands, and the log tells of it.
    Whoever replaced was permitted. The draw has seen to certificates, and sends people of other bureaus who are lent.
    """
    task_id = session.scalar(select(Task.id).where(Task.drawn_visit_id == drawn_visit_id))
    if task_id is None:
        return
    task = locked_task(session, task_id)
    held = {each.person_id: each for each in assignments_of(session, [task.id]) if each.ended_at is None}
    if task.state not in _STANDING or (left not in held and came in held):
        return
    roles = {person: each.role for person, each in held.items()}
    if left not in held:
        details = {"people": _told(roles), "left": [str(left)], "came": str(came), "reason": reason}
        audit.append(session, SYSTEM, "task.kept", ("task", task.id), details)
        return
    sections = {person: each.section_id for person, each in held.items() if each.section_id}
    role, section_id = roles.pop(left), sections.pop(left, None)
    if role == LEAD or came not in roles:
        roles[came] = role
    if section_id:
        sections.setdefault(came, section_id)
        section = session.get_one(TaskSection, section_id)
        section.lead_id = came if section.lead_id == left else section.lead_id
    _give(session, SYSTEM, task, roles, reason, sections)


def withdraw_drawn(session: Session, draw_id: UUID, reason: str) -> None:
    """Take back the open tasks of a draw. Whoever drew anew was permitted."""
    query = select(Task.id).where(Task.draw_id == draw_id, Task.state.in_(_STANDING))
    for task_id in session.scalars(query.order_by(Task.id)).all():
        _withdraw(session, SYSTEM, locked_task(session, task_id), reason)


def locked_task(session: Session, task_id: UUID) -> Task:
    """Load a task and hold its row until the transaction ends."""
    task = session.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise TaskNotFound()
    return task


def tasks_of(person_id: UUID) -> Select[UUID]:
    """Select the ids of the tasks that a person is on."""
    return select(Assignment.task_id).where(Assignment.person_id == person_id, Assignment.ended_at.is_(None))


def open_tasks_of(session: Session, actor: Actor, person_id: UUID) -> Sequence[Task]:
    """List the tasks that wait for a person of the jurisdiction, by due date, at most a hundred."""
    find_person(session, actor, person_id, Permission.PERSON_MANAGE)
    # SQLite would rather go through all that are standing.
    query = select(Task).where(Task.id.in_(tasks_of(person_id)), Unindexed(Task.state).in_(_STANDING))
    return session.scalars(query.order_by(Task.due_on, Task.id).limit(100)).all()


def open_tasks_of_organisation(session: Session, actor: Actor, organisation_id: UUID) -> Sequence[Task]:
    """List the tasks of an organisation that one looks after which are not done, by due date, at most a hundred."""
    find_organisation(session, actor, organisation_id)
    query = select(Task).where(Task.organisation_id == organisation_id, Task.state.in_(_STANDING))
    return session.scalars(query.order_by(Task.due_on, Task.id).limit(100)).all()


def visible_tasks(actor: Actor, *, is_found: bool = False) -> Select[Task]:
    """Select the tasks an actor may see: those of the jurisdiction, or only those the actor is on.

    `is_found`: something else is asked for that has an index, such as their number or object.
    """
    require(actor, Permission.TASK_READ)
    if actor.sees_region(Permission.TASK_READ):
        return select(Task).where((found_within if is_found else walked_within)(actor, Task.region))
    return select(Task).where(Task.id.in_(tasks_of(actor.person_id)))


def visible_task(session: Session, actor: Actor, task_id: UUID) -> Task:
    """Load a task the actor may see; what is hidden looks like what is not there."""
    task = session.scalar(visible_tasks(actor).where(Task.id == task_id))
    if task is None:
        raise TaskNotFound()
    return task


def assignments_of(session: Session, task_ids: Collection[UUID]) -> list[Assignment]:
    """List who is or was on some tasks, the lead first."""
    return list(session.scalars(_ASSIGNMENTS, {"ids": list(task_ids)}))


def lead_of(assignments: Iterable[Assignment]) -> UUID | None:
    """Say who leads a visit (主检) now, of all who are or were on it."""
    return next((each.person_id for each in assignments if each.role == LEAD and each.ended_at is None), None)


def reason_of(task_id: UUID) -> str:
    """Name the reason for which people on a task see what belongs to it."""
    return f"task:{task_id}"


def require_open(task: Task) -> None:
    """Refuse what is for tasks that people still work on."""
    if task.state in {TaskState.DONE, TaskState.WITHDRAWN}:
        raise too_late(TaskClosed, task, "task", state=task.state)


def check_people(session: Session, actor: Actor, roles: Collection[UUID]) -> None:
    """Two or more (《行政处罚法》第四十二条), in the field, of one's jurisdiction or lent there, certified today."""
    here = or_(within(actor, Person.region), Person.id.in_(registry.lent_within(actor, clock.today())))
    query = select(Person).where(Person.id.in_(roles), Person.active, here)
    certified = registry.valid_certificates(session, roles, clock.today())
    fit = {
        person.id
        for person in session.scalars(query)
        if person.id in certified and _IN_THE_FIELD & set(person.roles)
    }
    if len(roles) < 2 or len(fit) < len(roles):
        raise TaskPeopleWrong(unfit=sorted(str(person) for person in set(roles) - fit))


def _record_ids(session: Session, task: Task) -> list[UUID]:
    return list(session.scalars(select(Record.id).where(Record.task_id == task.id).order_by(Record.id)))


def _seen(task: Task, records: Iterable[UUID]) -> list[tuple[str, UUID]]:
    return [("task", task.id), ("object", task.object_id), *(("record", each) for each in records)]


def _show(session: Session, task: Task, people: Iterable[UUID], records: Iterable[UUID]) -> None:
    seen = _seen(task, records)
    for person in sorted(people):
        for kind, entity in seen:
            feed.grant(session, feed.user(person), kind, entity, reason_of(task.id))


def _hide(session: Session, task: Task, people: Iterable[UUID], records: Iterable[UUID], why: str) -> None:
    seen = _seen(task, records)
    for person in sorted(people):
        for kind, entity in seen:
            feed.revoke(session, feed.user(person), kind, entity, reason_of(task.id), why)
