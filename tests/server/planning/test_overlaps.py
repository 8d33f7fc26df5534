"""Where inspections meet at one door, before anything is drawn."""

import random
from collections import Counter
from itertools import combinations
from uuid import uuid4

import pytest
from sqlalchemy import insert

from server import audit
from server.accounts.models import Organisation
from server.demo import yangcheng_internal_plan, yangcheng_joint_plan
from server.demo.plan_tables import YANGCHENG_INTERNAL
from server.demo.plan_workbooks import make_workbook
from server.registry.models import InspectedObject
from tests.server.planning.bureau import PlanningBureau

PLANS = "/api/v1/plans"
MINES, SURVEYORS = {"tags": ["生产矿山", "煤矿"]}, {"tags": ["测绘资质单位"]}
RISKS = "AABBBCCD"


@pytest.fixture
def bureau(cast):
    return PlanningBureau(cast)


def enter_objects(cast, count, tag, **more):
    return enter(
        cast, [{"name": f"{tag}{number}号", "tags": [tag, "企业"]} | more for number in range(count)]
    )


def enter(cast, rows):
    organisation = cast.organisation("140522")
    filled = [
        {
            "id": uuid4(), "region": "140522", "organisation_id": organisation.id, "kind": "enterprise",
            "address": "", "legal_representative": "", "active": True, "owner_id": None,
            "risk_class": RISKS[number % len(RISKS)],
        } | row
        for number, row in enumerate(rows)
    ]  # fmt: skip
    with audit.transaction(cast.app.sessions) as session:
        session.execute(insert(InspectedObject), filled)
    return [row["id"] for row in filled]


def set_cap(cast, a_year):
    with audit.transaction(cast.app.sessions) as session:
        found = session.get_one(Organisation, cast.organisation("140522").id)
        found.rules = {"visit": {"a_year": a_year}}


def test_a_row_says_which_objects_it_means_and_how_many_would_be_drawn(bureau, cast):
    enter_objects(cast, 16, "生产矿山")
    enter_objects(cast, 3, "采石场")
    enter_objects(cast, 2, "非生产矿山")
    enter_objects(cast, 1, '"生产矿山"')
    enter_objects(cast, 2, "煤矿", active=False)
    row = bureau.publishes(yangcheng_internal_plan())["rows"][0]
    planned = f"/api/v1/planned/{row['id']}"

    assert bureau.planner.get(f"{planned}/quota", expect=422)["code"] == "plan.incomplete"
    assert bureau.policy.put(f"{planned}/frame", MINES, expect=403)["code"] == "access.denied"
    bureau.planner.put(f"{planned}/frame", MINES)
    quota = bureau.planner.get(f"{planned}/quota")

    assert quota["frame"] == {"A": 4, "B": 6, "C": 4, "D": 2}
    assert (quota["total"], quota["strata"]) == (4, {"A": 0, "B": 1, "C": 2, "D": 1})
    assert quota["arithmetic"][0]["text"] == "名录：16 × 25% = 4"
    tried = bureau.planner.post(f"{planned}/quota", {"tags": ["采石场"]})
    assert (sum(tried["frame"].values()), tried["total"]) == (3, 1)
    assert bureau.planner.get(f"{planned}/quota") == quota, "what is only tried is not kept"


def test_the_seeds_own_conflict_is_found_mines_each_quarter_and_all_of_them_jointly(bureau, cast, statements):
    mines = enter_objects(cast, 2_000, "生产矿山")
    surveyors = enter_objects(cast, 1_000, "测绘资质单位")
    set_cap(cast, 4)
    internal, joint = bureau.publishes(yangcheng_internal_plan()), bureau.imports(yangcheng_joint_plan())
    rows = {row["row_no"]: row for row in internal["rows"]}
    (coal,) = bureau.planner.get(f"{PLANS}/{joint['id']}")["rows"]
    for row in (*(rows[number] for number in (1, 2, 3, 4)), coal):
        bureau.planner.put(f"/api/v1/planned/{row['id']}/frame", MINES)
    for number in (7, 8):
        bureau.planner.put(f"/api/v1/planned/{rows[number]['id']}/frame", SURVEYORS)
    statements.clear()

    report = bureau.planner.get(f"{PLANS}/overlaps?year=2023")

    asked = [each for each in statements if "inspected_object" in each]
    assert len(asked) == 3, "however many objects there are"
    met = {
        (frozenset(row["name"] for row in each["planned"]), each["first"], each["last"]): each["objects"]
        for each in report["repeated"]
    }
    assert met == {
        (frozenset({rows[1]["name"], coal["name"]}), "2023-03-01", "2023-03-31"): len(mines),
        (frozenset({rows[2]["name"], coal["name"]}), "2023-06-01", "2023-06-30"): len(mines),
        (frozenset({rows[3]["name"], coal["name"]}), "2023-09-01", "2023-09-30"): len(mines),
        (frozenset({rows[7]["name"], rows[8]["name"]}), "2023-09-01", "2023-10-31"): len(surveyors),
    }
    assert [(len(each["planned"]), each["first"], each["objects"]) for each in report["merges"]] == [
        (2, "2023-03-01", 2_000),
        (2, "2023-09-01", 1_000),
    ]
    assert report["saved"] == 3_000
    assert (report["cap"], report["over_cap"], report["most"][0]["visits"]) == (4, 2_000, 5)
    assert [row["name"] for row in report["unframed"]] == [rows[5]["name"], rows[6]["name"]]

    path = f"{PLANS}/overlaps/objects?limit=3&planned={rows[7]['id']}&planned={rows[8]['id']}"
    assert len(bureau.planner.get(path)) == 3
    none = f"{PLANS}/overlaps/objects?planned={rows[1]['id']}&planned={rows[8]['id']}"
    assert bureau.planner.get(none) == []


def test_a_frame_stands_once_it_is_drawn(bureau, cast):
    row = bureau.publishes(yangcheng_internal_plan())["rows"][0]
    bureau.launches(row["name"])

    drawn = bureau.planner.put(f"/api/v1/planned/{row['id']}/frame", MINES, expect=409)
    assert drawn["code"] == "plan.drawn"


def fewest_visits(windows):
    """How many days it takes to be there within each window: by trying, not by reckoning."""
    days = {last for _, last in windows}
    return next(
        count
        for count in range(1, len(windows) + 1)
        for chosen in combinations(sorted(days), count)
        if all(any(first <= day <= last for day in chosen) for first, last in windows)
    )


def test_the_database_finds_what_one_would_find_by_trying(bureau, cast):
    chance = random.Random(20261126)
    windows = [(first, first + chance.randint(0, 3)) for first in (chance.randint(1, 8) for _ in range(6))]
    heading, row = YANGCHENG_INTERNAL[:2]
    table = [
        (number, f"任务{number}", *row[2:7], f"{first}月—{last}月", *row[8:])
        for number, (first, last) in enumerate(windows)
    ]
    plan = bureau.publishes(make_workbook("表", "计划", [heading, *table]))
    for number, planned in enumerate(plan["rows"]):
        bureau.planner.put(f"/api/v1/planned/{planned['id']}/frame", {"tags": [f"T{number}"]})
    set_cap(cast, 6)
    memberships = [tuple(number for number in range(6) if chance.random() < 0.4) or (0,) for _ in range(200)]
    owners = enter_objects(cast, 20, "业主")
    owned = [chance.choice(owners) for _ in memberships]
    enter(
        cast,
        [
            {
                "name": f"产品{number}",
                "kind": "product",
                "owner_id": owner,
                "tags": [f"T{tag}" for tag in tags],
            }
            for number, (tags, owner) in enumerate(zip(memberships, owned, strict=True))
        ],
    )

    report = bureau.planner.get(f"{PLANS}/overlaps?year=2023")

    pairs = Counter(
        (f"任务{one}", f"任务{other}")
        for tags in memberships
        for one, other in combinations(tags, 2)
        if windows[one][0] <= windows[other][1] and windows[other][0] <= windows[one][1]
    )
    found = {
        tuple(sorted(row["name"] for row in each["planned"])): each["objects"] for each in report["repeated"]
    }
    assert found == pairs
    saved = sum(len(tags) - fewest_visits([windows[tag] for tag in tags]) for tags in memberships)
    assert report["saved"] == saved > 50
    visits = Counter[object]()
    for tags, owner in zip(memberships, owned, strict=True):
        visits[str(owner)] += len(tags)
    over = {owner: count for owner, count in visits.items() if count > 6}
    assert {each["enterprise_id"]: each["visits"] for each in report["most"]} == over
    assert report["over_cap"] == len(over)


def test_two_visits_of_one_row_are_never_merged(bureau, cast):
    enter_objects(cast, 5, "生产矿山")
    heading, row = YANGCHENG_INTERNAL[:2]
    often = (1, "巡查", *row[2:5], "100%，每年2次", row[6], "全年", *row[8:])
    once = (2, "界桩", *row[2:5], "100%", row[6], "5月", *row[8:])
    plan = bureau.publishes(make_workbook("表", "计划", [heading, often, once]))
    for planned in plan["rows"]:
        bureau.planner.put(f"/api/v1/planned/{planned['id']}/frame", MINES)

    report = bureau.planner.get(f"{PLANS}/overlaps?year=2023")

    assert [(each["objects"], each["first"], each["last"]) for each in report["merges"]] == [
        (5, "2023-05-01", "2023-05-31"),
    ]
    assert (report["saved"], report["cap"], report["over_cap"]) == (5, None, 0)
