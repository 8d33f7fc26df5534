"""Licences and their markers as everybody who asks sees them: GeoJSON, longitude first."""

from collections.abc import Collection
from typing import Any

from server.db import Json
from server.registry.licence_reading import PlacedMarker
from server.registry.models import BoundaryMarker, Licence


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
        "ended_on": licence.ended_on.isoformat() if licence.ended_on else None,
        "ended_because": licence.ended_because,
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


def placed_as_geojson(placed: Collection[PlacedMarker]) -> Json:
    """Write markers that are not entered yet, as those that are."""
    features = [
        _feature(
            {"type": "Point", "coordinates": [round(each.longitude, 9), round(each.latitude, 9)]},
            {"marker_no": each.draft.marker_no, "corner": each.draft.corner, "x": each.x, "y": each.y},
        )
        for each in placed
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(geometry: Json | None, properties: dict[str, Any]) -> Json | None:
    return {"type": "Feature", "geometry": geometry, "properties": properties} if geometry else None
