"""Judging rings of corners as shapes: too few points, crossings, and how rings lie to each other."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from shapely import Polygon, union_all
from shapely.validation import explain_validity

from forms.geodesy.corner_table import CornerFinding, Ring, Severity

MAX_RINGS = 200


def polygon_of(ring: Ring) -> Polygon:
    """Return a ring as a plane shape in metres, x east and y north."""
    return Polygon([(corner.y_east, corner.x_north) for corner in ring.corners])


def check_rings(rings: Sequence[Ring]) -> list[CornerFinding]:
    """Return what makes rings unusable as the boundary of a licence."""
    if len(rings) > MAX_RINGS:
        return [_error("too_many_rings", f"超过 {MAX_RINGS} 圈", f"There are more than {MAX_RINGS} rings")]
    findings = [finding for number, ring in enumerate(rings, 1) for finding in _check_shape(number, ring)]
    return findings or list(_check_positions(rings))


def _error(kind: str, message: str, message_en: str) -> CornerFinding:
    return CornerFinding(kind, Severity.ERROR, message, message_en)


def _check_shape(number: int, ring: Ring) -> Iterator[CornerFinding]:
    if len(ring.corners) < 3:
        yield _error(
            "too_few_points",
            f"第 {number} 圈只有 {len(ring.corners)} 个拐点，至少需要 3 个",
            f"Ring {number} has {len(ring.corners)} corners; at least 3 are needed",
        )
        return
    shape = polygon_of(ring)
    if not shape.is_valid:
        reason = explain_validity(shape)
        yield _error(
            "self_intersection",
            f"第 {number} 圈自相交（{reason}），请检查拐点顺序",
            f"Ring {number} crosses itself ({reason}); check the order of its corners",
        )
    elif shape.area < 1:
        yield _error("no_area", f"第 {number} 圈没有面积", f"Ring {number} encloses no area")


def _check_positions(rings: Sequence[Ring]) -> Iterator[CornerFinding]:
    shapes = [(number, ring.hole, polygon_of(ring)) for number, ring in enumerate(rings, 1)]
    outers = union_all([shape for _, hole, shape in shapes if not hole])
    for number, hole, shape in shapes:
        if hole and not outers.covers(shape):
            yield _error(
                "hole_outside",
                f"第 {number} 圈（除外）不在矿区范围之内",
                f"Ring {number} (excluded) does not lie inside the area",
            )
    for (number, hole, shape), (other_number, other_hole, other) in combinations(shapes, 2):
        if hole != other_hole or not shape.intersects(other) or shape.intersection(other).area < 1e-6:
            continue
        if not hole and (shape.covers(other) or other.covers(shape)):
            yield _error(
                "ring_inside",
                f"第 {number} 圈与第 {other_number} 圈一个在另一个之内，请注明哪一圈是“除外”",
                f"One of rings {number} and {other_number} lies inside the other; mark which is excluded",
            )
        else:
            yield _error(
                "rings_overlap",
                f"第 {number} 圈与第 {other_number} 圈重叠",
                f"Rings {number} and {other_number} overlap",
            )
