"""Outlines of regions (行政区划界线), taken in from GeoJSON that a bureau holds. Nothing is made up, mended or fetched.

A file is taken whole or not at all. It holds degrees (RFC 7946: WGS 84; CGCS2000 differs by less than a metre), one feature for
each region, which a property names by its code. Outlines are for pictures, and decide nothing: jurisdiction follows from codes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, region_bounds, require
from server.accounts.models import Region, RegionOutline
from server.db import Json
from server.problems import OutlinesWrong

_CODE: Final = re.compile(r"(\d{6})(?:000000)?\Z")
_DEGREES: Final = re.compile(r"CRS84|EPSG:{1,2}(?:4326|4490)\Z")
_WEST, _SOUTH, _EAST, _NORTH = 72.0, 3.0, 136.0, 54.0
"""China's land and islands, with a margin: what lies elsewhere is metres, or latitude first."""


@dataclass(frozen=True)
class Taken:
    """What was taken in: codes of regions, and codes that are no region here."""

    taken: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def take_outlines(session: Session, actor: Actor, given: Any, *, code_property: str, source: str) -> Taken:
    """Take the outlines of regions in one's jurisdiction, in place of older ones. OutlinesWrong lists what can't be used.

    `given`: a FeatureCollection; `source`: whose file it is and of when, which stands on pictures.
    """
    require(actor, Permission.PERSON_MANAGE)
    found = _read(given, code_property)
    first, last = region_bounds(actor.region)
    known = set(
        session.scalars(select(Region.code).where(Region.code.in_(found), Region.code.between(first, last)))
    )
    taken = Taken(sorted(known), sorted(found.keys() - known))
    for code in taken.taken:
        outline = session.get(RegionOutline, code) or RegionOutline(code=code)
        outline.geometry, outline.source, outline.entered_at = found[code], source, clock.now()
        session.add(outline)
    session.flush()
    if taken.taken:
        told = {"codes": taken.taken, "source": source}
        audit.append(session, actor, "outlines.entered", ("region", actor.region), told)
    return taken


def outlines_of(
    session: Session, region: str, tolerance: float
) -> list[tuple[str, str, list[list[list[float]]]]]:
    """Return the outlines of a region and of those that lie in it next: code, source, rings of (longitude, latitude).

    `tolerance` in degrees: corners that a line through the others passes so near are left out. Rings of islands too small
    to be seen then are, too, but never the largest one.
    """
    query = (
        select(RegionOutline)
        .join(Region, Region.code == RegionOutline.code)
        .where(or_(Region.code == region, Region.parent == region))
        .order_by(RegionOutline.code)
    )
    return [(each.code, each.source, _rings(each.geometry, tolerance)) for each in session.scalars(query)]


def _rings(geometry: Json, tolerance: float) -> list[list[list[float]]]:
    outline = shape(geometry)
    parts = sorted(_polygons(outline.simplify(tolerance)), key=lambda each: each.area, reverse=True)
    shown = [part for place, part in enumerate(parts) if place == 0 or part.area > tolerance * tolerance]
    lines = [ring for part in shown for ring in (part.exterior, *part.interiors)]
    return [
        [[float(longitude), float(latitude)] for longitude, latitude, *_ in ring.coords] for ring in lines
    ]


def _polygons(outline: Any) -> Sequence[Polygon]:
    return list(outline.geoms) if isinstance(outline, MultiPolygon) else [outline]


def _read(given: Any, code_property: str) -> dict[str, Json]:
    """Read each feature by its code; OutlinesWrong when one can't be used, or there is none."""
    errors: list[Json] = []
    found: dict[str, Json] = {}
    if not isinstance(given, dict) or given.get("type") != "FeatureCollection":
        raise OutlinesWrong("不是 FeatureCollection", "not a FeatureCollection")
    named = (given.get("crs") or {}).get("properties", {}).get("name", "CRS84")
    if not _DEGREES.search(str(named)):
        raise OutlinesWrong(f"坐标系应为 CGCS2000 或 WGS 84 经纬度：{named}", f"not in degrees: {named}")
    features = given.get("features")
    for place, feature in enumerate(features if isinstance(features, list) else [], 1):
        try:
            code, outline = _feature(feature, code_property)
        except (AttributeError, KeyError, TypeError, ValueError, ShapelyError) as error:
            errors.append({"feature": place, "reason": str(error)[:200]})
        else:
            if code in found:
                errors.append(
                    {"feature": place, "reason": f"区划代码重复：{code} · this code is there twice"}
                )
            found[code] = outline
    if errors or not found:
        raise OutlinesWrong(errors=errors[:100])
    return found


def _feature(feature: Any, code_property: str) -> tuple[str, Json]:
    code = _CODE.match(str(feature["properties"][code_property]))
    if code is None:
        raise ValueError("没有六位区划代码 · no six-digit code")
    outline = shape(feature["geometry"])
    if not isinstance(outline, Polygon | MultiPolygon) or outline.is_empty:
        raise ValueError("不是面 · no polygon")
    west, south, east, north = outline.bounds
    if not (_WEST <= west <= east <= _EAST and _SOUTH <= south <= north <= _NORTH):
        raise ValueError("坐标不是经纬度（先经后纬） · not in degrees, longitude first")
    if not outline.is_valid:
        raise ValueError(explain_validity(outline))
    return code[1], {name: feature["geometry"][name] for name in ("type", "coordinates")}
