"""Fixes with known truth: verdicts that sound certain are wrong at most once in a thousand.

Errors are drawn as the rule assumes them: Gaussian in the plane, 68 % within the radius believed of the
measurement, and 95 % within 0.1 m for what the licence and the setting of markers add. Truths lie where it is
hardest, near edges, in excluded parts a few metres wide and in narrow corridors.
"""

import math
import random
from dataclasses import dataclass

import pytest

from forms.geodesy import (
    BoundaryState,
    Corner,
    LicencePolygon,
    MarkerState,
    Measurement,
    MeasuringMethod,
    Ring,
    judge_boundary,
    judge_marker,
    to_geographic,
)
from tests.forms.independent import moved
from tests.forms.stars import independent, licences

FIXES = 5_000
AT_MOST = FIXES // 1_000
SIGMA_PER_R68 = 1 / math.sqrt(-2 * math.log(0.32))
SIGMA_PER_R95 = 1 / math.sqrt(-2 * math.log(0.05))


def draw_measurement(chance: random.Random) -> Measurement:
    """A phone as often as anything else; its radius may be believed or below its floor."""
    phone = Measurement(
        MeasuringMethod.PHONE,
        chance.choice([1.0, chance.uniform(3, 8), chance.uniform(3, 30)]),
        fixes=chance.choice([1, 40]),
        duration_s=40,
    )
    others = [
        Measurement(MeasuringMethod.HANDHELD_RTK, chance.uniform(0.3, 2)),
        Measurement(MeasuringMethod.RTK_FLOAT),
        Measurement(MeasuringMethod.RTK_FIXED, chance.uniform(0.01, 0.08), reported=chance.random() < 0.5),
        Measurement(MeasuringMethod.TOTAL_STATION, reported=chance.random() < 0.5),
        Measurement(MeasuringMethod.SURVEY_REPORT, reported=True),
        Measurement(MeasuringMethod.PLAN, plan_scale=chance.choice([500, 1000, 2000, 5000])),
        Measurement(MeasuringMethod.UAV, chance.uniform(0.5, 3)),
    ]
    return chance.choice([phone, chance.choice(others)])


def measure(place, measurement: Measurement, chance: random.Random):
    """Return the fix that the measurement makes of a place: with the error of its method and of the licence."""
    sigma = math.hypot(measurement.believed_radius_m * SIGMA_PER_R68, 0.1 * SIGMA_PER_R95)
    north, east = chance.gauss(0, sigma), chance.gauss(0, sigma)
    return moved(place, math.degrees(math.atan2(east, north)), math.hypot(north, east))


def rectangle(x, y, height, width, *, hole=False) -> Ring:
    corners = [(x, y), (x, y + width), (x + height, y + width), (x + height, y)]
    return Ring(tuple(Corner("", *corner) for corner in corners), hole)


def awkward_licences():
    """A corridor 12 m wide; an area with excluded parts of 4 m and with two areas that adjoin."""
    x, y = 3_928_000.0, 37_628_000.0
    yield LicencePolygon((rectangle(x, y, 800, 12),), 4525)
    holes = [rectangle(x + 50 * n, y + 40 * n, 4, 4, hole=True) for n in range(1, 9)]
    yield LicencePolygon((rectangle(x, y, 500, 400), rectangle(x, y + 400, 500, 300), *holes), 4525)


@dataclass
class Tally:
    """How many verdicts were certain, and how many of these were wrong; and so had U decided instead of M."""

    certain: int = 0
    wrong: int = 0
    wrong_by_uncertainty: int = 0


def count_boundary(tally: Tally, verdict, is_inside: bool) -> None:
    distance, uncertainty, state = verdict.distance_m, verdict.uncertainty_m, verdict.state
    if abs(distance) <= uncertainty:
        assert state is BoundaryState.UNDETERMINED
    else:
        tally.wrong_by_uncertainty += (distance < 0) is not is_inside
    if state is not BoundaryState.UNDETERMINED:
        tally.certain += 1
        tally.wrong += (state is BoundaryState.INSIDE) is not is_inside


def test_of_5000_fixes_near_a_boundary_at_most_5_are_judged_wrong_and_certain():
    chance, tally = random.Random(4490), Tally()
    pairs = [(licence, independent(licence)) for licence in (*licences(), *awkward_licences())]
    for number in range(FIXES):
        licence, other = pairs[number % len(pairs)]
        measurement = draw_measurement(chance)
        edge, share = chance.choice(other.samples)
        off = chance.uniform(0, 3) * measurement.uncertainty()
        truth = moved(other.place(*other.at(edge, share)), chance.uniform(0, 360), off)
        fix = measure(truth, measurement, chance)
        verdict = judge_boundary(licence, *fix, measurement)
        count_boundary(tally, verdict, other.holds(truth))
        if number % 20 == 0:
            assert verdict.distance_m == pytest.approx(other.signed_distance(fix), abs=0.01)
    assert tally.wrong <= AT_MOST
    assert tally.certain > FIXES / 4
    assert tally.wrong_by_uncertainty > tally.wrong


def test_in_an_excluded_part_a_few_metres_wide_the_promise_holds_where_u_would_break_it():
    chance, wrong, wrong_by_uncertainty = random.Random(2), 0, 0
    _, licence = awkward_licences()
    truth = to_geographic(3_928_000.0 + 202, 37_628_000.0 + 162, 4525)
    phone = Measurement(MeasuringMethod.PHONE, 4.0)
    assert licence.signed_distance(*truth) > 0
    for _ in range(FIXES):
        verdict = judge_boundary(licence, *measure(truth, phone, chance), phone)
        wrong += verdict.state is BoundaryState.INSIDE
        wrong_by_uncertainty += verdict.distance_m < -verdict.uncertainty_m
    assert wrong <= AT_MOST
    assert wrong_by_uncertainty > 2 * AT_MOST


def test_a_working_far_from_the_boundary_is_judged_with_certainty():
    chance, certain = random.Random(3), 0
    licence = next(licences())
    for _ in range(500):
        measurement = draw_measurement(chance)
        start = to_geographic(3_928_000.0, 37_628_000.0 + 900, 4525)
        truth = moved(start, chance.uniform(60, 120), 4 * measurement.uncertainty())
        verdict = judge_boundary(licence, *measure(truth, measurement, chance), measurement)
        certain += verdict.state in (BoundaryState.SUSPECTED, BoundaryState.CONFIRMED)
    assert certain >= 495


def test_of_5000_markers_at_most_5_are_judged_wrong_and_certain():
    chance, tally = random.Random(4513), Tally()
    epsg, tolerance = 4526, 0.5
    position = (2_430_000.0, 38_652_000.0)
    registered = to_geographic(*position, epsg)
    for _ in range(FIXES):
        measurement = draw_measurement(chance)
        uncertainty = measurement.uncertainty()
        displacement = chance.choice([0.0, tolerance + chance.uniform(-1, 3) * uncertainty])
        is_displaced = displacement > tolerance
        truth = moved(registered, chance.uniform(0, 360), max(0.0, displacement))
        fix = measure(truth, measurement, chance)
        verdict = judge_marker(position, epsg, *fix, measurement=measurement, tolerance_m=tolerance)
        beyond = verdict.displacement_m - tolerance
        if abs(beyond) < verdict.uncertainty_m:
            assert verdict.state is MarkerState.UNDETERMINED
        elif beyond > 0 or measurement.survey_grade:
            tally.wrong_by_uncertainty += (beyond > 0) is not is_displaced
        if verdict.state is not MarkerState.UNDETERMINED:
            tally.certain += 1
            tally.wrong += (verdict.state is not MarkerState.NOT_DISPLACED) is not is_displaced
    assert tally.wrong <= AT_MOST
    assert tally.certain > FIXES / 6
    assert tally.wrong_by_uncertainty > 5 * AT_MOST
