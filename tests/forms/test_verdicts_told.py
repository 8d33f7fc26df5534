"""Verdicts as data and in sentences: numbers that can be checked, and the presence that is only noted."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import BoundaryState, Measurement, MeasuringMethod, check_presence
from tests.forms.measured import PHONE, REPORTED_RTK, RTK, SQUARE, at, judge_moved, judge_outside


def test_a_verdict_as_data_holds_all_that_it_was_drawn_from():
    data = json.loads(json.dumps(judge_outside(12.4, PHONE).as_json()))
    assert data["distance_m"] == pytest.approx(12.4, abs=0.002)
    formula = data.pop("formula")
    del data["distance_m"], data["sentence"], data["sentence_en"]
    assert data == {
        "kind": "boundary",
        "state": "suspected",
        "label": "疑似越界",
        "label_en": "Crossing suspected",
        "uncertainty_m": 6.481,
        "margin_m": 9.851,
        "survey_advised": True,
        "reason": None,
        "method": "phone",
        "method_label": "手机",
        "method_label_en": "phone",
        "radius_m": 4.0,
        "floor_m": 3.0,
        "fixes": 1,
        "duration_s": 0.0,
        "plan_scale": None,
        "reported": False,
        "crs": "EPSG:4490",
        "crs_assumed": True,
    }
    assert formula["expression"] == "U = sqrt((1.62·max(r68, floor))² + 0.1²); M = 1.52·U"
    assert formula["worked"] == "U = sqrt((1.62·max(4, 3))² + 0.1²) = 6.481; M = 1.52·U = 9.851"
    assert [constant["symbol"] for constant in formula["constants"]] == ["floor", "1.62", "0.1", "1.52"]
    assert all(constant["reason"] and constant["reason_en"] for constant in formula["constants"])
    assert formula["rule"]
    assert formula["rule_en"]


@given(st.floats(-40, 40), st.floats(0.5, 12), st.sampled_from([PHONE, RTK, REPORTED_RTK]))
def test_whoever_holds_the_numbers_can_draw_the_verdict_again(distance, radius, measurement):
    measured = Measurement(measurement.method, radius, reported=measurement.reported)
    data = judge_outside(distance, measured).as_json()
    outside, margin = data["distance_m"], data["margin_m"]
    redrawn = "inside" if outside < -margin else "undetermined" if outside <= margin else "suspected"
    assert data["state"].replace("confirmed", "suspected") == redrawn
    assert data["uncertainty_m"] >= measured.uncertainty()
    marker = judge_moved(abs(distance), measured).as_json()
    moved_by, margin, tolerance = marker["displacement_m"], marker["margin_m"], marker["tolerance_m"]
    if marker["state"] in ("suspected", "confirmed"):
        assert moved_by - margin > tolerance
    elif marker["state"] == "not_displaced":
        assert round(moved_by + margin, 3) <= tolerance


def test_a_crossing_is_told_in_a_sentence():
    suspected = judge_outside(12.4, PHONE)
    assert suspected.sentence() == (
        "测点（手机）在登记矿区边界外 12.4 米，95% 不确定度 6.5 米，超过判定界限 9.9 米：疑似越界，须委托测量。"
    )
    assert suspected.sentence("en") == (
        "The measured point (phone) lies 12.4 m outside the licensed boundary; 95 % uncertainty 6.5 m, beyond the"
        " margin of 9.9 m: a crossing is suspected, a survey must be commissioned."
    )
    assert judge_outside(0.5, REPORTED_RTK).sentence() == (
        "测点（网络RTK固定解）在登记矿区边界外 0.50 米，95% 不确定度 0.13 米，超过判定界限 0.20 米："
        "有测绘单位的测量报告，测量确认越界。"
    )


def test_that_nothing_could_be_decided_is_told_with_its_reason():
    within = judge_outside(-9.4, PHONE)
    assert within.sentence() == (
        "测点（手机）在登记矿区边界内 9.4 米，95% 不确定度 6.5 米，未超过判定界限 9.9 米：误差范围内，无法判定，"
        "建议委托测量。"
    )
    assert within.sentence("en") == (
        "The measured point (phone) lies 9.4 m inside the licensed boundary; 95 % uncertainty 6.5 m, not beyond the"
        " margin of 9.9 m: within the error, cannot be determined; a survey is advised."
    )
    unknown = judge_outside(50.0, Measurement(MeasuringMethod.PLAN))
    assert unknown.sentence() == (
        "测点（图上量取）在登记矿区边界外 50.0 米，但图纸未注明比例尺，无法判定，建议委托测量。"
    )
    assert unknown.sentence("en") == (
        "The measured point (read from a plan) lies 50.0 m outside the licensed boundary, but the scale of the plan"
        " is not stated, so nothing can be determined; a survey is advised."
    )


def test_a_displacement_is_told_in_a_sentence():
    assert judge_moved(13.0, PHONE).sentence() == (
        "界桩（手机测量）与登记位置相差 13.0 米，容差 0.5 米，95% 不确定度 6.5 米，判定界限 9.9 米："
        "疑似位移，须委托测量。"
    )
    assert judge_moved(3.0, PHONE).sentence("en") == (
        "The marker (phone) was measured 3.0 m from its registered position, tolerance 0.5 m, 95 % uncertainty"
        " 6.5 m, margin 9.9 m: the accuracy is insufficient, survey it or tape it from its reference objects."
    )
    assert judge_moved(0.2, RTK).sentence() == (
        "界桩（网络RTK固定解测量）与登记位置相差 0.20 米，容差 0.5 米，95% 不确定度 0.13 米，判定界限 0.20 米："
        "未见位移。"
    )


@pytest.mark.parametrize("outside", [9.855, 9.86, 9.9, 9.84])
def test_figures_get_the_decimals_that_make_them_read_as_they_were_decided(outside):
    verdict = judge_outside(outside, PHONE)
    sentence = verdict.sentence()
    shown = float(sentence.split("边界外 ")[1].split(" 米")[0])
    margin = float(sentence.split("判定界限 ")[1].split(" 米")[0])
    assert (shown > margin) is (verdict.state is BoundaryState.SUSPECTED)
    assert margin >= PHONE.margin()


def test_a_position_far_from_its_object_is_a_note_and_no_more():
    assert check_presence(SQUARE, *at(500, 500)) is None
    assert check_presence(SQUARE, *at(500, -199), 4.0) is None
    assert check_presence(SQUARE, *at(500, -500), 180.0) is None
    note = check_presence(SQUARE, *at(500, -900), 4.0)
    assert (note.distance_m, note.allowed_m) == (pytest.approx(900, abs=0.01), 200.0)
    assert note.sentence() == "记录位置距检查对象登记位置 900 米，超过 200 米，请审核人员留意。"
    assert "900 m from" in note.sentence("en")
    assert json.dumps(note.as_json(), allow_nan=False)
    assert check_presence(at(0, 0), *at(0, 150)) is None
    assert check_presence(at(0, 0), *at(0, 250), math.nan).distance_m == pytest.approx(250, abs=0.01)
