"""The area of a licence (矿区范围) as a polygon: from rings of corners to GeoJSON, area and distances."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shapely import LinearRing, MultiPolygon, Point, Polygon, union_all
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry
from shapely.geometry.polygon import orient

from forms.geodesy.corner_table import CornerTable, Ring, read_rings
from forms.geodesy.ground import GroundBoundary
from forms.geodesy.projection import to_geographic
from forms.geodesy.ring_checks import check_rings, polygon_of

AREA_TOLERANCE = 0.01
_DEGREE_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class AreaComparison:
    """The computed area beside the licensed one, in km²; `difference` is relative to the licensed area."""

    computed_km2: float
    licensed_km2: float
    difference: float

    @property
    def exceeds(self) -> bool:
        """Tell whether the difference is more than 1 %, which is worth a warning."""
        return abs(self.difference) > AREA_TOLERANCE


@dataclass(frozen=True)
class LicencePolygon:
    """Rings of corners in one CGCS2000 grid; ValueError when they enclose no proper area."""

    rings: tuple[Ring, ...]
    epsg: int

    def __post_init__(self) -> None:
        findings = check_rings(self.rings)
        if findings or not any(not ring.hole for ring in self.rings):
            reasons = [f"{f.message} / {f.message_en}" for f in findings]
            raise ValueError("; ".join(reasons) or "没有矿区范围 / there is no outer ring")
        to_geographic(self.rings[0].corners[0].x_north, self.rings[0].corners[0].y_east, self.epsg)

    @classmethod
    def from_table(cls, table: CornerTable) -> "LicencePolygon":
        """Make the polygon of a table; ValueError when the table has errors or no grid."""
        if not table.usable or table.epsg is None:
            raise ValueError("拐点坐标表尚有错误 / the table of corners has errors")
        return cls(table.rings, table.epsg)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "LicencePolygon":
        """Read what `as_json` wrote."""
        return cls(read_rings(data["rings"]), int(data["epsg"]))

    def as_json(self) -> dict[str, Any]:
        """Return the rings with their grid, lossless."""
        return {"epsg": self.epsg, "rings": [ring.as_json() for ring in self.rings]}

    @cached_property
    def shape(self) -> MultiPolygon:
        """The plane shape in the grid, in metres: x east, y north."""
        outers = [polygon_of(ring) for ring in self.rings if not ring.hole]
        holes = [polygon_of(ring) for ring in self.rings if ring.hole]
        owners = [[hole for hole in holes if outer.covers(hole)] for outer in outers]
        shape = MultiPolygon(
            [
                Polygon(outer.exterior, [hole.exterior for hole in owned])
                for outer, owned in zip(outers, owners, strict=True)
            ]
        )
        if shape.is_valid and sum(map(len, owners)) == len(holes):
            return shape
        # Areas that adjoin, and excluded parts at the edge or across two areas, have to be merged: a common
        # edge is no boundary.
        merged = union_all(outers).difference(union_all(holes))
        return MultiPolygon([part for part in _parts(merged) if isinstance(part, Polygon)])

    @property
    def area_km2(self) -> float:
        """The plane area in the grid, in km², as a licence states it."""
        return float(self.shape.area) / 1e6

    def compare_area(self, licensed_km2: float) -> AreaComparison:
        """Compare with the area on the licence (km², above 0); more than 1 % apart is worth a warning."""
        if licensed_km2 <= 0:
            raise ValueError("登记面积必须大于 0 / the licensed area must be above 0")
        computed = self.area_km2
        return AreaComparison(computed, licensed_km2, computed / licensed_km2 - 1)

    def as_geojson(self) -> dict[str, Any]:
        """Return a GeoJSON geometry (RFC 7946): longitude before latitude, outer rings counter-clockwise."""
        parts = [
            orient(
                Polygon(self._in_degrees(part.exterior), [self._in_degrees(hole) for hole in part.interiors])
            )
            for part in self.shape.geoms
        ]
        geometry = mapping(parts[0] if len(parts) == 1 else MultiPolygon(parts))
        return {"type": geometry["type"], "coordinates": _as_lists(geometry["coordinates"])}

    def signed_distance(self, latitude: float, longitude: float) -> float:
        """Return the distance of a fix to the boundary in metres on the ground: + outside, - inside.

        ValueError where there is no such place.
        """
        return self._boundary.signed_distance(latitude, longitude)

    def signed_distance_in_grid(self, x_north: float, y_east: float) -> float:
        """Return the distance of a grid position to the boundary in metres of the grid: + outside, - inside."""
        point = Point(y_east, x_north)
        distance = float(self.shape.boundary.distance(point))
        return -distance if self.shape.covers(point) else distance

    @cached_property
    def _boundary(self) -> GroundBoundary:
        return GroundBoundary(self.shape, self.epsg)

    def _in_degrees(self, line: LinearRing) -> list[tuple[float, float]]:
        degrees = (to_geographic(x_north, y_east, self.epsg) for y_east, x_north in line.coords)
        return [
            (round(longitude, _DEGREE_DECIMALS), round(latitude, _DEGREE_DECIMALS))
            for latitude, longitude in degrees
        ]


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return list(shape.geoms) if isinstance(shape, BaseMultipartGeometry) else [shape]


def _as_lists(coordinates: Any) -> Any:
    return [_as_lists(part) for part in coordinates] if isinstance(coordinates, list | tuple) else coordinates
