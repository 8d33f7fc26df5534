"""Importing the plans that two bureaus published, and publishing them, over HTTP."""

from io import BytesIO
from uuid import UUID

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.demo import chengde_plan, yangcheng_internal_plan, yangcheng_joint_plan
from server.demo.plan_tables import CHENGDE, YANGCHENG_INTERNAL
from server.demo.plan_workbooks import make_workbook
from server.planning.launches import note_launch
from server.planning.models import PlannedInspection
from server.registry.service import enter_standard_items

IMPORT = "/api/v1/plans/import?year=2023"


@pytest.fixture
def planner(cast, app):
    with audit.transaction(app.sessions) as session:
        enter_standard_items(session, SYSTEM)
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def chengde(cast):
    with audit.transaction(cast.app.sessions) as session:
        enter_standard_items(session, SYSTEM)
    return cast.signed_in(Role.PLANNER, region="130800")


def send(client, data, expect=200, **query):
    path = IMPORT + "".join(f"&{name}={value}" for name, value in query.items())
    return client.post(path, expect=expect, data={"file": (BytesIO(data), "计划.xlsx")})


def changed(rows, number, **cells):
    """The table with some cells of one row set, by heading."""
    places = {heading: place for place, heading in enumerate(rows[0])}
    row = list(rows[number])
    for heading, value in cells.items():
        row[places[heading]] = value
    return [*rows[:number], tuple(row), *rows[number + 1 :]]


def kinds(report, row=None):
    return {
        (each["row"], each["column"], each["kind"])
        for each in report["findings"]
        if row in (None, each["row"])
    }


def test_yangchengs_eight_rows_are_read(planner):
    report = send(planner, yangcheng_internal_plan(), number="阳自然资字〔2023〕11号")

    plan = planner.get(f"/api/v1/plans/{report['plan']['id']}")
    assert report["errors"] == []
    assert (plan["kind"], plan["state"], plan["number"]) == ("internal", "draft", "阳自然资字〔2023〕11号")
    assert plan["name"] == "阳城县自然资源局2023年度内部双随机抽查工作计划"
    assert [row["ratio"]["percent"] for row in plan["rows"]] == ["25"] * 4 + ["50"] * 2 + ["100"] * 2
    assert {tuple(row["sampling"]) for row in plan["rows"]} == {("targeted",)}
    assert [row["windows"] for row in plan["rows"]] == [
        [{"first": first, "last": last}]
        for first, last in (
            ("2023-03-01", "2023-03-31"),
            ("2023-06-01", "2023-06-30"),
            ("2023-09-01", "2023-09-30"),
            ("2023-12-01", "2023-12-31"),
            ("2023-03-01", "2023-06-30"),
            ("2023-07-01", "2023-11-30"),
            ("2023-09-01", "2023-10-31"),
            ("2023-09-01", "2023-10-31"),
        )
    ]
    assert [len(row["items"]) for row in plan["rows"]] == [2, 2, 2, 2, 2, 2, 3, 4]
    assert plan["rows"][0]["item_codes"] == ["MINE_OVERSTEP", "BOUNDARY_MARKER"]
    assert plan["rows"][4]["item_codes"] == ["RECLAMATION_DEPOSIT", "RECLAMATION_LAND"]
    assert plan["rows"][6]["item_codes"] == ["QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS"]
    assert plan["rows"][7]["item_codes"] == [
        "PROJECT_REGISTRATION", "RESULT_DELIVERY_CHECK", "STAFF_CERTIFICATES", "QUALIFICATION_INSTRUMENTS",
        "ARCHIVES",
    ]  # fmt: skip
    assert {row["inspecting_body"] for row in plan["rows"]} == {"阳城县自然资源局"}
    assert "递加比例" in plan["rows"][0]["risk_rule"]


def test_the_doubled_initiator_is_told_and_the_headings_of_the_second_page_are_no_row(planner):
    report = send(planner, yangcheng_internal_plan())

    assert len(report["rows"]) == 8
    assert kinds(report) == {(row, "发起主体/牵头单位", "doubled") for row in (3, 4, 5, 6, 7, 10, 11, 12)}
    assert {(row["initiator"], row["lead"]) for row in report["rows"]} == {
        (name, name) for name in ("矿产资源监督管理局", "国土空间生态修复股", "调查测绘股")
    }


def test_yangchengs_joint_row_is_read(planner):
    (row,) = send(planner, yangcheng_joint_plan())["rows"]

    assert row["name"] == "对煤炭生产企业的双随机抽查"
    assert (row["ratio"]["percent"], row["ratio"]["times"], row["ratio"]["period"]) == ("100", 1, "year")
    assert row["items"] == [
        "矿山超层越界检查",
        "对界桩的检查",
        "能源局对生产公告要素的检查",
        "应急局对工作职责范围内煤炭安全生产等事项的检查",
    ]
    assert row["item_codes"] == [
        "MINE_OVERSTEP", "BOUNDARY_MARKER", "ENERGY_ANNOUNCEMENT", "EMERGENCY_SAFETY",
    ]  # fmt: skip
    assert (row["initiator"], row["cooperators"]) == ("县自然资源局", ["县能源局", "县应急局"])
    assert row["windows"] == [{"first": "2023-03-01", "last": "2023-11-30"}]
    assert row["sampling"] == []
    assert {note["kind"] for note in row["notes"]} == {"broken_word"}


def test_chengdes_nine_rows_are_read(chengde):
    report = send(chengde, chengde_plan())

    rows = {row["task_no"]: row for row in report["rows"]}
    assert report["plan"]["kind"] == "provincial"
    assert report["plan"]["region"] == "130800"
    assert list(rows) == [f"{number:03d}号" for number in (1, 2, 3, 4, 6, 7, 8, 9, 10)]
    assert [row["plan_no"] for row in rows.values()] == [
        str(2023042 + n) for n in (0, 1, 2, 3, 5, 6, 7, 8, 9)
    ]
    assert [(row["ratio"]["percent"], row["ratio"]["at_least"]) for row in rows.values()] == [
        ("5", False), ("30", False), ("5", True), ("5", True), ("30", False),
        ("30", False), ("30", True), ("30", False), ("20", False),
    ]  # fmt: skip
    assert rows["001号"]["sampling"] == ["targeted"]
    assert rows["002号"]["items"] == ["地质勘查单位勘查活动检查", "地灾资质单位资质监督检查"]
    for task_no in ("003号", "004号", "006号", "007号", "008号", "009号"):
        assert rows[task_no]["sampling"] == ["untargeted", "targeted"]
    assert rows["010号"]["sampling"] == ["untargeted"]
    assert rows["010号"]["windows"] == [
        {"first": "2023-05-01", "last": "2023-06-30"},
        {"first": "2023-09-01", "last": "2023-10-31"},
    ]
    assert (rows["001号"]["lead"], rows["001号"]["cooperators"]) == ("利用处", ["自然资源开发利用科"])
    assert rows["007号"]["plan_name"].endswith("地理信息管理综合执法随机抽查")
    assert all(row["item_codes"] for row in rows.values()), (
        "every row can be inspected with a form that ships"
    )
    assert rows["001号"]["item_codes"] == ["VALUATION_CONDUCT", "VALUATION_REPORTS"]
    assert len(rows["004号"]["item_codes"]) == len(rows["004号"]["items"]) == 11
    assert len(rows["007号"]["item_codes"]) == 8


def test_text_that_runs_on_after_a_page_goes_back_to_its_row(chengde):
    rows = {row["task_no"]: row for row in send(chengde, chengde_plan())["rows"]}

    assert rows["007号"]["items"][4:] == [
        "涉密地理信息成果生产、保管、复制、转借、销毁等重点环节管理情况",
        "是否违反保密规定加工、处理和利用涉密测绘成果,存在失泄密隐患",
        "涉密地理信息成果生产、使用、管理人员教育培训及涉密人员持证上岗情况",
    ]
    assert "《中华人民共和国测绘成果管理条例》" in rows["009号"]["items"][0]
    assert rows["009号"]["object_scope"] == "2023年1月1日前有测绘项目且完成验收的单位"
    assert rows["010号"]["items"] == ["土地复垦义务人履行复垦义务情况"]


def test_every_fault_of_the_scan_is_told_with_row_and_column(chengde):
    report = send(chengde, chengde_plan())

    assert kinds(report) == {
        (7, "抽查计划名称", "doubled"),
        (7, "抽查任务名称", "doubled"),
        (7, "抽查类型", "misread"),
        (8, "抽查计划编号", "number_missing"),
        (8, "抽查任务编号", "number_missing"),
        (8, "抽查计划名称", "doubled"),
        (8, "抽查任务名称", "doubled"),
        (8, "抽查类型", "misread"),
        (9, "抽查类型", "misread"),
        (11, "抽查类型", "misread"),
        (12, "抽查类型", "misread"),
        (12, "抽查对象范围", "misread"),
        (13, "抽查事项", "continued"),
        (15, "抽查计划名称", "doubled"),
        (15, "抽查任务名称", "doubled"),
        (15, "抽查类型", "broken_word"),
        (16, "抽查事项", "continued"),
        (16, "抽查对象范围", "continued"),
    }
    missing = [each["message"] for each in report["findings"] if each["kind"] == "number_missing"]
    assert missing == ["编号不连续，缺 2023046", "编号不连续，缺 005号"]
    (sampling,) = [each for each in report["findings"] if each["row"] == 9]
    assert (sampling["written"], sampling["read"]) == ("不定项抽查、项抽查", "不定向、定向")
    plan = chengde.get(f"/api/v1/plans/{report['plan']['id']}")
    assert plan["findings"] == report["findings"]


def test_text_that_runs_on_without_a_page_end_is_put_behind_the_row_above(chengde):
    rows = [row for row in CHENGDE[:3] if row]
    rest = (None,) * 6 + ("及其他情况",) + (None,) * 4

    report = send(chengde, make_workbook("表", "清单", [*rows, rest]))

    assert report["rows"][1]["items"] == ["地质勘查单位勘查活动检查, 地灾资质单位资质监督检查及其他情况"]
    assert kinds(report) == {(5, "抽查事项", "continued")}


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"抽查比例/数量": "若干"}, "抽查比例/数量"),
        ({"抽查比例/数量": None}, "抽查比例/数量"),
        ({"抽查检查起止时间": "待定"}, "抽查检查起止时间"),
        ({"抽查类型": "随便"}, "抽查类型"),
        ({"抽查类型": None}, "抽查类型"),
        ({"抽查事项": None}, "抽查事项"),
        ({"抽查对象范围": None}, "抽查对象范围"),
        ({"发起主体/牵头单位": None}, "发起主体/牵头单位"),
        ({"抽查任务名称": None}, "抽查任务名称"),
        ({"抽查事项": "查" * 10_001}, "抽查事项"),
    ],
)
def test_a_row_that_can_not_be_planned_by_is_told_and_nothing_is_imported(planner, cells, column):
    data = make_workbook("表", "计划", changed(YANGCHENG_INTERNAL, 2, **cells))

    answer = send(planner, data, expect=422)

    assert answer["code"] == "import.rows"
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(4, column)]
    assert planner.get("/api/v1/plans") == []


def test_good_rows_are_taken_on_request(planner):
    data = make_workbook("表", "计划", changed(YANGCHENG_INTERNAL, 2, **{"抽查比例/数量": "若干"}))

    report = send(planner, data, take_good_rows="true")

    assert [row["row_no"] for row in report["rows"]] == [1, 3, 4, 5, 6, 7, 8]
    assert [error["row"] for error in report["errors"]] == [4]


def test_a_dry_run_shows_what_would_be_read_and_keeps_nothing(planner):
    report = send(planner, yangcheng_internal_plan(), dry_run="true")

    assert report["plan"] is None
    assert len(report["rows"]) == 8
    assert report["rows"][0]["item_codes"] == ["MINE_OVERSTEP", "BOUNDARY_MARKER"]
    assert planner.get("/api/v1/plans") == []


def test_a_draft_is_replaced_and_a_published_plan_stands(planner, cast):
    first = send(planner, yangcheng_internal_plan())["plan"]
    second = send(planner, yangcheng_internal_plan(), section="矿管局")["plan"]
    plan = f"/api/v1/plans/{second['id']}"
    policy, head = cast.signed_in(Role.POLICY), cast.signed_in(Role.SUPERVISOR)
    policy.post("/api/v1/plans/aggregate", {"plans": [second["id"]]})
    aggregated = send(planner, yangcheng_internal_plan(), expect=409)["code"]
    head.post(f"{plan}/approve", {})
    published = policy.post(f"{plan}/publish", {"number": "阳自然资字〔2023〕11号"})

    assert first["id"] == second["id"]
    assert second["section"] == "矿管局"
    assert aggregated == "plan.stage"
    assert (published["state"], len(published["rows"])) == ("published", 8)
    assert policy.post(f"{plan}/publish", {}, expect=409)["code"] == "plan.stage"
    assert send(planner, yangcheng_internal_plan(), expect=409)["code"] == "plan.published"


def test_a_draft_that_something_was_drawn_for_is_not_replaced(planner, cast):
    """A platform's list could be imported for drafts once."""
    imported = send(planner, yangcheng_internal_plan())["plan"]
    plan = planner.get(f"/api/v1/plans/{imported['id']}")
    with audit.transaction(cast.app.sessions) as session:
        row = session.get_one(PlannedInspection, UUID(plan["rows"][0]["id"]))
        note_launch(session, row, 1)

    refused = send(planner, yangcheng_internal_plan(), expect=409)

    assert (refused["code"], refused["detail"][:9]) == ("plan.drawn", "计划中已有任务抽取")
    kept = planner.get(f"/api/v1/plans/{plan['id']}")["rows"]
    assert [each["id"] for each in kept] == [each["id"] for each in plan["rows"]]


def test_a_window_outside_the_plans_year_is_noticed(chengde):
    report = chengde.post(
        "/api/v1/plans/import?year=2024", data={"file": (BytesIO(chengde_plan()), "a.xlsx")}
    )

    assert {each["row"] for each in report["findings"] if each["kind"] == "year_differs"} == {
        3,
        4,
        5,
        7,
        8,
        9,
        11,
        12,
        15,
    }


def test_a_workbook_of_another_table_is_told_which_headings_are_known(planner):
    answer = send(planner, make_workbook("表", "名单", [("姓名", "年龄"), ("张三", 30)]), expect=422)

    assert answer["code"] == "import.columns"
    assert {"internal", "joint", "provincial", "by-field", "item-list"} < set(answer["layouts"])
    assert "抽查任务名称" in answer["layouts"]["joint"]
    assert send(planner, yangcheng_joint_plan(), kind="internal", expect=422)["code"] == "import.columns"


@pytest.mark.parametrize("data", [b"", b"not a workbook", yangcheng_joint_plan()[:2000]])
def test_what_is_no_workbook_is_refused(planner, data):
    assert send(planner, data, expect=422)["code"] == "import.unreadable"


@pytest.mark.parametrize("query", ["", "?year=1999", "?year=2023&kind=secret", "?year=abc"])
def test_a_query_that_makes_no_sense_is_refused(planner, query):
    answer = planner.post(f"/api/v1/plans/import{query}", data=yangcheng_joint_plan(), expect=422)

    assert answer["code"] == "request.invalid"


def test_plans_are_listed_for_their_region_and_year_only(planner, chengde, cast):
    send(planner, yangcheng_internal_plan())
    theirs = send(chengde, chengde_plan())["plan"]
    province = cast.signed_in(Role.SUPERVISOR, region="140000")

    assert len(planner.get("/api/v1/plans?year=2023")) == 1
    assert planner.get("/api/v1/plans?year=2022") == []
    assert len(province.get("/api/v1/plans")) == 1
    assert planner.get(f"/api/v1/plans/{theirs['id']}", expect=404)["code"] == "plan.not-found"
    policy = cast.signed_in(Role.POLICY)
    assert policy.post(f"/api/v1/plans/{theirs['id']}/publish", {}, expect=404)["code"] == "plan.not-found"


def test_who_may_not_plan_may_not_import(cast):
    for role in (Role.INSPECTOR, Role.SUPERVISOR, Role.AUDITOR):
        assert send(cast.signed_in(role), yangcheng_joint_plan(), expect=403)["code"] == "access.denied"
