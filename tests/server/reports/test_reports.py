"""Reports are counted from what was frozen: by the printed formulas, the same for ever, about units and never people.

A small world is made up by chance, and every number is counted a second time here, from the list it was made of.
"""

import json
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import insert, update

from server import audit, clock
from server.access import Role
from server.inspections.models import Task
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject, InspectionItem, RiskClass
from server.reports.figures import Share
from server.reports.models import ReportRow
from server.results.models import Result
from tests.server.reports.world import FINE, ITEMS, PROBLEM, frozen, make_world, problem, report


def counted(lines):
    """The work report of some lines, by the formulas on the page."""

    def objects(keep):
        return len({each.object for each in lines if keep(each)})

    drawn, published = objects(lambda _: True), objects(lambda each: each.public)
    closed = objects(lambda each: each.public and each.closed)
    told = Counter(code for each in lines if each.public for code in each.codes)
    return {
        "drawn": drawn,
        "published": published,
        "unpublished": drawn - published,
        "completion": Share(published, drawn).as_json(),
        "closed": closed,
        "closure": Share(closed, published).as_json(),
        "discovery": Share(objects(problem), objects(lambda each: each.inspected)).as_json(),
        "no_problem": told["NO_PROBLEM"],
        "pending_followup": told["PENDING_FOLLOWUP"],
        "left": told["MOVED_AWAY"] + told["DEREGISTERED"],
    }


def same(told, lines):
    flat = told | told["results"]
    expected = counted(lines)
    assert {name: flat[name] for name in expected} == expected


def test_every_number_is_the_one_that_counting_by_hand_gives_and_stays_it(cast):
    world = make_world(cast, 60)
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    assert snapshot["rows"] == len(world)

    first = report(nation, snapshot, "statistics")
    same(first["total"], world)
    assert [line["item_code"] for line in first["lines"]] == sorted(ITEMS)
    for line in first["lines"]:
        same(line, [each for each in world if each.item == line["item_code"]])
        assert (line["task"], line["ratio"], line["base"], line["item"]) == (
            "年度抽查",
            "5%",
            40,
            f"{line['item_code']}事项",
        )
    assert first["total"]["followups"]["transfer_police"] == sum(each.public for each in world)

    cover = report(nation, snapshot, "coverage")
    assert cover["objects"] == 60
    for tag in cover["tags"]:
        seen = {each.object for each in world if each.inspected and tag["tag"] in each.tags}
        assert tag["coverage"]["part"] == len(seen)
    assert {tag["tag"] for tag in cover["tags"]} == {"矿山", "测绘", "重点"}
    assert cover["kinds"][0]["coverage"]["part"] == len({each.object for each in world if each.inspected})

    units = report(nation, snapshot, "assessment")["units"]
    assert [unit["region"] for unit in units] == ["130800", "140522"]
    for unit in units:
        own = [each for each in world if str(each.bureau.id) == unit["organisation_id"]]
        due = [each.entry for each in own if each.entry and (each.entry[1] or each.entry[0] < clock.today())]
        assert unit["visits"] == len({each.task for each in own})
        assert unit["entry_in_time"] == Share(sum(bool(met) for _, met in due), len(due)).as_json()
        assert (
            unit["followups_over"] == Share(sum(e.over for e in own), sum(e.followups for e in own)).as_json()
        )
        assert unit["liability"] == {
            "not_inspected": sum(not each.inspected and each.due < clock.today() for each in own),
            "not_published_in_time": 0,
            "delayed": sum(bool(each.inspected and each.inspected > each.due) for each in own),
            "followups_late": sum(each.late for each in own),
            "crimes_not_transferred": sum(each.crime for each in own),
        }

    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Result).values(codes=FINE, closed_at=None))
        session.execute(update(Disclosure).values(state="withdrawn"))
        session.execute(update(InspectedObject).values(tags=["新"]))
    assert report(nation, snapshot, "statistics") == first
    assert report(nation, snapshot, "coverage") == cover
    assert report(nation, snapshot, "check")["holds"] is True
    assert frozen(nation)["sha256"] != snapshot["sha256"]
    with audit.transaction(cast.app.sessions) as session:
        session.execute(
            update(ReportRow).where(ReportRow.place == 7).values(closed=True, problem=True, codes="[]")
        )
    assert report(nation, snapshot, "check")["holds"] is False


def test_what_is_common_or_rises_is_proposed_for_a_targeted_draw(cast):
    world = make_world(cast, 60, seed=2)
    planner = cast.signed_in(Role.POLICY, region="000000")
    objects = sorted({each.object for each in world}, key=str)[:9]
    ratings = [("A", "C"), ("B", "D"), ("C", "A"), ("B", "B")]
    with audit.transaction(cast.app.sessions) as session:
        for found, (before, after) in zip(objects, ratings, strict=False):
            for since, risk in ((date(2026, 1, 1), before), (date(2026, 4, 1), after)):
                row = {
                    "object_id": found,
                    "risk_class": risk,
                    "since": since,
                    "source": "省",
                    "entered_at": clock.now(),
                    "entered_by": "x",
                }
                session.execute(insert(RiskClass.__table__), [row])
    earlier, now = frozen(planner), None
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Result).where(Result.item_code == "STEP").values(codes=PROBLEM))
    now = frozen(planner)

    told = report(planner, now, "warnings", before=earlier["id"])
    step = next(each for each in told["fields"] if (each["item_code"], each["tag"]) == ("STEP", None))
    inspected = {each.object for each in world if each.inspected and each.item == "STEP"}
    assert step["discovery"] == Share(len(inspected), len(inspected)).as_json()
    assert step["signs"] == ["common", "rising"]
    assert step["proposal"] == {
        "name": "STEP事项定向抽查",
        "sampling": ["targeted"],
        "item_codes": ["STEP"],
        "object_scope": "名录库全部对象",
        "objects": 60,
        "ratio_text": "≥100%",
        "basis": f"检查{len(inspected)}户，发现问题{len(inspected)}户",
    }
    marker = [each for each in told["fields"] if each["item_code"] == "MARKER"]
    assert all("rising" not in each["signs"] for each in marker)
    risk = told["risk"]
    assert (risk["rated"], risk["index_before"], risk["index"]) == (4, "1.000", "1.500")
    assert {(each["before"], each["now"]) for each in risk["worse"]} == {("A", "C"), ("B", "D")}
    assert (risk["better"], risk["proposal"]["objects"]) == (1, 2)


def test_reports_name_no_person_and_rank_nobody(cast):
    make_world(cast, 6)
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    told = json.dumps(
        [report(nation, snapshot, kind) for kind in ("statistics", "coverage", "warnings", "assessment")]
    )
    for word in ("person", "inspector", "rank", "score", "CANARY"):
        assert word not in told, word


def test_a_snapshot_is_of_ones_own_region_and_asks_as_much_of_a_large_one(cast, statements):
    make_world(cast, 4)
    county = cast.signed_in(Role.SUPERVISOR)
    statements.clear()
    small = frozen(county)
    few = len(statements)
    assert 0 < small["rows"] <= 4
    assert county.post("/api/v1/reports/snapshots", {"first": "2026-03-01", "last": "2026-02-01"}, expect=422)
    elsewhere = {"first": "2026-03-01", "last": "2026-04-01", "region": "130800"}
    refused = county.post("/api/v1/reports/snapshots", elsewhere, expect=403)
    assert refused["code"] == "access.outside-jurisdiction"
    foreign = cast.signed_in(Role.POLICY, region="130800")
    assert foreign.get("/api/v1/reports/snapshots") == []
    foreign.get(f"/api/v1/reports/snapshots/{small['id']}/statistics", expect=404)
    inspector = cast.signed_in(Role.INSPECTOR)
    assert inspector.get("/api/v1/reports/snapshots", expect=403)["code"] == "access.denied"
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Task).values(opens_on=date(2020, 1, 1)))
        before = {"code": InspectionItem.code + "-before", "name": InspectionItem.name + "-before"}
        session.execute(update(InspectionItem).values(before))
    make_world(cast, 80, seed=3)
    statements.clear()
    assert frozen(county)["rows"] > 40
    assert len(statements) == few
    statements.clear()
    listed = county.get("/api/v1/reports/snapshots")
    assert [each["rows"] > 40 for each in listed] == [True, False]


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 3, "33.33"), (1, 8, "12.50"), (5, 1000, "0.50"), (1, 16, "6.25"), (0, 0, None)],
)
def test_a_share_tells_both_its_numbers(part, whole, percent):
    assert Share(part, whole).as_json() == {"part": part, "whole": whole, "percent": percent}
