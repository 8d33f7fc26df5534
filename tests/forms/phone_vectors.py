"""What positions say, for the phone to say the same: `python -m tests.forms.phone_vectors`.

Places are (latitude, longitude), the first outer ring of a licence as a task brings it to a phone: nine decimals.
"""

import json
import random
from pathlib import Path

from forms.geodesy import (
    LicencePolygon,
    Measurement,
    MeasuringMethod,
    ground_distance,
    judge_boundary,
    judge_displacement,
    to_geographic,
    to_grid,
    zone_of_epsg,
    zone_of_longitude,
)
from tests.forms.stars import licences

FILE = Path(__file__).with_name("phone_vectors.json")
RADII = (0.0, 0.8, 3.0, 4.7, 12.5, 65.0)


def vectors():
    chance = random.Random(7)
    single = [each for each in licences() if len(each.rings) == 1 and zone_of_epsg(each.epsg).width == 3]
    return {
        "boundaries": [_boundary(licence, chance) for licence in single],
        "markers": [_marker(chance.uniform(0, 60), radius) for radius in RADII for _ in range(4)],
        "ways": [_way(chance) for _ in range(12)],
        "grid": [_grid(chance) for _ in range(8)],
    }


def _boundary(licence: LicencePolygon, chance: random.Random):
    epsg = licence.epsg
    corners = [(c.x_north, c.y_east) for c in licence.rings[0].corners]
    ring = [[round(degrees, 9) for degrees in to_geographic(*corner, epsg)] for corner in corners]
    points = []
    for n in range(12):
        north, east = corners[n % len(corners)]
        place = to_geographic(north + chance.uniform(-90, 90), east + chance.uniform(-90, 90), epsg)
        radius = RADII[n % len(RADII)]
        verdict = judge_boundary(licence, *place, Measurement(MeasuringMethod.PHONE, radius))
        points.append({"place": place, "radius": radius, **_told(verdict, verdict.distance_m)})
    return {"ring": ring, "points": points}


def _marker(distance, radius):
    verdict = judge_displacement(distance, Measurement(MeasuringMethod.PHONE, radius))
    return {"distance": distance, "radius": radius, **_told(verdict, verdict.displacement_m)}


def _told(verdict, metres):
    return {
        "state": verdict.state.value,
        "metres": metres,
        "uncertainty": verdict.uncertainty_m,
        "margin": verdict.margin_m,
    }


def _way(chance):
    start = (chance.uniform(18, 53), chance.uniform(74, 134))
    reach = 10 ** chance.uniform(-6, 0)
    end = (start[0] + chance.uniform(-reach, reach), start[1] + chance.uniform(-reach, reach))
    return {"from": start, "to": end, "metres": ground_distance(start, end)}


def _grid(chance):
    place = (chance.uniform(18, 53), chance.uniform(74, 134))
    zone = zone_of_longitude(place[1])
    north, east = to_grid(*place, zone.epsg)
    return {"place": place, "meridian": zone.central_meridian, "grid": [north, east - zone.false_easting]}


def text():
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
