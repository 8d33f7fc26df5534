"""Verbs on licences and boundary markers."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.geodesy import CornerFinding, to_grid
from server import audit, clock, feed
from server.access import Actor, Permission, require
from server.db import Json
from server.problems import (
    LicenceDuplicate,
    LicenceNotFound,
    LicenceUnusable,
    LicenceVersionUnsound,
    MarkerUnusable,
)
from server.registry.drafts import LicenceDraft, MarkerDraft, ObjectDraft
from server.registry.licence_reading import (
    FACTS,
    LicenceReading,
    PlacedMarker,
    place_markers,
    polygon_of,
    read_further,
    read_licence,
)
from server.registry.licence_versions import markers_state, note_version, versions_of
from server.registry.models import BoundaryMarker, InspectedObject, Licence
from server.registry.objects import find_object
from server.registry.states import row_as_json


def enter_licence(
    session: Session, actor: Actor, object_id: UUID, draft: LicenceDraft
) -> tuple[Licence, LicenceReading]:
    """Enter a licence from its text, or bring the one of the same number up to date.

    Its corner points are read tolerantly; LicenceUnusable with all findings when there is an error. What it said before
    is kept as a version. Nothing happens where nothing is different.
    """
    owner = _owner(session, actor, object_id)
    known = select(Licence).where(Licence.licence_no == draft.licence_no)
    licence = session.scalar(known.with_for_update())  # its versions are numbered one after the other
    if licence is None or draft.given is None:
        reading = read_licence(draft, position_of(owner))
    else:
        draft, reading = read_further(draft, licence, position_of(owner))
    if not reading.usable:
        raise LicenceUnusable(findings=reading.findings_as_json())
    if licence is not None and licence.object_id != owner.id:
        raise LicenceDuplicate(draft.licence_no)
    former = (row_as_json(licence), licence.findings) if licence else None
    licence = licence or Licence(object_id=owner.id, licence_no=draft.licence_no)
    former_grid = licence.epsg
    _fill_licence(licence, draft, reading)
    if former and row_as_json(licence) | {"findings": former[1]} == former[0]:
        # The same again, maybe written more neatly: what was found when it was first read stays with it.
        licence.findings = former[1]
        session.flush()
        return licence, reading
    session.add(licence)
    session.flush()
    version = note_version(
        session,
        actor,
        licence,
        row_as_json(licence),
        former and former[0],
        since=draft.since,
        source=draft.source,
    )
    if licence.epsg and former_grid not in (None, licence.epsg):
        _move_markers(session, licence, licence.epsg)
    feed.touch(session, "object", owner.id)
    audit.append(
        session,
        actor,
        "licence.entered",
        ("licence", licence.id),
        {
            "object": str(owner.id),
            "licence_no": licence.licence_no,
            "version": version.number,
            "source": version.source,
            "findings": [finding.kind for finding in reading.findings],
        },
    )
    return licence, reading


def try_licence(session: Session, actor: Actor, object_id: UUID, draft: LicenceDraft) -> LicenceReading:
    """Read a licence as `enter_licence` does, and enter nothing."""
    return read_licence(draft, position_of(_owner(session, actor, object_id)))


def end_licence(
    session: Session, actor: Actor, licence_id: UUID, last_day: date | None, reason: str
) -> Licence:
    """End a licence with a day (注销, 吊销), or take that back (None); all that is known of it stays.

    One that ended is drawn and judged by no more. LicenceVersionUnsound where the day lies ahead, or before the
    licence began.
    """
    licence, owner = _licence_to_write(session, actor, licence_id)
    if last_day and last_day > clock.today():
        raise LicenceVersionUnsound("终止日期晚于今天", "it ends after today")
    if last_day and licence.valid_from and last_day < licence.valid_from:
        raise LicenceVersionUnsound("终止日期早于有效期起", "it ends before it begins")
    if licence.ended_on == last_day:
        return licence
    former = row_as_json(licence)
    licence.ended_on, licence.ended_because = last_day, reason if last_day else None
    session.flush()
    note_version(session, actor, licence, row_as_json(licence), former, source=reason)
    feed.touch(session, "object", owner.id)
    action = "licence.ended" if last_day else "licence.resumed"
    details = {"object": str(owner.id), "licence_no": licence.licence_no, "reason": reason}
    told = details | ({"last_day": last_day.isoformat()} if last_day else {})
    audit.append(session, actor, action, ("licence", licence.id), told)
    return licence


def licence_history(session: Session, actor: Actor, licence_id: UUID) -> list[Json]:
    """Tell the versions of a licence and of its markers, see `versions_of`."""
    licence = session.get(Licence, licence_id)
    if licence is None:
        raise LicenceNotFound()
    find_object(session, actor, licence.object_id)
    return versions_of(session, licence, markers_of(session, [licence.id]))


def enter_markers(
    session: Session,
    actor: Actor,
    licence_id: UUID,
    drafts: Iterable[MarkerDraft],
    *,
    since: date | None = None,
    source: str = "",
) -> tuple[list[BoundaryMarker], list[Json]]:
    """Enter the boundary markers of a licence, all of them; those no longer named are removed.

    Returns the markers and the findings of reading them; MarkerUnusable when one has an error. Where they stood before
    is kept as a version, see `note_version` for `since` and `source`. Nothing happens where nothing is different.
    """
    licence, owner = _licence_to_write(session, actor, licence_id)
    drafts = tuple(drafts)
    placed, found = _placed(licence, drafts)
    findings = [finding.as_json() for finding in found]
    if len(placed) != len(drafts):
        raise MarkerUnusable(findings=findings)
    known = {marker.marker_no: marker for marker in markers_of(session, [licence.id])}
    before = {number: row_as_json(marker) for number, marker in known.items()}
    markers = [_fill_marker(session, licence, place, known) for place in placed]
    for gone in known.values():
        session.delete(gone)
    session.flush()
    if {marker.marker_no: row_as_json(marker) for marker in markers} == before:
        return markers, findings
    former = {"markers": [before[number] for number in sorted(before)]} if before else None
    version = note_version(
        session, actor, licence, markers_state(markers), former, since=since, source=source
    )
    feed.touch(session, "object", owner.id)
    details = {
        "object": str(owner.id),
        "markers": len(markers),
        "removed": sorted(known),
        "version": version.number,
        "source": source,
    }
    audit.append(session, actor, "markers.entered", ("licence", licence.id), details)
    return markers, findings


def try_markers(
    session: Session, actor: Actor, licence_id: UUID, drafts: Iterable[MarkerDraft]
) -> tuple[list[PlacedMarker], list[CornerFinding]]:
    """Place markers as `enter_markers` does, and enter nothing; returns those that have a place, and what was found."""
    licence, _ = _licence_to_write(session, actor, licence_id)
    return _placed(licence, tuple(drafts))


def licences_of(session: Session, object_ids: Collection[UUID]) -> list[Licence]:
    """Return the licences of objects, in one query."""
    query = select(Licence).where(Licence.object_id.in_(object_ids)).order_by(Licence.licence_no)
    return list(session.scalars(query))


def markers_of(session: Session, licence_ids: Collection[UUID]) -> list[BoundaryMarker]:
    """Return the markers of licences, in one query."""
    query = select(BoundaryMarker).where(BoundaryMarker.licence_id.in_(licence_ids))
    return list(session.scalars(query.order_by(BoundaryMarker.marker_no)))


def position_of(owner: InspectedObject | ObjectDraft) -> tuple[float, float] | None:
    """Return where an object is, (latitude, longitude) in degrees, where that is known."""
    if owner.latitude is None or owner.longitude is None:
        return None
    return owner.latitude, owner.longitude


def _owner(session: Session, actor: Actor, object_id: UUID) -> InspectedObject:
    owner = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, owner)
    return owner


def _licence_to_write(session: Session, actor: Actor, licence_id: UUID) -> tuple[Licence, InspectedObject]:
    licence = session.get(Licence, licence_id, with_for_update=True)
    if licence is None:
        raise LicenceNotFound()
    owner = find_object(session, actor, licence.object_id)
    require(actor, Permission.OBJECT_WRITE, owner)
    return licence, owner


def _placed(
    licence: Licence, drafts: tuple[MarkerDraft, ...]
) -> tuple[list[PlacedMarker], list[CornerFinding]]:
    polygon = polygon_of(licence)
    if polygon is None:
        raise MarkerUnusable("许可证没有矿区范围", "the licence has no area", findings=[])
    return place_markers(polygon, drafts)


def _fill_licence(licence: Licence, draft: LicenceDraft, reading: LicenceReading) -> None:
    for name in FACTS:
        setattr(licence, name, getattr(draft, name))
    licence.kind = draft.kind.value
    polygon = reading.polygon
    licence.epsg = polygon.epsg if polygon else None
    licence.rings = list(reading.rings)
    licence.geometry = polygon.as_geojson() if polygon else None
    licence.computed_area_km2 = round(polygon.area_km2, 6) if polygon else None
    licence.findings = reading.findings_as_json()


def _move_markers(session: Session, licence: Licence, epsg: int) -> None:
    """Write the markers in the licence's new grid; where they stand on earth stays."""
    for marker in markers_of(session, [licence.id]):
        x, y = to_grid(marker.latitude, marker.longitude, epsg)
        marker.x, marker.y = round(x, 3), round(y, 3)


def _fill_marker(
    session: Session, licence: Licence, place: PlacedMarker, known: dict[str, BoundaryMarker]
) -> BoundaryMarker:
    marker_no = place.draft.marker_no
    marker = known.pop(marker_no, None) or BoundaryMarker(licence_id=licence.id, marker_no=marker_no)
    marker.corner, marker.kind, marker.elevation = place.draft.corner, place.draft.kind, place.draft.elevation
    marker.x, marker.y = place.x, place.y
    marker.latitude, marker.longitude = place.latitude, place.longitude
    session.add(marker)
    return marker
