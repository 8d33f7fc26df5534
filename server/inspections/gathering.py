"""What the house holds about some tasks, as rows: statements that are made once, and columns instead of objects.

Dozens of tasks come with a pull, and nothing is done with these rows but to write them down. Making a statement or
an object costs several times what reading a row costs. A row has columns of its table by their names, those that are
needed for a task.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from server.checklists.models import FormVersion
from server.clock import CHINA
from server.db import Among, Several, Unindexed
from server.inspections.models import Record, Revision, Task, TaskState
from server.planning.models import Plan, PlannedInspection
from server.registry.models import BoundaryMarker, InspectedObject, Licence

_TASK, _RECORD, _REVISION = Task.__table__.c, Record.__table__.c, Revision.__table__.c
_OBJECT, _LICENCE, _MARKER = InspectedObject.__table__.c, Licence.__table__.c, BoundaryMarker.__table__.c
_PLANNED, _PLAN, _FORM = PlannedInspection.__table__.c, Plan.__table__.c, FormVersion.__table__.c


def among(column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Choose the rows that `read` asks for: a column is one of the ids, or of what else is given by that name."""
    return Among(column, bindparam(name, type_=Several(column.type)))


def _without(columns: Iterable[ColumnElement[Any]], *names: str) -> list[ColumnElement[Any]]:
    """Leave out columns that are dear to read and that nobody here looks at."""
    return [column for column in columns if column.key not in names]


_TASKS = select(*_TASK).where(among(_TASK.id))
_VISITS = (
    select(func.count())
    .where(
        # By object: SQLite would rather go through all that are done.
        _TASK.object_id == _OBJECT.id,
        Unindexed(_TASK.state) == TaskState.DONE.value,
        _TASK.closed_at >= bindparam("begin"),
    )
    .scalar_subquery()
)
_OBJECTS = select(
    *_without(_OBJECT, "region", "organisation_id", "tags", "active"), _VISITS.label("visits")
).where(among(_OBJECT.id))
_LICENCES = (
    select(*_without(_LICENCE, "findings"))
    .where(among(_LICENCE.object_id), _LICENCE.ended_on.is_(None))
    .order_by(_LICENCE.licence_no)
)
_MARKERS = select(*_without(_MARKER, "id")).where(among(_MARKER.licence_id)).order_by(_MARKER.marker_no)
_PLANS = (
    select(
        *(_PLANNED.id, _PLANNED.plan_no, _PLANNED.windows, _PLAN.number, _PLAN.published_at, _PLAN.filed_at)
    )
    .join_from(PlannedInspection.__table__, Plan.__table__, _PLAN.id == _PLANNED.plan_id)
    .where(among(_PLANNED.id))
)
_VERSIONS = (
    select(_FORM.form_id, _FORM.version, _FORM.restricted, _FORM.retired_at)
    .where(among(_FORM.form_id))
    .order_by(_FORM.published_at)
)


def _last_visits() -> Select[Any]:
    newest_first = (_RECORD.finished_at.desc(), _RECORD.final_rev.desc())
    visits = (
        select(
            *(_TASK.object_id, _RECORD.finished_at, _RECORD.final_rev),
            func.row_number().over(partition_by=_TASK.object_id, order_by=newest_first).label("place"),
        )
        .join_from(Task.__table__, Record.__table__, _RECORD.task_id == _TASK.id)
        .where(among(_TASK.object_id), _RECORD.final_rev.is_not(None), _RECORD.finished_at.is_not(None))
        .subquery()
    )
    return (
        select(visits.c.object_id, visits.c.finished_at, _REVISION.answers)
        .join_from(visits, Revision.__table__, _REVISION.rev == visits.c.final_rev)
        .where(visits.c.place == 1)
    )


_LAST_VISITS = _last_visits()


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


def beside(session: Session, tasks: Collection[Task], day: date, *, with_forms: bool = True) -> Beside:
    """Read what stands beside tasks, once for all that ask about it; `with_forms`: which versions there are, too."""
    objects = {task.object_id for task in tasks}
    versions = read(session, _VERSIONS, {form for task in tasks for form in task.forms} if with_forms else ())
    found = read(session, _OBJECTS, objects, begin=datetime(day.year, 1, 1, tzinfo=CHINA))
    return Beside(
        day=day,
        objects={each.id: each for each in found},
        plans={row.id: row for row in read(session, _PLANS, {t.planned_id for t in tasks if t.planned_id})},
        versions={row.form_id: row.version for row in versions if row.retired_at is None},
        restricted=frozenset(row.form_id for row in versions if row.restricted),
        visits={row.id: row.visits for row in found},
    )


def tasks_of(session: Session, ids: Collection[UUID]) -> Sequence[Task]:
    """Read tasks by id."""
    return cast("Sequence[Task]", read(session, _TASKS, ids))


def licences_of(session: Session, objects: Collection[UUID]) -> Sequence[Licence]:
    """Read the licences of objects that nobody ended, by their numbers."""
    return cast("Sequence[Licence]", read(session, _LICENCES, objects))


def markers_of(session: Session, licences: Collection[UUID]) -> Sequence[BoundaryMarker]:
    """Read the markers of licences by their numbers."""
    return cast("Sequence[BoundaryMarker]", read(session, _MARKERS, licences))


def last_visits_of(session: Session, objects: Collection[UUID]) -> Sequence[Any]:
    """Read each object's last finished record: `object_id finished_at answers`."""
    return read(session, _LAST_VISITS, objects)


def read(
    session: Session, statement: Select[*tuple[Any, ...]], ids: Collection[Any], **more: Any
) -> Sequence[Any]:
    """Run a statement about some ids; nothing is asked about none."""
    if not ids:
        return ()
    session.flush()  # what this transaction has written is seen, as by a query for objects
    return session.connection().execute(statement, {"ids": list(ids), **more}).all()
