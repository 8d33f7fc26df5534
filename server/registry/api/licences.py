"""Licences, their boundaries and boundary markers over HTTP: read first, entered then, what was before is kept."""

from typing import Any
from uuid import UUID

from server.db import Json
from server.http import actor, session
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.drafts import LicenceDraft, MarkerDraft
from server.registry.models import Licence
from server.registry.schemas import licences as schemas


@blp.post("/objects/<uuid:object_id>/licences")
@blp.arguments(schemas.LicenceDraftSchema)
@blp.response(201, schemas.LicenceSchema)
def enter_licence(draft: LicenceDraft, object_id: UUID) -> Json:
    """Enter a licence from its text: corner points are read tolerantly and shown back as GeoJSON.

    What was corrected or looks wrong stands in `findings`; the area enclosed stands beside the licensed one.
    A licence of the same number has a new version from then on.
    """
    licence, _ = service.enter_licence(session, actor, object_id, draft)
    return _shown(licence)


@blp.post("/objects/<uuid:object_id>/licences/reading")
@blp.arguments(schemas.LicenceDraftSchema)
@blp.response(200, schemas.LicenceReadingSchema)
def try_licence(draft: LicenceDraft, object_id: UUID) -> Json:
    """Read a licence as it would be entered, with its boundary and all findings; nothing is changed."""
    reading = service.try_licence(session, actor, object_id, draft)
    polygon = reading.polygon
    return {
        "usable": reading.usable,
        "findings": reading.findings_as_json(),
        "epsg": reading.epsg,
        "rings": list(reading.rings),
        "boundary": polygon and {"type": "Feature", "geometry": polygon.as_geojson(), "properties": {}},
        "computed_area_km2": polygon and round(polygon.area_km2, 6),
    }


@blp.post("/licences/<uuid:licence_id>/end")
@blp.arguments(schemas.LicenceEndSchema)
@blp.response(200, schemas.LicenceSchema)
def end_licence(body: dict[str, Any], licence_id: UUID) -> Json:
    """End a licence before its term (注销, 吊销), or take that back; all that is known of it stays."""
    return _shown(service.end_licence(session, actor, licence_id, **body))


@blp.get("/licences/<uuid:licence_id>/versions")
@blp.response(200, schemas.LicenceVersionSchema(many=True))
def list_licence_versions(licence_id: UUID) -> list[Json]:
    """Show how a licence with its boundary, and its markers, stood from when until when, the newest first."""
    return service.licence_history(session, actor, licence_id)


@blp.put("/licences/<uuid:licence_id>/markers")
@blp.arguments(schemas.MarkersDraftSchema)
@blp.response(200, schemas.MarkersSchema)
def enter_markers(body: dict[str, Any], licence_id: UUID) -> Json:
    """Enter all boundary markers of a licence; those left out are removed, and stay in the version before."""
    markers, findings = service.enter_markers(session, actor, licence_id, body.pop("markers"), **body)
    return {"markers": service.markers_as_geojson(markers), "findings": findings}


@blp.post("/licences/<uuid:licence_id>/markers/reading")
@blp.arguments(schemas.MarkersDraftSchema)
@blp.response(200, schemas.MarkersReadingSchema)
def try_markers(body: dict[str, Any], licence_id: UUID) -> Json:
    """Place boundary markers as they would be entered, with all findings; nothing is changed."""
    drafts: list[MarkerDraft] = body["markers"]
    placed, findings = service.try_markers(session, actor, licence_id, drafts)
    return {
        "usable": len(placed) == len(drafts),
        "markers": service.placed_as_geojson(placed),
        "findings": [each.as_json() for each in findings],
    }


def _shown(licence: Licence) -> Json:
    return service.licence_as_json(licence, service.markers_of(session, [licence.id]))
