"""What a form is used for: the tasks that are running, the people on them, and the phones they hold."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require, within
from server.accounts.models import Device
from server.inspections.models import Assignment, Task, TaskState
from server.inspections.tasks import tasks_of

_RUNNING = (TaskState.ASSIGNED.value, TaskState.OPEN.value)


@dataclass(frozen=True)
class Usage:
    """Running tasks of a form in numbers: not begun and begun, the inspectors on them, and their devices."""

    assigned: int
    open: int
    people: int
    phones: int


def asks_for(form_id: str) -> ColumnElement[bool]:
    """Choose the tasks that a form is filled in for."""
    return cast(Task.forms, String).contains(f'"{form_id}"', autoescape=True)


def usage_of_form(session: Session, actor: Actor, form_id: str) -> Usage:
    """Count, within the jurisdiction, what a new version of a form reaches (an inspector: of one's own tasks)."""
    require(actor, Permission.FORM_READ)
    seen = (
        within(actor, Task.region)
        if actor.sees_region(Permission.FORM_READ)
        else Task.id.in_(tasks_of(actor.person_id))
    )
    running = (seen, Task.state.in_(_RUNNING), asks_for(form_id))
    states = session.execute(
        select(Task.state, func.count().label("tasks")).where(*running).group_by(Task.state)
    )
    counts = {row.state: int(row.tasks) for row in states}
    people = (
        select(Assignment.person_id)
        .join(Task, Task.id == Assignment.task_id)
        .where(Assignment.ended_at.is_(None), *running)
    )
    holding = (Device.person_id.in_(people), Device.blocked_at.is_(None))
    return Usage(
        assigned=counts.get(TaskState.ASSIGNED.value, 0),
        open=counts.get(TaskState.OPEN.value, 0),
        people=session.scalar(select(func.count(func.distinct(people.subquery().c.person_id)))) or 0,
        phones=session.scalar(select(func.count(func.distinct(Device.id))).where(*holding)) or 0,
    )
