"""The demo bureau: what is loaded is sound, and loading it again changes nothing."""

from datetime import date
from uuid import UUID

import pytest

from forms.geodesy import LicencePolygon
from server import audit, clock
from server.demo import (
    DEMO_PASSWORD,
    MINES,
    PEOPLE,
    SURVEYORS,
    demo_actor,
    load_demo_draw,
    load_demo_phone,
    load_demo_plans,
    load_demo_publications,
    load_demo_registry,
    load_demo_visits,
)
from server.registry.service import licences_of, object_view, objects_named, polygon_of, valid_certificate
from server.registry.uscc import check_uscc
from tests.actors.someone import Someone
from tests.server.draws.paper import verifier
from tests.server.evidence.serving import installed


@pytest.fixture(scope="module")
def loaded(database, tmp_path_factory):
    """The bureau once for all tests, which only look at it."""
    with installed(database, tmp_path_factory.mktemp("demo")) as app:
        with audit.transaction(app.sessions) as writing:
            load_demo_registry(writing)
            load_demo_plans(writing)
            load_demo_visits(writing)
            load_demo_phone(writing)
            load_demo_draw(writing, app.installation.secret)
            load_demo_publications(writing)
        yield app


def someone(app, username):
    person = Someone(app, username, None)
    person.sign_in(DEMO_PASSWORD)
    return person


def test_everyone_can_sign_in_and_inspectors_are_certified(loaded):
    reach = {each.username: someone(loaded, each.username).get("/api/v1/me")["user"] for each in PEOPLE}

    assert set(reach) >= {
        "inspector1", "inspector2", "inspector3", "supervisor1", "planner1", "policy1", "publisher1", "admin1", "auditor1",
    }  # fmt: skip
    inspectors = someone(loaded, "admin1").get("/api/v1/inspectors")
    assert [(each["username"], each["certified"]) for each in inspectors] == [
        ("inspector1", True),
        ("inspector2", True),
        ("inspector3", True),
    ]
    with loaded.readers() as session:
        assert (
            valid_certificate(session, UUID(inspectors[0]["id"]), clock.now().date()).number == "晋E0522001"
        )


def test_a_supervisor_has_the_code_of_a_stock_phone_to_show(loaded):
    supervisor = someone(loaded, "supervisor1")
    [key] = supervisor.get("/api/v1/openrosa/keys")
    assert key["username"] == "inspector2"
    assert supervisor.get(f"/api/v1/openrosa/keys/{key['id']}/settings")["code"]


def test_loading_twice_changes_nothing(loaded):
    with loaded.readers() as session:
        before = audit.head(session)

    with audit.transaction(loaded.sessions) as session:
        load_demo_registry(session)
        plans = load_demo_plans(session)
        load_demo_visits(session)
        load_demo_phone(session)
        load_demo_draw(session, loaded.installation.secret)
        load_demo_publications(session)

    with loaded.readers() as session:
        assert audit.head(session) == before
    assert [plan.state for plan in plans] == ["published"] * 3


def test_an_inspector_finds_visits_to_make_one_of_them_due_today_and_one_overdue(loaded):
    today = clock.now().astimezone(clock.CHINA).date()

    tasks = someone(loaded, "inspector1").get("/api/v1/tasks")

    left = [(date.fromisoformat(task["due_on"]) - today).days for task in tasks]
    assert [days < 0 for days in left] == [True, False, False]
    assert 0 in left
    assert all(task["approval_no"] and task["notice_no"] for task in tasks)
    assert [each["role"] for each in tasks[0]["inspectors"]] == ["lead", "assisting"]
    assert tasks == someone(loaded, "inspector2").get("/api/v1/tasks")
    assert [task["mode"] for task in tasks] == ["on_site", "on_site", "written"]
    planner = someone(loaded, "planner1")
    gates = [planner.get(f"/api/v1/tasks/{task['id']}/gate") for task in tasks]
    blocked = [check["rule"] for gate in gates for check in gate["checks"] if check["verdict"] == "block"]
    assert blocked == [], "everything of the demo may be inspected"


def test_every_mines_licence_is_plausible(loaded):
    planner = someone(loaded, "planner1")

    for mine in MINES:
        (listed,) = planner.get("/api/v1/objects", query_string={"text": mine.site.name})
        (licence,) = planner.get(f"/api/v1/objects/{listed['id']}")["licences"]

        assert listed["uscc_valid"] is True
        assert licence["epsg"] == 4525
        assert licence["computed_area_km2"] == pytest.approx(mine.licence.area_km2, rel=0.01)
        assert licence["elevation_upper"] > licence["elevation_lower"]
        assert {finding["severity"] for finding in licence["findings"]} <= {"note", "correction"}
        polygon = LicencePolygon.from_json(licence)
        places = [marker["geometry"]["coordinates"] for marker in licence["markers"]["features"]]
        assert 4 <= len(places) <= 12
        assert all(abs(polygon.signed_distance(latitude, longitude)) < 0.01 for longitude, latitude in places)
        assert all(
            abs(latitude - 35.4866) < 0.2 and abs(longitude - 112.4147) < 0.2
            for longitude, latitude in places
        )


def test_one_licence_has_two_rings_and_one_an_excluded_area(loaded):
    with loaded.readers() as session:
        actor = demo_actor(session)
        objects = [objects_named(session, actor, mine.site.uscc, mine.site.name)[0] for mine in MINES]
        licences = licences_of(session, [each.id for each in objects])
        shapes = sorted((len(each.rings), sum(ring["hole"] for ring in each.rings)) for each in licences)
        assert shapes == [(1, 0)] * 5 + [(2, 0), (2, 1)]
        assert all(polygon_of(each).area_km2 > 0.1 for each in licences)


def test_a_phone_gets_an_object_with_boundary_and_markers(loaded):
    with loaded.readers() as session:
        (found,) = objects_named(session, demo_actor(session), None, MINES[0].site.name)
        body = object_view(session, [found.id])[found.id]

    (licence,) = body["licences"]
    assert licence["boundary"]["geometry"]["type"] == "Polygon"
    assert licence["boundary"]["properties"]["licence_no"] == licence["licence_no"]
    assert len(licence["markers"]["features"]) == 8


def test_surveyors_are_qualified_and_codes_are_valid():
    assert len(SURVEYORS) >= 4
    assert all(check_uscc(each.firm.uscc).valid for each in SURVEYORS)
    assert {each.qualification.grade for each in SURVEYORS} == {"甲级", "乙级"}


def test_its_draw_can_be_found_again_by_anybody(loaded):
    stranger = Someone(loaded, "", None)
    (drawn,) = stranger.get("/public/draws")
    file = stranger.get(f"/public/draws/{drawn['id']}")

    verifier().verify(file)
    assert (drawn["state"], file["unmatched"]) == ("published", [])
    assert {each["name"] for each in file["frame"]["objects"]} == {each.firm.name for each in SURVEYORS}
    assert file["visits"]


def test_the_plans_of_both_bureaus_are_published(loaded):
    ours = someone(loaded, "planner1").get("/api/v1/plans")
    theirs = someone(loaded, "planner2").get("/api/v1/plans")

    assert sorted((plan["kind"], plan["state"]) for plan in ours) == [
        ("internal", "published"),
        ("joint", "published"),
    ]
    assert [(plan["kind"], plan["number"]) for plan in theirs] == [("provincial", "承资规发[2023]6号")]


def test_the_plans_say_where_they_would_meet_at_one_door(loaded):
    report = someone(loaded, "planner1").get("/api/v1/plans/overlaps?year=2023")

    assert [{row["name"] for row in each["planned"]} for each in report["merges"]].count(
        {"2023年第一季度生产矿山抽查", "对煤炭生产企业的双随机抽查"}
    ) == 1
    assert [row["items"][0] for row in report["unframed"]] == ["复垦费预存情况"] * 2
