"""A licence of several parts, or with holes, is one shape to a phone: what lies in it lies in the licence."""

import pytest

from server.inspections.prefill_rows import about_mine
from server.registry.models import Licence
from tests.forms.xpath.conftest import Instance


def square(west, south, side):
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


ONE = {"type": "Polygon", "coordinates": [square(112.0, 35.0, 0.01)]}
HOLED = {
    "type": "Polygon",
    "coordinates": [square(112.0, 35.0, 0.01), square(112.002, 35.002, 0.002)[::-1]],
}
PARTS = {
    "type": "MultiPolygon",
    "coordinates": [HOLED["coordinates"], [square(112.02, 35.02, 0.01)], [square(112.04, 34.99, 0.01)]],
}
INSIDE, IN_HOLE, IN_SECOND, IN_THIRD = "35.008 112.008", "35.003 112.003", "35.025 112.025", "34.995 112.045"
BETWEEN = [f"{35.0 + 0.001 * step} {112.0105 + 0.001 * step}" for step in range(9)]
OUTSIDE = ["35.02 112.015", "35.015 112.0", "34.999 112.02", "35.04 112.02", *BETWEEN]


def shape_of(geometry):
    return about_mine(Licence(geometry=geometry, holder="某矿", licence_no="C1", issuer="某厅"), [])[
        "boundary"
    ]


@pytest.mark.parametrize(
    ("geometry", "inside", "outside"),
    [
        (ONE, [INSIDE, IN_HOLE], [IN_SECOND, IN_THIRD, *OUTSIDE]),
        (HOLED, [INSIDE], [IN_HOLE, IN_SECOND, IN_THIRD, *OUTSIDE]),
        (PARTS, [INSIDE, IN_SECOND, IN_THIRD], [IN_HOLE, *OUTSIDE]),
    ],
    ids=["one part", "a hole", "parts"],
)
def test_what_lies_in_any_part_lies_in_the_shape(geometry, inside, outside):
    shape, instance = shape_of(geometry), Instance()
    found = {place: instance.text(f"geofence('{place}', '{shape}')") for place in [*inside, *outside]}
    assert found == dict.fromkeys(inside, "true") | dict.fromkeys(outside, "false")


def test_a_shape_of_one_part_is_its_ring():
    assert shape_of(ONE) == ";".join(f"{lat} {lon} 0 0" for lon, lat in ONE["coordinates"][0])
