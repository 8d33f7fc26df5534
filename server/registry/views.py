"""An inspected object as phones and the console see it: licences as GeoJSON, markers, elevations."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import Json
from server.registry.licences import licences_of, markers_of
from server.registry.models import BoundaryMarker, InspectedObject, Licence


def object_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Return the body of each object, in three queries however many there are.

    Each licence carries `boundary` (a GeoJSON Feature, longitude first), its corners in the grid (`epsg`,
    `rings`, metres) and `markers` (a GeoJSON FeatureCollection).
    """
    objects = session.scalars(select(InspectedObject).where(InspectedObject.id.in_(ids))).all()
    licences = licences_of(session, ids)
    markers: dict[UUID, list[BoundaryMarker]] = defaultdict(list)
    for marker in markers_of(session, [licence.id for licence in licences]):
        markers[marker.licence_id].append(marker)
    held: dict[UUID, list[Json]] = defaultdict(list)
    for licence in licences:
        held[licence.object_id].append(licence_as_json(licence, markers[licence.id]))
    return {each.id: {**_object_as_json(each), "licences": held[each.id]} for each in objects}


def licence_as_json(licence: Licence, markers: Collection[BoundaryMarker]) -> Json:
    """Write a licence with its boundary and markers."""
    plain = (
        "kind licence_no holder issuer mineral method scale grade scope area_km2 computed_area_km2"
        " elevation_upper elevation_lower epsg rings findings"
    )
    return {
        "id": str(licence.id),
        **{name: getattr(licence, name) for name in plain.split()},
        "valid_from": licence.valid_from.isoformat() if licence.valid_from else None,
        "valid_to": licence.valid_to.isoformat() if licence.valid_to else None,
        "boundary": _feature(licence.geometry, {"licence_no": licence.licence_no}),
        "markers": markers_as_geojson(markers),
    }


def markers_as_geojson(markers: Collection[BoundaryMarker]) -> Json:
    """Write markers as a FeatureCollection; X and Y in the grid and the elevation are properties."""
    features = [
        _feature(
            {"type": "Point", "coordinates": [round(marker.longitude, 9), round(marker.latitude, 9)]},
            {name: getattr(marker, name) for name in ("marker_no", "corner", "kind", "x", "y", "elevation")},
        )
        for marker in markers
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(geometry: Json | None, properties: dict[str, Any]) -> Json | None:
    return {"type": "Feature", "geometry": geometry, "properties": properties} if geometry else None


def _object_as_json(found: InspectedObject) -> Json:
    plain = (
        "region kind name uscc uscc_valid registration_no address legal_representative phone risk_class"
        " tags latitude longitude active"
    )
    return {
        "id": str(found.id),
        "organisation_id": str(found.organisation_id),
        **{name: getattr(found, name) for name in plain.split()},
    }
