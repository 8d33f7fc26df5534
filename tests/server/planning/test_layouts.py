"""Tables in other layouts and as text, and people who correct how they read."""

from io import BytesIO

import pytest

from server.demo import chengde_plan, yangcheng_internal_plan
from server.demo.plan_tables import CHENGDE, CHENGDE_TITLE, YANGCHENG_INTERNAL, YANGCHENG_JOINT
from server.demo.plan_workbooks import make_workbook
from server.planning.importing import read_plan
from server.problems import ImportColumns, ImportUnreadable
from tests.server.planning.bureau import PlanningBureau
from tests.server.planning.tables import (
    BY_DRAW_DAY,
    BY_FIELD,
    BY_ITEM,
    BY_SECTION,
    ENTERPRISE_ITEMS,
    ITEM_LIST,
    LAYOUTS,
    POWER_LIST,
    as_text,
)


def read(rows, **more):
    return read_plan(make_workbook("表", "计划", rows), 2023, **more)


def errors(reading):
    return {(each.row, each.column) for each in reading.errors}


def days(row):
    return [f"{window.first:%m%d}-{window.last:%m%d}" for window in row.windows]


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_recognised_as_a_workbook_and_as_a_text(name):
    workbook, text = read(LAYOUTS[name]), read_plan(as_text(LAYOUTS[name]), 2023)

    assert workbook.layout == text.layout == name
    assert len(workbook.rows) == len(LAYOUTS[name]) - 1
    assert [(row.name, row.items, row.object_scope, row.ratio, row.windows) for row in workbook.rows] == [
        (row.name, row.items, row.object_scope, row.ratio, row.windows) for row in text.rows
    ]


def test_huangshis_plan_is_read():
    first, second = read(BY_FIELD).rows

    assert first.good
    assert second.good
    assert (first.name, first.particulars["field"]) == ("矿山超层越界检查；对界桩的检查", "矿产资源")
    assert (str(first.ratio.percent), first.ratio.times, first.ratio.period) == ("5", 1, "year")
    assert [each.kind for each in first.findings] == ["percent_cell"], "a cell in percent format holds 0.05"
    assert first.cooperators == ("市应急局", "市生态环境局")
    assert (second.ratio.at_least, second.ratio.times, second.ratio.times_at_least) == (True, 2, True)
    assert days(second) == ["0501-0630", "0901-1031"]


def test_laiyangs_plan_is_read():
    first, second = read(BY_ITEM).rows

    assert first.good
    assert second.good
    assert (first.particulars["category"], first.particulars["expected"]) == ("一般检查事项", "3")
    assert first.initiator == first.inspecting_body == "市自然资源和规划局"
    assert (str(first.ratio.percent), first.ratio.times) == ("5", 1)
    assert second.ratio.count == 2, "where no share is said, the number of objects counts"


def test_yibins_plan_is_read():
    first, second = read(BY_DRAW_DAY).rows

    assert first.good
    assert second.good
    assert (days(first), days(second)) == (["0401-0630"], ["0901-1031"])
    assert (first.particulars["mode"], first.particulars["carrying_level"]) == ("实地核查", "县级")
    assert (second.ratio.count, second.sampling) == (3, ("untargeted", "targeted"))
    assert (first.initiator, first.cooperators) == ("市自然资源和规划局", ("市应急局", "市水利局"))


def test_shanggaos_plan_is_read_and_says_that_it_names_no_objects():
    reading = read(BY_SECTION)
    first, second = reading.rows

    assert first.good
    assert second.good
    assert (first.ratio.count, first.ratio.note, first.ratio.times) == (1, "实际以下达任务为准", 1)
    assert (first.chosen_time, days(first), first.initiator) == (True, ["0101-1231"], "矿管股")
    assert (str(second.ratio.percent), second.particulars["expected"]) == ("10", "2户")
    assert {(each.column, each.kind) for each in reading.findings} == {("抽查对象范围", "not_said")}


def test_zibos_and_qijiangs_item_lists_are_read_as_plans():
    (power,), (item,) = read(POWER_LIST).rows, read(ITEM_LIST).rows

    assert power.good
    assert item.good
    assert (power.ratio.at_least, power.ratio.times_at_least, days(power)) == (True, True, ["0101-1231"])
    assert [each.kind for each in power.findings] == ["not_said"], "no time is said: the whole year, and told"
    assert power.particulars["power_item"] == "对测绘活动的监督检查"
    assert (item.particulars["base"], days(item), item.ratio.times) == ("37", ["0501-1130"], 1)


def test_fengjies_list_says_no_ratio_until_a_person_does(cast):
    bureau = PlanningBureau(cast)
    source = make_workbook("表", "奉节清单", ENTERPRISE_ITEMS)
    path = "/api/v1/plans/intakes"
    kept = bureau.planner.post(f"{path}?year=2025", expect=201, data={"file": (BytesIO(source), "清单.xlsx")})
    intake = f"{path}/{kept['id']}"
    assert {(each["row"], each["column"]) for each in kept["errors"]} == {
        (row, column) for row in (3, 4) for column in ("抽查比例", "发起单位")
    }
    assert bureau.planner.post(f"{intake}/enter", {}, expect=422)["code"] == "import.rows"

    corrections = [
        {"column": "ratio", "text": "5%"},
        {"column": "initiator", "text": "矿管股"},
        {"row": 4, "column": "ratio", "text": "2户"},
    ]
    corrected = bureau.planner.post(f"{intake}/corrections", {"corrections": corrections})
    assert corrected["errors"] == []
    assert [row["ratio_text"] for row in corrected["rows"]] == ["5%", "2户"]
    entered = bureau.planner.post(f"{intake}/enter", {"number": "奉〔2025〕1号", "section": "矿管股"})
    assert [row["ratio"]["percent"] for row in entered["rows"]] == ["5", None]
    by_hand = [each for each in entered["rows"][1]["notes"] if each["kind"] == "by_hand"]
    assert {(each["column"], each["read"]) for each in by_hand} == {
        ("抽查比例", "2户"),
        ("发起单位", "矿管股"),
    }

    assert bureau.planner.post(f"{intake}/enter", {}, expect=409)["code"] == "intake.entered"
    more = {"corrections": [{"row": 4, "column": "ratio", "text": "3户"}]}
    assert bureau.planner.post(f"{intake}/corrections", more, expect=409)["code"] == "intake.entered"
    shown = bureau.planner.get(intake)
    assert (shown["sha256"], len(shown["corrections"])) == (kept["sha256"], 3)
    elsewhere = PlanningBureau(cast, "130800")
    assert elsewhere.planner.get(intake, expect=404)["code"] == "intake.not-found"


def test_a_row_that_can_not_be_read_is_corrected_cell_by_cell(cast):
    bureau = PlanningBureau(cast)
    rows = [list(row) for row in YANGCHENG_INTERNAL[:4]]
    rows[2][5], rows[3][7] = "若干", "待定"
    path = "/api/v1/plans/intakes"
    kept = bureau.planner.post(f"{path}?year=2023", expect=201, data=as_text(rows))
    assert {(each["row"], each["column"]) for each in kept["errors"]} == {
        (5, "抽查比例/数量"), (6, "抽查检查起止时间"),
    }  # fmt: skip

    def corrects(expect=200, **correction):
        return bureau.planner.post(
            f"{path}/{kept['id']}/corrections", {"corrections": [correction]}, expect=expect
        )

    assert corrects(422, row=2, column="ratio", text="5%")["code"] == "request.invalid"
    assert len(corrects(row=5, column="ratio", text="也不清楚")["errors"]) == 2
    corrects(row=5, column="ratio", text="25%/季")
    done = corrects(row=6, column="window", text="9月择机")
    assert (done["errors"], [row["good"] for row in done["rows"]]) == ([], [True] * 3)
    told = [
        (each["row"], each["written"], each["read"]) for each in done["findings"] if each["kind"] == "by_hand"
    ]
    assert told == [(5, "若干", "25%/季"), (6, "待定", "9月择机")]


def test_the_seeds_texts_read_as_their_workbooks_do():
    text = as_text(CHENGDE, CHENGDE_TITLE)
    from_text, from_workbook = read_plan(text, 2023), read_plan(chengde_plan(), 2023)

    assert from_text.name == CHENGDE_TITLE
    assert [(row.task_no, row.items, row.object_scope) for row in from_text.rows] == [
        (row.task_no, row.items, row.object_scope) for row in from_workbook.rows
    ]
    lost = {each.kind for each in from_workbook.findings} ^ {each.kind for each in from_text.findings}
    assert lost <= {"broken_word"}


def test_a_text_with_prose_and_two_tables_is_read_by_kind():
    joint = [[str(cell).replace("\n", "</p> <p>") for cell in row] for row in YANGCHENG_JOINT]
    prose = "阳城县自然资源局文件\n\n各股（室）所：\n现将计划印发。\n".encode()
    both = prose + as_text(YANGCHENG_INTERNAL, "内部计划") + b"\n\n" + as_text(joint, "联合计划")

    with pytest.raises(ImportColumns):
        read_plan(both, 2023)
    internal, found = (read_plan(both, 2023, kind) for kind in ("internal", "joint"))
    assert (internal.name, len(internal.rows), internal.errors) == ("内部计划", 8, [])
    assert (found.name, [len(row.items) for row in found.rows]) == ("联合计划", [4])
    workbook = read_plan(yangcheng_internal_plan(), 2023)
    assert [(row.name, row.windows) for row in internal.rows] == [
        (row.name, row.windows) for row in workbook.rows
    ]


def test_a_markdown_table_is_read_and_what_is_no_table_is_refused():
    lines = ["| " + " | ".join(str(cell or "") for cell in row) + " |" for row in BY_ITEM]
    lines.insert(1, "|---|:--:|---|---|---|---|---|---|---|")

    assert len(read_plan("\n".join(lines).encode("gb18030"), 2023).rows) == 2
    for data in (b"\x00\x01\tx", "没有表".encode(), b""):
        with pytest.raises(ImportUnreadable):
            read_plan(data, 2023)
