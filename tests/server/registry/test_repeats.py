"""Rows of a workbook that speak of the same are told with each other, and none is taken in the place of the others."""

import pytest

from server.access import Role
from tests.server.registry.makers import a_workbook, objects_workbook, send
from tests.server.registry.test_importing import INSPECTORS, MINE, OBJECTS, a_mine, mines

EXPERTS, ITEMS = "/api/v1/experts/import", "/api/v1/items/import"
GOOD_ROWS = "?take_good_rows=true"


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN)


def told(answer):
    return [(each["row"], each["column"], each["reason"], each["reason_en"]) for each in answer["errors"]]


def addresses(client):
    return {
        each["name"]: client.get(f"/api/v1/objects/{each['id']}")["address"]
        for each in client.get("/api/v1/objects")
    }


def test_an_object_that_two_rows_describe_differently_is_told_and_not_taken(planner):
    data = objects_workbook(("甲矿", None, "东街"), ("乙矿", None, "北街"), ("甲矿", None, "西街"))

    answer = send(planner, OBJECTS, data, expect=422)

    assert answer["code"] == "import.rows"
    assert told(answer) == [
        (2, "名称", "与第 4 行是同一对象，内容却不同", "says other things of the same object than row 4"),
        (4, "名称", "与第 2 行是同一对象，内容却不同", "says other things of the same object than row 2"),
    ]
    assert addresses(planner) == {}
    report = send(planner, OBJECTS + GOOD_ROWS, data)
    assert (report["rows"], report["added"], len(report["errors"])) == (3, 1, 2)
    assert addresses(planner) == {"乙矿": "北街"}


def test_of_rows_that_say_the_same_the_later_is_told_and_the_first_is_good(planner):
    data = objects_workbook(("甲矿", None, "东街"), ("甲矿", None, "东街"))

    assert told(send(planner, OBJECTS, data, expect=422)) == [(3, "名称", "与第 2 行重复", "repeats row 2")]
    assert send(planner, OBJECTS + GOOD_ROWS, data)["added"] == 1
    assert addresses(planner) == {"甲矿": "东街"}
    columns = ("名称", "统一社会信用代码", "住所", "行政区划代码")
    here = objects_workbook(("乙矿", None, "东街", None), ("乙矿", None, "西街", "140522"), columns=columns)
    assert [each[:2] for each in told(send(planner, OBJECTS, here, expect=422))] == [(2, "名称"), (3, "名称")]


def test_an_object_has_a_row_for_each_licence_and_a_licence_one_row(planner):
    second = a_mine(采矿许可证号="C1405222019071110010022")
    report = send(planner, OBJECTS, mines(MINE, second))
    assert (report["added"], report["errors"]) == (1, [])

    answer = send(planner, OBJECTS, mines(MINE, a_mine(开采矿种="铁")), expect=422)

    assert [each[:2] for each in told(answer)] == [(4, "采矿许可证号"), (5, "采矿许可证号")]
    assert told(answer)[0][2] == "与第 5 行重复，且内容不同"


def test_inspectors_experts_and_items_name_both_rows(planner, admin):
    columns = ("姓名", "用户名", "执法证号", "有效期止")
    rows = [("卫甲", "weijia", "晋E001", "2030-12-31"), ("卫甲", "weijia", "晋E002", "2031-12-31")]
    answer = send(admin, INSPECTORS, a_workbook(("执法人员", [columns, *rows])), expect=422)
    assert [each[:3] for each in told(answer)] == [
        (2, "用户名", "与第 3 行重复，且内容不同"),
        (3, "用户名", "与第 2 行重复，且内容不同"),
    ]

    experts = [("专家姓名", "工作单位", "职称"), ("钱工", "煤科院", "高工"), ("钱工", "煤科院", "高工")]
    answer = send(planner, EXPERTS, a_workbook(("专家", experts)), expect=422)
    assert [each[:3] for each in told(answer)] == [(3, "专家姓名", "与第 2 行重复")]

    items = [("事项编码", "抽查事项名称"), ("ROAD", "道路检查"), ("ROAD", "矿区道路检查")]
    answer = send(planner, ITEMS, a_workbook(("清单", items)), expect=422)
    assert [each[:3] for each in told(answer)] == [
        (2, "事项编码", "与第 3 行重复，且内容不同"),
        (3, "事项编码", "与第 2 行重复，且内容不同"),
    ]


def test_a_further_certificate_of_nobody_in_the_workbook_is_told(admin):
    sheets = (
        (
            "执法人员",
            [("姓名", "用户名", "执法证号", "有效期止"), ("卫甲", "weijia", "晋E001", "2030-12-31")],
        ),
        ("执法证", [("持证人用户名", "执法证号", "有效期止"), ("weiyi", "晋E002", "2030-12-31")]),
    )

    answer = send(admin, INSPECTORS, a_workbook(*sheets), expect=422)

    assert [(each[0], each[1], each[2]) for each in told(answer)] == [
        (2, "持证人用户名", "没有可导入的这个人员")
    ]
