"""Verdicts on positions: what a measurement can tell, and what it cannot."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import (
    BoundaryState,
    MarkerState,
    Measurement,
    MeasuringMethod,
    judge_marker,
    to_geographic,
)
from tests.forms.independent import moved
from tests.forms.measured import PHONE, REPORTED_RTK, RTK, judge_moved, judge_outside


def test_uncertainty_follows_the_rule_and_never_falls_below_its_floor():
    assert PHONE.uncertainty() == pytest.approx(math.hypot(1.62 * 4.0, 0.1))
    assert Measurement(MeasuringMethod.PHONE, 0.5).uncertainty() == pytest.approx(math.hypot(1.62 * 3.0, 0.1))
    averaged = Measurement(MeasuringMethod.PHONE, 0.5, fixes=30, duration_s=30)
    assert averaged.uncertainty() == pytest.approx(math.hypot(1.62 * 2.0, 0.1))
    assert RTK.uncertainty() == pytest.approx(math.hypot(1.62 * 0.05, 0.1))
    assert Measurement(MeasuringMethod.RTK_FLOAT).uncertainty() == pytest.approx(math.hypot(1.62 * 0.5, 0.1))
    plan = Measurement(MeasuringMethod.PLAN, plan_scale=2000)
    assert plan.uncertainty() == pytest.approx(math.hypot(1.62 * 0.4, 0.1))
    rtk_with_a_phones_radius = Measurement(MeasuringMethod.RTK_FIXED, radius_m=5.0)
    assert rtk_with_a_phones_radius.uncertainty() == pytest.approx(math.hypot(1.62 * 5.0, 0.1))


def test_the_margin_that_decides_is_the_radius_of_99_9_percent():
    for measurement in (PHONE, RTK, Measurement(MeasuringMethod.UAV, 1.0)):
        assert measurement.margin() == pytest.approx(1.52 * measurement.uncertainty())
    sigma = 4.0 / math.sqrt(-2 * math.log(0.32))
    assert math.exp(-(PHONE.margin() ** 2) / (2 * sigma**2)) <= 0.001
    assert math.exp(-(PHONE.uncertainty() ** 2) / (2 * sigma**2)) == pytest.approx(0.05, abs=0.001)


@pytest.mark.parametrize(
    ("measurement", "reason"),
    [
        (Measurement(MeasuringMethod.PHONE), "no_accuracy"),
        (Measurement(MeasuringMethod.PHONE, radius_m=0.0), "no_accuracy"),
        (Measurement(MeasuringMethod.PHONE, radius_m=math.nan), "no_accuracy"),
        (Measurement(MeasuringMethod.HANDHELD_RTK), "no_accuracy"),
        (Measurement(MeasuringMethod.TAPE), "no_accuracy"),
        (Measurement(MeasuringMethod.RTK_FIXED, radius_m=-1.0, reported=True), "no_accuracy"),
        (Measurement(MeasuringMethod.TOTAL_STATION, radius_m=math.inf, reported=True), "no_accuracy"),
        (Measurement(MeasuringMethod.PLAN), "no_plan_scale"),
        (Measurement(MeasuringMethod.PLAN, plan_scale=-500), "no_plan_scale"),
    ],
)
def test_without_a_known_accuracy_nothing_can_be_decided(measurement, reason):
    verdict = judge_outside(5000, measurement)
    assert (verdict.state, verdict.uncertainty_m) == (BoundaryState.UNDETERMINED, None)
    assert (verdict.reason.code, verdict.survey_advised) == (reason, True)
    marker = judge_moved(500, measurement)
    assert (marker.state, marker.reason.code) == (MarkerState.UNDETERMINED, reason)
    json.dumps([verdict.as_json(), marker.as_json()], allow_nan=False)


@pytest.mark.parametrize(
    ("measurement", "outside", "state", "survey"),
    [
        (PHONE, -9.9, BoundaryState.INSIDE, False),
        (PHONE, -9.8, BoundaryState.UNDETERMINED, True),
        (PHONE, 0.0, BoundaryState.UNDETERMINED, True),
        (PHONE, 9.8, BoundaryState.UNDETERMINED, True),
        (PHONE, 9.9, BoundaryState.SUSPECTED, True),
        (PHONE, 5000.0, BoundaryState.SUSPECTED, True),
        (Measurement(MeasuringMethod.PHONE, 4.0, reported=True), 5000.0, BoundaryState.SUSPECTED, True),
        (Measurement(MeasuringMethod.PHONE, 60.0), -50.0, BoundaryState.UNDETERMINED, False),
        (RTK, 0.5, BoundaryState.SUSPECTED, True),
        (RTK, -0.5, BoundaryState.INSIDE, False),
        (REPORTED_RTK, 0.5, BoundaryState.CONFIRMED, False),
        (Measurement(MeasuringMethod.SURVEY_REPORT, reported=True), 0.2, BoundaryState.CONFIRMED, False),
        (Measurement(MeasuringMethod.TOTAL_STATION, reported=True), 0.19, BoundaryState.UNDETERMINED, True),
        (Measurement(MeasuringMethod.RTK_FLOAT, reported=True), 5.0, BoundaryState.SUSPECTED, True),
        (Measurement(MeasuringMethod.UAV, 0.5, reported=True), 5.0, BoundaryState.SUSPECTED, True),
        (Measurement(MeasuringMethod.PLAN, plan_scale=1000), 0.6, BoundaryState.SUSPECTED, True),
    ],
)
def test_a_crossing_is_judged_by_what_the_measurement_can_tell(measurement, outside, state, survey):
    verdict = judge_outside(outside, measurement)
    assert (verdict.state, verdict.survey_advised) == (state, survey)
    assert verdict.distance_m == pytest.approx(outside, abs=0.002)
    assert (verdict.reason is not None) is (state is BoundaryState.UNDETERMINED)


@pytest.mark.parametrize(
    ("measurement", "displacement", "state"),
    [
        (PHONE, 0.0, MarkerState.UNDETERMINED),
        (PHONE, 10.3, MarkerState.UNDETERMINED),
        (PHONE, 10.4, MarkerState.SUSPECTED),
        (Measurement(MeasuringMethod.PHONE, 4.0, reported=True), 100.0, MarkerState.SUSPECTED),
        (RTK, 0.3, MarkerState.NOT_DISPLACED),
        (RTK, 0.31, MarkerState.UNDETERMINED),
        (RTK, 0.5, MarkerState.UNDETERMINED),
        (RTK, 0.69, MarkerState.UNDETERMINED),
        (RTK, 0.7, MarkerState.SUSPECTED),
        (REPORTED_RTK, 0.7, MarkerState.CONFIRMED),
        (REPORTED_RTK, 0.0, MarkerState.NOT_DISPLACED),
        (Measurement(MeasuringMethod.TAPE, 0.1), 0.1, MarkerState.UNDETERMINED),
    ],
)
def test_a_displacement_is_judged_by_what_the_measurement_can_tell(measurement, displacement, state):
    verdict = judge_moved(displacement, measurement)
    assert verdict.state is state
    assert verdict.displacement_m == pytest.approx(displacement, abs=0.001)
    assert (verdict.reason is not None) is (state is MarkerState.UNDETERMINED)


def test_a_displacement_is_as_on_the_ground_also_at_the_edge_of_a_zone():
    x_north, y_east = 2_430_000.0, 38_652_000.0
    registered = to_geographic(x_north, y_east, 4526)
    for azimuth in range(0, 360, 45):
        found = moved(registered, azimuth, 600.0)
        verdict = judge_marker((x_north, y_east), 4526, *found, measurement=RTK)
        assert verdict.displacement_m == pytest.approx(600.0, abs=0.002)


@given(st.floats(0.1, 500), st.floats(0, 5000), st.booleans(), st.floats(0.1, 1000), st.integers(1, 60))
def test_a_phone_alone_never_confirms_and_never_clears_a_marker(radius, distance, reported, tolerance, fixes):
    phone = Measurement(MeasuringMethod.PHONE, radius, fixes=fixes, duration_s=60, reported=reported)
    verdict = judge_moved(distance, phone, tolerance_m=tolerance)
    assert verdict.state in (MarkerState.SUSPECTED, MarkerState.UNDETERMINED)
    assert judge_outside(distance, phone).state is not BoundaryState.CONFIRMED


def test_states_have_their_names_in_both_languages():
    assert [state.label for state in BoundaryState] == [
        "界内",
        "疑似越界",
        "误差范围内，无法判定",
        "测量确认",
    ]
    assert [state.label for state in MarkerState] == [
        "未见位移",
        "疑似位移",
        "确认位移",
        "精度不足，无法判定",
    ]
    for state in (*BoundaryState, *MarkerState, *MeasuringMethod):
        assert state.label_en.isascii()


def test_judging_a_marker_and_a_point_costs_far_less_than_a_third_of_a_millisecond_each():
    def spent(markers: int) -> float:
        begin = time.process_time()
        for number in range(markers):
            judge_moved(number / 10, PHONE)
            judge_outside(number / 10, PHONE)
        return time.process_time() - begin

    spent(10)
    assert min(spent(60) for _ in range(5)) / 60 < 0.0006
