"""Where things are, for maps: inspected objects, licence boundaries, boundary markers, and fixes that records bring.

Objects, boundaries and markers are kept in CGCS2000 (EPSG:4490), fixes as the receiver gave them in WGS 84 (EPSG:4326),
each with its accuracy. The two frames differ by less than a metre, less than any of these is worth: GeoJSON, which is
WGS 84 by its standard (RFC 7946), takes both as they are; a GeoPackage says of each layer which it is.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shapely.geometry import MultiPolygon, Point, Polygon, shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, region_bounds, require, within
from server.db import Json
from server.inspections.models import Record, Revision, Task
from server.registry.models import BoundaryMarker, InspectedObject, Licence

CGCS2000, WGS84 = 4490, 4326
_FETCHED = 1000


class LayerName(StrEnum):
    """What can be taken to a map."""

    OBJECTS = "objects"
    BOUNDARIES = "boundaries"
    MARKERS = "markers"
    FIXES = "fixes"


@dataclass(frozen=True)
class Layer:
    """A layer: its name, what it is called, its frame, who may see it, and how it is asked for and read.

    `properties` by name with their kind (`str`, `float`), in the order of the query's columns behind the geometry's.
    """

    name: LayerName
    title: str
    epsg: int
    needs: Permission
    is_area: bool
    properties: Mapping[str, type]
    ask: Callable[[Actor], Any]
    draw: Callable[[Any], Point | MultiPolygon]


@dataclass(frozen=True)
class Feature:
    """One thing on a map, its geometry longitude first, in degrees of its layer's frame."""

    geometry: Point | MultiPolygon
    properties: Json


def layers_for(actor: Actor, names: Sequence[LayerName] | None) -> list[Layer]:
    """Return layers by name, or all that the actor may see; access.denied where that is not one of those asked for.

    Inspectors see what they are sent to on their phones, and take no map of a whole region away.
    """
    require(actor, Permission.REPORT_READ)
    if names is None:
        return [layer for layer in LAYERS if actor.may(layer.needs)]
    chosen = [layer for layer in LAYERS if layer.name in names]
    for layer in chosen:
        require(actor, layer.needs)
    return chosen


def count_features(session: Session, actor: Actor, layer: Layer, region: str | None) -> int:
    """Count what a layer holds."""
    return (
        session.scalar(
            select(func.count()).select_from(_asked(actor, layer, region).order_by(None).subquery())
        )
        or 0
    )


def features(session: Session, actor: Actor, layer: Layer, region: str | None) -> Generator[Feature]:
    """Go through a layer in one order; nothing is held. Whoever stops before the end closes it."""
    query = _asked(actor, layer, region).execution_options(yield_per=_FETCHED)
    with session.execute(query) as rows:
        for row in rows:
            told = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
            yield Feature(layer.draw(row), {name: _plain(told[name]) for name in layer.properties})


def _asked(actor: Actor, layer: Layer, region: str | None) -> Any:
    query = layer.ask(actor)
    if region is None:
        return query
    column = Record.region if layer.name is LayerName.FIXES else InspectedObject.region
    return query.where(column.between(*region_bounds(region)))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _objects(actor: Actor) -> Any:
    found = InspectedObject
    return (
        select(
            found.latitude, found.longitude, found.id, found.name, found.kind, found.region, found.risk_class
        )
        .where(
            within(actor, found.region),
            found.active,
            found.latitude.is_not(None),
            found.longitude.is_not(None),
        )
        .order_by(found.region, found.name, found.id)
    )


def _boundaries(actor: Actor) -> Any:
    return (
        select(
            Licence.geometry,
            Licence.licence_no,
            Licence.kind,
            Licence.holder,
            Licence.mineral,
            Licence.valid_from,
            Licence.valid_to,
            Licence.computed_area_km2.label("area_km2"),
            InspectedObject.name.label("object"),
        )
        .join(InspectedObject, InspectedObject.id == Licence.object_id)
        .where(within(actor, InspectedObject.region), Licence.epsg.is_not(None))
        .order_by(Licence.licence_no)
    )


def _markers(actor: Actor) -> Any:
    return (
        select(
            BoundaryMarker.latitude,
            BoundaryMarker.longitude,
            BoundaryMarker.marker_no,
            BoundaryMarker.kind,
            BoundaryMarker.elevation,
            Licence.licence_no,
            InspectedObject.name.label("object"),
        )
        .join(Licence, Licence.id == BoundaryMarker.licence_id)
        .join(InspectedObject, InspectedObject.id == Licence.object_id)
        .where(within(actor, InspectedObject.region))
        .order_by(Licence.licence_no, BoundaryMarker.marker_no)
    )


def _fixes(actor: Actor) -> Any:
    """Of each record the position of the version that is shown: evidence of that record, and of nobody's way."""
    position = Revision.position
    shown = func.coalesce(Record.final_rev, Record.heads[0].as_string())
    return (
        select(
            position["latitude"].as_float().label("latitude"),
            position["longitude"].as_float().label("longitude"),
            position["accuracy"].as_float().label("accuracy_m"),
            position["at"].as_string().label("at"),
            Record.id.label("record"),
            Task.number.label("task"),
            InspectedObject.name.label("object"),
        )
        .join(Revision, Revision.rev == shown)
        .join(Task, Task.id == Record.task_id)
        .join(InspectedObject, InspectedObject.id == Task.object_id)
        .where(within(actor, Record.region), position["latitude"].as_float().is_not(None))
        .order_by(Record.id)
    )


def _point(row: Any) -> Point:
    return Point(row.longitude, row.latitude)


def _area(row: Any) -> MultiPolygon:
    drawn = shape(row.geometry)
    if isinstance(drawn, MultiPolygon):
        return drawn
    assert isinstance(drawn, Polygon)
    return MultiPolygon([drawn])


LAYERS = (
    Layer(
        LayerName.OBJECTS,
        "检查对象",
        CGCS2000,
        Permission.OBJECT_READ,
        is_area=False,
        properties={"id": str, "name": str, "kind": str, "region": str, "risk_class": str},
        ask=_objects,
        draw=_point,
    ),
    Layer(
        LayerName.BOUNDARIES,
        "许可范围",
        CGCS2000,
        Permission.OBJECT_READ,
        is_area=True,
        properties={
            "licence_no": str,
            "kind": str,
            "holder": str,
            "mineral": str,
            "valid_from": str,
            "valid_to": str,
            "area_km2": float,
            "object": str,
        },
        ask=_boundaries,
        draw=_area,
    ),
    Layer(
        LayerName.MARKERS,
        "界桩",
        CGCS2000,
        Permission.OBJECT_READ,
        is_area=False,
        properties={"marker_no": str, "kind": str, "elevation": float, "licence_no": str, "object": str},
        ask=_markers,
        draw=_point,
    ),
    Layer(
        LayerName.FIXES,
        "检查定位",
        WGS84,
        Permission.RECORD_READ,
        is_area=False,
        properties={"record": str, "task": str, "object": str, "accuracy_m": float, "at": str},
        ask=_fixes,
        draw=_point,
    ),
)
