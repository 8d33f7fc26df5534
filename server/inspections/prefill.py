"""What the house knows of a task beforehand: rows of `tasks.csv` and `markers.csv`, so that nothing is asked twice.

A phone writes these lists for its forms from the bodies of its tasks; a record is checked against the same rows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms import ListTable
from forms.geodesy import ElevationRange
from forms.positions import Licensed
from server import clock
from server.accounts.models import Organisation, Person
from server.clock import CHINA
from server.db import Json, canonical_json
from server.inspections.models import Assignment, Record, Revision, Task, TaskState
from server.inspections.prefill_rows import (
    NO_VISIT,
    Row,
    about_certificate,
    about_marker,
    about_mine,
    about_object,
    about_person,
    about_task,
    about_visit,
)
from server.inspections.tasks import assignments_of
from server.planning.models import Plan, PlannedInspection
from server.registry import service as registry
from server.registry.models import BoundaryMarker, Certificate, InspectedObject, Licence, LicenceKind


@dataclass(frozen=True)
class Prefill:
    """One task's row of `tasks.csv` and its rows of `markers.csv`; every value is text, blank where unknown.

    `licence` and `registered` are the licence and the markers behind them, `place` the object's position.
    """

    task: Row
    markers: tuple[Row, ...]
    licence: Licence | None
    registered: tuple[BoundaryMarker, ...]
    place: tuple[float, float] | None

    def as_json(self) -> Json:
        """Write the rows as a task's body carries them."""
        return {"tasks": self.task, "markers": list(self.markers)}

    @cached_property
    def data(self) -> bytes:
        """The rows as the exact bytes that `sha256` names."""
        return canonical_json(self.as_json())

    @cached_property
    def sha256(self) -> str:
        """The name of the bytes: the same as long as nothing changes of what is known beforehand."""
        return hashlib.sha256(self.data).hexdigest()

    def lists(self) -> Mapping[str, ListTable]:
        """Return the lists as forms look things up in them."""
        return {"tasks": ListTable([self.task]), "markers": ListTable(self.markers)}

    def licensed(self) -> Licensed:
        """Return what measured positions are compared with."""
        if self.licence is None:
            return Licensed(place=self.place)
        lower, upper = self.licence.elevation_lower, self.licence.elevation_upper
        known = lower is not None and upper is not None and lower < upper
        return Licensed(
            polygon=registry.polygon_of(self.licence),
            markers={marker.marker_no: (marker.x, marker.y) for marker in self.registered},
            elevations=(ElevationRange(lower, upper),)
            if known and lower is not None and upper is not None
            else (),
            place=self.place,
        )


@dataclass(frozen=True)
class Assigned:
    """Who is on some tasks now: assignments, the lead of a task first, and about each person."""

    assignments: Sequence[Assignment]
    persons: Mapping[UUID, Person]
    certificates: Mapping[UUID, Certificate]


def assigned_to(session: Session, tasks: Collection[Task]) -> Assigned:
    """Find who is on some tasks now, with their enforcement certificates."""
    held = [each for each in assignments_of(session, [task.id for task in tasks]) if each.ended_at is None]
    ids = {each.person_id for each in held}
    persons = {each.id: each for each in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return Assigned(held, persons, registry.valid_certificates(session, ids, clock.now().date()))


def prefill_tasks(
    session: Session, tasks: Collection[Task], assigned: Assigned | None = None
) -> dict[UUID, Prefill]:
    """Gather what is known of some tasks, in a dozen queries however many there are.

    `assigned`: who is on these tasks, where that is known already.
    """
    if not tasks:
        return {}
    object_ids = {task.object_id for task in tasks}
    objects = {
        each.id: each
        for each in session.scalars(select(InspectedObject).where(InspectedObject.id.in_(object_ids)))
    }
    licences: dict[UUID, list[Licence]] = defaultdict(list)
    for licence in registry.licences_of(session, object_ids):
        licences[licence.object_id].append(licence)
    licence_ids = [licence.id for held in licences.values() for licence in held]
    markers: dict[UUID, list[BoundaryMarker]] = defaultdict(list)
    for marker in registry.markers_of(session, licence_ids) if licence_ids else ():
        markers[marker.licence_id].append(marker)
    organisations = _organisation_names(session, {task.organisation_id for task in tasks})
    plans, people = _plan_numbers(session, tasks), _people(session, assigned or assigned_to(session, tasks))
    visits, counts = _last_visits(session, object_ids), _visits_this_year(session, object_ids)
    filled: dict[UUID, Prefill] = {}
    for task in tasks:
        found = objects[task.object_id]
        mining = _first(licences[found.id], LicenceKind.MINING, LicenceKind.EXPLORATION)
        surveying = _first(licences[found.id], LicenceKind.SURVEYING)
        registered = markers[mining.id] if mining is not None else []
        row = {
            **about_task(task),
            "plan_no": plans.get(task.id, ""),
            "org": organisations.get(task.organisation_id, ""),
            "year_count": str(counts.get(found.id, 0) + 1),
            **about_object(found),
            **people.get(task.id, {}),
            **visits.get(found.id, NO_VISIT),
            **about_mine(mining, registered),
            **about_certificate(surveying),
        }
        filled[task.id] = Prefill(
            task=row,
            markers=tuple(about_marker(task, marker) for marker in registered),
            licence=mining,
            registered=tuple(registered),
            place=registry.position_of(found),
        )
    return filled


def _organisation_names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _plan_numbers(session: Session, tasks: Collection[Task]) -> dict[UUID, str]:
    wanted = {task.planned_id: task.id for task in tasks if task.planned_id}
    if not wanted:
        return {}
    rows = session.execute(
        select(PlannedInspection.id, PlannedInspection.plan_no, Plan.number)
        .join(Plan, Plan.id == PlannedInspection.plan_id)
        .where(PlannedInspection.id.in_(wanted))
    )
    numbers = {row.id: row.plan_no or row.number for row in rows}
    return {task.id: numbers.get(task.planned_id, "") for task in tasks if task.planned_id}


def _people(session: Session, assigned: Assigned) -> dict[UUID, Row]:
    """Write the first two people on each task: who they are is the draw's business, not the inspector's."""
    units = _organisation_names(session, {person.organisation_id for person in assigned.persons.values()})
    rows: dict[UUID, Row] = defaultdict(dict)
    places: dict[UUID, int] = defaultdict(int)
    for each in assigned.assignments:
        places[each.task_id] += 1
        place = places[each.task_id]
        if place <= 2:
            person = assigned.persons[each.person_id]
            about = about_person(person, units, assigned.certificates.get(person.id))
            rows[each.task_id] |= {f"inspector{place}_{name}": text for name, text in about.items()}
    return rows


def _last_visits(session: Session, object_ids: Collection[UUID]) -> dict[UUID, Row]:
    """Tell of each object's last finished record: when it was, and the problems it found."""
    newest = (
        select(Task.object_id, func.max(Record.finished_at).label("finished_at"))
        .join(Record, Record.task_id == Task.id)
        .where(Task.object_id.in_(object_ids), Record.final_rev.is_not(None))
        .group_by(Task.object_id)
        .subquery()
    )
    rows = session.execute(
        select(Task.object_id, Record.finished_at, Revision.answers)
        .join(Record, Record.task_id == Task.id)
        .join(newest, (newest.c.object_id == Task.object_id) & (newest.c.finished_at == Record.finished_at))
        .join(Revision, Revision.rev == Record.final_rev)
    )
    return {
        object_id: about_visit(finished_at, answers or {})
        for object_id, finished_at, answers in rows
        if finished_at is not None
    }


def _visits_this_year(session: Session, object_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the visits of each object that were finished this year."""
    begin = datetime(clock.now().astimezone(CHINA).year, 1, 1, tzinfo=CHINA)
    rows = session.execute(
        select(Task.object_id, func.count())
        .where(Task.object_id.in_(object_ids), Task.state == TaskState.DONE.value, Task.closed_at >= begin)
        .group_by(Task.object_id)
    )
    return {object_id: int(count) for object_id, count in rows}


def _first(licences: Iterable[Licence], *kinds: LicenceKind) -> Licence | None:
    return next((licence for kind in kinds for licence in licences if licence.kind == kind), None)
