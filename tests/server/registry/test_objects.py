"""Objects, licences and markers over HTTP."""

from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import select

from forms.geodesy import to_geographic, to_grid
from server import audit, feed
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from tests.actors import Cast
from tests.actors.at_once import at_once
from tests.server.registry.makers import SQUARE


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


def an_object(planner, **more):
    body = {"name": "阳城县某煤矿", "uscc": "91140522MA0K000230", "latitude": 35.4866, "longitude": 112.4147}
    return planner.post("/api/v1/objects", body | more, expect=201)


def a_licence(planner, found, expect=201, **more):
    body = {
        "licence_no": "C1405222019071110010011",
        "corners": SQUARE,
        "area_km2": 1.0,
        "elevation_upper": 850,
        "elevation_lower": 620,
    }
    return planner.post(f"/api/v1/objects/{found['id']}/licences", body | more, expect=expect)


def put_markers(planner, licence, markers, expect=200):
    response = planner.call("PUT", f"/api/v1/licences/{licence['id']}/markers", json={"markers": markers})
    assert response.status_code == expect, response.get_data(as_text=True)
    return response.get_json()


def test_an_object_is_entered_and_found_again(planner):
    found = an_object(planner, risk_class="C", tags=["矿山"])

    detail = planner.get(f"/api/v1/objects/{found['id']}")

    assert detail["name"] == "阳城县某煤矿"
    assert detail["region"] == "140522"
    assert detail["uscc_valid"] is True
    assert detail["licences"] == []
    assert [each["id"] for each in planner.get("/api/v1/objects?text=某煤")] == [found["id"]]
    assert planner.get("/api/v1/objects?kind=product") == []
    assert [each["id"] for each in planner.get("/api/v1/objects?risk_class=C&tag=矿山")] == [found["id"]]
    assert planner.get("/api/v1/objects?tag=矿") == []
    key = {"since": "2023-01-01", "reason": "高风险"}
    planner.post(f"/api/v1/objects/{found['id']}/key-library", key, expect=201)
    assert [each["id"] for each in planner.get("/api/v1/objects?key=true")] == [found["id"]]
    assert [each["object_id"] for each in planner.get("/api/v1/key-library")] == [found["id"]]
    ended = {"last_day": "2023-12-31", "reason": "整改到位"}
    planner.post(f"/api/v1/objects/{found['id']}/key-library/end", ended)
    assert planner.get("/api/v1/objects?key=true") == []


def test_an_object_is_changed_retired_and_back(planner):
    found = an_object(planner, risk_class="C", registrar="县市场监管局")
    path = f"/api/v1/objects/{found['id']}"
    planner.post(f"{path}/risk", {"risk_class": "D", "since": "2023-01-01", "source": "信用办"}, expect=201)

    changed = planner.put(path, {"name": "改名的煤矿", "established_on": "2020-01-01"})
    assert (changed["name"], changed["registrar"], changed["risk_class"]) == ("改名的煤矿", None, "C")
    an_object(planner)
    assert planner.put(path, {"name": found["name"]}, expect=409)["code"] == "object.duplicate"
    assert planner.post(f"{path}/retire", {"reason": "注销"})["active"] is False
    assert [each["name"] for each in planner.get("/api/v1/objects")] == [found["name"]]
    assert planner.put(path, {"name": "改名的煤矿"})["active"] is True


def test_a_credit_code_that_fails_its_check_is_a_warning_not_a_refusal(planner):
    assert an_object(planner, uscc="91310115MA1H8R7C6D")["uscc_valid"] is False
    assert an_object(planner, name="产品甲", kind="product", uscc=None)["uscc_valid"] is None


def test_the_same_object_twice_is_refused(planner):
    an_object(planner)

    answer = planner.post("/api/v1/objects", {"name": "阳城县某煤矿"}, expect=409)

    assert answer["code"] == "object.duplicate"


def test_a_list_of_objects_is_read_page_by_page(planner):
    for number in range(5):
        an_object(planner, name=f"矿{number}")

    seen, path = [], "/api/v1/objects?limit=2&text=矿"
    while path:
        response = planner.call("GET", path)
        seen += [each["name"] for each in response.get_json()]
        path = response.headers.get("Link", "").partition(">")[0].removeprefix("<")

    assert seen == [f"矿{number}" for number in range(5)]


def test_a_licence_is_read_from_pasted_text_and_shown_back_as_geojson(planner):
    found = an_object(planner)

    licence = a_licence(planner, found)

    assert licence["epsg"] == 4525
    assert licence["computed_area_km2"] == pytest.approx(1.0, abs=1e-6)
    assert licence["boundary"]["geometry"]["type"] == "Polygon"
    ring = licence["boundary"]["geometry"]["coordinates"][0]
    longitudes, latitudes = zip(*ring, strict=True)
    assert min(latitudes) < 35.4866 < max(latitudes)
    assert min(longitudes) < 112.4147 < max(longitudes)
    assert ring[0] == ring[-1]
    assert [finding["kind"] for finding in licence["findings"]] == ["unclosed"]
    assert planner.get(f"/api/v1/objects/{found['id']}")["licences"] == [licence]


def test_swapped_axes_and_a_missing_zone_are_corrected_and_told(planner):
    swapped = "\n".join(
        f"{number},{float(y) - 37_000_000},{x}"
        for number, x, y in (row.split(",") for row in SQUARE.split("\n"))
    )

    licence = a_licence(planner, an_object(planner), corners=swapped)

    kinds = {finding["kind"]: finding["severity"] for finding in licence["findings"]}
    assert kinds["swapped"] == "correction"
    assert kinds["zone_completed"] == "correction"
    assert licence["epsg"] == 4525
    assert licence["rings"][0]["corners"][0] == ["1", 3929998.94, 37627880.474]


def test_an_area_that_differs_from_the_licensed_one_is_a_warning(planner):
    licence = a_licence(planner, an_object(planner), area_km2=1.2)

    (finding,) = [each for each in licence["findings"] if each["kind"] == "area_differs"]
    assert finding["severity"] == "warning"
    assert "-16.7%" in finding["message"]


def test_rings_and_excluded_areas_are_kept_apart(planner):
    hole = "\n除外\n5,3929598.94,37628280.47\n6,3929598.94,37628480.47\n7,3929398.94,37628480.47"

    licence = a_licence(planner, an_object(planner), corners=SQUARE + hole)

    assert [ring["hole"] for ring in licence["rings"]] == [False, True]
    assert len(licence["boundary"]["geometry"]["coordinates"]) == 2
    assert licence["computed_area_km2"] == pytest.approx(0.98, abs=1e-6)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"corners": "1,3929998.940,37627880.474\n2,3929998.940"}, "incomplete"),
        (
            {"corners": "1,3929998,37627880\n2,3928998,37628880\n3,3929998,37628880\n4,3928998,37627880"},
            "self_intersection",
        ),
        ({"corners": "没有坐标"}, "no_corners"),
        ({"elevation_upper": 600, "elevation_lower": 620}, "elevation"),
        ({"valid_from": "2024-01-01", "valid_to": "2023-01-01"}, "validity"),
        ({"corners": "1,3929998.940,NaN\n2,1e400,5"}, "no_corners"),
    ],
)
def test_a_licence_with_errors_is_refused_with_every_finding(planner, more, kind):
    found = an_object(planner)

    answer = a_licence(planner, found, expect=422, **more)

    assert answer["code"] == "licence.unusable"
    assert kind in [finding["kind"] for finding in answer["findings"] if finding["severity"] == "error"]
    assert planner.get(f"/api/v1/objects/{found['id']}")["licences"] == []


def test_a_licence_entered_again_is_replaced_and_another_objects_is_not_taken(planner):
    found, other = an_object(planner), an_object(planner, name="另一矿")
    first = a_licence(planner, found)

    again = a_licence(planner, found, holder="新采矿权人")
    refused = a_licence(planner, other, expect=409)

    assert again["id"] == first["id"]
    assert again["holder"] == "新采矿权人"
    assert refused["code"] == "licence.duplicate"


def test_a_surveying_qualification_needs_no_area(planner):
    licence = a_licence(
        planner,
        an_object(planner),
        kind="surveying",
        licence_no="乙测资字14990001",
        corners="",
        area_km2=None,
        elevation_upper=None,
        elevation_lower=None,
        grade="乙级",
        scope="工程测量",
    )

    assert licence["boundary"] is None
    assert licence["grade"] == "乙级"
    assert licence["findings"] == []


def test_markers_are_entered_as_a_whole_with_their_place_on_earth(planner):
    found = an_object(planner)
    licence = a_licence(planner, found)
    four = [
        {"marker_no": f"J{number}", "corner": str(number), "x": x, "y": y}
        for number, (x, y) in enumerate(((3929998.94, 37627880.474), (3929998.94, 37628880.474)), 1)
    ]

    put_markers(
        planner, licence, [*four, {"marker_no": "J9", "x": 3929498.94, "y": 37628380.474, "kind": "extra"}]
    )
    answer = put_markers(
        planner, licence, [{"marker_no": "J9", "x": 3929498.94, "y": 37628380.474, "kind": "extra"}]
    )

    (feature,) = answer["markers"]["features"]
    assert feature["geometry"]["coordinates"] == pytest.approx([112.4147, 35.4866], abs=1e-8)
    assert feature["properties"]["kind"] == "extra"
    assert planner.get(f"/api/v1/objects/{found['id']}")["licences"][0]["markers"] == answer["markers"]


def test_a_markers_swapped_axes_and_missing_zone_are_corrected_and_told(planner):
    licence = a_licence(planner, an_object(planner))

    answer = put_markers(
        planner,
        licence,
        [
            {"marker_no": "A", "x": 37628380.474, "y": 3929498.94},
            {"marker_no": "B", "x": 3929498.94, "y": 628380.474},
        ],
    )

    assert [(each["row"], each["kind"]) for each in answer["findings"]] == [
        (1, "swapped"),
        (2, "zone_completed"),
    ]
    for feature in answer["markers"]["features"]:
        assert feature["geometry"]["coordinates"] == pytest.approx([112.4147, 35.4866], abs=1e-8)


def test_markers_stay_where_they_are_when_a_licence_changes_its_grid(planner):
    found = an_object(planner)
    licence = a_licence(planner, found)
    before = put_markers(planner, licence, [{"marker_no": "J1", "x": 3929498.94, "y": 37628380.474}])[
        "markers"
    ]
    places = [to_grid(*to_geographic(*corner[1:], 4525), 4497) for corner in licence["rings"][0]["corners"]]
    six_degrees = "\n".join(f"{number},{x:.3f},{y:.3f}" for number, (x, y) in enumerate(places, 1))

    again = a_licence(planner, found, corners=six_degrees)

    (was,), (now,) = before["features"], again["markers"]["features"]
    assert again["epsg"] == 4497
    assert now["geometry"] == was["geometry"]
    assert [now["properties"]["x"], now["properties"]["y"]] == pytest.approx(
        to_grid(35.4866, 112.4147, 4497), abs=0.002
    )


@pytest.mark.parametrize(
    "markers",
    [
        [{"marker_no": "J1", "x": 3939498.94, "y": 37628380.474}],
        [{"marker_no": "J1", "x": 3929498.94, "y": 37628380.474}] * 2,
    ],
)
def test_a_marker_far_away_or_twice_is_refused(planner, markers):
    licence = a_licence(planner, an_object(planner))

    assert put_markers(planner, licence, markers, expect=422)["code"] == "marker.unusable"


def test_another_citys_planner_finds_nothing_of_ours(planner, cast):
    found = an_object(planner)
    licence = a_licence(planner, found)
    stranger = cast.signed_in(Role.PLANNER, region="130800")

    assert stranger.get("/api/v1/objects") == []
    assert stranger.get(f"/api/v1/objects/{found['id']}", expect=404)["code"] == "object.not-found"
    assert put_markers(stranger, licence, [], expect=404)["code"] == "object.not-found"
    refused = stranger.post("/api/v1/objects", {"name": "越界", "region": "140522"}, expect=403)
    assert refused["code"] == "access.outside-jurisdiction"


def test_an_inspector_sees_only_the_objects_of_own_tasks(planner, cast, app):
    mine, other = an_object(planner), an_object(planner, name="别人的矿")
    inspector = cast.signed_in(Role.INSPECTOR)
    with audit.transaction(app.sessions) as session:
        feed.grant(session, feed.user(inspector.person_id), "object", mine["id"], f"task:{uuid4()}")
        audit.append(session, SYSTEM, "task.opened", ("task", uuid4()))

    assert [each["id"] for each in inspector.get("/api/v1/objects")] == [mine["id"]]
    assert inspector.get(f"/api/v1/objects/{mine['id']}")["name"] == mine["name"]
    inspector.get(f"/api/v1/objects/{other['id']}", expect=404)
    assert inspector.post("/api/v1/objects", {"name": "新"}, expect=403)["code"] == "access.denied"


def test_a_changed_licence_reaches_the_phones_that_see_the_object(planner, cast, app):
    mine = an_object(planner)
    inspector = cast.signed_in(Role.INSPECTOR)
    with audit.transaction(app.sessions) as session:
        feed.grant(session, feed.user(inspector.person_id), "object", mine["id"], "task:1")
        audit.append(session, SYSTEM, "task.opened", ("task", uuid4()))
        session.flush()

    def number():
        with app.readers() as session:
            return session.get(feed.FeedRow, (feed.user(inspector.person_id), "object", mine["id"])).seq

    before = number()
    a_licence(planner, mine)

    assert number() > before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "甲", "region": "14"},
        {"name": "甲", "risk_class": "E"},
        {"name": "甲", "latitude": 91},
    ],
)
def test_an_object_that_breaks_a_rule_is_refused(planner, body):
    assert planner.post("/api/v1/objects", body, expect=422)["code"] == "request.invalid"


def test_an_object_is_entered_in_the_key_library_and_taken_out_once_by_two_at_once(fresh_app):
    planner = Cast(fresh_app).signed_in(Role.PLANNER)
    for number in range(6):
        found = planner.post("/api/v1/objects", {"name": f"虚构{number}号矿"}, expect=201)
        key_library = f"/api/v1/objects/{found['id']}/key-library"
        entry, end = (
            {"since": "2026-01-01", "reason": "高风险"},
            {"last_day": "2026-06-30", "reason": "整改完毕"},
        )
        assert at_once(planner, "POST", key_library, entry) == [201, 409]
        assert at_once(planner, "POST", f"{key_library}/end", end) == [200, 404]
    with fresh_app.readers() as session:
        told = list(
            session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("key-listing")))
        )
    assert Counter(told) == {"key-listing.entered": 6, "key-listing.ended": 6}


def test_a_line_of_responsibilities_is_dropped_once_by_two_at_once(fresh_app):
    planner = Cast(fresh_app).signed_in(Role.PLANNER)
    for number in range(6):
        line = {"name": f"事项{number}", "basis": "《矿产资源法》", "lead": "矿管局"}
        entered = planner.post("/api/v1/responsibilities", line)
        assert at_once(planner, "DELETE", f"/api/v1/responsibilities/{entered['id']}") == [204, 404]
