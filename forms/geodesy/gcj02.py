"""Whether a position looks like one of a map application, in GCJ-02, instead of the receiver's own.

Chinese map services shift positions by some hundred metres (GCJ-02). Nothing here is ever stored or shown on a
map: a measured position is converted only to see whether the shift explains why it is not where it should be.
The formula is the public one, as in coordtransform and eviltransform (github.com/wandergis/coordtransform,
github.com/googollee/eviltransform), with the Krassovsky ellipsoid; the inverse is iterated.
"""

import math

from forms.geodesy.ground import Place, ground_distance

LEAST_SHIFT = 300.0
GREATEST_SHIFT = 700.0
CLOSE_AFTER_CONVERSION = 20.0

_SEMI_MAJOR_AXIS = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943_23
_LATITUDES = (0.8293, 55.8271)
_LONGITUDES = (72.004, 137.8347)
_CLOSE_DEGREES = 1e-9
_MOST_ROUNDS = 30


def to_gcj02(latitude: float, longitude: float) -> Place:
    """Return the GCJ-02 (latitude, longitude) of a WGS 84 position; outside China it stays as it is.

    China is the rectangle of the public algorithm, 0.8293-55.8271°N and 72.004-137.8347°E.
    """
    if not _is_shifted(latitude, longitude):
        return latitude, longitude
    east, north = longitude - 105.0, latitude - 35.0
    sine = math.sin(math.radians(latitude))
    root = math.sqrt(1 - _ECCENTRICITY_SQUARED * sine * sine)
    meridian_radius = _SEMI_MAJOR_AXIS * (1 - _ECCENTRICITY_SQUARED) / root**3
    parallel_radius = _SEMI_MAJOR_AXIS / root * math.cos(math.radians(latitude))
    return (
        latitude + math.degrees(_shift_north(east, north) / meridian_radius),
        longitude + math.degrees(_shift_east(east, north) / parallel_radius),
    )


def from_gcj02(latitude: float, longitude: float) -> Place:
    """Return the WGS 84 (latitude, longitude) of a GCJ-02 position, to less than a millimetre."""
    north, east = latitude, longitude
    for _ in range(_MOST_ROUNDS):
        there = to_gcj02(north, east)
        off = latitude - there[0], longitude - there[1]
        north, east = north + off[0], east + off[1]
        if max(map(abs, off)) < _CLOSE_DEGREES:
            break
    return north, east


def suspects_gcj02(measured: Place, expected: Place) -> bool:
    """Tell whether a measured (latitude, longitude) looks like GCJ-02 instead of WGS 84 (domain rule 4.3).

    It does where it lies 300 to 700 m from where it is expected, and within 20 m once converted from GCJ-02.
    Outside China nothing is suspected; ValueError where there is no such place.
    """
    if not LEAST_SHIFT <= ground_distance(measured, expected) <= GREATEST_SHIFT:
        return False
    if not _is_shifted(*measured):
        return False
    return ground_distance(from_gcj02(*measured), expected) <= CLOSE_AFTER_CONVERSION


def _is_shifted(latitude: float, longitude: float) -> bool:
    return _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]


def _waves(value: float, *terms: tuple[float, float]) -> float:
    """Return two thirds of a sum of sines, each given by its amplitude and its frequency in half turns."""
    return sum(height * math.sin(value * frequency * math.pi) for height, frequency in terms) * 2 / 3


def _shift_north(east: float, north: float) -> float:
    """Return the northward shift in metres; degrees from 105°E and 35°N."""
    return (
        -100
        + 2 * east
        + 3 * north
        + 0.2 * north * north
        + 0.1 * east * north
        + 0.2 * math.sqrt(abs(east))
        + _waves(east, (20, 6), (20, 2))
        + _waves(north, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    )


def _shift_east(east: float, north: float) -> float:
    """Return the eastward shift in metres; degrees from 105°E and 35°N."""
    return (
        300
        + east
        + 2 * north
        + 0.1 * east * east
        + 0.1 * east * north
        + 0.1 * math.sqrt(abs(east))
        + _waves(east, (20, 6), (20, 2), (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    )
