"""Rows of `tasks.csv` and `markers.csv`, written from what the house holds; every value is text, blank where unknown."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from server import clock
from server.db import Json
from server.inspections.assigned import Standing
from server.inspections.models import Task
from server.registry.models import BoundaryMarker, InspectedObject, Licence

Row = dict[str, str]

_ANSWERS = {"mostly_conform": "基本符合", "not_conform": "不符合"}

#: Columns that only the lists of stock ODK phones fill in, and that are others by the time the record comes.
PASSING = ("review_note", "status", "returned_form", "returned_instance")

NO_VISIT: Row = {"last_visit_on": "", "last_result": "", "last_problem": ""}


def about_task(task: Task) -> Row:
    """Write what the task itself says."""
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


def about_object(found: InspectedObject) -> Row:
    """Write what the register says of the inspected object."""
    return {
        "obj_kind": found.kind,
        "obj_name": found.name,
        "uscc": found.uscc or "",
        "registration_no": found.registration_no or "",
        "obj_addr": found.address,
        "legal_rep": found.legal_representative,
        "legal_rep_tel": found.phone or "",
    }


def about_mine(licence: Licence | None, markers: Collection[BoundaryMarker]) -> Row:
    """Write what the mining or exploration licence says, blank without one."""
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


def about_certificate(licence: Licence | None) -> Row:
    """Write what the surveying qualification says, blank without one."""
    return {
        "cert_no": licence.licence_no if licence else "",
        "cert_grade": _text(licence.grade) if licence else "",
        "cert_scope": _text(licence.scope) if licence else "",
        "cert_issuer": licence.issuer if licence else "",
        "cert_valid_to": _text(licence.valid_to) if licence else "",
    }


def about_marker(task: str, marker: BoundaryMarker) -> Row:
    """Write one registered marker as a row of `markers.csv`, for the task of that id."""
    return {
        "name": f"{task}/{marker.marker_no}",
        "label": marker.marker_no,
        "task": task,
        "marker_no": marker.marker_no,
        "corner": marker.corner or "",
        "kind": marker.kind,
        "x": f"{marker.x:.3f}",
        "y": f"{marker.y:.3f}",
        "elevation": _text(marker.elevation),
        "point": f"{marker.latitude:.9f} {marker.longitude:.9f} 0 0",
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if value == int(value) else repr(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _geoshape(geometry: Json | None) -> str:
    """Write a GeoJSON geometry as an XForms geoshape: latitude before longitude.

    A geoshape is one ring. Further parts (分块) and holes are led to from the first corner and back from theirs, by the same
    line: passed twice, it bounds nothing, so that what lies in any part lies in the shape, and what lies in a hole does not.
    """
    if not geometry:
        return ""
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    first, *others = [ring for part in parts for ring in part]
    line = list(first)
    for ring in others:
        line += [*ring, first[0]]
    return ";".join(f"{latitude} {longitude} 0 0" for longitude, latitude in line)


def about_person(person: Standing) -> Row:
    """Write who one of the two inspectors is."""
    return {
        "name": person.name,
        "certificate": person.certificate or "",
        "valid_to": _text(person.valid_to),
        "unit": person.unit,
    }


def about_visit(finished_at: datetime, answers: Mapping[str, Any]) -> Row:
    """Write when an object was inspected last, and the problems that were found."""
    found = [
        (_ANSWERS[str(value)], str(answers.get(path.removesuffix("answer") + "problem") or ""))
        for path, value in answers.items()
        if path.endswith("/answer") and "/conclusions/" in path and value in _ANSWERS
    ]
    return {
        "last_visit_on": clock.day_of(finished_at).isoformat(),
        "last_result": "发现问题" if found else "未发现问题",
        "last_problem": "；".join(f"{answer}：{problem}" for answer, problem in found),
    }
