"""Distances as on the ground: geodesics of CGCS2000's ellipsoid instead of lengths in a stretched grid.

Towards the edge of a 3° zone a metre is up to 1.00035 m long in the grid, 0.2 m in 600 m. The corners of a
licence are joined by straight lines in its grid, as its area and its maps are; from such a line to a fix the
way is measured on the ellipsoid (GRS 80, whose figure CGCS2000 shares), not at the height of the terrain.
"""

from itertools import pairwise

import shapely
from pyproj import Geod
from shapely import MultiPolygon, Point, STRtree

from forms.geodesy.projection import to_geographic, to_grid, zone_of_epsg

_ELLIPSOID = Geod(ellps="GRS80")
_LEAST_EARTH_RADIUS = 6_335_000.0
_FAR_DEGREES = 9.0

Place = tuple[float, float]


def require_place(latitude: float, longitude: float) -> None:
    """Refuse what is no place on earth with ValueError."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"没有这个位置 / there is no such place: {latitude}, {longitude}")


def ground_distance(place: Place, other: Place) -> float:
    """Return the length of the geodesic between two (latitude, longitude) in metres; ValueError off earth."""
    require_place(*place)
    require_place(*other)
    _, _, distance = _ELLIPSOID.inv(place[1], place[0], other[1], other[0])
    return float(distance)


class GroundBoundary:
    """The boundary of a plane shape (metres in a grid, x east, y north), ready to be measured from often.

    Building it costs time with each edge; a distance after that grows with the logarithm of their number.
    """

    def __init__(self, shape: MultiPolygon, epsg: int) -> None:
        self._shape = shape
        self._epsg = epsg
        self._zone = zone_of_epsg(epsg)
        rings = [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]
        self._edges = [edge for ring in rings for edge in pairwise(ring.coords)]
        self._tree = STRtree(shapely.linestrings(self._edges))
        # Both indexes are built when first used; used here, they are whole before threads share them.
        shapely.prepare(shape)
        start = Point(self._edges[0][0])
        shape.covers(start)
        self._tree.nearest(start)

    def signed_distance(self, latitude: float, longitude: float) -> float:
        """Return the distance of a place to the boundary in metres, + outside, - inside; ValueError off earth.

        Right to 1 cm within the zone and near it; at d metres it may be d³E²/8R⁴ too long (E: the distance
        from the central meridian), 1 mm at 80 km. Beyond 9° from the central meridian, where a grid means
        little, it is the distance to the nearest corner.
        """
        require_place(latitude, longitude)
        place = (latitude, longitude)
        if abs(longitude - self._zone.central_meridian) > _FAR_DEGREES:
            return min(self._way(place, start) for start, _ in self._edges)
        x_north, y_east = to_grid(latitude, longitude, self._epsg)
        point = Point(y_east, x_north)
        distance = min(
            self._way(place, _foot((y_east, x_north), edge)) for edge in self._nearest_edges(point)
        )
        return -distance if self._shape.covers(point) else distance

    def _nearest_edges(self, point: Point) -> list[tuple[Place, Place]]:
        """Return the edges that may be nearest on the ground: about as near in the grid as the nearest."""
        _, distances = self._tree.query_nearest(point, return_distance=True, all_matches=False)
        nearest = float(distances[0])
        offset = abs(point.x - self._zone.false_easting)
        reach = nearest * _greatest_stretch(offset, 1.01 * nearest) + 1e-6
        return [self._edges[n] for n in self._tree.query(point, predicate="dwithin", distance=reach)]

    def _way(self, place: Place, position: Place) -> float:
        """Return the metres from a place to a grid position (east, north)."""
        y_east, x_north = position
        latitude, longitude = to_geographic(x_north, y_east, self._epsg)
        _, _, distance = _ELLIPSOID.inv(place[1], place[0], longitude, latitude)
        return float(distance)


def _greatest_stretch(offset: float, reach: float) -> float:
    """Return by what factor scales may differ within reach of a point offset from the central meridian (m).

    The scale of a Gauss-Kruger grid is 1 + E²/2R² and a little more, hence the tenth.
    """
    most, least = offset + reach, max(0.0, offset - reach)
    return 1 + 1.1 * (most**2 - least**2) / (2 * _LEAST_EARTH_RADIUS**2)


def _foot(point: Place, edge: tuple[Place, Place]) -> Place:
    """Return the position on an edge that is nearest to a point, in the plane."""
    (start_east, start_north), (end_east, end_north) = edge
    east, north = end_east - start_east, end_north - start_north
    length = east * east + north * north
    along = (point[0] - start_east) * east + (point[1] - start_north) * north
    share = min(1.0, max(0.0, along / length)) if length else 0.0
    return start_east + share * east, start_north + share * north
