"""What the house holds about some tasks, as rows: statements that are made once, and columns instead of objects.

Dozens of tasks come with a pull, and nothing is done with these rows but to write them down. Making a statement or
an object costs several times what reading a row costs. A row has columns of its table by their names, those that are
needed for a task.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from server.bundles import Bundle, Found, Unforeseen, unforeseen
from server.checklists.models import FormVersion
from server.clock import CHINA
from server.conditions import Among, Several, Unindexed
from server.db import UtcDateTime
from server.inspections.models import Record, Revision, Task, TaskState
from server.planning.models import Plan, PlannedInspection
from server.registry.models import BoundaryMarker, InspectedObject, InspectionItem, Licence

_TASK, _RECORD, _REVISION = Task.__table__.c, Record.__table__.c, Revision.__table__.c
_OBJECT, _LICENCE, _MARKER = InspectedObject.__table__.c, Licence.__table__.c, BoundaryMarker.__table__.c
_PLANNED, _PLAN, _FORM = PlannedInspection.__table__.c, Plan.__table__.c, FormVersion.__table__.c
_ITEM = InspectionItem.__table__.c


def among(column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Choose the rows that `read` asks for: a column is one of the ids, or of what else is given by that name."""
    return Among(column, Unforeseen(bindparam(name, type_=Several(column.type))))


def _without(columns: Iterable[ColumnElement[Any]], *names: str) -> list[ColumnElement[Any]]:
    """Leave out columns that are dear to read and that nobody here looks at."""
    return [column for column in columns if column.key not in names]


TASKS = select(*_TASK).where(among(_TASK.id))
_VISITS = (
    select(func.count())
    .where(
        # By object: SQLite would rather go through all that are done, and so would PostgreSQL where it thinks they are few.
        _TASK.object_id == _OBJECT.id,
        Unindexed(_TASK.state) == select(literal(TaskState.DONE.value)).scalar_subquery(),
        _TASK.closed_at >= unforeseen("begin", UtcDateTime()),
    )
    .scalar_subquery()
)
_OBJECTS = select(
    *_without(_OBJECT, "region", "organisation_id", "tags", "active"), _VISITS.label("visits")
).where(among(_OBJECT.id, "objects"))
_STANDING = (among(_LICENCE.object_id, "objects"), _LICENCE.ended_on.is_(None))
_LICENCES = select(*_without(_LICENCE, "findings")).where(*_STANDING).order_by(_LICENCE.licence_no)
_MARKERS = (
    select(*_without(_MARKER, "id"))
    .where(_MARKER.licence_id.in_(select(_LICENCE.id).where(*_STANDING)))
    .order_by(_MARKER.marker_no)
)
_PLANS = (
    select(
        *(_PLANNED.id, _PLANNED.plan_no, _PLANNED.windows, _PLAN.number, _PLAN.published_at, _PLAN.filed_at)
    )
    .join_from(PlannedInspection.__table__, Plan.__table__, _PLAN.id == _PLANNED.plan_id)
    .where(among(_PLANNED.id, "plans"))
)
_VERSIONS = (
    select(_FORM.form_id, _FORM.version, _FORM.restricted, _FORM.retired_at)
    .where(among(_FORM.form_id, "forms"))
    .order_by(_FORM.published_at)
)
_ITEMS = select(
    *(_ITEM.code, _ITEM.name, _ITEM.modes, _ITEM.valid_from, _ITEM.valid_to, _ITEM.basis_from, _ITEM.basis_to)
).where(among(_ITEM.code, "items"))


def _last_visits() -> Select[Any]:
    newest_first = (_RECORD.finished_at.desc(), _RECORD.final_rev.desc())
    visits = (
        select(
            *(_TASK.object_id, _RECORD.finished_at, _RECORD.final_rev),
            func.row_number().over(partition_by=_TASK.object_id, order_by=newest_first).label("place"),
        )
        .join_from(Task.__table__, Record.__table__, _RECORD.task_id == _TASK.id)
        .where(
            among(_TASK.object_id, "objects"),
            _RECORD.final_rev.is_not(None),
            _RECORD.finished_at.is_not(None),
        )
        .subquery()
    )
    return (
        select(visits.c.object_id, visits.c.finished_at, _REVISION.answers)
        .join_from(visits, Revision.__table__, _REVISION.rev == visits.c.final_rev)
        .where(visits.c.place == 1)
    )


_LAST_VISITS = _last_visits()

_FOR_ALL = {"objects": _OBJECTS, "plans": _PLANS}
_FOR_GATES = {"versions": _VERSIONS, "items": _ITEMS}
_FOR_LISTS = {"licences": _LICENCES, "markers": _MARKERS, "last_visits": _LAST_VISITS}
BESIDE = _FOR_ALL | _FOR_GATES | _FOR_LISTS
"""All that stands beside tasks; asked with what `about` gives."""
_BESIDE_GATES, _BESIDE_LISTS = Bundle(_FOR_ALL | _FOR_GATES), Bundle(_FOR_ALL | _FOR_LISTS)


@dataclass(frozen=True)
class Beside:
    """What stands beside some tasks, as rows: objects and plans by id, and what gates or lists ask about more.

    `visits`: how many of each object were finished in the year of `day`, up to now. For gates `versions`: of each form
    the newest that is not retired; `restricted`: forms of which any version is; `items` by their codes. For lists
    `licences` that nobody ended, by object, and their `markers`, each by their numbers; `last_visits`: of each object
    the last finished record, `object_id finished_at answers`.
    """

    day: date
    objects: Mapping[UUID, InspectedObject]
    plans: Mapping[UUID, Any]
    visits: Mapping[UUID, int]
    versions: Mapping[str, str]
    restricted: frozenset[str]
    items: Mapping[str, Any]
    licences: Mapping[UUID, Sequence[Licence]]
    markers: Mapping[UUID, Sequence[BoundaryMarker]]
    last_visits: Sequence[Any]


def beside_gates(session: Session, tasks: Collection[Task], day: date) -> Beside:
    """Read what gates ask about, without what only lists do."""
    return beside_of(_BESIDE_GATES.read(session, about(tasks, day)), day)


def beside_lists(session: Session, tasks: Collection[Task], day: date) -> Beside:
    """Read what lists ask about, without what only gates do."""
    return beside_of(_BESIDE_LISTS.read(session, about(tasks, day)), day)


def about(tasks: Collection[Task], day: date) -> dict[str, Any]:
    """Say about what is asked for tasks on a day."""
    return {
        "objects": list({task.object_id for task in tasks}),
        "plans": list({task.planned_id for task in tasks if task.planned_id}),
        "forms": list({form for task in tasks for form in task.forms}),
        "items": list({code for task in tasks for code in task.item_codes}),
        "begin": datetime(day.year, 1, 1, tzinfo=CHINA),
    }


def beside_of(rows: Found, day: date) -> Beside:
    """Put in order what was found, of which gates or lists may be left out."""
    objects, versions = rows["objects"], rows.get("versions", ())
    licences: dict[UUID, list[Licence]] = defaultdict(list)
    for licence in rows.get("licences", ()):
        licences[licence.object_id].append(licence)
    markers: dict[UUID, list[BoundaryMarker]] = defaultdict(list)
    for marker in rows.get("markers", ()):
        markers[marker.licence_id].append(marker)
    return Beside(
        day=day,
        objects={each.id: each for each in objects},
        plans={each.id: each for each in rows["plans"]},
        visits={each.id: each.visits for each in objects},
        versions={each.form_id: each.version for each in versions if each.retired_at is None},
        restricted=frozenset(each.form_id for each in versions if each.restricted),
        items={each.code: each for each in rows.get("items", ())},
        licences=licences,
        markers=markers,
        last_visits=rows.get("last_visits", ()),
    )


def read(
    session: Session, statement: Select[*tuple[Any, ...]], ids: Collection[Any], **more: Any
) -> Sequence[Any]:
    """Run a statement about some ids; nothing is asked about none."""
    if not ids:
        return ()
    session.flush()  # what this transaction has written is seen, as by a query for objects
    return session.connection().execute(statement, {"ids": list(ids), **more}).all()
