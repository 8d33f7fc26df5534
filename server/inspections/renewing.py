"""Showing tasks again when what the house knows beside them has changed.

Tasks carry it for the forms (`prefill`) and for the people on them (`inspectors`). Those that are done or withdrawn
stay as they are.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from server import audit, feed
from server.accounts.models import Person
from server.audit import Acting
from server.inspections.models import CLOSED, Assignment, Task, TaskSection
from server.inspections.tasks import tasks_of
from server.planning.models import PlannedInspection


def renew_tasks(session: Session, actor: Acting, object_id: UUID) -> None:
    """Show the tasks of an object again: the register, or a visit that was finished, tells something else of it."""
    _renew(session, actor, Task.object_id == object_id, ("object", object_id))


def renew_tasks_of(session: Session, actor: Acting, person_id: UUID) -> None:
    """Show the tasks that a person is on again: the name, the unit or the certificate is another one."""
    _renew(session, actor, Task.id.in_(tasks_of(person_id)), ("person", person_id))


def renew_tasks_of_organisation(session: Session, actor: Acting, organisation_id: UUID) -> None:
    """Show the tasks of a bureau, of its section in a joint visit, and of its people again: its name, place or rules are others."""
    its_people = select(Person.id).where(Person.organisation_id == organisation_id)
    on = select(Assignment.task_id).where(Assignment.person_id.in_(its_people), Assignment.ended_at.is_(None))
    sections = select(TaskSection.task_id).where(TaskSection.organisation_id == organisation_id)
    which = or_(Task.organisation_id == organisation_id, Task.id.in_(on), Task.id.in_(sections))
    _renew(session, actor, which, ("organisation", organisation_id))


def renew_tasks_of_plan(session: Session, actor: Acting, plan_id: UUID) -> None:
    """Show the tasks of a plan again: what the gate says of it has changed."""
    rows = select(PlannedInspection.id).where(PlannedInspection.plan_id == plan_id)
    _renew(session, actor, Task.planned_id.in_(rows), ("plan", plan_id))


def _renew(session: Session, actor: Acting, which: ColumnElement[bool], about: tuple[str, UUID]) -> None:
    ids = session.scalars(select(Task.id).where(which, Task.state.not_in(CLOSED)).order_by(Task.id)).all()
    for task_id in ids:
        feed.touch(session, "task", task_id)
    if ids:
        audit.append(session, actor, "tasks.renewed", about, {"tasks": [str(each) for each in ids]})
