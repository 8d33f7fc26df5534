"""Functions of positions, as phones compute them: on a sphere, good for an indication on the spot.

What a record says about a boundary is computed by `forms.geodesy`, never by these.
"""

import itertools
import math
import re

from forms.xpath.code import BOOLEAN, NUMBER
from forms.xpath.library import function
from forms.xpath.scope import EvaluationError

SPHERE_RADIUS = 6_378_100.0
"""The radius in metres that the phone's engine and JavaRosa compute with."""

Place = tuple[float, float]

_DEGREES = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_TRAILING = re.compile(r"(\s*;)+$")


@function("distance", "text*", NUMBER)
def _distance(texts: list[str]) -> float:
    """Return the length of a line of positions in metres, rounded to centimetres."""
    line = _line(texts)
    if line is None:
        raise EvaluationError(
            "distance() 需要至少两个有效坐标点", "distance() needs two valid positions or more"
        )
    return _centimetres(sum(itertools.starmap(_arc, itertools.pairwise(line))))


@function("area", "text*", NUMBER)
def _area(texts: list[str]) -> float:
    """Return the area of a shape in square metres, rounded to square centimetres' hundredths."""
    line = _line(texts) or []
    if len(line) < 3:
        return 0.0
    if line[0] != line[-1]:
        line = [*line, line[0]]
    total = sum(
        math.radians(end[1] - start[1])
        * (2 + math.sin(math.radians(end[0])) + math.sin(math.radians(start[0])))
        for start, end in itertools.pairwise(line)
    )
    return _centimetres(total * SPHERE_RADIUS * SPHERE_RADIUS / 2)


@function("geofence", "text text", BOOLEAN)
def _geofence(point: str, shape: str) -> bool:
    """Tell whether a position lies in a closed shape, taking degrees as a plane."""
    place, ring = _place(point), _line([shape]) if shape.strip() else None
    if place is None or ring is None or ring[0] != ring[-1]:
        return False
    inside = False
    for (lat1, lon1), (lat2, lon2) in itertools.pairwise(ring):
        crosses = (lat2 > place[0]) != (lat1 > place[0])
        if crosses and place[1] < (lon1 - lon2) * (place[0] - lat2) / (lat1 - lat2) + lon2:
            inside = not inside
    return inside


def _line(texts: list[str]) -> list[Place] | None:
    if len(texts) == 1:
        texts = _TRAILING.sub("", texts[0].strip()).split(";")
    places = [_place(text) for text in texts]
    known = [place for place in places if place is not None]
    return known if len(known) == len(places) and len(known) >= 2 else None


def _place(text: str) -> Place | None:
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_DEGREES.fullmatch(part) for part in parts[:2]):
        return None
    latitude, longitude = float(parts[0]), float(parts[1])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _arc(start: Place, end: Place) -> float:
    phi0, phi1 = math.radians(start[0]), math.radians(end[0])
    cosine = math.sin(phi0) * math.sin(phi1) + math.cos(phi0) * math.cos(phi1) * math.cos(
        math.radians(start[1] - end[1])
    )
    # Rounding may carry the cosine of equal positions beyond 1, which has no angle: the phone finds NaN there.
    return math.acos(cosine) * SPHERE_RADIUS if abs(cosine) <= 1 else math.nan


def _centimetres(metres: float) -> float:
    return metres if math.isnan(metres) else abs(math.floor(metres * 100 + 0.5) / 100)
