"""Distances as on the ground, against geodesics computed another way, to a centimetre."""

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyproj import Geod

from forms.geodesy import Corner, LicencePolygon, Ring, ground_distance, to_geographic, zone_of_epsg
from tests.forms.independent import geodesic, moved
from tests.forms.stars import independent, licences, star

CENTIMETRE = 0.01


@pytest.fixture(scope="module")
def pairs():
    return [(licence, independent(licence)) for licence in licences()]


@pytest.mark.parametrize("reach", [5.0, 50.0, 600.0, 5_000.0])
def test_distances_agree_with_an_independent_computation_to_a_centimetre(pairs, reach):
    chance = random.Random(round(reach))
    for licence, other in pairs:
        for _ in range(8):
            edge, share = chance.choice(other.samples)
            place = moved(
                other.place(*other.at(edge, share)), chance.uniform(0, 360), chance.uniform(0, reach)
            )
            assert licence.signed_distance(*place) == pytest.approx(
                other.signed_distance(place), abs=CENTIMETRE
            ), (licence.epsg, place)


@pytest.mark.parametrize("kilometres", [20, 80, 250])
def test_they_agree_right_across_a_zone_and_into_the_next_one(pairs, kilometres):
    chance = random.Random(kilometres)
    for licence, other in pairs:
        if zone_of_epsg(licence.epsg).width == 6:
            continue
        start = other.place(*other.lines[0][0])
        meridian = zone_of_epsg(licence.epsg).central_meridian
        inwards, outwards = (270, 90) if start[1] > meridian else (90, 270)
        across = moved(start, inwards + chance.uniform(-20, 20), kilometres * 1000)
        assert licence.signed_distance(*across) == pytest.approx(
            other.signed_distance(across), abs=CENTIMETRE
        )
        beyond = moved(start, outwards + chance.uniform(-20, 20), kilometres * 1000)
        least = CENTIMETRE if kilometres <= 80 else 0.5
        assert licence.signed_distance(*beyond) == pytest.approx(other.signed_distance(beyond), abs=least)


def test_in_the_grid_the_distance_is_off_by_the_scale_and_on_the_ground_it_is_not():
    x, y = 2_430_000.0, 38_652_000.0
    square = [(x, y), (x, y - 2000), (x + 2000, y - 2000), (x + 2000, y)]
    licence = LicencePolygon((Ring(tuple(Corner("", *corner) for corner in square)),), 4526)
    fix = to_geographic(x + 1000, y + 600, 4526)
    assert licence.signed_distance_in_grid(x + 1000, y + 600) == pytest.approx(600)
    assert licence.signed_distance(*fix) == pytest.approx(600 - 0.171, abs=0.002)


@pytest.mark.parametrize("aside", [-0.2, -0.05, 0.0, 0.05, 0.2])
def test_where_two_edges_are_equally_near_in_the_grid_the_nearer_on_the_ground_counts(aside):
    x, y = 2_430_000.0, 38_652_000.0
    square = [(x - 5000, y - 5000), (x - 5000, y + 5000), (x + 5000, y + 5000), (x + 5000, y - 5000)]
    licence = LicencePolygon((Ring(tuple(Corner("", *corner) for corner in square)),), 4526)
    fix = to_geographic(x, y + aside, 4526)
    assert licence.signed_distance(*fix) == pytest.approx(
        independent(licence).signed_distance(fix), abs=CENTIMETRE
    )


@pytest.mark.parametrize("fix", [(0.0, 0.0), (-35.0, -66.0), (35.3, 130.0), (90.0, 112.0), (-90.0, -180.0)])
def test_a_fix_on_the_other_side_of_the_earth_is_far_and_no_error(fix):
    licence = next(licences())
    corner = licence.rings[0].corners[0]
    expected = geodesic(fix, to_geographic(corner.x_north, corner.y_east, 4525))
    assert licence.signed_distance(*fix) == pytest.approx(expected, abs=2000)


@pytest.mark.parametrize("place", [(math.nan, 112.0), (91.0, 112.0), (35.0, math.inf), (35.0, 181.0)])
def test_what_is_no_place_has_no_distance(place):
    with pytest.raises(ValueError, match="no such place"):
        next(licences()).signed_distance(*place)
    with pytest.raises(ValueError, match="no such place"):
        ground_distance(place, (35.0, 112.0))


def test_ground_distance_is_the_geodesic_of_grs80():
    ellipsoid = Geod(a=6378137, rf=298.257222101)
    for place, other in [((35.4, 112.4), (35.41, 112.38)), ((22.0, 114.0), (53.5, 123.0))]:
        expected = ellipsoid.inv(place[1], place[0], other[1], other[0])[2]
        assert ground_distance(place, other) == pytest.approx(expected, abs=1e-6)
        assert geodesic(place, other) == pytest.approx(expected, abs=1e-6)


def test_many_threads_may_measure_from_one_polygon():
    licence = list(licences())[1]
    places = [to_geographic(3_928_000.0 + n, 37_628_000.0 + 7 * n, 4525) for n in range(500)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda place: licence.signed_distance(*place), places))
    assert together == [licence.signed_distance(*place) for place in places]


def test_a_distance_costs_far_less_than_a_third_of_a_millisecond_even_with_5000_corners():
    licence = LicencePolygon((star(3_928_000.0, 37_628_000.0, 3000, 5000, seed=1),), 4525)
    place = to_geographic(3_928_000.0, 37_633_000.0, 4525)
    licence.signed_distance(*place)

    def spent() -> float:
        begin = time.process_time()
        for _ in range(50):
            licence.signed_distance(*place)
        return (time.process_time() - begin) / 50

    assert min(spent() for _ in range(5)) < 0.0003
