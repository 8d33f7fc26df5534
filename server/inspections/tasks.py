"""Tasks: who is on them, who sees them and what belongs to them; see `opening` and `assigning`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from server import clock, feed
from server.access import Actor, Permission, Role, found_within, require, walked_within, within
from server.accounts.lateness import too_late
from server.accounts.models import Person
from server.accounts.organisations import find_organisation
from server.accounts.people import find_person
from server.conditions import Unindexed
from server.inspections.models import Assignment, Record, Task, TaskState
from server.problems import TaskClosed, TaskNotFound, TaskPeopleWrong
from server.registry import service as registry

LEAD, ASSISTING = "lead", "assisting"
STANDING = (TaskState.ASSIGNED.value, TaskState.OPEN.value)
_ASSIGNMENTS = (
    select(Assignment)
    .where(Assignment.task_id.in_(bindparam("ids", expanding=True)))
    .order_by(Assignment.role.desc(), Assignment.person_id)
)
_IN_THE_FIELD = {Role.INSPECTOR.value, Role.LEAD.value}


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
    query = select(Task).where(Task.id.in_(tasks_of(person_id)), Unindexed(Task.state).in_(STANDING))
    return session.scalars(query.order_by(Task.due_on, Task.id).limit(100)).all()


def open_tasks_of_organisation(session: Session, actor: Actor, organisation_id: UUID) -> Sequence[Task]:
    """List the tasks of an organisation that one looks after which are not done, by due date, at most a hundred."""
    find_organisation(session, actor, organisation_id)
    query = select(Task).where(Task.organisation_id == organisation_id, Task.state.in_(STANDING))
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


def record_ids(session: Session, task: Task) -> list[UUID]:
    """List the records of a task."""
    return list(session.scalars(select(Record.id).where(Record.task_id == task.id).order_by(Record.id)))


def _seen(task: Task, records: Iterable[UUID]) -> list[tuple[str, UUID]]:
    return [("task", task.id), ("object", task.object_id), *(("record", each) for each in records)]


def show(session: Session, task: Task, people: Iterable[UUID], records: Iterable[UUID]) -> None:
    """Let people see a task, its object and its records, because of the task."""
    seen = _seen(task, records)
    for person in sorted(people):
        for kind, entity in seen:
            feed.grant(session, feed.user(person), kind, entity, reason_of(task.id))


def hide(session: Session, task: Task, people: Iterable[UUID], records: Iterable[UUID], why: str) -> None:
    """Let people lose sight of a task and what belongs to it, unless they see it for another reason."""
    seen = _seen(task, records)
    for person in sorted(people):
        for kind, entity in seen:
            feed.revoke(session, feed.user(person), kind, entity, reason_of(task.id), why)


def roles_as_json(roles: Mapping[UUID, str]) -> dict[str, str]:
    """Write who is on a task, and as what, as the log does."""
    return {str(person): role for person, role in roles.items()}
