"""What the house knows of a task beforehand: rows of `tasks.csv` and `markers.csv`, so that nothing is asked twice.

A phone writes these lists for its forms from the bodies of its tasks; a record is checked against the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms import ListTable
from forms.geodesy import ElevationRange
from forms.positions import Licensed
from server import clock
from server.accounts.models import Organisation, Person
from server.clock import CHINA
from server.db import Json
from server.inspections.models import Record, Revision, Task, TaskState
from server.inspections.tasks import assignments_of
from server.planning.models import Plan, PlannedInspection
from server.registry import service as registry
from server.registry.models import BoundaryMarker, Certificate, InspectedObject, Licence, LicenceKind

Row = dict[str, str]

_ANSWERS = {"mostly_conform": "基本符合", "not_conform": "不符合"}


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


def prefill_tasks(session: Session, tasks: Collection[Task]) -> dict[UUID, Prefill]:
    """Gather what is known of some tasks, in a dozen queries however many there are."""
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
    plans, people = _plan_numbers(session, tasks), _people(session, tasks)
    visits, counts = _last_visits(session, object_ids), _visits_this_year(session, object_ids)
    filled: dict[UUID, Prefill] = {}
    for task in tasks:
        found = objects[task.object_id]
        mining = _first(licences[found.id], LicenceKind.MINING, LicenceKind.EXPLORATION)
        surveying = _first(licences[found.id], LicenceKind.SURVEYING)
        registered = markers[mining.id] if mining is not None else []
        row = {
            **_about_task(task),
            "plan_no": plans.get(task.id, ""),
            "org": organisations.get(task.organisation_id, ""),
            "year_count": str(counts.get(found.id, 0) + 1),
            **_about_object(found),
            **people.get(task.id, {}),
            **visits.get(found.id, _NO_VISIT),
            **_about_mine(mining, registered),
            **_about_certificate(surveying),
        }
        filled[task.id] = Prefill(
            task=row,
            markers=tuple(_marker_row(task, marker) for marker in registered),
            licence=mining,
            registered=tuple(registered),
            place=registry.position_of(found),
        )
    return filled


def _about_task(task: Task) -> Row:
    return {
        "name": str(task.id),
        "label": f"{task.number} {task.name}",
        "task_no": task.number,
        "task_name": task.name,
        "task_source": "年度抽查计划" if task.planned_id else "临时任务",
        "items": " ".join(task.item_codes),
        "approval_no": task.approval_no or "",
        "notice_no": task.notice_no or "",
        "review_note": "",  # A native phone shows a returned record's own reason and marks.
    }


def _about_object(found: InspectedObject) -> Row:
    return {
        "obj_kind": found.kind,
        "obj_name": found.name,
        "uscc": found.uscc or "",
        "obj_addr": found.address,
        "legal_rep": found.legal_representative,
        "legal_rep_tel": found.phone or "",
    }


def _about_mine(licence: Licence | None, markers: Collection[BoundaryMarker]) -> Row:
    known = licence is not None
    return {
        "mine_name": licence.holder if licence else "",
        "licence_no": licence.licence_no if licence else "",
        "licence_holder": licence.holder if licence else "",
        "licence_issuer": licence.issuer if licence else "",
        "licence_valid_from": _text(licence.valid_from) if licence else "",
        "licence_valid_to": _text(licence.valid_to) if licence else "",
        "mineral": _text(licence.mineral) if licence else "",
        "mining_method": _text(licence.method) if licence else "",
        "scale": _text(licence.scale) if licence else "",
        "area_km2": _text(licence.area_km2) if licence else "",
        "elevation_lower": _text(licence.elevation_lower) if licence else "",
        "elevation_upper": _text(licence.elevation_upper) if licence else "",
        "boundary": _geoshape(licence.geometry) if licence else "",
        "markers_required": str(len(markers)) if known and markers else "",
    }


def _about_certificate(licence: Licence | None) -> Row:
    return {
        "cert_no": licence.licence_no if licence else "",
        "cert_grade": _text(licence.grade) if licence else "",
        "cert_scope": _text(licence.scope) if licence else "",
        "cert_issuer": licence.issuer if licence else "",
        "cert_valid_to": _text(licence.valid_to) if licence else "",
    }


def _marker_row(task: Task, marker: BoundaryMarker) -> Row:
    return {
        "name": f"{task.id}/{marker.marker_no}",
        "label": marker.marker_no,
        "task": str(task.id),
        "marker_no": marker.marker_no,
        "corner": marker.corner or "",
        "kind": marker.kind,
        "x": f"{marker.x:.3f}",
        "y": f"{marker.y:.3f}",
        "elevation": _text(marker.elevation),
        "point": f"{marker.latitude:.9f} {marker.longitude:.9f} 0 0",
    }


def _first(licences: Iterable[Licence], *kinds: LicenceKind) -> Licence | None:
    return next((licence for kind in kinds for licence in licences if licence.kind == kind), None)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if value == int(value) else repr(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _geoshape(geometry: Json | None) -> str:
    """Write the first outer ring of a GeoJSON geometry as an XForms geoshape: latitude before longitude."""
    if not geometry:
        return ""
    rings = geometry["coordinates"]
    ring = rings[0][0] if geometry["type"] == "MultiPolygon" else rings[0]
    return ";".join(f"{latitude} {longitude} 0 0" for longitude, latitude in ring)


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


def _people(session: Session, tasks: Collection[Task]) -> dict[UUID, Row]:
    """Write the first two people on each task: who they are is the draw's business, not the inspector's."""
    held = [each for each in assignments_of(session, [task.id for task in tasks]) if each.ended_at is None]
    ids = {each.person_id for each in held}
    persons = {each.id: each for each in session.scalars(select(Person).where(Person.id.in_(ids)))}
    units = _organisation_names(session, {person.organisation_id for person in persons.values()})
    certificates = registry.valid_certificates(session, ids, clock.now().date())
    rows: dict[UUID, Row] = defaultdict(dict)
    places: dict[UUID, int] = defaultdict(int)
    for each in held:
        places[each.task_id] += 1
        place = places[each.task_id]
        if place <= 2:
            person = persons[each.person_id]
            about = _about_person(person, units, certificates.get(person.id))
            rows[each.task_id] |= {f"inspector{place}_{name}": text for name, text in about.items()}
    return rows


def _about_person(person: Person, units: Mapping[UUID, str], certificate: Certificate | None) -> Row:
    return {
        "name": person.name,
        "certificate": certificate.number if certificate else "",
        "valid_to": certificate.valid_to.isoformat() if certificate else "",
        "unit": units.get(person.organisation_id, ""),
    }


_NO_VISIT: Row = {"last_visit_on": "", "last_result": "", "last_problem": ""}


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
        object_id: _visit(finished_at, answers or {})
        for object_id, finished_at, answers in rows
        if finished_at is not None
    }


def _visit(finished_at: datetime, answers: Mapping[str, Any]) -> Row:
    found = [
        (_ANSWERS[str(value)], str(answers.get(path.removesuffix("answer") + "problem") or ""))
        for path, value in answers.items()
        if path.endswith("/answer") and "/conclusions/" in path and value in _ANSWERS
    ]
    return {
        "last_visit_on": finished_at.astimezone(CHINA).date().isoformat(),
        "last_result": "发现问题" if found else "未发现问题",
        "last_problem": "；".join(f"{answer}：{problem}" for answer, problem in found),
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
