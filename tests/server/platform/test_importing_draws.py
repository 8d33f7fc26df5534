"""What a province drew comes in: matched row by row, locked, published, opened as tasks."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from forms.catalog import catalog
from server import audit
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.checklists import service as checklists
from server.jobs import Job
from server.planning.models import Plan, PlannedInspection
from server.registry.models import Certificate
from server.worker import drain
from tests.actors.at_once import at_once
from tests.actors.cast import Cast
from tests.actors.platform import as_workbook, bureau
from tests.actors.supervisor import phones

URL = "/api/v1/platform/draws/import"


def publish_shipped(app, *form_ids):
    with audit.transaction(app.sessions) as session:
        for each in catalog():
            if each.form_id in form_ids:
                checklists.publish(session, SYSTEM, each.source, ".md")


@pytest.fixture
def crew(cast):
    return phones(cast, 3)


@pytest.fixture
def house(cast, crew):
    return bureau(cast, *crew)


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


def reasons(refused):
    assert refused["code"] == "import.rows"
    return [(error["row"], error["column"]) for error in refused["errors"]]


def test_a_list_as_json_becomes_one_locked_draw_and_its_tasks(cast, house, crew, planner):
    publish_shipped(cast.app, "mine_overstep", "boundary_marker")
    rows = [house.row(0, crew[0], crew[1]), house.row(1, crew[1], crew[2], crew[0])]

    answer = planner.post(URL, {"rows": rows})

    assert (answer["rows"], answer["visits"], answer["errors"]) == (2, 2, [])
    (imported,) = answer["draws"]
    draw = planner.get(f"/api/v1/draws/{imported['id']}")
    assert (draw["source"], draw["locked"], draw["planned_id"]) == ("platform", True, str(house.planned_id))
    first, second = draw["visits"]
    assert first["lead_id"] == str(crew[0].person_id)
    assert second["inspector_ids"] == [str(crew[place].person_id) for place in (1, 2, 0)]
    assert (first["task_no"], first["forms"]) == ("SX2023-001", ["mine_overstep"])
    assert first["item_codes"] == ["MINE_OVERSTEP", "BOUNDARY_MARKER"]
    assert (first["opens_on"], first["due_on"], first["notice_no"]) == (
        "2026-02-02",
        "2026-03-31",
        "通〔2026〕1号",
    )

    drain(cast.app)
    crew[0].pulls()
    shown = sorted(task["number"] for task in crew[0].shows("task").values())
    assert shown == ["SX2023-001", "SX2023-002"]


def test_a_workbook_says_the_same(house, crew, planner):
    content = as_workbook([house.row(0, crew[0], crew[1]), house.row(1, crew[1], crew[2])])

    answer = planner.post(URL, data=content, content_type="application/octet-stream")

    assert answer["visits"] == 2
    assert planner.get(f"/api/v1/draws/{answer['draws'][0]['id']}")["visits"][1]["task_no"] == "SX2023-002"


def test_a_workbook_may_come_as_a_form(house, crew, planner):
    content = as_workbook([house.row(0, crew[0], crew[1])])

    answer = planner.post(URL, data={"file": (io.BytesIO(content), "抽查任务.xlsx")})

    assert answer["visits"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"planned": "", "plan_no": "YC-2023-01"},
        {"planned": " 2023年第一季度 生产矿山抽查 "},
        {"uscc": None},
        {"lead": ""},
    ],
)
def test_a_row_may_name_things_in_several_ways(house, crew, planner, change):
    row = house.row(0, crew[0], crew[1]) | change
    if not row["lead"]:
        del row["lead"]

    answer = planner.post(URL, {"rows": [row]})

    (draw,) = answer["draws"]
    (visit,) = planner.get(f"/api/v1/draws/{draw['id']}")["visits"]
    assert visit["lead_id"] == str(crew[0].person_id)
    assert visit["object_id"] == str(house.objects[0].id)


def test_people_may_be_named_by_user_name_or_name(cast, house, crew, planner):
    row = house.row(0, crew[0], crew[1], lead=crew[0].username, inspectors=[crew[1].username])
    people = [crew[0], crew[1]]

    (draw,) = planner.post(URL, {"rows": [row]})["draws"]

    (visit,) = planner.get(f"/api/v1/draws/{draw['id']}")["visits"]
    assert visit["inspector_ids"] == [str(each.person_id) for each in people]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"planned": "没有的计划"}, "计划任务名称"),
        ({"planned": ""}, "计划任务名称"),
        ({"plan_no": "YC-1999"}, "计划编号"),
        ({"object_name": "没有的矿", "uscc": None}, "检查对象名称"),
        ({"inspectors": ["ZF999999"]}, "检查人员"),
        ({"inspectors": ["ZF000000"]}, "检查人员"),  # the lead alone
        ({"opens_on": "2026-04-01"}, "检查截止日期"),
        ({"opens_on": "2100-04-01", "due_on": "2100-05-01"}, "检查人员"),  # certificates have ended
        ({"due_on": "2026-02-30"}, "检查截止日期"),
        ({"task_no": ""}, "任务编号"),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_with_its_column(house, crew, planner, change, column):
    good, bad = house.row(0, crew[0], crew[1]), house.row(1, crew[0], crew[1]) | change

    refused = planner.post(URL, {"rows": [good, bad]}, expect=422)

    assert (2, column) in reasons(refused)
    assert {row for row, _ in reasons(refused)} == {2}
    assert planner.get("/api/v1/draws") == []


def another(cast, house, **about):
    """Another plan of the bureau with the same row in it."""
    with audit.transaction(cast.app.sessions) as session:
        row = session.get_one(PlannedInspection, house.planned_id)
        plan = session.get_one(Plan, row.plan_id)
        copied = {each.key: getattr(plan, each.key) for each in Plan.__table__.columns if each.key != "id"}
        copy = Plan(**copied | about)
        session.add(copy)
        session.flush()
        columns = PlannedInspection.__table__.columns
        its = {each.key: getattr(row, each.key) for each in columns if each.key != "id"}
        added = PlannedInspection(**its | {"plan_id": copy.id})
        session.add(added)
        session.flush()
        return added.id


def test_nothing_is_drawn_for_a_plan_that_is_not_published(cast, house, crew, planner):
    """Its rows may still be replaced, and would have taken the visits with them."""
    with audit.transaction(cast.app.sessions) as session:
        plan = session.get_one(PlannedInspection, house.planned_id).plan_id
        session.get_one(Plan, plan).state = "approved"
    rows = [house.row(0, crew[0], crew[1])]

    refused = planner.post(URL, {"rows": rows}, expect=422)

    assert reasons(refused) == [(1, "计划任务名称")]
    assert "尚未公布" in refused["errors"][0]["reason"]
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(Plan, plan).state = "published"
    assert planner.post(URL, {"rows": rows})["visits"] == 1


def test_next_years_draft_does_not_make_a_row_ambiguous(cast, house, crew, planner):
    another(cast, house, year=2027, name="2027年度计划", state="draft", published_at=None)

    (draw,) = planner.post(URL, {"rows": [house.row(0, crew[0], crew[1])]})["draws"]
    assert draw["planned_id"] == str(house.planned_id)


def test_of_the_same_task_in_the_plans_of_two_years_that_of_the_visits_year_is_meant(
    cast, house, crew, planner
):
    newer = another(cast, house, year=2026, name="2026年度计划")

    (draw,) = planner.post(URL, {"rows": [house.row(0, crew[0], crew[1])]})["draws"]
    assert draw["planned_id"] == str(newer)
    days = {"opens_on": "2027-02-02", "due_on": "2027-03-31", "task_no": "SX2027-1"}
    refused = planner.post(URL, {"rows": [house.row(0, crew[0], crew[1], **days)]}, expect=422)
    assert reasons(refused) == [(1, "计划任务名称")]


def test_rows_of_a_workbook_are_told_as_the_spreadsheet_numbers_them(house, crew, planner):
    content = as_workbook(
        [house.row(0, crew[0], crew[1]), house.row(1, crew[0], crew[1], object_name="没有", uscc=None)]
    )

    refused = planner.post(URL, data=content, content_type="application/octet-stream", expect=422)

    assert reasons(refused) == [(4, "检查对象名称")]  # below a title and the headings


def test_good_rows_are_taken_on_request(house, crew, planner):
    rows = [house.row(0, crew[0], crew[1]), house.row(1, crew[0], crew[1], inspectors=["ZF999999"])]

    answer = planner.post(f"{URL}?take_good_rows=true", {"rows": rows})

    assert (answer["rows"], answer["visits"]) == (2, 1)
    assert [error["row"] for error in answer["errors"]] == [2]
    assert len(planner.get(f"/api/v1/draws/{answer['draws'][0]['id']}")["visits"]) == 1


def test_when_no_row_is_good_no_draw_is_published(house, crew, planner):
    rows = [house.row(0, crew[0], crew[1], inspectors=["ZF999999"])]

    answer = planner.post(f"{URL}?take_good_rows=true", {"rows": rows})

    assert (answer["visits"], answer["draws"]) == (0, [])


def test_a_dry_run_changes_nothing(house, crew, planner):
    rows = [house.row(0, crew[0], crew[1]), house.row(1, crew[0], crew[1], task_no="")]

    answer = planner.post(f"{URL}?dry_run=true", {"rows": rows})

    assert (answer["dry_run"], answer["visits"], answer["draws"]) == (True, 1, [])
    assert [error["row"] for error in answer["errors"]] == [2]
    assert planner.get("/api/v1/draws") == []


def test_the_same_list_twice_is_noticed(house, crew, planner):
    rows = [house.row(0, crew[0], crew[1])]
    planner.post(URL, {"rows": rows})

    assert reasons(planner.post(URL, {"rows": rows}, expect=422)) == [(1, "任务编号")]
    more = planner.post(f"{URL}?take_good_rows=true", {"rows": [*rows, house.row(1, crew[0], crew[1])]})
    assert more["visits"] == 1
    numbers = [draw["number"] for draw in planner.get("/api/v1/draws")]
    assert len(set(numbers)) == 2


def test_a_list_that_two_import_in_one_moment_is_imported_once(fresh_app):
    cast = Cast(fresh_app)
    crew = phones(cast, 2)
    house = bureau(cast, *crew)
    planner = cast.signed_in(Role.PLANNER)
    for number in range(4):
        rows = [house.row(0, *crew, task_no=f"SX2023-{number}")]
        assert at_once(planner, "POST", URL, {"rows": rows}) == [200, 422]
    assert len(planner.get("/api/v1/draws")) == 4


def test_an_object_drawn_twice_in_one_list_is_noticed(house, crew, planner):
    rows = [house.row(0, crew[0], crew[1]), house.row(0, crew[0], crew[1], task_no="SX2023-900")]

    assert reasons(planner.post(URL, {"rows": rows}, expect=422)) == [(2, "检查对象名称")]


def test_a_certificate_that_has_ended_makes_no_inspector(cast, house, crew, planner):
    with audit.transaction(cast.app.sessions) as session:
        for certificate in session.scalars(
            select(Certificate).where(Certificate.person_id == crew[1].person_id)
        ):
            certificate.valid_to = date(2026, 2, 1)

    refused = planner.post(URL, {"rows": [house.row(0, crew[0], crew[1])]}, expect=422)

    assert "ZF000001" in refused["errors"][0]["reason"]


def test_objects_and_people_of_another_region_are_not_found(cast, house, crew):
    foreign = cast.signed_in(Role.PLANNER, region="130800")

    refused = foreign.post(URL, {"rows": [house.row(0, crew[0], crew[1])]}, expect=422)

    assert {column for _, column in reasons(refused)} == {"计划任务名称", "检查对象名称", "检查人员"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "request.invalid"),
        (b"[]", "request.invalid"),
        (b'{"rows":[]}', "request.invalid"),
        (b'{"rows":[{"task_no":1}]}', "request.invalid"),
        (b"[" * 100_000, "request.invalid"),
    ],
)
def test_json_that_cannot_be_meant_is_refused(planner, body, code):
    assert planner.post(URL, data=body, content_type="application/json", expect=422)["code"] == code


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"<html>"])
def test_a_broken_workbook_is_refused(planner, content):
    refused = planner.post(URL, data=content, content_type="application/octet-stream", expect=422)
    assert refused["code"] == "import.unreadable"


def test_a_workbook_with_other_columns_is_refused(house, crew, planner):
    content = as_workbook([house.row(0, crew[0], crew[1])], leave_out="inspectors")

    refused = planner.post(URL, data=content, content_type="application/octet-stream", expect=422)

    assert refused["code"] == "import.columns"
    assert "检查人员" in refused["required"]


def test_only_a_planner_imports(cast, house, crew):
    for role in (Role.INSPECTOR, Role.SUPERVISOR, Role.AUDITOR):
        refused = cast.signed_in(role).post(URL, {"rows": [house.row(0, crew[0], crew[1])]}, expect=403)
        assert refused["code"] == "access.denied"


def test_publishing_is_on_record(cast, house, crew, planner):
    (draw,) = planner.post(URL, {"rows": [house.row(0, crew[0], crew[1])]})["draws"]

    with cast.app.readers() as session:
        fact = session.scalars(select(AuditEntry).where(AuditEntry.action == "draw.published")).one()
    assert (fact.subject, fact.actor, fact.details["visits"]) == (draw["id"], planner.username, 1)


def test_opening_the_tasks_of_a_draw_twice_opens_them_once(cast, house, crew, planner):
    planner.post(URL, {"rows": [house.row(0, crew[0], crew[1])]})
    drain(cast.app)
    with audit.transaction(cast.app.sessions) as session:
        for job in session.scalars(select(Job)):
            job.done_at = None
    drain(cast.app)

    assert len(planner.get("/api/v1/tasks")) == 1
