"""Positions shifted by a map application are suspected; nothing else is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import from_gcj02, suspects_gcj02, to_gcj02
from tests.forms.independent import geodesic, moved

YANGCHENG, CHENGDE, FUZHOU, JIAXING = (
    (35.4866, 112.4147),
    (40.9515, 117.9634),
    (26.0745, 119.2965),
    (30.7461, 120.7555),
)
PLACES = [YANGCHENG, CHENGDE, FUZHOU, JIAXING]


@pytest.mark.parametrize(
    ("place", "metres"), [(YANGCHENG, 581), (CHENGDE, 560), (FUZHOU, 591), (JIAXING, 486)]
)
def test_the_shift_at_four_places_is_known(place, metres):
    assert geodesic(place, to_gcj02(*place)) == pytest.approx(metres, abs=1.5)


def test_the_shift_at_yangcheng_is_almost_all_to_the_east():
    latitude, longitude = to_gcj02(*YANGCHENG)
    assert geodesic(YANGCHENG, (YANGCHENG[0], longitude)) > 575
    assert geodesic(YANGCHENG, (latitude, YANGCHENG[1])) < 60


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_the_formula_gives_the_published_vectors(wgs84, gcj02):
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-9)


@given(st.floats(4, 53.5), st.floats(73.6, 135))
def test_the_inverse_is_right_to_a_millimetre(latitude, longitude):
    assert geodesic(from_gcj02(*to_gcj02(latitude, longitude)), (latitude, longitude)) < 0.001


def test_outside_china_nothing_is_shifted():
    for place in [(48.85, 2.35), (-33.9, 151.2), (40.7, -74.0), (0.0, 0.0), (60.0, 100.0)]:
        assert to_gcj02(*place) == place
        assert from_gcj02(*place) == place


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("off", [0.0, 5.0, 15.0])
def test_a_shifted_position_is_suspected_even_if_its_fix_was_some_metres_off(place, off):
    assert suspects_gcj02(to_gcj02(*moved(place, 40.0, off)), place)


@pytest.mark.parametrize("place", PLACES)
def test_positions_that_are_near_far_or_off_in_another_way_are_not_suspected(place):
    assert not suspects_gcj02(place, place)
    assert not suspects_gcj02(moved(place, 10.0, 100.0), place)
    assert not suspects_gcj02(to_gcj02(*moved(place, 40.0, 30.0)), place)
    assert not suspects_gcj02(moved(place, 10.0, 5000.0), place)
    opposite = [2 * here - shifted for here, shifted in zip(place, to_gcj02(*place), strict=True)]
    assert not suspects_gcj02(tuple(opposite), place)


def test_outside_china_nothing_is_suspected():
    paris = (48.85, 2.35)
    assert not suspects_gcj02(moved(paris, 90.0, 500.0), paris)


def test_what_is_no_place_is_refused():
    with pytest.raises(ValueError, match="no such place"):
        suspects_gcj02((math.nan, 112.0), YANGCHENG)
