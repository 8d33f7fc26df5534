"""What positions say: verdicts with their numbers, and a phone that can only suspect."""

import json

import pytest

from forms import FindingKind, Geopoint, complete_instance, compose_instance, parse_instance, read_answers
from forms.geodesy import ElevationRange, LicencePolygon, parse_corners, to_gcj02, to_geographic
from forms.positions import Licensed, judge_positions
from tests.forms.filled import ENDED, LISTS, MINE, NOW, STARTED

CORNERS = "1,3929200,37628000;2,3929200,37629000;3,3929900,37629000;4,3929900,37628000"
EPSG = 4525
LICENSED = Licensed(
    polygon=LicencePolygon.from_table(parse_corners(CORNERS, zone=37)),
    markers={"J1": (3929531.12, 37628416.22), "J2": (3929531.12, 37628516.22)},
    elevations=(ElevationRange(700.0, 860.0),),
)
REPORT = {
    "survey_reported": "yes",
    "survey_org": "某测绘院",
    "survey_certificate": "甲测资字1",
    "survey_report_no": "R-1",
}


def at(x: float, y: float, accuracy: float = 4.0) -> Geopoint:
    latitude, longitude = to_geographic(x, y, EPSG)
    return Geopoint(latitude, longitude, 700.0, accuracy)


def judged(form, licensed=LICENSED, *, point=None, marker=None, survey=None, **answers):
    rows = {
        "/data/points": [MINE["/data/points"][0] | (point or {})],
        "/data/markers": [MINE["/data/markers"][0] | (marker or {})],
        "/data/overstep": MINE["/data/overstep"] | (survey or {}),
    }
    xml = compose_instance(form, MINE | rows | answers, "uuid:1", started_at=STARTED, ended_at=ENDED)
    xml = complete_instance(form, xml, now=NOW, lists=LISTS)
    found = judge_positions(read_answers(form, parse_instance(xml)), licensed)
    assert {each.kind for each in found} <= {FindingKind.POSITION}
    return {each.path: each for each in found if each.details["kind"] != "suspected_gcj02"}, found


INSIDE, OUTSIDE = at(3929550, 37628500), at(3929960, 37628500)


@pytest.mark.parametrize(
    ("point", "survey", "state"),
    [
        ({"position": INSIDE, "method": "phone"}, {}, "inside"),
        ({"position": OUTSIDE, "method": "phone"}, {}, "suspected"),
        ({"position": OUTSIDE, "method": "phone"}, REPORT, "suspected"),
        ({"position": at(3929905, 37628500), "method": "phone"}, {}, "undetermined"),
        ({"position": at(3929905, 37628500, 0.02), "method": "rtk_fixed"}, {}, "suspected"),
        ({"position": at(3929905, 37628500, 0.02), "method": "rtk_fixed"}, REPORT, "confirmed"),
        (
            {"position": at(3929905, 37628500, 0.02), "method": "rtk_fixed"},
            {"survey_reported": "no"},
            "suspected",
        ),
        ({"position": OUTSIDE, "method": "plan", "plan_scale": 2000}, {}, "suspected"),
    ],
)
def test_a_point_is_judged_against_the_licensed_area(mine, point, survey, state):
    verdicts, _ = judged(mine, point=point, survey=survey)
    assert verdicts["/data/points[1]/position"].details["state"] == state


def test_a_report_without_its_number_confirms_nothing(mine):
    point = {"position": at(3929905, 37628500, 0.02), "method": "rtk_fixed"}
    verdicts, _ = judged(mine, point=point, survey=REPORT | {"survey_report_no": ""})
    assert verdicts["/data/points[1]/position"].details["state"] == "suspected"


@pytest.mark.parametrize(
    ("marker", "survey", "state"),
    [
        ({"meas": at(3929531.5, 37628416.5), "meas_method": "phone"}, {}, "undetermined"),
        ({"meas": at(3929551.5, 37628416.5), "meas_method": "phone"}, {}, "suspected"),
        ({"meas": at(3929551.5, 37628416.5), "meas_method": "phone"}, REPORT, "suspected"),
        ({"meas": at(3929531.13, 37628416.23, 0.02), "meas_method": "rtk_fixed"}, {}, "not_displaced"),
        ({"meas": at(3929533.0, 37628416.2, 0.02), "meas_method": "rtk_fixed"}, REPORT, "confirmed"),
        ({"meas": INSIDE, "meas_method": "tape", "taped_m": "3.2"}, REPORT, "suspected"),
        ({"meas": INSIDE, "meas_method": "tape", "taped_m": "0.2"}, {}, "undetermined"),
        (
            {"meas": INSIDE, "meas_method": "total_station", "meas_x": "3929531.10", "meas_y": "37628416.25"},
            {},
            "not_displaced",
        ),
        (
            {"meas": INSIDE, "meas_method": "total_station", "meas_x": "3929533.10", "meas_y": "37628416.25"},
            REPORT,
            "confirmed",
        ),
    ],
)
def test_a_marker_is_judged_against_the_register(mine, marker, survey, state):
    verdicts, _ = judged(mine, marker=marker, survey=survey)
    assert verdicts["/data/markers[1]/meas"].details["state"] == state


@pytest.mark.parametrize(
    ("point", "survey", "state"),
    [
        ({"elevation_m": "815.2", "elevation_source": "survey"}, {}, "inside"),
        ({"elevation_m": "690", "elevation_source": "survey"}, {}, "suspected"),
        ({"elevation_m": "690", "elevation_source": "survey"}, REPORT, "confirmed"),
        ({"elevation_m": "690", "elevation_source": "plan"}, {}, "undetermined"),
    ],
)
def test_an_elevation_is_judged_against_the_licensed_range(mine, point, survey, state):
    verdicts, _ = judged(mine, point=point, survey=survey)
    assert verdicts["/data/points[1]/elevation_m"].details["state"] == state


def test_a_phones_own_altitude_is_never_judged(mine):
    verdicts, _ = judged(mine, point={"elevation_m": "", "elevation_source": "", "position": INSIDE})
    assert "/data/points[1]/elevation_m" not in verdicts


def test_a_position_shifted_like_a_map_app_raises_a_suspicion(mine):
    latitude, longitude = to_geographic(*LICENSED.markers["J1"], EPSG)
    shifted = Geopoint(*to_gcj02(latitude, longitude), 700.0, 5.0)
    _, found = judged(mine, marker={"meas": shifted, "meas_method": "phone"})
    assert ("/data/markers[1]/meas", "suspected_gcj02") in [(f.path, f.details["kind"]) for f in found]


def test_a_visit_far_from_its_object_is_a_note_to_the_reviewer(mine):
    visit = MINE["/data/visit"] | {"place_position": at(3931000, 37628500)}
    verdicts, _ = judged(mine, **{"/data/visit": visit})
    assert verdicts["/data/visit/place_position"].details["kind"] == "presence"
    near, _ = judged(mine)
    assert "/data/visit/place_position" not in near


def test_each_verdict_carries_its_numbers_and_where_its_formula_comes_from(mine):
    verdicts, _ = judged(mine, point={"position": OUTSIDE, "method": "phone"})
    finding = verdicts["/data/points[1]/position"]
    details = json.loads(json.dumps(finding.as_json()))["details"]
    assert details["distance_m"] == pytest.approx(60, abs=0.2)
    assert details["uncertainty_m"] == pytest.approx(6.5, abs=0.1)
    assert details["formula"]["expression"]
    assert details["formula"]["constants"]
    assert "60" in finding.message
    assert "委托测量" in finding.message
    assert finding.message_en


def test_what_is_not_registered_is_not_judged(mine):
    _, found = judged(mine, Licensed())
    assert found == []
    _, found = judged(mine, Licensed(place=(35.4866, 112.4147)))
    assert found == []


def test_coordinates_from_nowhere_are_left_to_the_answers_own_findings(mine):
    marker = {"meas": INSIDE, "meas_method": "total_station", "meas_x": "99999999999", "meas_y": "1"}
    verdicts, _ = judged(mine, marker=marker)
    assert "/data/markers[1]/meas" not in verdicts or verdicts["/data/markers[1]/meas"].details
