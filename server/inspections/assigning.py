"""Giving tasks to other people, taking them back. Each locks the task's row first (R1)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import SYSTEM, Actor, Permission, require
from server.audit import Acting
from server.inspections.models import Assignment, Task, TaskSection, TaskState
from server.inspections.tasks import (
    ASSISTING,
    LEAD,
    STANDING,
    assignments_of,
    check_people,
    hide,
    locked_task,
    record_ids,
    require_open,
    roles_as_json,
    show,
)
from server.problems import TaskJoint


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
    details = {"people": roles_as_json(roles), "left": left, "reason": reason}
    audit.append(session, actor, "task.reassigned", ("task", task.id), details)


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
    records = record_ids(session, task)
    hide(session, task, before - roles.keys(), records, "reassigned")
    show(session, task, roles.keys() - before, records)
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
    hide(session, task, people, record_ids(session, task), "withdrawn")
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
    if task.state not in STANDING or (left not in held and came in held):
        return
    roles = {person: each.role for person, each in held.items()}
    if left not in held:
        details = {"people": roles_as_json(roles), "left": [str(left)], "came": str(came), "reason": reason}
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
    query = select(Task.id).where(Task.draw_id == draw_id, Task.state.in_(STANDING))
    for task_id in session.scalars(query.order_by(Task.id)).all():
        _withdraw(session, SYSTEM, locked_task(session, task_id), reason)


def withdraw_unbegun(session: Session, task_id: UUID, reason: str) -> None:
    """Take back a task that nothing needs any more, unless something was recorded there already. Whoever ended what it was for was permitted."""
    task = locked_task(session, task_id)
    if task.state == TaskState.ASSIGNED.value:
        _withdraw(session, SYSTEM, task, reason)
