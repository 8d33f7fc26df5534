"""Verdicts on elevations: surveys and dated plans judge, a phone never does."""

import json
import math
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import (
    ElevationMeasurement,
    ElevationRange,
    ElevationSource,
    ElevationState,
    HeightSystem,
    judge_elevation,
)

RANGES = (ElevationRange(620.0, 850.0), ElevationRange(500.0, 550.0))
SURVEY = ElevationMeasurement(ElevationSource.SURVEY)
REPORTED = ElevationMeasurement(ElevationSource.SURVEY, reported=True)
RTK = ElevationMeasurement(ElevationSource.RTK)
PLAN = ElevationMeasurement(ElevationSource.PLAN, plan_date=date(2026, 5, 1), plan_scale=1000)


@pytest.mark.parametrize(
    ("measurement", "elevation", "state", "outside"),
    [
        (SURVEY, 700.0, ElevationState.INSIDE, -80.0),
        (SURVEY, 525.0, ElevationState.INSIDE, -25.0),
        (SURVEY, 619.83, ElevationState.SUSPECTED, 0.17),
        (SURVEY, 619.9, ElevationState.UNDETERMINED, 0.1),
        (SURVEY, 620.1, ElevationState.UNDETERMINED, -0.1),
        (SURVEY, 620.17, ElevationState.INSIDE, -0.17),
        (SURVEY, 585.0, ElevationState.SUSPECTED, 35.0),
        (REPORTED, 585.0, ElevationState.CONFIRMED, 35.0),
        (REPORTED, 855.0, ElevationState.CONFIRMED, 5.0),
        (REPORTED, 850.1, ElevationState.UNDETERMINED, 0.1),
        (RTK, 619.6, ElevationState.SUSPECTED, 0.4),
        (RTK, 619.7, ElevationState.UNDETERMINED, 0.3),
        (ElevationMeasurement(ElevationSource.RTK, reported=True), 400.0, ElevationState.CONFIRMED, 100.0),
        (ElevationMeasurement(ElevationSource.RTK, sigma_m=1.0), 617.0, ElevationState.UNDETERMINED, 3.0),
        (PLAN, 860.0, ElevationState.SUSPECTED, 10.0),
        (PLAN, 850.5, ElevationState.UNDETERMINED, 0.5),
    ],
)
def test_an_elevation_is_judged_by_what_the_measurement_can_tell(measurement, elevation, state, outside):
    verdict = judge_elevation(RANGES, elevation, measurement)
    assert verdict.state is state
    assert verdict.outside_m == pytest.approx(outside, abs=1e-9)
    assert (verdict.reason is not None) is (state is ElevationState.UNDETERMINED)
    is_open = state in (ElevationState.SUSPECTED, ElevationState.UNDETERMINED)
    assert verdict.survey_advised is is_open


def test_the_uncertainty_is_1_96_times_the_standard_deviation_and_never_below_the_floor():
    assert SURVEY.uncertainty() == pytest.approx(1.96 * 0.05)
    assert RTK.uncertainty() == pytest.approx(1.96 * 0.1)
    assert PLAN.uncertainty() == pytest.approx(1.96 * 0.2)
    assert ElevationMeasurement(ElevationSource.SURVEY, sigma_m=0.3).uncertainty() == pytest.approx(
        1.96 * 0.3
    )
    assert SURVEY.margin() == pytest.approx(1.68 * SURVEY.uncertainty())


@given(
    st.floats(-500, 6000),
    st.sampled_from(list(HeightSystem)),
    st.none() | st.floats(0.001, 100),
    st.booleans(),
)
def test_a_phone_never_judges_an_elevation(elevation, system, sigma, reported):
    phone = ElevationMeasurement(ElevationSource.PHONE, system, sigma, reported=reported)
    verdict = judge_elevation(RANGES, elevation, phone)
    assert (verdict.state, verdict.reason.code) == (ElevationState.UNDETERMINED, "phone_height")
    assert (verdict.outside_m, verdict.uncertainty_m, verdict.survey_advised) == (None, None, False)


@pytest.mark.parametrize(
    ("measurement", "reason"),
    [
        (ElevationMeasurement(ElevationSource.RTK, HeightSystem.ELLIPSOIDAL, reported=True), "height_system"),
        (ElevationMeasurement(ElevationSource.SURVEY, HeightSystem.NORMAL_1956), "height_system"),
        (ElevationMeasurement(ElevationSource.SURVEY, HeightSystem.MEAN_SEA_LEVEL), "height_system"),
        (ElevationMeasurement(ElevationSource.PLAN, plan_scale=1000), "no_plan_date"),
        (ElevationMeasurement(ElevationSource.PLAN, plan_date=date(2026, 5, 1)), "no_plan_scale"),
        (ElevationMeasurement(ElevationSource.SURVEY, sigma_m=math.nan), "no_accuracy"),
        (ElevationMeasurement(ElevationSource.SURVEY, sigma_m=-0.1), "no_accuracy"),
    ],
)
def test_heights_of_another_datum_and_plans_without_a_date_decide_nothing(measurement, reason):
    verdict = judge_elevation(RANGES, 100.0, measurement)
    assert (verdict.state, verdict.reason.code) == (ElevationState.UNDETERMINED, reason)
    assert "无法判定" in verdict.sentence()
    json.dumps(verdict.as_json(), allow_nan=False)


def test_without_licensed_elevations_or_a_height_nothing_is_decided():
    assert judge_elevation([], 700.0, SURVEY).reason.code == "no_range"
    assert judge_elevation(RANGES, math.nan, SURVEY).reason.code == "no_height"
    json.dumps(judge_elevation([], math.nan, SURVEY).as_json(), allow_nan=False)


def test_layers_that_adjoin_are_one_range():
    layers = [ElevationRange(700, 750), ElevationRange(650, 700), ElevationRange(690, 720)]
    verdict = judge_elevation(layers, 700.0, SURVEY)
    assert (verdict.state, verdict.ranges) == (ElevationState.INSIDE, (ElevationRange(650, 750),))


@pytest.mark.parametrize(
    ("lower", "upper"), [(850.0, 620.0), (620.0, 620.0), (math.nan, 1.0), (0.0, math.inf)]
)
def test_a_range_needs_two_limits_in_order(lower, upper):
    with pytest.raises(ValueError, match="no range"):
        ElevationRange(lower, upper)


def test_a_verdict_as_data_holds_all_that_it_was_drawn_from():
    data = json.loads(json.dumps(judge_elevation(RANGES, 612.4, PLAN).as_json()))
    assert data["sentence"] == (
        "测点（1:1000 图纸，2026-05-01）高程 612.40 米，比登记标高下限 620 米低 7.60 米，95% 不确定度 0.40 米，"
        "判定界限 0.66 米：疑似超层，须委托测量。"
    )
    assert data["sentence_en"] == (
        "The measured point (1:1000 plan of 2026-05-01) lies at 612.40 m, 7.60 m below the licensed lower limit of"
        " 620 m; 95 % uncertainty 0.40 m, margin 0.66 m: over-layer mining is suspected, a survey must be"
        " commissioned."
    )
    assert (data["kind"], data["state"], data["label"]) == ("elevation", "suspected", "疑似超层")
    assert (data["elevation_m"], data["outside_m"], data["uncertainty_m"], data["margin_m"]) == (
        612.4,
        7.6,
        0.392,
        0.659,
    )
    assert data["ranges"] == [[500.0, 550.0], [620.0, 850.0]]
    assert (data["method"], data["plan_date"], data["plan_scale"]) == ("plan", "2026-05-01", 1000)
    assert data["formula"]["expression"] == "U = 1.96·max(σ, floor); M = 1.68·U"
    assert data["formula"]["worked"] == "U = 1.96·max(0, 0.2) = 0.392; M = 1.68·U = 0.659"


def test_sentences_say_where_the_height_lies():
    assert "比登记标高上限 550 米高 10.00 米" in judge_elevation(RANGES, 560.0, SURVEY).sentence()
    assert (
        "在登记标高 620 米至 850 米之内，距界限 30.00 米" in judge_elevation(RANGES, 820.0, SURVEY).sentence()
    )
    phone = judge_elevation(RANGES, 560.0, ElevationMeasurement(ElevationSource.PHONE))
    assert phone.sentence() == (
        "测点（手机）高程 560.0 米，但手机高程与登记标高不同基准且误差大，不得用于判断超层，无法判定。"
    )
    assert "over-layer mining is confirmed" in judge_elevation(RANGES, 900.0, REPORTED).sentence("en")


def test_of_5000_heights_with_known_truth_at_most_one_in_a_thousand_is_judged_wrong_and_certain():
    chance = random.Random(2026)
    wrong = 0
    for _ in range(5000):
        measurement = chance.choice([SURVEY, REPORTED, RTK, PLAN])
        sigma, limit = measurement.floor.least_m, chance.choice([500.0, 550.0, 620.0, 850.0])
        truth = limit + chance.uniform(-4, 4) * sigma
        is_inside = any(layer.lower_m <= truth <= layer.upper_m for layer in RANGES)
        verdict = judge_elevation(RANGES, chance.gauss(truth, sigma), measurement)
        if verdict.state is ElevationState.INSIDE:
            wrong += not is_inside
        elif verdict.state is not ElevationState.UNDETERMINED:
            wrong += is_inside
        if abs(verdict.outside_m) <= verdict.uncertainty_m:
            assert verdict.state is ElevationState.UNDETERMINED
    assert wrong <= 5
