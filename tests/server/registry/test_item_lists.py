"""The item list: from the province's unified list to what a county published and what stood on a day."""

import hashlib
import json
from datetime import date
from uuid import UUID

import pytest

from server.access import Role
from server.accounts.models import Organisation
from server.registry import service
from server.registry.models import ItemKind

REASON = "法规修订，动态调整"


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def province(cast):
    cast.organisation("140522")
    return cast.signed_in(Role.PLANNER, region="140000")


def item(client, code, name, expect=200, **elements):
    return client.put(
        f"/api/v1/items/{code}", {"name": name, "form_id": "boundary_marker"} | elements, expect
    )


def prepared(client, effective_on="2023-01-01", kind="items", expect=201):
    body = {"kind": kind, "reason": REASON, "effective_on": effective_on}
    return client.post("/api/v1/list-versions", body, expect=expect)


def published(cast, client, effective_on, kind="items"):
    version = prepared(client, effective_on, kind)
    supervisor, publisher = cast.signed_in(Role.SUPERVISOR), cast.signed_in(Role.PUBLISHER)
    supervisor.post(
        f"/api/v1/list-versions/{version['id']}/approve", {"office": "市审改办", "approval_no": "1号"}
    )
    return publisher.post(f"/api/v1/list-versions/{version['id']}/publish")


def test_a_county_claims_of_the_unified_list_and_everybody_can_ask_what_stood_on_a_day(
    cast, province, planner, session
):
    item(
        province,
        "PROVINCE_MARKER",
        "全省界桩检查",
        kind=ItemKind.KEY.value,
        basis="《矿产资源法》",
        basis_to="2025-06-30",
        ratio="≥5%",
        frequency="每年不少于2次",
        modes=["on_site", "written"],
        departments=["能源局", "应急局"],
    )
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    own = {
        "codes": ["PROVINCE_MARKER", "COUNTY_ROAD"],
        "on": "2023-01-01",
        "ratio": "10%",
        "section": "执法队",
    }
    planner.post("/api/v1/claims", own)
    assert planner.get("/api/v1/claims/missing") == []
    first = published(cast, planner, "2023-01-01")
    planner.post("/api/v1/claims/COUNTY_ROAD/end", {"last_day": "2023-05-31"})
    second = published(cast, planner, "2023-06-01")

    everybody = cast.stranger()
    told = everybody.get(f"/public/lists?organisation={first['organisation_id']}")
    assert [(each["number"], each["reason"], each["approved_by"]) for each in told] == [
        (2, REASON, "市审改办"),
        (1, REASON, "市审改办"),
    ]
    bytes_of = everybody.call("GET", f"/public/lists/{first['sha256']}").data
    assert hashlib.sha256(bytes_of).hexdigest() == first["sha256"]
    listed = {entry["code"]: entry for entry in json.loads(bytes_of)["entries"]}
    marker, road = listed["PROVINCE_MARKER"], listed["COUNTY_ROAD"]
    assert (marker["unified"], marker["kind"], marker["ratio"], marker["frequency"], marker["section"]) == (
        True,
        "key",
        "10%",
        "每年不少于2次",
        "执法队",
    )
    assert (marker["departments"], marker["modes"], road["unified"]) == (
        ["能源局", "应急局"],
        ["on_site", "written"],
        False,
    )
    assert (
        json.loads(everybody.call("GET", f"/public/lists/{second['sha256']}").data)["previous"]
        == first["sha256"]
    )

    def stood(day):
        found = everybody.get(f"/public/lists?on={day}&organisation={first['organisation_id']}")
        return [each["sha256"] for each in found]

    assert [stood("2022-12-31"), stood("2023-05-31"), stood("2023-06-01")] == [
        [],
        [first["sha256"]],
        [second["sha256"]],
    ]
    bureau = UUID(first["organisation_id"])
    assert bureau not in service.listed_items_of(session, {bureau}, date(2022, 12, 31))
    assert set(service.listed_items_of(session, {bureau}, date(2023, 5, 31))[bureau]) == {
        "PROVINCE_MARKER",
        "COUNTY_ROAD",
    }
    assert set(service.listed_items_of(session, {bureau}, date(2025, 6, 30))[bureau]) == {"PROVINCE_MARKER"}
    assert service.listed_items_of(session, {bureau}, date(2025, 7, 1))[bureau] == {}, (
        "its legal basis has run out"
    )


def test_a_published_version_stays_as_it_was_when_the_item_changes(cast, province, planner):
    item(province, "PROVINCE_MARKER", "全省界桩检查", content="旧内容")
    planner.post("/api/v1/claims", {"codes": ["PROVINCE_MARKER"]})
    version = published(cast, planner, "2030-01-01")
    item(province, "PROVINCE_MARKER", "全省界桩检查", content="新内容")

    entries = json.loads(cast.stranger().call("GET", f"/public/lists/{version['sha256']}").data)["entries"]
    assert [entry["content"] for entry in entries] == ["旧内容"]


def test_an_item_is_changed_where_it_belongs_and_only_claimed_below(cast, province, planner):
    item(province, "PROVINCE_MARKER", "全省界桩检查")
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")

    assert item(planner, "PROVINCE_MARKER", "改名", expect=403)["code"] == "item.not-own"
    assert item(planner, "OTHER", "全省界桩检查", expect=409)["code"] == "item.name-taken"
    assert item(province, "COUNTY_ROAD", "县级矿区道路检查", remark="省级补充")["region"] == "140522"
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")
    refused = elsewhere.post("/api/v1/claims", {"codes": ["PROVINCE_MARKER"]}, expect=404)
    assert refused["code"] == "item.not-found"


def test_nobody_approves_what_they_prepared_and_nothing_unapproved_is_published(cast, planner):
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    assert prepared(planner, expect=422)["code"] == "list-version.empty"
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2023-01-01"})
    both = cast.signed_in(Role.PLANNER, Role.SUPERVISOR)
    version = prepared(both)
    path = f"/api/v1/list-versions/{version['id']}"

    assert both.post(f"{path}/approve", {}, expect=403)["code"] == "list-version.own-approval"
    assert planner.post(f"{path}/approve", {}, expect=403)["code"] == "access.denied"
    assert planner.post(f"{path}/publish", expect=409)["code"] == "list-version.state"
    assert (
        cast.stranger().get(f"/public/lists/{version['sha256']}", expect=404)["code"]
        == "list-version.not-found"
    )
    assert cast.stranger().get(f"/public/lists?organisation={version['organisation_id']}") == []


def test_what_was_published_cannot_be_changed_for_days_that_are_past(cast, planner):
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2023-01-01"})
    published(cast, planner, "2023-06-01")

    assert prepared(planner, "2023-05-31", expect=422)["code"] == "list-version.too-early"
    replaced, again = prepared(planner, "2023-07-01"), prepared(planner, "2023-08-01")
    assert (replaced["number"], again["number"]) == (2, 2)
    states = [(each["number"], each["state"]) for each in planner.get("/api/v1/list-versions")]
    assert states == [(2, "prepared"), (1, "published")]


def test_an_item_whose_basis_has_not_begun_is_left_out(cast, planner):
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    item(planner, "COUNTY_WATER", "县级矿区排水检查", basis_from="2024-01-01")
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD", "COUNTY_WATER"], "on": "2023-01-01"})

    assert prepared(planner, "2023-12-31")["count"] == 1
    assert prepared(planner, "2024-01-01")["count"] == 2


def test_departments_responsibilities_are_approved_and_published_as_a_list_of_their_own(cast, planner):
    line = {
        "name": "煤矿安全监管",
        "basis": "《煤炭法》",
        "lead": "能源局",
        "cooperating": ["应急局", "自然资源局"],
    }
    entered = planner.post("/api/v1/responsibilities", line)
    planner.post("/api/v1/responsibilities", line | {"name": "另一事项"})
    version = published(cast, planner, "2023-01-01", kind="responsibilities")
    planner.delete(f"/api/v1/responsibilities/{entered['id']}")

    body = json.loads(cast.stranger().call("GET", f"/public/lists/{version['sha256']}").data)
    assert [(entry["name"], entry["lead"]) for entry in body["entries"]] == [
        ("另一事项", "能源局"),
        ("煤矿安全监管", "能源局"),
    ]
    assert [each["name"] for each in planner.get("/api/v1/responsibilities")] == ["另一事项"]
    wrong = planner.post("/api/v1/responsibilities", line | {"item_codes": ["NONE"]}, expect=404)
    assert wrong["code"] == "item.not-found"


def test_a_claim_that_ended_can_be_taken_up_again(planner):
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2023-01-01"})
    planner.post("/api/v1/claims/COUNTY_ROAD/end", {"last_day": "2023-05-31"})
    assert planner.post("/api/v1/claims/COUNTY_ROAD/end", {}, expect=404)["code"] == "item.not-found"

    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2024-01-01"})

    (claim,) = planner.get("/api/v1/claims")
    assert (claim["claimed_on"], claim["ended_on"]) == ("2024-01-01", None)


def test_a_version_tells_what_is_different_before_anybody_approves_it(cast, planner):
    item(planner, "ROAD", "县级矿区道路检查", ratio="5%")
    item(planner, "FENCE", "矿区围栏检查")
    planner.post("/api/v1/claims", {"codes": ["ROAD", "FENCE"], "on": "2023-01-01"})
    first = published(cast, planner, "2023-01-01")
    assert [(each["change"], each["name"]) for each in planner.get(f"/api/v1/list-versions/{first['id']}/changes")] == [
        ("added", "矿区围栏检查"), ("added", "县级矿区道路检查"),
    ]  # fmt: skip

    item(planner, "ROAD", "县级矿区道路检查", ratio="10%")
    item(planner, "DUST", "扬尘检查")
    planner.post("/api/v1/claims", {"codes": ["DUST"], "on": "2023-02-01"})
    planner.post("/api/v1/claims/FENCE/end", {"last_day": "2023-03-31"})
    second = prepared(planner, "2023-06-01")
    changes = planner.get(f"/api/v1/list-versions/{second['id']}/changes")

    assert [(each["change"], each["name"]) for each in changes] == [
        ("added", "扬尘检查"), ("removed", "矿区围栏检查"), ("changed", "县级矿区道路检查"),
    ]  # fmt: skip
    assert changes[2]["elements"] == [{"element": "ratio", "before": "5%", "after": "10%"}]
    against = f"/api/v1/list-versions/{second['id']}/changes?against={second['id']}"
    assert planner.get(against) == []
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")
    refused = elsewhere.get(f"/api/v1/list-versions/{second['id']}/changes", expect=404)
    assert refused["code"] == "list-version.not-found"


def test_who_approves_for_their_own_office_is_not_named_to_everybody(cast, planner):
    item(planner, "COUNTY_ROAD", "县级矿区道路检查")
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2023-01-01", "ratio": "10%"})
    version = prepared(planner, "2023-01-01", "items")
    supervisor = cast.signed_in(Role.SUPERVISOR)

    approved = supervisor.post(f"/api/v1/list-versions/{version['id']}/approve", {})

    with cast.app.readers() as session:
        office = session.get_one(Organisation, UUID(version["organisation_id"])).name
    assert approved["approved_by"] == office
