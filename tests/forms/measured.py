"""A square licence on a central meridian, where a metre of the grid is a metre on the ground, and its judges."""

from forms.geodesy import (
    Corner,
    LicencePolygon,
    Measurement,
    MeasuringMethod,
    Ring,
    judge_boundary,
    judge_marker,
    to_geographic,
)

NORTH, EAST = 3_928_000.0, 37_500_000.0
SQUARE = LicencePolygon(
    (Ring(tuple(Corner("", NORTH + x, EAST + y) for x, y in [(0, 0), (0, 1000), (1000, 1000), (1000, 0)])),),
    4525,
)
PHONE = Measurement(MeasuringMethod.PHONE, radius_m=4.0)
RTK = Measurement(MeasuringMethod.RTK_FIXED, radius_m=0.02)
REPORTED_RTK = Measurement(MeasuringMethod.RTK_FIXED, reported=True)


def at(x: float, y: float) -> tuple[float, float]:
    return to_geographic(NORTH + x, EAST + y, 4525)


def judge_outside(metres, measurement):
    return judge_boundary(SQUARE, *at(500, -metres), measurement)


def judge_moved(metres, measurement, **tolerance):
    return judge_marker((NORTH, EAST), 4525, *at(0, metres), measurement=measurement, **tolerance)
