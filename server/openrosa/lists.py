"""The lists that an inspector's forms look things up in, as CSV: `tasks.csv` is an entity list, `markers.csv` plain.

A phone throws a whole update of an entity list away, and says nothing, for one row without `name`, `label` or a
whole `__version`. So rows are made here from values that cannot lack them, and no cell holds what could break a
line. `__version` is the number in the audit log of the newest change to what the person sees of the task, so it
grows with every change and never goes back.
"""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from server import feed
from server.access import Actor
from server.feed import FeedHorizon, FeedRow
from server.inspections import service as inspections
from server.inspections.models import Assignment, Record, Task, TaskSection, TaskState
from server.openrosa.models import Submission
from server.registry import service as registry
from server.registry.models import InspectedObject
from sync import RecordState

TASKS: Final = "tasks"
MARKERS: Final = "markers"
LISTS: Final = (TASKS, MARKERS)

#: What a control character, a line break among them, becomes in a cell.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]+")
_LONGEST_CELL: Final = 30_000
#: Told whole: cut off, they would be other shapes.
_SHAPES: Final = frozenset({"boundary", "geometry"})
_MARKS_TOLD: Final = 20

_MARKER_COLUMNS: Final = (
    *("name", "label", "task", "marker_no", "corner", "kind", "x", "y", "elevation", "point", "geometry"),
)


# Made once: it is asked with every look for news.
_STATE: Final = select(
    select(func.max(FeedRow.seq)).where(FeedRow.recipient == bindparam("its_recipient")).scalar_subquery(),
    select(func.max(FeedHorizon.seq)).scalar_subquery(),
)


@dataclass(frozen=True)
class Returned:
    """A record that its reviewer sent back: of which form, what to correct, and the instance or revision it stands for."""

    form: str
    note: str
    instance: str


def list_tag(session: Session, actor: Actor) -> str:
    """Name the state of a person's lists, in one look into an index: another one whenever anything may differ.

    The horizon is part of it: where tombstones were purged, the newest number that is left may be an old one.
    """
    newest, horizon = (
        session.connection().execute(_STATE, {"its_recipient": feed.user(actor.person_id)}).one()
    )
    told = f"{actor.person_id} {newest} {horizon}"
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()


def write_list(session: Session, actor: Actor, name: str) -> bytes:
    """Write one of `LISTS` for a person, as UTF-8."""
    return write_tasks(session, actor) if name == TASKS else write_markers(session, actor)


def write_tasks(session: Session, actor: Actor) -> bytes:
    """Write `tasks.csv`: a row for each task that the person is on and that is not done or withdrawn."""
    versions = _versions(session, actor)
    tasks = _tasks(session, versions)
    prefills = inspections.prefill_tasks(session, list(tasks.values()))
    sections = inspections.sections_of_author(session, tasks, actor.person_id)
    returned = _returned(session, tasks, actor, sections)
    objects = _places(session, tasks.values())
    rows = []
    for task_id, task in tasks.items():
        section = sections.get(task_id)
        row = dict(prefills[task_id].row_for(section.id if section else None))
        sent_back = returned.get(task_id, ())
        row["label"] = row["label"].strip() or task.number.strip() or str(task_id)
        row |= {
            "__version": str(versions[task_id]),
            "status": RecordState.RETURNED.value if sent_back else task.state,
            "opens_on": task.opens_on.isoformat(),
            "due": (section or task).due_on.isoformat(),
            "forms": " ".join((section or task).forms),
            "geometry": row["boundary"] or objects.get(task.object_id, ""),
            "review_note": "；".join(each.note for each in sent_back),
            "returned_form": " ".join(each.form for each in sent_back),
            "returned_instance": " ".join(each.instance for each in sent_back),
        }
        rows.append(row)
    first = ("name", "label", "__version")
    more = (
        sorted({column for row in rows for column in row} - set(first))
        if rows
        else ["status", "due", "forms"]
    )
    return _write(rows, [*first, *more])


def write_markers(session: Session, actor: Actor) -> bytes:
    """Write `markers.csv`: the registered markers of the same tasks; each can be chosen on a map."""
    tasks = _tasks(session, _versions(session, actor))
    prefills = inspections.prefill_tasks(session, list(tasks.values()))
    rows = [{**row, "geometry": row["point"]} for task_id in tasks for row in prefills[task_id].markers]
    return _write(rows, _MARKER_COLUMNS)


def deleted_of(session: Session, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Say of each task whether it has left the person's list; of those that never stood in it, nothing."""
    query = select(FeedRow.entity, FeedRow.live).where(
        FeedRow.recipient == feed.user(actor.person_id),
        FeedRow.kind == "task",
        FeedRow.entity.in_([str(each) for each in ids]),
    )
    return {UUID(entity): not live for entity, live in session.execute(query)}


def _versions(session: Session, actor: Actor) -> dict[UUID, int]:
    """Tell the number of the newest change to each task the person sees, its records among what is seen of it."""
    mine = FeedRow.recipient == feed.user(actor.person_id)
    query = select(FeedRow.kind, FeedRow.entity, FeedRow.seq).where(
        mine, FeedRow.kind.in_(["task", "record"]), FeedRow.live
    )
    rows = session.execute(query).all()
    versions = {UUID(entity): seq for kind, entity, seq in rows if kind == "task"}
    numbers = {(kind, UUID(entity)): seq for kind, entity, seq in rows}
    of_task = select(Record.id, Record.task_id).where(Record.task_id.in_(versions))
    for record_id, task_id in session.execute(of_task) if versions else ():
        versions[task_id] = max(versions[task_id], numbers.get(("record", record_id), 0))
    return versions


def _tasks(session: Session, ids: Mapping[UUID, Any]) -> dict[UUID, Task]:
    open_still = Task.state.not_in([TaskState.DONE.value, TaskState.WITHDRAWN.value])
    query = select(Task).where(Task.id.in_(ids), open_still).order_by(Task.due_on, Task.number, Task.id)
    return {task.id: task for task in session.scalars(query)} if ids else {}


def _returned(
    session: Session, ids: Mapping[UUID, Any], actor: Actor, sections: Mapping[UUID, TaskSection]
) -> Mapping[UUID, Sequence[Returned]]:
    """Find what was sent back, and the instance that each record's head was made of; the head where no stock phone sent it.

    In a joint visit what was sent back to the own department; one's own first, which a fresh record of its form stands for.
    """
    if not ids:
        return {}
    written = and_(Assignment.task_id == Record.task_id, Assignment.person_id == Record.author_id)
    query = (
        select(Record, Assignment.section_id)
        .outerjoin(Assignment, written)
        .where(Record.task_id.in_(ids), Record.state == RecordState.RETURNED.value)
        .order_by(case((Record.author_id == actor.person_id, 0), else_=1), Record.created_at, Record.id)
    )
    records = [
        record
        for record, section_id in session.execute(query)
        if record.task_id not in sections or section_id == sections[record.task_id].id
    ]
    heads = [record.heads[0] for record in records if record.heads]
    known = select(Submission.rev, Submission.instance_id).where(Submission.rev.in_(heads))
    instances = {row.rev: row.instance_id for row in session.execute(known)} if heads else {}
    found: dict[UUID, list[Returned]] = defaultdict(list)
    for record in records:
        head = record.heads[0] if record.heads else ""
        instance = instances.get(head) or head or f"uuid:{record.id}"
        found[record.task_id].append(Returned(record.form_id, _note(record), instance))
    return found


def _note(record: Record) -> str:
    """Write why a record was returned, and what to correct, in one line."""
    marks = [f"{mark['path']}：{mark.get('reason') or ''}" for mark in (record.marks or ())[:_MARKS_TOLD]]
    return "；".join([record.return_reason or "请更正", *marks])


def _places(session: Session, tasks: Iterable[Task]) -> dict[UUID, str]:
    """Write where each object is, where that is known and no boundary shows it."""
    ids = {task.object_id for task in tasks}
    found: dict[UUID, str] = {}
    for each in session.scalars(select(InspectedObject).where(InspectedObject.id.in_(ids))) if ids else ():
        place = registry.position_of(each)
        if place is not None:
            latitude, longitude = place
            found[each.id] = f"{latitude} {longitude} 0 0"
    return found


def _write(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(column, row.get(column, "")) for column in columns])
    return text.getvalue().encode()


def _cell(column: str, value: str) -> str:
    plain = _CONTROL.sub(" ", value)
    return plain if column in _SHAPES else plain[:_LONGEST_CELL]
