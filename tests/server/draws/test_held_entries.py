"""An import is not taken back while draws, plans or recusals rest on what it entered."""

import pytest

from server.access import Role
from tests.server.draws.drawing import place
from tests.server.registry.makers import a_workbook, send

EXPERTS = ("/api/v1/experts/import", ("专家姓名", "工作单位"), ("钱工", "煤科院"))
ITEMS = (
    "/api/v1/items/import",
    ("事项编码", "抽查事项名称", "抽查依据"),
    ("COUNTY_ROAD", "道路检查", "《某法》"),
)


@pytest.fixture
def here(cast):
    return place(cast)


def imported(here, path, *rows):
    return send(here.planner, path, a_workbook(("表", list(rows))))


def undone(here, report, expect=200):
    path = f"/api/v1/imports/{report['import_id']}/undo"
    return here.planner.post(path, {"reason": "导错了文件"}, expect=expect)


def reasons(here, report):
    refused = undone(here, report, expect=409)
    assert refused["code"] == "import.built-upon"
    return [(each["name"], each["reason"], each["reason_en"]) for each in refused["entries"]]


def test_experts_that_were_drawn_since_stay(here):
    report = imported(here, *EXPERTS)
    ceremony = here.commits()
    here.step(ceremony, "freeze", {"experts": 1})

    number = ceremony["number"]
    assert reasons(here, report) == [("钱工", f"已被抽取 {number}引用", f"the draw {number} refers to it")]
    here.step(ceremony, "reveal")
    here.step(ceremony, "publish")
    [(_, told, _)] = reasons(here, report)
    assert number in told
    assert [each["name"] for each in here.planner.get("/api/v1/experts")] == ["钱工"]


def test_experts_with_an_interest_stay_and_others_go(here):
    report = imported(here, *EXPERTS)
    (expert,) = here.planner.get("/api/v1/experts")
    body = {"subject_id": expert["id"], "object_id": str(here.objects[0].id), "reason": "曾任职"}
    here.planner.post("/api/v1/recusals", body, expect=201)
    assert reasons(here, report) == [("钱工", "已被回避引用", "a recusal refers to it")]

    other = imported(here, EXPERTS[0], EXPERTS[1], ("孙工", "煤科院"))
    here.draws()
    assert undone(here, other)["state"] == "undone"


def test_items_that_a_plan_names_stay(cast):
    here = place(cast, item_codes=["COUNTY_ROAD"])
    report = imported(here, *ITEMS)
    assert reasons(here, report) == [
        ("道路检查", "已被计划任务 2026-001引用", "the planned inspection 2026-001 refers to it")
    ]


def test_inspectors_in_a_frozen_frame_stay(cast):
    here = place(cast)
    admin = cast.signed_in(Role.ADMIN)
    columns = ("姓名", "登录名", "执法证号", "发证机关", "有效期起", "有效期止", "考试合格年度")
    row = ("卫甲", "weijia", "晋E001", "山西省", "2020-01-01", "2099-01-01", "2025")
    report = send(admin, "/api/v1/inspectors/import", a_workbook(("执法人员", [columns, row])))
    here.step(here.commits(), "freeze")

    here.planner = admin
    [(name, told, _)] = reasons(here, report)
    assert name == "卫甲"
    assert "抽取" in told
