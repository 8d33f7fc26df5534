"""Licences shaped like stars, in many zones, and their boundaries as the independent computation sees them."""

import math
import random

from forms.geodesy import Corner, LicencePolygon, Ring, zone_of_epsg
from tests.forms.independent import SampledBoundary, grid


def star(x, y, size, corners, *, seed, hole=False) -> Ring:
    shape = random.Random(seed)
    around = [
        (2 * math.pi * n / corners, size * shape.uniform(0.5, 1.0) * (1 if n % 2 else 0.6))
        for n in range(corners)
    ]
    return Ring(
        tuple(
            Corner(str(n), round(x + r * math.cos(a), 3), round(y + r * math.sin(a), 3))
            for n, (a, r) in enumerate(around)
        ),
        hole,
    )


def licences():
    """Areas of one and of several parts, with excluded parts, in the middle and at the edge of zones."""
    for epsg, x_north, shift in [
        (4525, 3_928_000.0, 128_000.0),
        (4527, 4_535_000.0, -105_000.0),
        (4547, 2_430_000.0, 152_000.0),
        (4528, 2_880_000.0, 1_000.0),
        (4549, 5_300_000.0, -90_000.0),
        (4497, 3_000_000.0, 290_000.0),
        (4508, 3_900_000.0, -270_000.0),
    ]:
        y_east = zone_of_epsg(epsg).false_easting + shift
        yield LicencePolygon((star(x_north, y_east, 900, 7, seed=epsg),), epsg)
        yield LicencePolygon(
            (
                star(x_north, y_east, 2500, 12, seed=epsg + 1),
                star(x_north, y_east, 300, 5, seed=2, hole=True),
                star(x_north + 6000, y_east - 2000, 700, 30, seed=3),
            ),
            epsg,
        )


def independent(licence: LicencePolygon) -> SampledBoundary:
    zone = zone_of_epsg(licence.epsg)
    lines = [[(corner.x_north, corner.y_east) for corner in ring.corners] for ring in licence.rings]
    return SampledBoundary(lines, grid(zone.central_meridian, zone.false_easting))
