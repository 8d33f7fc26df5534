"""Libraries come in as workbooks, go out as workbooks that come in again unchanged, and imports can be undone."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server import clock
from server.access import Role
from server.audit import AuditEntry
from server.registry import import_duty
from server.registry.models import InspectedObject, InspectorProfile
from server.worker import drain
from tests.server.registry.makers import SQUARE, a_workbook, objects_workbook, send
from tests.server.registry.test_importing import FIRM, INSPECTORS, MARKERS, MINE, OBJECTS, a_mine, mines

EXPERTS, ITEMS = "/api/v1/experts/import", "/api/v1/items/import"
RICH = (
    "名称", "统一社会信用代码", "对象类别", "所属主体", "专项库名称", "主体类型", "登记机关", "登记状态", "成立日期", "属地监管所",
    "责任片区", "数据来源", "专业监管", "专业资质资格", "配备专家", "信用风险等级", "风险评定单位", "风险评定日期",
)  # fmt: skip


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN)


def exported(client, library):
    answer = client.call("GET", f"/api/v1/exports/{library}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.data


def cells(data):
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in load_workbook(BytesIO(data))
    }


def undo(client, report, expect=200):
    return client.post(f"/api/v1/imports/{report['import_id']}/undo", {"reason": "导错了文件"}, expect=expect)


def test_objects_of_every_kind_go_out_and_come_in_again_unchanged(planner):
    send(planner, OBJECTS, mines(MINE, FIRM, markers=MARKERS))
    plan = (
        "某矿复垦方案", None, "项目", "阳城县某煤矿", "复垦方案库", "企业", "县市场监管局", "存续", "2020-01-02", "町店所",
        "西片", "县局", "是", "甲级、乙级", "无", "高风险", "市场监管局", "2023-01-01",
    )  # fmt: skip
    send(planner, OBJECTS, a_workbook(("检查对象", [RICH, plan])))
    planner.post("/api/v1/objects", {"name": "=SUM(1)+1", "kind": "act"}, expect=201)
    data = exported(planner, "objects")

    report = send(planner, OBJECTS, data)

    assert (report["rows"], report["added"], report["changed"], report["unchanged"]) == (4, 0, 0, 4)
    assert cells(exported(planner, "objects")) == cells(data)
    named = dict(zip(cells(data)["检查对象"][0], zip(*cells(data)["检查对象"][1:], strict=True), strict=True))
    assert "=SUM(1)+1" in named["名称"]
    assert "阳城县某煤矿" in named["所属主体"]
    (found,) = planner.get("/api/v1/objects?text=复垦方案")
    assert (found["kind"], found["qualifications"], found["specialised"]) == (
        "project",
        ["甲级", "乙级"],
        True,
    )
    history = planner.get(f"/api/v1/objects/{found['id']}/risk")
    assert [(each["risk_class"], each["since"], each["source"]) for each in history] == [
        ("D", "2023-01-01", "市场监管局")
    ]


def test_columns_that_a_workbook_lacks_leave_what_is_known(planner):
    send(planner, OBJECTS, objects_workbook(("某企业", None, "町店镇")))

    columns = ("名称", "统一社会信用代码", "法定代表人")
    report = send(planner, OBJECTS, objects_workbook(("某企业", None, "卫某"), columns=columns))

    (found,) = planner.get("/api/v1/objects")
    assert (found["address"], found["legal_representative"], report["changed"]) == ("町店镇", "卫某", 1)


def test_a_class_that_begins_later_is_noted_once_and_holds_from_its_day(app, planner, monkeypatch):
    columns = ("名称", "统一社会信用代码", "风险等级", "风险评定日期")
    tomorrow = clock.today() + timedelta(days=1)
    send(planner, OBJECTS, objects_workbook(("某企业", None, "A", "2026-01-01"), columns=columns))
    drain(app)  # which notes the day

    for _ in range(2):
        send(planner, OBJECTS, objects_workbook(("某企业", None, "D", tomorrow), columns=columns))

    (found,) = planner.get("/api/v1/objects")
    history = planner.get(f"/api/v1/objects/{found['id']}/risk")
    assert [each["risk_class"] for each in history] == ["A", "D"]
    assert found["risk_class"] == "A"

    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    drain(app)

    assert planner.get("/api/v1/objects")[0]["risk_class"] == "D"


MINES_LICENCE = "C1405222019071110010011"
LICENCE_COLUMNS = (
    "名称", "统一社会信用代码", "采矿许可证号", "许可证类别", "发证机关", "有效期起", "有效期止", "开采矿种", "矿区面积", "开采标高",
    "拐点坐标",
)  # fmt: skip


def the_licence(planner):
    (found,) = planner.get("/api/v1/objects")
    (licence,) = planner.get(f"/api/v1/objects/{found['id']}")["licences"]
    return licence


def test_columns_that_a_workbook_lacks_leave_what_is_known_of_a_licence(planner):
    row = (
        "某矿",
        None,
        MINES_LICENCE,
        "采矿许可证",
        "市局",
        "2019-07-01",
        "2034-06-30",
        "煤",
        1.5,
        "由+850米至+620米标高",
        SQUARE,
    )
    send(planner, OBJECTS, objects_workbook(row, columns=LICENCE_COLUMNS))
    before = the_licence(planner)

    report = send(planner, OBJECTS, objects_workbook(row[:3], columns=LICENCE_COLUMNS[:3]))
    assert (report["unchanged"], the_licence(planner)) == (1, before)

    columns = (*LICENCE_COLUMNS[:3], "有效期止", "矿区面积")
    send(planner, OBJECTS, objects_workbook((*row[:3], "2044-06-30", 1), columns=columns))

    now = the_licence(planner)
    assert (now["valid_to"], now["area_km2"]) == ("2044-06-30", 1)
    assert [each["kind"] for each in before["findings"]] == ["unclosed", "area_differs"]
    assert [each["kind"] for each in now["findings"]] == ["unclosed"]
    different = {"valid_to", "area_km2", "findings"}
    assert {name for name in now if now[name] != before[name]} == different
    columns = (*LICENCE_COLUMNS[:3], "有效期止")
    wrong = send(planner, OBJECTS, objects_workbook((*row[:3], "2018-01-01"), columns=columns), expect=422)
    assert (wrong["errors"][0]["row"], the_licence(planner)) == (2, now)


def test_columns_that_a_workbook_lacks_leave_what_is_known_of_experts_and_items(planner):
    experts = (
        ("专家姓名", "工作单位", "职称", "手机", "专业领域", "可参与事项", "聘期止"),
        ("刘专家", "地质院", "高级工程师", "13900000000", "矿山", "COUNTY_ROAD", "2030-12-31"),
    )
    items = (
        ("事项编码", "抽查事项名称", "抽查依据", "抽查方式", "事项类别", "检查表单", "事项有效期止"),
        ("COUNTY_ROAD", "县级矿区道路检查", "《某法》", "现场检查", "重点", "mine-overstep", "2030-12-31"),
    )
    for path, rows, listed in ((ITEMS, items, "items"), (EXPERTS, experts, "experts")):
        send(planner, path, a_workbook(("表", rows)))
        before = planner.get(f"/api/v1/{listed}")

        report = send(planner, path, a_workbook(("表", [row[:2] for row in rows])))

        assert (report["unchanged"], planner.get(f"/api/v1/{listed}")) == (1, before)


def test_columns_that_a_workbook_lacks_leave_what_is_known_of_inspectors(admin):
    columns = (
        "姓名",
        "用户名",
        "执法证号",
        "发证机关",
        "有效期起",
        "有效期止",
        "执法证类别",
        "人员类别",
        "执法专长",
    )
    row = ("卫甲", "weijia", "晋E001", "省政府", "2024-01-01", "2030-12-31", "省政府", "主检", "矿山")
    send(admin, INSPECTORS, a_workbook(("执法人员", [columns, row])))
    (before,) = admin.get("/api/v1/inspectors")

    only = ("姓名", "用户名", "执法证号", "有效期止")
    longer = ("卫甲", "weijia", "晋E001", "2031-12-31")
    send(admin, INSPECTORS, a_workbook(("执法人员", [only, longer])))

    (now,) = admin.get("/api/v1/inspectors")
    assert now == before | {"certificates": [before["certificates"][0] | {"valid_to": "2031-12-31"}]}


INSPECTOR_COLUMNS = (
    "姓名", "用户名", "执法证号", "有效期起", "有效期止", "执法证类别", "省政府执法证编号", "省政府执法证有效期", "人员类别", "性别",
    "身份证号", "业务部门", "执法事项清单范围", "执法专长", "考试合格年度", "考试不合格年度", "从事本岗位起始时间",
)  # fmt: skip
INSPECTOR = (
    "卫甲", "weijia", "晋E001", None, "2030-12-31", "部门", "晋政001", "2031-12-31", "主检", "男",
    "140522199001011234", "执法队", "县级矿区道路检查", "矿山、测绘", "2021、2023年度", "2022", "2019-05-01",
)  # fmt: skip


def test_inspectors_go_out_with_all_certificates_and_exams_and_come_in_again_unchanged(
    admin, planner, session
):
    planner.put("/api/v1/items/COUNTY_ROAD", {"name": "县级矿区道路检查"})
    further = ("持证人用户名", "执法证号", "有效期止", "发证机关")
    sheets = (
        ("执法人员", [INSPECTOR_COLUMNS, INSPECTOR]),
        ("其他", [further, ("weijia", "晋E000", "2020-12-31", "旧机关")]),
    )
    report = send(admin, INSPECTORS, a_workbook(*sheets))

    (finding,) = report["findings"]
    assert (finding["kind"], finding["column"]) == ("identity_no", "身份证号")
    (held,) = [
        each for each in admin.get("/api/v1/inspectors/standing?on=2024-05-01") if each["name"] == "卫甲"
    ]
    assert [each["number"] for each in held["certificates"]] == ["晋E001", "晋政001"]
    assert (held["exam_years"], held["exams_failed"], held["admitted"]) == ([2021, 2023], [2022], True)
    assert (held["scope"], sorted(held["tags"])) == (["COUNTY_ROAD"], ["测绘", "矿山"])
    data = exported(admin, "inspectors")
    again = send(admin, INSPECTORS, data)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 1)
    assert cells(exported(admin, "inspectors")) == cells(data)
    assert b"140522199001011234" not in data

    changed = list(INSPECTOR)
    for column, value in {
        "有效期止": "2033-12-31",
        "考试不合格年度": "2022、2020",
        "执法专长": "海洋",
    }.items():
        changed[INSPECTOR_COLUMNS.index(column)] = value
    undo(admin, send(admin, INSPECTORS, a_workbook(("执法人员", [INSPECTOR_COLUMNS, changed]))))
    assert cells(exported(admin, "inspectors")) == cells(data)
    undo(admin, report)
    assert [each for each in admin.get("/api/v1/inspectors") if each["username"] == "weijia"] == []
    assert session.scalar(select(InspectorProfile.person_id)) is None


def test_an_inspectors_scope_names_items_that_exist(admin):
    columns, row = INSPECTOR_COLUMNS, list(INSPECTOR)
    row[columns.index("考试合格年度")] = "去年"

    answer = send(admin, INSPECTORS, a_workbook(("执法人员", [columns, row])), expect=422)

    assert [error["column"] for error in answer["errors"]] == ["执法事项清单范围", "考试合格年度"]


def test_experts_and_items_go_out_and_come_in_again_unchanged(planner):
    items = [
        ("事项编码", "抽查事项名称", "抽查依据", "依据有效期止", "抽查方式", "事项类别", "配合部门", "其他写法", "抽查比例"),
        ("COUNTY_ROAD", "县级矿区道路检查", "《某法》", "2030-12-31", "现场、书面检查", "重点", "能源局、应急局", "道路检查\n道路，检查", "≥5%"),
    ]  # fmt: skip
    entered = send(planner, ITEMS, a_workbook(("清单", items)))
    experts = [
        ("专家姓名", "工作单位", "职称", "专业领域", "可参与事项", "聘期止"),
        ("刘专家", "地质院", "高级工程师", "矿山、水文", "COUNTY_ROAD", "长期"),
        ("刘专家", "测绘院", None, None, None, None),
    ]
    send(planner, EXPERTS, a_workbook(("专家", experts)))

    for path, library, count in ((ITEMS, "items", 1), (EXPERTS, "experts", 2)):
        data = exported(planner, library)
        report = send(planner, path, data)
        assert (report["added"], report["changed"], report["unchanged"]) == (0, 0, count)
        assert cells(exported(planner, library)) == cells(data)
    (item,) = planner.get("/api/v1/items")
    assert (item["modes"], item["kind"], item["aliases"]) == (
        ["on_site", "written"],
        "key",
        ["道路检查", "道路，检查"],
    )
    assert {(each["name"], each["unit"]) for each in planner.get("/api/v1/experts")} == {
        ("刘专家", "测绘院"),
        ("刘专家", "地质院"),
    }
    undo(planner, entered)
    assert planner.get("/api/v1/items")[0]["valid_to"] is not None


def test_only_labels_of_the_list_are_given_once_there_is_one(planner):
    planner.put("/api/v1/labels/矿山", {"group": "industry", "aliases": ["矿业"]})
    columns = ("名称", "统一社会信用代码", "标签")

    answer = send(planner, OBJECTS, objects_workbook(("甲", None, "矿业、采石"), columns=columns), expect=422)
    send(planner, OBJECTS, objects_workbook(("甲", None, "矿业、矿山"), columns=columns))

    assert [(error["column"], "采石" in error["reason"]) for error in answer["errors"]] == [("标签", True)]
    assert planner.get("/api/v1/objects")[0]["tags"] == ["矿山"]
    refused = planner.post("/api/v1/objects", {"name": "乙", "tags": ["采石"]}, expect=422)
    assert refused["code"] == "label.unknown"


def test_an_import_is_taken_back_to_what_stood_before(planner, session):
    send(planner, OBJECTS, mines(MINE, markers=MARKERS))
    (mine,) = planner.get("/api/v1/objects")
    before = planner.get(f"/api/v1/objects/{mine['id']}")
    moved = (*MARKERS[:2], ("C1405222019071110010011", "J9", None, 3929498.94, 37628380.474, "加密桩"))
    changed = a_mine(住所="别处", 信用风险等级="D", 开采矿种="铁", 标签="矿山")
    report = send(planner, OBJECTS, mines(changed, FIRM, markers=moved))
    assert (report["added"], report["changed"]) == (1, 1)

    undone = undo(planner, report)

    assert (undone["state"], undone["left"]) == ("undone", 0)
    after = planner.get(f"/api/v1/objects/{mine['id']}")
    assert {**after, "licences": None} == {**before, "licences": None}
    for licence in (*before["licences"], *after["licences"]):
        licence["markers"]["features"].sort(key=lambda each: each["properties"]["marker_no"])
    assert after["licences"] == before["licences"]
    assert [each["name"] for each in planner.get("/api/v1/objects")] == ["阳城县某煤矿"], (
        "the firm is retired"
    )
    history = planner.get(f"/api/v1/objects/{mine['id']}/risk")
    assert [each["risk_class"] for each in history] == ["C", "D", "C"], "its history says what happened"
    assert undo(planner, report, expect=409)["code"] == "import.state"
    actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))
    assert {"import.done", "object.removed", "import.undone"} <= set(actions)


def test_an_import_that_others_built_upon_is_not_undone(cast, planner, admin):
    first = send(planner, OBJECTS, objects_workbook(("甲", None, None), ("乙", None, None)))
    second = send(planner, OBJECTS, objects_workbook(("乙", None, "新址")))

    refused = undo(planner, first, expect=409)

    assert refused["code"] == "import.built-upon"
    assert [(each["name"], each["reason_en"]) for each in refused["entries"]] == [
        ("乙", "it was changed since")
    ]
    undo(planner, second)
    (third,) = [each for each in planner.get("/api/v1/objects") if each["name"] == "甲"]
    planner.post(
        f"/api/v1/objects/{third['id']}/key-library", {"since": "2023-01-01", "reason": "高风险"}, expect=201
    )
    refused = undo(planner, first, expect=409)
    assert [(each["name"], each["reason_en"]) for each in refused["entries"]] == [
        ("甲", "the key library refers to it")
    ]
    assert len(planner.get("/api/v1/objects")) == 2
    people = send(admin, INSPECTORS, a_workbook(("执法人员", [INSPECTOR_COLUMNS[:5], INSPECTOR[:5]])))
    assert undo(planner, people, expect=404)["code"] == "import.not-found", "a planner keeps no inspectors"


def start(client, data, query="", expect=202):
    return client.post(
        f"/api/v1/imports/objects{query}", data={"file": (BytesIO(data), "表.xlsx")}, expect=expect
    )


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(import_duty, "BATCH", 2)


@pytest.mark.usefixtures("small_batches")
def test_a_large_workbook_is_imported_by_the_worker_and_undone(app, planner):
    data = objects_workbook(*[(f"企业{number}", None, None) for number in range(5)])
    begun = start(planner, data)
    assert (begun["state"], begun["done"]) == ("waiting", 0)

    drain(app)

    done = planner.get(f"/api/v1/imports/{begun['id']}")
    assert (done["state"], done["rows"], done["good_rows"], done["done"], done["added"]) == (
        "done",
        5,
        5,
        5,
        5,
    )
    assert planner.get("/api/v1/imports")[0]["id"] == begun["id"]
    assert undo(planner, {"import_id": begun["id"]})["state"] == "undone"
    assert planner.get("/api/v1/objects") == []


@pytest.mark.usefixtures("small_batches")
def test_a_large_workbook_with_wrong_rows_leaves_nothing_unless_the_good_ones_are_wanted(app, planner):
    send(planner, OBJECTS, mines(MINE))
    taken = mines(
        *[a_mine(企业名称=f"企业{number}", 采矿许可证号=None, 拐点坐标=None) for number in range(3)],
        a_mine(企业名称="另一矿"),
    )

    late, wanted = start(planner, taken), start(planner, taken, "?take_good_rows=true&dry_run=true")
    early = start(planner, objects_workbook(("甲", None, None), (None, "91140522MA0K000230", None)))
    unread = start(planner, b"PK no workbook")
    drain(app)

    told = {
        name: planner.get(f"/api/v1/imports/{each['id']}")
        for name, each in {"late": late, "wanted": wanted, "early": early, "unread": unread}.items()
    }
    assert {name: each["state"] for name, each in told.items()} == {
        "late": "refused",
        "wanted": "done",
        "early": "refused",
        "unread": "refused",
    }
    assert "许可证属于另一检查对象" in told["late"]["errors"][0]["reason"]
    assert (told["wanted"]["added"], told["wanted"]["wrong_rows"]) == (3, 1)
    assert [(error["row"], error["column"]) for error in told["early"]["errors"]] == [(3, "名称")]
    assert told["unread"]["errors"][0]["reason"].startswith("表格文件无法读取")
    assert [each["name"] for each in planner.get("/api/v1/objects")] == ["阳城县某煤矿"]
    assert undo(planner, {"import_id": late["id"]}, expect=409)["code"] == "import.state"


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_is_killed_in_an_import_goes_on_where_it_was(app, planner, monkeypatch, session):
    begun = start(planner, objects_workbook(*[(f"企业{number}", None, None) for number in range(5)]))
    importing = import_duty.Importing(lambda writing: app.transaction() if writing else app.readers.begin())
    enter, entered = import_duty._enter_batch, []

    def killed(*given):
        if entered:
            raise KeyboardInterrupt
        entered.append(given)
        return enter(*given)

    with monkeypatch.context() as patch:
        patch.setattr(import_duty, "_enter_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            importing.perform(UUID(begun["id"]))
    half = planner.get(f"/api/v1/imports/{begun['id']}")
    assert (half["state"], half["done"], half["added"]) == ("running", 2, 2)

    importing.perform(UUID(begun["id"]))

    done = planner.get(f"/api/v1/imports/{begun['id']}")
    assert (done["state"], done["done"], done["added"]) == ("done", 5, 5)
    names = session.scalars(select(InspectedObject.name).order_by(InspectedObject.name))
    assert list(names) == [f"企业{number}" for number in range(5)]


def test_a_library_that_does_not_exist_and_one_that_is_not_ones_own_are_refused(cast, planner):
    assert start(cast.signed_in(Role.AUDITOR), b"", expect=403)["code"] == "access.denied"
    assert planner.get("/api/v1/exports/inspectors", expect=403)["code"] == "access.denied"
    assert planner.get("/api/v1/exports/nothing", expect=404)["code"] == "url.not-found"
