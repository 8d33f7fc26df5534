"""Writing the library of objects into a workbook that is imported again unchanged.

A row for each licence of an object, one for an object without; markers on a sheet of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from forms.geodesy import format_corners, read_rings
from server.access import Actor, within
from server.problems import ExportTooLarge
from server.registry import columns
from server.registry.licence_reading import FACTS
from server.registry.licences import licences_of
from server.registry.models import BoundaryMarker, InspectedObject, Licence, RiskClass
from server.workbook import Cell, Column, SheetDraft

MOST: Final = 50_000
"""So many objects go into one workbook: what the worker reads again, with headings and further licences."""
_CHUNK: Final = 500
KINDS = {"enterprise": "企业", "product": "产品", "project": "项目", "act": "行为"}
_LICENCE_KINDS = {"mining": "采矿许可证", "exploration": "勘查许可证", "surveying": "测绘资质证书"}
_YES_OR_NO = {True: "是", False: "否"}
_NOT_WRITTEN = {"elevation", "zone"}  # the elevations have columns of their own, eastings their zone
_MARKER_KINDS = {"corner": "拐点桩", "extra": "加密桩"}


def object_sheets(session: Session, actor: Actor, region: str | None) -> Iterator[SheetDraft]:
    """Write the objects of the jurisdiction, or of one region of it; ExportTooLarge beyond what is imported again."""
    query = select(InspectedObject).where(within(actor, InspectedObject.region), InspectedObject.active)
    query = query.where(InspectedObject.region == region) if region else query
    if (session.scalar(select(func.count()).select_from(query.subquery())) or 0) > MOST:
        raise ExportTooLarge(most=MOST)
    written = [column for column in columns.OBJECTS if column.key not in _NOT_WRITTEN]
    yield SheetDraft("检查对象", _headings(written), _object_rows(session, query, written))
    yield SheetDraft("界桩", _headings(columns.MARKERS), _marker_rows(session, query))


def _headings(written: Sequence[Column]) -> list[str]:
    return [column.headings[0] for column in written]


def _object_rows(
    session: Session, query: Select[InspectedObject], written: Sequence[Column]
) -> Iterator[list[Cell]]:
    for objects in _chunks(session, query):
        ids = [each.id for each in objects]
        licences: dict[UUID, list[Licence | None]] = defaultdict(list)
        for licence in licences_of(session, ids):
            licences[licence.object_id].append(licence)
        ratings = _ratings(session, ids)
        owners = _owners(session, objects)
        for each in objects:
            cells = _object_cells(each, ratings.get(each.id), owners)
            for held in licences[each.id] or [None]:
                row = cells | (_licence_cells(held) if held else {})
                yield [row.get(column.key) for column in written]


def _chunks(session: Session, query: Select[InspectedObject]) -> Iterator[Sequence[InspectedObject]]:
    last: tuple[str, str, str] | None = None
    keys = (InspectedObject.region, InspectedObject.kind, InspectedObject.name)
    while True:
        ordered = query.order_by(*keys).limit(_CHUNK)
        if last:
            region, kind, name = last
            ordered = ordered.where(
                (keys[0] > region)
                | ((keys[0] == region) & ((keys[1] > kind) | ((keys[1] == kind) & (keys[2] > name))))
            )
        objects = session.scalars(ordered).all()
        if not objects:
            return
        yield objects
        last = (objects[-1].region, objects[-1].kind, objects[-1].name)
        session.expunge_all()  # what is written is not kept in memory


def _object_cells(
    found: InspectedObject, rating: RiskClass | None, owners: dict[UUID, str]
) -> dict[str, Cell]:
    cells: dict[str, Any] = {
        column.key: getattr(found, column.key, None) for column in columns.OBJECTS if column.key not in FACTS
    }
    for key in ("tags", "qualifications", "experts"):
        cells[key] = "、".join(cells[key] or ())
    cells["kind"], cells["specialised"] = KINDS[found.kind], _YES_OR_NO.get(cells["specialised"])
    if rating:
        cells |= {"risk_source": rating.source, "risk_since": rating.since}
    return cells | {"owner": owners.get(found.owner_id) if found.owner_id else None}


def _licence_cells(licence: Licence) -> dict[str, Cell]:
    cells = {name: getattr(licence, name) for name in FACTS}
    return cells | {
        "licence_no": licence.licence_no,
        "licence_kind": _LICENCE_KINDS[licence.kind],
        "corners": format_corners(read_rings(licence.rings)) if licence.rings else None,
    }


def _ratings(session: Session, ids: Sequence[UUID]) -> dict[UUID, RiskClass]:
    """Return the rating that holds now of each object: the newest of today's class."""
    query = select(RiskClass).join(InspectedObject, InspectedObject.id == RiskClass.object_id)
    query = query.where(RiskClass.object_id.in_(ids), RiskClass.risk_class == InspectedObject.risk_class)
    ratings = session.scalars(query.order_by(RiskClass.since, RiskClass.id))
    return {rating.object_id: rating for rating in ratings}


def _owners(session: Session, objects: Sequence[InspectedObject]) -> dict[UUID, str]:
    ids = {each.owner_id for each in objects if each.owner_id}
    query = select(InspectedObject.id, InspectedObject.name).where(InspectedObject.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}


def _marker_rows(session: Session, query: Select[InspectedObject]) -> Iterator[list[Cell]]:
    ids = query.with_only_columns(InspectedObject.id)
    markers = (
        select(Licence.licence_no, BoundaryMarker)
        .join(BoundaryMarker, BoundaryMarker.licence_id == Licence.id)
        .where(Licence.object_id.in_(ids))
        .order_by(Licence.licence_no, BoundaryMarker.marker_no)
    )
    for licence_no, marker in session.execute(markers.execution_options(yield_per=_CHUNK)):
        yield [
            licence_no,
            marker.marker_no,
            marker.x,
            marker.y,
            marker.corner,
            _MARKER_KINDS.get(marker.kind),
            marker.elevation,
        ]
