"""What the house holds about some tasks, as rows: statements that are made once, and columns instead of objects.

Dozens of tasks come with a pull, and nothing is done with these rows but to write them down. Making a statement or
an object costs several times what reading a row costs. A row has columns of its table by their names, those that are
needed for a task.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.checklists.models import FormVersion
from server.clock import CHINA
from server.db import Unindexed
from server.inspections.models import Assignment, Record, Revision, Task, TaskSection, TaskState
from server.planning.models import Plan, PlannedInspection
from server.registry.models import BoundaryMarker, Certificate, InspectedObject, Licence

_TASK, _RECORD, _REVISION = Task.__table__.c, Record.__table__.c, Revision.__table__.c
_SECTION = TaskSection.__table__.c
_ASSIGNMENT, _PERSON = Assignment.__table__.c, Person.__table__.c
_CERTIFICATE, _ORGANISATION = Certificate.__table__.c, Organisation.__table__.c
_OBJECT, _LICENCE, _MARKER = InspectedObject.__table__.c, Licence.__table__.c, BoundaryMarker.__table__.c
_PLANNED, _PLAN, _FORM = PlannedInspection.__table__.c, Plan.__table__.c, FormVersion.__table__.c


def _among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


def _without(columns: Iterable[ColumnElement[Any]], *names: str) -> list[ColumnElement[Any]]:
    """Leave out columns that are dear to read and that nobody here looks at."""
    return [column for column in columns if column.key not in names]


_TASKS = select(*_TASK).where(_among(_TASK.id))
_ASSIGNED = (
    select(*_ASSIGNMENT)
    .where(_among(_ASSIGNMENT.task_id), _ASSIGNMENT.ended_at.is_(None))
    .order_by(_ASSIGNMENT.role.desc(), _ASSIGNMENT.person_id)
)
_SECTIONS = select(*_SECTION).where(_among(_SECTION.task_id)).order_by(_SECTION.task_id, _SECTION.position)
_PERSONS = select(_PERSON.id, _PERSON.name, _PERSON.active, _PERSON.organisation_id, _PERSON.region).where(
    _among(_PERSON.id)
)
_CERTIFICATES = (
    select(_CERTIFICATE.person_id, _CERTIFICATE.number, _CERTIFICATE.valid_to)
    .where(
        _among(_CERTIFICATE.person_id),
        _CERTIFICATE.valid_from <= bindparam("day"),
        _CERTIFICATE.valid_to >= bindparam("day"),
    )
    .order_by(_CERTIFICATE.valid_to, _CERTIFICATE.number)
)
_ORGANISATIONS = select(_ORGANISATION.id, _ORGANISATION.name, _ORGANISATION.rules).where(
    _among(_ORGANISATION.id)
)
_OBJECTS = select(*_without(_OBJECT, "region", "organisation_id", "tags", "active")).where(_among(_OBJECT.id))
_LICENCES = (
    select(*_without(_LICENCE, "findings"))
    .where(_among(_LICENCE.object_id), _LICENCE.ended_on.is_(None))
    .order_by(_LICENCE.licence_no)
)
_MARKERS = select(*_without(_MARKER, "id")).where(_among(_MARKER.licence_id)).order_by(_MARKER.marker_no)
_PLANS = (
    select(
        *(_PLANNED.id, _PLANNED.plan_no, _PLANNED.windows, _PLAN.number, _PLAN.published_at, _PLAN.filed_at)
    )
    .join_from(PlannedInspection.__table__, Plan.__table__, _PLAN.id == _PLANNED.plan_id)
    .where(_among(_PLANNED.id))
)
_VERSIONS = (
    select(_FORM.form_id, _FORM.version, _FORM.restricted, _FORM.retired_at)
    .where(_among(_FORM.form_id))
    .order_by(_FORM.published_at)
)


def _last_visits() -> Select[Any]:
    on_task = _RECORD.task_id == _TASK.id
    newest = (
        select(_TASK.object_id, func.max(_RECORD.finished_at).label("finished_at"))
        .join_from(Task.__table__, Record.__table__, on_task)
        .where(_among(_TASK.object_id), _RECORD.final_rev.is_not(None))
        .group_by(_TASK.object_id)
        .subquery()
    )
    its = (newest.c.object_id == _TASK.object_id) & (newest.c.finished_at == _RECORD.finished_at)
    return (
        select(_TASK.object_id, _RECORD.finished_at, _REVISION.answers)
        .join_from(Task.__table__, Record.__table__, on_task)
        .join(newest, its)
        .join(Revision.__table__, _REVISION.rev == _RECORD.final_rev)
    )


_LAST_VISITS = _last_visits()
_VISITS = (
    select(_TASK.object_id, func.count().label("visits"))
    .where(
        # By object: SQLite would rather go through all that are done.
        _among(_TASK.object_id),
        Unindexed(_TASK.state) == TaskState.DONE.value,
        _TASK.closed_at >= bindparam("begin"),
    )
    .group_by(_TASK.object_id)
)


@dataclass(frozen=True)
class Beside:
    """What more than one part of a task's body asks about, as rows by id: objects, plans, forms and visits.

    `versions`: of each form the newest that is not retired; `restricted`: forms of which any version is; `visits`: how
    many of each object were finished in the year of `day`, up to now.
    """

    day: date
    objects: Mapping[UUID, InspectedObject]
    plans: Mapping[UUID, Any]
    versions: Mapping[str, str]
    restricted: frozenset[str]
    visits: Mapping[UUID, int]


def beside(session: Session, tasks: Collection[Task], day: date) -> Beside:
    """Read what stands beside tasks, once for all that ask about it."""
    objects = {task.object_id for task in tasks}
    versions = _read(session, _VERSIONS, {form for task in tasks for form in task.forms})
    found = cast("Sequence[InspectedObject]", _read(session, _OBJECTS, objects))
    counted = _read(session, _VISITS, objects, begin=datetime(day.year, 1, 1, tzinfo=CHINA))
    return Beside(
        day=day,
        objects={each.id: each for each in found},
        plans={row.id: row for row in _read(session, _PLANS, {t.planned_id for t in tasks if t.planned_id})},
        versions={row.form_id: row.version for row in versions if row.retired_at is None},
        restricted=frozenset(row.form_id for row in versions if row.restricted),
        visits={row.object_id: row.visits for row in counted},
    )


def tasks_of(session: Session, ids: Collection[UUID]) -> Sequence[Task]:
    """Read tasks by id."""
    return cast("Sequence[Task]", _read(session, _TASKS, ids))


def assigned_now(session: Session, tasks: Collection[UUID]) -> Sequence[Assignment]:
    """Read who is on tasks now, the lead of each first."""
    return cast("Sequence[Assignment]", _read(session, _ASSIGNED, tasks))


def sections_by_task(session: Session, tasks: Collection[UUID]) -> Mapping[UUID, Sequence[TaskSection]]:
    """Read the departments of those tasks that are joint visits, the leading one of each first."""
    found: dict[UUID, list[TaskSection]] = defaultdict(list)
    for section in cast("Sequence[TaskSection]", _read(session, _SECTIONS, tasks)):
        found[section.task_id].append(section)
    return found


def persons_of(session: Session, ids: Collection[UUID]) -> Sequence[Person]:
    """Read what is told of people: `id name active organisation_id region`."""
    return cast("Sequence[Person]", _read(session, _PERSONS, ids))


def certificates_of(session: Session, people: Collection[UUID], on: date) -> Sequence[Certificate]:
    """Read the certificates that are valid on a day, the one that lasts longest last."""
    return cast("Sequence[Certificate]", _read(session, _CERTIFICATES, people, day=on))


def organisations_of(session: Session, ids: Collection[UUID]) -> Sequence[Organisation]:
    """Read what is told of organisations: `id name rules`."""
    return cast("Sequence[Organisation]", _read(session, _ORGANISATIONS, ids))


def licences_of(session: Session, objects: Collection[UUID]) -> Sequence[Licence]:
    """Read the licences of objects that nobody ended, by their numbers."""
    return cast("Sequence[Licence]", _read(session, _LICENCES, objects))


def markers_of(session: Session, licences: Collection[UUID]) -> Sequence[BoundaryMarker]:
    """Read the markers of licences by their numbers."""
    return cast("Sequence[BoundaryMarker]", _read(session, _MARKERS, licences))


def last_visits_of(session: Session, objects: Collection[UUID]) -> Sequence[Any]:
    """Read each object's last finished record: `object_id finished_at answers`."""
    return _read(session, _LAST_VISITS, objects)


def _read(session: Session, statement: Select[Any], ids: Collection[Any], **more: Any) -> Sequence[Any]:
    """Run a statement about some ids; nothing is asked about none."""
    if not ids:
        return ()
    session.flush()  # what this transaction has written is seen, as by a query for objects
    return session.connection().execute(statement, {"ids": list(ids), **more}).all()
