"""Gauss-Kruger grids of CGCS2000 (EPSG 4491-4554) and the way between them and latitude and longitude.

X is the northing and Y the easting, as Chinese surveying writes them. A phone's WGS84 fix is taken as
CGCS2000 without transformation; the frames differ by less than a metre, a phone by several.
"""

from dataclasses import dataclass
from functools import lru_cache

from pyproj import Transformer
from pyproj.exceptions import ProjError

CGCS2000 = 4490
FALSE_EASTING = 500_000.0
ZONE_STEP = 1_000_000


@dataclass(frozen=True, slots=True)
class GridZone:
    """A zone of the 3° or 6° system; `prefixed` eastings carry the zone number in front."""

    width: int
    number: int
    prefixed: bool

    @property
    def central_meridian(self) -> int:
        """Return the central meridian in degrees east."""
        return 3 * self.number if self.width == 3 else 6 * self.number - 3

    @property
    def epsg(self) -> int:
        """Return the EPSG code (registry of PROJ: 4491, 4502, 4513 and 4534 are each the zone at 75°E)."""
        if self.width == 3:
            return (4513 if self.prefixed else 4534) + self.number - 25
        return (4491 if self.prefixed else 4502) + self.number - 13

    @property
    def false_easting(self) -> float:
        """Return the easting of the central meridian, in metres."""
        return FALSE_EASTING + (self.number * ZONE_STEP if self.prefixed else 0)


_ZONES = {
    zone.epsg: zone
    for prefixed in (True, False)
    for zone in (
        *(GridZone(3, number, prefixed) for number in range(25, 46)),
        *(GridZone(6, number, prefixed) for number in range(13, 24)),
    )
}


def zone_of_epsg(epsg: int) -> GridZone:
    """Return the zone of an EPSG code; ValueError when it is no CGCS2000 Gauss-Kruger grid."""
    if epsg not in _ZONES:
        raise ValueError(f"EPSG:{epsg} 不是 CGCS2000 高斯-克吕格投影 / is no CGCS2000 Gauss-Kruger grid")
    return _ZONES[epsg]


def zone_of_number(number: int) -> GridZone:
    """Return the prefixed zone of a number: 25-45 are 3° zones, 13-23 are 6° zones; ValueError otherwise."""
    if 25 <= number <= 45:
        return GridZone(3, number, prefixed=True)
    if 13 <= number <= 23:
        return GridZone(6, number, prefixed=True)
    raise ValueError(f"没有 {number} 带 / there is no zone {number}")


def zone_of_longitude(longitude: float) -> GridZone:
    """Return the prefixed 3° zone of a longitude: zone = round(longitude / 3); ValueError outside China."""
    number = round(longitude / 3)
    if not 25 <= number <= 45:
        raise ValueError(f"经度 {longitude} 不在 3° 带 25-45 内 / longitude {longitude} is outside the zones")
    return GridZone(3, number, prefixed=True)


@lru_cache(maxsize=128)
def _transformer(source: int, target: int) -> Transformer:
    # A Transformer keeps one PROJ context per thread, so one object may serve all threads.
    return Transformer.from_crs(source, target)


def to_geographic(x_north: float, y_east: float, epsg: int) -> tuple[float, float]:
    """Return (latitude, longitude) in degrees of a grid position in metres; ValueError when impossible."""
    zone_of_epsg(epsg)
    return _transform(epsg, CGCS2000, x_north, y_east)


def to_grid(latitude: float, longitude: float, epsg: int) -> tuple[float, float]:
    """Return (X north, Y east) in metres of a position in degrees; ValueError when impossible."""
    zone_of_epsg(epsg)
    return _transform(CGCS2000, epsg, latitude, longitude)


def _transform(source: int, target: int, first: float, second: float) -> tuple[float, float]:
    try:
        one, other = _transformer(source, target).transform(first, second, errcheck=True)
    except ProjError as error:
        raise ValueError("坐标超出投影范围 / the position lies outside the projection") from error
    return float(one), float(other)
