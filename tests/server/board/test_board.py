"""The board counts what is under way by where it stands, and says by which rule it is due."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation
from server.board import service as board
from server.inspections.models import Record, Revision, Task
from server.planning.models import Plan, PlannedInspection
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject, InspectionItem
from server.results.models import Deadline, Result
from server.review.models import Decision
from tests.planting import filled

TODAY = date(2026, 9, 28)  # a Monday; from Thursday on it is the national holiday, until the 7th of October
RULES = {"deadline": {"publication": {"kind": "working_days", "days": 10, "from": "inspection_end"}}}


class World:
    """Visits of two counties, planted where they stand."""

    def __init__(self, cast):
        self.bureaus = {region: cast.organisation(region) for region in ("140522", "140524")}
        self.person = cast.person(Role.INSPECTOR).person_id
        self.planned = uuid4()
        plan = filled(
            Plan, id=uuid4(), region="140522", organisation_id=self.bureaus["140522"].id, part_of_id=None,
            state="published", year=2026, name="年度计划",
        )  # fmt: skip
        row = filled(
            PlannedInspection, id=self.planned, plan_id=plan["id"], region="140522", name="第三季度抽查"
        )
        self.plan = plan["id"]
        items = [
            filled(InspectionItem, code=code, name=name)
            for code, name in (("STEP", "超层越界"), ("MARK", "界桩"))
        ]
        self.rows = [(Plan, plan), (PlannedInspection, row), *((InspectionItem, item) for item in items)]

    def task(
        self, number, days, state="assigned", region="140522", items=("STEP",), planned=None, place=None
    ):
        here = {"region": region, "organisation_id": self.bureaus[region].id}
        site = filled(
            InspectedObject, id=uuid4(), **here, name=f"采石场{number}", latitude=place and place[0],
            longitude=place and place[1], owner_id=None,
        )  # fmt: skip
        task = filled(
            Task, id=uuid4(), **here, number=number, name="矿山抽查", object_id=site["id"], state=state, draw_id=None,
            drawn_visit_id=None, planned_id=planned, item_codes=list(items), due_on=TODAY + timedelta(days=days),
        )  # fmt: skip
        self.rows += [(InspectedObject, site), (Task, task)]
        return task

    def record(self, task, state, **more):
        record = filled(
            Record, id=uuid4(), task_id=task["id"], region=task["region"], due_on=task["due_on"], state=state,
            author_id=self.person, submitted_at=clock.now(), **({"review_act": None} | more),
        )  # fmt: skip
        rev = filled(
            Revision,
            rev=f"sha256:{uuid4().hex}",
            record_id=record["id"],
            task_id=task["id"],
            author_id=self.person,
        )
        self.rows += [(Record, record), (Revision, rev)]
        return record | {"rev": rev["rev"]}

    def result(self, task, state, days, publish=None):
        record = self.record(task, "final")
        result = filled(
            Result, id=uuid4(), region=task["region"], organisation_id=task["organisation_id"], task_id=task["id"],
            item_code=task["item_codes"][0], object_id=task["object_id"], record_id=record["id"], rev=record["rev"],
            state=state, due_on=TODAY + timedelta(days=days), due_rule="任务完成（2026-09-07）后15个工作日内 · 15 working days",
            publish_on=publish and TODAY + timedelta(days=publish), inspected_on=date(2026, 9, 7), closed_at=None,
            confirmed_by=None, released_by=None,
        )  # fmt: skip
        self.rows.append((Result, result))
        if publish:
            term = filled(
                Deadline, subject_id=result["id"], kind="publication", region=task["region"],
                organisation_id=task["organisation_id"], due_on=result["publish_on"],
                rule="任务截止时间前 · before the task closes",
            )  # fmt: skip
            self.rows.append((Deadline, term))
        return result

    def disclosure(self, result, state, published_at):
        row = filled(
            Disclosure, id=uuid4(), result_id=result["id"], version=1, region=result["region"],
            organisation_id=result["organisation_id"], object_id=result["object_id"], state=state, published_at=published_at,
            body={},
        )  # fmt: skip
        self.rows.append((Disclosure, row))

    def settle(self, app):
        with audit.transaction(app.sessions) as session:
            for table, row in self.rows:
                session.execute(insert(table), [row])
            session.get_one(Organisation, self.bureaus["140522"].id).rules = RULES


@pytest.fixture
def world(cast, app, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 9, 28, 9, tzinfo=clock.CHINA))
    world = World(cast)
    world.late = world.task("A-1", -3)
    world.soon = world.task(
        "A-2", 10, planned=world.planned
    )  # Tuesday, Wednesday, and the day after the holiday
    world.begun = world.task("A-3", 20, "open", items=("STEP", "MARK"))
    world.waiting = world.record(world.task("A-4", 3, "open"), "under_review")
    world.returned = world.record(world.task("A-5", 30, "open"), "returned", review_act="returned")
    decision = filled(
        Decision, record_id=world.returned["id"], rev=world.returned["rev"], verdict="returned",
        due_on=TODAY + timedelta(days=1), reviewer_id=world.person, marks=[],
    )  # fmt: skip
    world.rows.append((Decision, decision))
    world.draft = world.result(world.task("A-6", -30, "done"), "draft", 0)
    world.confirmed = world.result(world.task("A-7", -30, "done"), "confirmed", -5, publish=2)
    world.problem = world.result(world.task("A-8", -30, "done"), "confirmed", -5)
    world.public = world.result(world.task("A-9", -40, "done"), "released", -20, publish=-12)
    world.disclosure(world.public, "public", datetime(2026, 9, 20, 12, tzinfo=clock.CHINA))
    old = world.result(world.task("A-10", -90, "done"), "released", -80, publish=-80)
    world.disclosure(old, "public", datetime(2026, 7, 1, 12, tzinfo=clock.CHINA))
    world.task("B-1", 5, region="140524", place=(35.7, 113.2))
    world.settle(app)
    return world


def columns(answer):
    return {each["column"]: SimpleNamespace(**each) for each in answer["columns"]}


def test_everything_under_way_stands_in_one_column_with_its_days_its_rule_and_where_that_is_written(
    cast, world
):
    found = columns(cast.signed_in(Role.SUPERVISOR).get("/api/v1/board"))

    assert {name: column.count for name, column in found.items()} == {
        "not_begun": 2, "inspecting": 1, "under_review": 1, "returned": 1, "to_enter": 1, "to_publish": 2,
        "published": 1,
    }  # fmt: skip
    late, soon = found["not_begun"].cards
    assert (late["number"], late["days_left"], late["urgency"]) == (
        "A-1",
        -1,
        "late",
    )  # only Monday was worked since
    assert (soon["number"], soon["days_left"], soon["urgency"]) == ("A-2", 3, "soon")
    assert (soon["place"], soon["object_name"]) == ("第三季度抽查 · 第三季度抽查", "采石场A-2")
    assert found["inspecting"].cards[0]["items"] == ["超层越界", "界桩"]
    assert found["under_review"].cards[0]["id"] == str(world.waiting["id"])
    returned = found["returned"].cards[0]
    assert (returned["due_on"], returned["days_left"]) == ("2026-09-29", 1)
    assert returned["rule"].startswith("退回时要求的改正日期")
    entry = found["to_enter"].cards[0]
    assert (entry["days_left"], entry["rule"]) == (0, world.draft["due_rule"])
    assert entry["place"].startswith("嘉自然资规发〔2020〕27号：任务完成后15个工作日内 · ")
    with_term, without = found["to_publish"].cards
    assert with_term["rule"] == "任务截止时间前 · before the task closes", "as it was counted"
    assert with_term["place"].startswith("阳城县自然资源局期限规则 · ")
    assert (without["due_on"], without["days_left"], without["urgency"]) == (None, None, "fine")
    assert [card["due_on"] for card in found["published"].cards] == ["2026-09-20"]


def test_the_board_is_filtered_within_what_one_may_see(cast, world):
    city = cast.signed_in(Role.SUPERVISOR, region="140500")
    due = {"due_from": "2026-09-28", "due_to": "2026-10-01"}
    for query, counts in (
        ({"region": "140524"}, {"not_begun": 1}),
        ({"organisation": str(world.bureaus["140524"].id)}, {"not_begun": 1}),
        ({"plan": str(world.plan)}, {"not_begun": 1}),
        ({"item": "MARK"}, {"inspecting": 1}),
        (due, {"under_review": 1, "to_enter": 1, "to_publish": 1}),
        (due | {"region": "130000"}, {}),
    ):
        found = columns(city.get("/api/v1/board", query_string=query))
        assert {name: column.count for name, column in found.items() if column.count} == counts, query


def test_a_count_ends_where_it_is_bounded_and_says_that_there_is_more(cast, world, monkeypatch):
    monkeypatch.setattr(board, "MOST", 1)

    found = columns(cast.signed_in(Role.SUPERVISOR).get("/api/v1/board", query_string={"cards": 1}))

    assert (found["not_begun"].count, found["not_begun"].more, len(found["not_begun"].cards)) == (1, True, 1)
    assert (found["inspecting"].count, found["inspecting"].more) == (1, False)
    only = columns(cast.signed_in(Role.SUPERVISOR).get("/api/v1/board", query_string={"column": "to_enter"}))
    assert list(only) == ["to_enter"]


def test_the_board_shows_nobody_more_than_their_role_and_region(cast, world):
    planner = cast.signed_in(Role.PLANNER, region="140500")
    elsewhere = cast.signed_in(Role.SUPERVISOR, region="130800")

    assert {each["column"]: each["count"] for each in planner.get("/api/v1/board")["columns"]} == {
        "not_begun": 3, "inspecting": 1,
    }  # fmt: skip
    assert {each["count"] for each in elsewhere.get("/api/v1/board")["columns"]} == {0}
    assert elsewhere.get("/api/v1/coverage")["groups"] == []
    for path in ("board", "coverage"):
        refused = cast.signed_in(Role.INSPECTOR).get(f"/api/v1/{path}", expect=403)
        assert refused["code"] == "access.denied"
    assert [each["name"] for each in planner.get("/api/v1/board/choices")["plans"]] == ["2026 年度计划"]


def test_coverage_counts_every_visit_and_places_objects_never_people(cast, world):
    city = cast.signed_in(Role.SUPERVISOR, region="140500")

    found = city.get("/api/v1/coverage")

    counted = {
        each["region_name"]: (each["visited"], each["waiting"], each["late"]) for each in found["groups"]
    }
    # Handed in counts as visited, also what waits for its reviewer or was returned.
    assert counted == {"阳城县": (7, 2, 1), "陵川县": (0, 1, 0)}
    [point] = found["points"]
    assert set(point) == {"id", "number", "name", "object_name", "due_on", "latitude", "longitude", "state"}
    assert (point["number"], point["latitude"], point["state"]) == ("B-1", 35.7, "waiting")
    assert UUID(point["id"])
    city.get("/api/v1/coverage", query_string={"first": "2024-01-01", "last": "2026-01-01"}, expect=422)
