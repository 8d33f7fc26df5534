"""Inspectors, experts and the leading group over HTTP: entered, lent, and gone by day."""

import pytest

from server.access import Role


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


def test_the_leading_group_is_what_it_was_on_a_day(cast, planner):
    for name, post, since in (("卫东", "组长", "2022-01-01"), ("赵丽", "办公室主任", "2023-01-01")):
        planner.post("/api/v1/leaders", {"name": name, "post": post, "since": since}, expect=201)
    (chief,) = planner.get("/api/v1/leaders?on=2022-06-01")
    planner.post(f"/api/v1/leaders/{chief['id']}/end", {"last_day": "2023-06-30"})

    def group(day):
        return [each["name"] for each in planner.get(f"/api/v1/leaders?on={day}")]

    assert [group("2022-06-01"), group("2023-06-30"), group("2023-07-01")] == [
        ["卫东"],
        ["卫东", "赵丽"],
        ["赵丽"],
    ]
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")
    assert elsewhere.get("/api/v1/leaders?on=2023-01-01") == []
    refused = elsewhere.post(f"/api/v1/leaders/{chief['id']}/end", {"last_day": "2023-01-01"}, expect=403)
    assert refused["code"] == "access.outside-jurisdiction"


def test_an_inspector_is_lent_by_their_own_bureau_and_comes_back_early(cast):
    lender, borrower = cast.signed_in(Role.ADMIN, region="130800"), cast.signed_in(Role.ADMIN)
    inspector = cast.person(Role.INSPECTOR, region="130800")
    path = f"/api/v1/inspectors/{inspector.person_id}"
    lender.post(
        f"{path}/certificates",
        {"number": "冀01", "issuer": "省政府", "valid_from": "2022-01-01", "valid_to": "2026-12-31"},
        expect=201,
    )
    lender.put(f"{path}/exams/2022", {"passed": True})
    assert lender.put(f"{path}/page", {"tags": ["测绘"], "duty": "科员"})["scope"] == []
    assert lender.put(f"{path}/page", {"scope": ["NONE"]}, expect=404)["code"] == "item.not-found"
    to = {"organisation_id": str(cast.organisation("140522").id), "reason": "人员不足"}
    days = {"first_day": "2023-05-01", "last_day": "2023-05-31"}

    assert borrower.post(f"{path}/lendings", to | days, expect=403)["code"] == "access.outside-jurisdiction"
    backwards = to | {"first_day": "2023-05-31", "last_day": "2023-05-01"}
    assert lender.post(f"{path}/lendings", backwards, expect=422)["code"] == "lending.unsound"
    home = days | {"organisation_id": str(cast.organisation("130800").id), "reason": "x"}
    assert lender.post(f"{path}/lendings", home, expect=422)["code"] == "lending.unsound"
    lending = lender.post(f"{path}/lendings", to | days, expect=201)

    def held(day):
        found = borrower.get(f"/api/v1/inspectors/standing?on={day}")
        return [each for each in found if each["person_id"] == str(inspector.person_id)]

    (there,) = held("2023-05-31")
    assert (there["certified"], there["admitted"], there["tags"], there["lent_to"]) == (
        True,
        True,
        ["测绘"],
        ["140522"],
    )
    assert [each["id"] for each in borrower.get("/api/v1/lendings")] == [lending["id"]]
    lender.post(f"/api/v1/lendings/{lending['id']}/end", {"last_day": "2023-05-10"})
    assert [len(held("2023-05-10")), len(held("2023-05-11"))] == [1, 0]


def test_an_expert_who_leaves_is_drawn_no_more(planner):
    entered = planner.post("/api/v1/experts", {"name": "刘专家", "unit": "地质院", "tags": ["水文"]})
    assert planner.post("/api/v1/experts", {"name": "刘专家", "unit": "地质院"})["id"] == entered["id"]
    assert planner.get("/api/v1/experts")[0]["tags"] == []

    retired = planner.post(f"/api/v1/experts/{entered['id']}/retire", {"reason": "退休"})

    assert (retired["active"], planner.get("/api/v1/experts")) == (False, [])


def test_inspectors_are_listed_page_by_page_and_nobody_else_is_among_them(cast):
    admin = cast.signed_in(Role.ADMIN)
    people = [cast.person(Role.INSPECTOR) for _ in range(3)]

    answer = admin.call("GET", "/api/v1/inspectors?limit=2")
    following = answer.headers["Link"].partition("<")[2].partition(">")[0]

    names = [each["username"] for each in (*answer.get_json(), *admin.get(following))]
    assert names == sorted(person.username for person in people)
