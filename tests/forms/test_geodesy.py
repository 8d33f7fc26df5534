"""Grids to the millimetre, polygons and their areas."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import (
    Corner,
    LicencePolygon,
    Ring,
    parse_corners,
    to_geographic,
    to_grid,
    zone_of_epsg,
    zone_of_longitude,
    zone_of_number,
)

# Latitude, longitude, EPSG, X, Y, EPSG of the truncated grid: computed with PROJ and with Krüger's series.
VECTORS = [
    (35.4866, 112.4147, 4525, 3929498.940, 37628380.474, 4546),
    (40.9515, 117.9634, 4527, 4535634.193, 39581115.771, 4548),
    (26.0745, 119.2965, 4528, 2885278.267, 40429610.580, 4549),
    (34.0357, 113.8523, 4526, 3767631.223, 38486360.472, 4547),
    (30.7461, 120.7555, 4528, 3403068.971, 40572344.942, 4549),
]
NORTH, EAST = 3_928_000.0, 37_628_000.0


def ring(*points, hole=False) -> Ring:
    return Ring(tuple(Corner(str(n), NORTH + x, EAST + y) for n, (x, y) in enumerate(points, 1)), hole)


def square(size=1000.0, at=0.0, *, hole=False) -> Ring:
    return ring((at, at), (at + size, at), (at + size, at + size), (at, at + size), hole=hole)


@pytest.fixture
def licence() -> LicencePolygon:
    return LicencePolygon((square(), square(200.0, 400.0, hole=True)), 4525)


def degrees(x: float, y: float) -> tuple[float, float]:
    return to_geographic(NORTH + x, EAST + y, 4525)


@pytest.mark.parametrize(("latitude", "longitude", "epsg", "x_north", "y_east", "truncated"), VECTORS)
def test_the_five_vectors_hold_to_a_millimetre(latitude, longitude, epsg, x_north, y_east, truncated):
    assert to_grid(latitude, longitude, epsg) == pytest.approx((x_north, y_east), abs=0.001)
    assert to_grid(latitude, longitude, truncated) == pytest.approx((x_north, y_east % 1_000_000), abs=0.001)
    back = to_geographic(x_north, y_east, epsg)
    assert to_grid(*back, epsg) == pytest.approx((x_north, y_east), abs=0.001)
    assert zone_of_longitude(longitude).epsg == epsg


@given(
    st.sampled_from([4491, 4501, 4502, 4513, 4525, 4533, 4534, 4554]),
    st.floats(400_000, 5_900_000),
    st.floats(-150_000, 150_000),
)
def test_grid_to_geographic_and_back_is_less_than_a_millimetre(epsg, x_north, offset):
    y_east = zone_of_epsg(epsg).false_easting + offset
    x_back, y_back = to_grid(*to_geographic(x_north, y_east, epsg), epsg)
    assert math.hypot(x_back - x_north, y_back - y_east) < 0.001


def test_every_zone_has_its_code_and_its_meridian():
    for number in range(25, 46):
        zone = zone_of_number(number)
        assert (zone.epsg, zone.central_meridian) == (4513 + number - 25, 3 * number)
    for number in range(13, 24):
        zone = zone_of_number(number)
        assert (zone.epsg, zone.central_meridian) == (4491 + number - 13, 6 * number - 3)
    for epsg in range(4491, 4555):
        zone = zone_of_epsg(epsg)
        _x_north, y_east = to_grid(30.0, zone.central_meridian, epsg)
        assert y_east == pytest.approx(zone.false_easting, abs=0.001), epsg


@pytest.mark.parametrize("epsg", [4326, 4490, 4555, 2349, 0])
def test_other_grids_are_refused(epsg):
    with pytest.raises(ValueError, match="CGCS2000"):
        to_grid(35.0, 112.0, epsg)


def test_projections_may_be_used_by_many_threads_at_once():
    def place(number: int) -> tuple[float, float]:
        latitude, longitude, epsg, *_ = VECTORS[number % 5]
        return to_grid(latitude, longitude, epsg)

    with ThreadPoolExecutor(8) as pool:
        placed = list(pool.map(place, range(400)))
    assert all(placed[n] == placed[n % 5] for n in range(400))


def test_the_area_is_that_of_the_plane_without_the_excluded_part(licence):
    assert licence.area_km2 == pytest.approx(0.96)


@pytest.mark.parametrize(("licensed", "exceeds"), [(0.96, False), (0.9515, False), (0.95, True), (1.0, True)])
def test_more_than_one_percent_of_area_is_worth_a_warning(licence, licensed, exceeds):
    comparison = licence.compare_area(licensed)
    assert comparison.exceeds is exceeds
    assert comparison.difference == pytest.approx(0.96 / licensed - 1)


def test_an_area_of_nothing_cannot_be_compared(licence):
    with pytest.raises(ValueError, match="above 0"):
        licence.compare_area(0)


def signed_area(line) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(line)) / 2


def test_geojson_has_longitude_first_and_follows_the_right_hand(licence):
    geometry = licence.as_geojson()
    assert geometry["type"] == "Polygon"
    outer, hole = geometry["coordinates"]
    assert outer[0] == outer[-1]
    assert 112 < outer[0][0] < 113
    assert 35 < outer[0][1] < 36
    assert signed_area(outer) > 0 > signed_area(hole)


def test_several_areas_are_a_multipolygon():
    geometry = LicencePolygon((square(), square(at=5000.0)), 4525).as_geojson()
    assert (geometry["type"], len(geometry["coordinates"])) == ("MultiPolygon", 2)


def test_a_polygon_survives_json(licence):
    assert LicencePolygon.from_json(licence.as_json()) == licence


@pytest.mark.parametrize(
    "rings",
    [
        (),
        (ring((0, 0), (1, 1)),),
        (ring((0, 0), (1000, 1000), (1000, 0), (0, 1000)),),
        (square(hole=True),),
        (square(), square(at=5000.0, hole=True)),
    ],
)
def test_rings_that_enclose_no_proper_area_make_no_polygon(rings):
    with pytest.raises(ValueError):
        LicencePolygon(rings, 4525)


def test_a_table_with_errors_makes_no_polygon():
    with pytest.raises(ValueError, match="errors"):
        LicencePolygon.from_table(parse_corners("1,3929498.94,628380.47"))


def test_a_common_edge_of_two_areas_is_no_boundary():
    north, south = (
        ring((0, 0), (500, 0), (500, 900), (0, 900)),
        ring((500, 0), (900, 0), (900, 900), (500, 900)),
    )
    both = LicencePolygon((north, south), 4525)
    assert both.signed_distance_in_grid(NORTH + 500, EAST + 450) == pytest.approx(-400)
    assert both.area_km2 == pytest.approx(0.81)
    assert both.as_geojson()["type"] == "Polygon"


def test_an_excluded_part_may_lie_across_two_areas_or_at_the_edge():
    north, south = (
        ring((0, 0), (500, 0), (500, 900), (0, 900)),
        ring((500, 0), (900, 0), (900, 900), (500, 900)),
    )
    across = ring((450, 400), (550, 400), (550, 500), (450, 500), hole=True)
    at_the_edge = ring((0, 0), (100, 0), (100, 100), (0, 100), hole=True)
    licence = LicencePolygon((north, south, across, at_the_edge), 4525)
    assert licence.area_km2 == pytest.approx(0.79)
    assert licence.signed_distance_in_grid(NORTH + 500, EAST + 450) == pytest.approx(50)
    assert licence.signed_distance_in_grid(NORTH + 50, EAST + 50) == pytest.approx(50)


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        (500, 100, -100),
        (500, -30, 30),
        (-30, -40, 50),
        (500, 1007, 7),
        (500, 500, 100),
        (390, 500, -10),
        (0, 0, 0),
    ],
)
def test_distance_in_the_grid_is_positive_outside_and_in_excluded_parts(licence, x, y, distance):
    assert licence.signed_distance_in_grid(NORTH + x, EAST + y) == pytest.approx(distance, abs=1e-6)
    assert licence.signed_distance(*degrees(x, y)) == pytest.approx(distance, rel=3e-4, abs=0.001)
