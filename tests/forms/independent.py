"""Distances to a boundary computed another way, to check the product's by: sampling, geodesics, ray casting.

Nothing here comes from `forms`: the grid is PROJ's transverse Mercator by its parameters, edges are sampled and
refined by golden section, and inside is what an odd number of crossings tells.
"""

import math
from itertools import pairwise

from pyproj import Geod, Proj

GEOD = Geod(ellps="GRS80")
_GOLDEN = (math.sqrt(5) - 1) / 2


def grid(meridian: float, false_easting: float) -> Proj:
    return Proj(
        proj="tmerc", lat_0=0, lon_0=meridian, k=1, x_0=false_easting, y_0=0, a=6378137, rf=298.257222101
    )


def geodesic(place, other) -> float:
    return GEOD.inv(place[1], place[0], other[1], other[0])[2]


def moved(place, azimuth: float, metres: float):
    longitude, latitude, _ = GEOD.fwd(place[1], place[0], azimuth, metres)
    return latitude, longitude


class SampledBoundary:
    """Closed lines of (x north, y east); a place is inside where it is within an odd number of them."""

    def __init__(self, lines, projection: Proj, spacing: float = 5.0) -> None:
        self.lines = [[*line, line[0]] for line in lines]
        self.projection = projection
        self.samples = [
            (edge, n / count)
            for line in self.lines
            for edge in pairwise(line)
            for count in [max(2, math.ceil(math.dist(*edge) / spacing))]
            for n in range(count)
        ]
        self.step = {edge: 1 / max(2, math.ceil(math.dist(*edge) / spacing)) for edge, _ in self.samples}
        positions = [self.at(edge, share) for edge, share in self.samples]
        self.longitudes, self.latitudes = projection(
            [y for _, y in positions], [x for x, _ in positions], inverse=True
        )

    @staticmethod
    def at(edge, share: float):
        (x, y), (to_x, to_y) = edge
        return x + share * (to_x - x), y + share * (to_y - y)

    def place(self, x_north: float, y_east: float):
        longitude, latitude = self.projection(y_east, x_north, inverse=True)
        return latitude, longitude

    def signed_distance(self, place) -> float:
        count = len(self.samples)
        _, _, distances = GEOD.inv([place[1]] * count, [place[0]] * count, self.longitudes, self.latitudes)
        nearest = sorted(range(count), key=distances.__getitem__)
        least = distances[nearest[0]]
        # Any sample not farther than the nearest by a step may have the nearest position beside it.
        candidates = [n for n in nearest[:40] if distances[n] <= least + 6]
        distance = min(self._refined(place, *self.samples[n]) for n in candidates)
        return -distance if self.holds(place) else distance

    def _refined(self, place, edge, share: float) -> float:
        low, high = max(0.0, share - self.step[edge]), min(1.0, share + self.step[edge])
        for _ in range(32):
            first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
            if self._way(place, edge, first) < self._way(place, edge, second):
                high = second
            else:
                low = first
        return self._way(place, edge, (low + high) / 2)

    def _way(self, place, edge, share: float) -> float:
        return geodesic(place, self.place(*self.at(edge, share)))

    def holds(self, place) -> bool:
        y, x = self.projection(place[1], place[0])
        crossings = sum(
            (from_x > x) != (to_x > x) and y < (to_y - from_y) * (x - from_x) / (to_x - from_x) + from_y
            for line in self.lines
            for (from_x, from_y), (to_x, to_y) in pairwise(line)
        )
        return crossings % 2 == 1
