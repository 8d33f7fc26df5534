"""Importing objects, licences, markers and inspectors from workbooks."""

import zipfile
from io import BytesIO

import pytest

from server.access import Role
from tests.server.registry.makers import SQUARE, a_workbook, objects_workbook, send

OBJECTS = "/api/v1/objects/import"
INSPECTORS = "/api/v1/inspectors/import"
COLUMNS = (
    "序号", "企业名称", "统一社会信用代码/注册号", "住所", "法定代表人", "信用风险等级", "标签", "纬度", "经度",
    "采矿许可证号", "发证机关", "有效期起", "有效期止", "开采矿种", "开采方式", "矿区面积（平方公里）", "开采标高", "拐点坐标",
)  # fmt: skip
MINE = (
    1, "阳城县某煤矿", "91140522MA0K000230", "町店镇", "卫某", "较高风险", "矿山、生产矿山", 35.4866, 112.4147,
    "C1405222019071110010011", "市局", "2019年7月1日", "2034/6/30", "煤", "地下开采", "1.0", "由+850米至+620米标高", SQUARE,
)  # fmt: skip
FIRM = (2, "阳城县某测绘公司", None, "凤城镇", "李某", "A", None, None, None)
MARKERS = (
    ("采矿许可证号", "界桩编号", "对应拐点号", "X坐标", "Y坐标", "界桩类型"),
    ("C1405222019071110010011", "J1", 1, 3929998.94, 37627880.474, "拐点桩"),
    ("C1405222019071110010011", "J2", None, "3929498.94", 628380.474, "加密桩"),
)


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN)


def a_mine(**changes):
    return tuple(changes.get(column, value) for column, value in zip(COLUMNS, MINE, strict=True))


def mines(*rows, markers=None):
    sheets = [("检查对象", [("阳城县检查对象名录库",), (), COLUMNS, *rows])]
    return a_workbook(*sheets, *([("界桩", markers)] if markers else []))


def test_objects_come_with_their_licences_and_markers(planner):
    report = send(planner, OBJECTS, mines(MINE, FIRM, markers=MARKERS))

    assert (report["rows"], report["added"], report["changed"], report["errors"]) == (2, 2, 0, [])
    (listed,) = planner.get("/api/v1/objects?text=某煤矿")
    mine = planner.get(f"/api/v1/objects/{listed['id']}")
    (licence,) = mine["licences"]
    assert mine["risk_class"] == "C"
    assert mine["tags"] == ["矿山", "生产矿山"]
    assert (licence["valid_from"], licence["valid_to"]) == ("2019-07-01", "2034-06-30")
    assert (licence["elevation_upper"], licence["elevation_lower"]) == (850, 620)
    assert licence["area_km2"] == 1
    assert licence["computed_area_km2"] == pytest.approx(1, abs=1e-6)
    markers = {each["properties"]["marker_no"]: each["properties"] for each in licence["markers"]["features"]}
    assert markers["J1"]["corner"] == "1"
    assert markers["J2"]["kind"] == "extra"
    assert markers["J2"]["y"] == 37628380.474
    assert "zone_completed" in [finding["kind"] for finding in report["findings"]]


def test_importing_twice_changes_nothing_more(planner):
    data = mines(MINE, FIRM, markers=MARKERS)
    send(planner, OBJECTS, data)
    before = planner.get("/api/v1/objects")

    report = send(planner, OBJECTS, data)

    assert (report["added"], report["changed"], report["unchanged"]) == (0, 0, 2)
    assert planner.get("/api/v1/objects") == before


def test_a_dry_run_tells_everything_and_keeps_nothing(planner):
    report = send(planner, f"{OBJECTS}?dry_run=true", mines(MINE, a_mine(企业名称=None)))

    assert (report["rows"], report["added"], len(report["errors"])) == (2, 1, 1)
    assert planner.get("/api/v1/objects") == []


def test_the_raw_body_is_taken_too(planner):
    assert planner.post(OBJECTS, data=mines(FIRM), expect=200)["added"] == 1


@pytest.mark.parametrize(
    ("wrong", "column", "reason"),
    [
        ({"企业名称": None}, "企业名称", "不能为空"),
        ({"住所": "#N/A"}, "住所", "公式出错"),
        ({"标签": "#REF!"}, "标签", "公式出错"),
        ({"信用风险等级": "Z"}, "信用风险等级", "不在可选范围"),
        ({"有效期止": "三月"}, "有效期止", "不是日期"),
        ({"有效期止": "2034-02-30"}, "有效期止", "不是日期"),
        ({"纬度": "北纬"}, "纬度", "不是数字"),
        ({"经度": 12}, "经度", "超出范围"),
        ({"开采标高": "由高至低"}, "开采标高", "无法识别"),
        ({"拐点坐标": "1,3929998.94,37627880.474\n2,3929998.94"}, "拐点坐标", "坐标不完整"),
        ({"采矿许可证号": None}, "采矿许可证号", "没有许可证号"),
        ({"采矿许可证号": 14052220190711100}, "采矿许可证号", "失真"),
        ({"矿区面积（平方公里）": 0}, "拐点坐标", "大于 0"),
    ],
)
def test_one_wrong_row_is_told_and_nothing_is_imported(planner, wrong, column, reason):
    answer = send(planner, OBJECTS, mines(FIRM, a_mine(**wrong)), expect=422)

    assert answer["code"] == "import.rows"
    assert {error["row"] for error in answer["errors"]} == {5}
    assert [error for error in answer["errors"] if error["column"] == column and reason in error["reason"]]
    assert planner.get("/api/v1/objects") == []


def test_good_rows_are_taken_on_request(planner):
    report = send(planner, f"{OBJECTS}?take_good_rows=true", mines(a_mine(企业名称=None), FIRM, MINE[:4]))

    assert (report["rows"], report["added"], len(report["errors"])) == (3, 2, 1)
    assert len(planner.get("/api/v1/objects")) == 2


def test_a_wrong_credit_code_is_noticed_and_taken(planner):
    report = send(planner, OBJECTS, mines(a_mine(**{"统一社会信用代码/注册号": "91310115MA1H8R7C6D"})))

    (finding,) = [each for each in report["findings"] if each["kind"] == "uscc"]
    assert (finding["row"], finding["column"], finding["severity"]) == (
        4,
        "统一社会信用代码/注册号",
        "warning",
    )
    assert report["added"] == 1


def test_markers_of_an_unknown_licence_are_errors_of_their_rows(planner):
    lost = (*MARKERS, ("C9999999999999999999999", "J1", 1, 3929998.94, 37627880.474, None))

    answer = send(planner, OBJECTS, mines(MINE, markers=lost), expect=422)

    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(4, "采矿许可证号")]


def test_a_wrong_marker_takes_its_object_with_it(planner):
    send(planner, OBJECTS, mines(MINE, markers=MARKERS))
    spoilt = (*MARKERS[:2], (*MARKERS[2][:3], "北", *MARKERS[2][4:]))

    report = send(planner, f"{OBJECTS}?take_good_rows=true", mines(MINE, FIRM, markers=spoilt))

    told = {(error["sheet"], error["row"], error["column"]) for error in report["errors"]}
    assert told == {("界桩", 3, "X坐标"), ("检查对象", 4, "采矿许可证号")}
    assert (report["rows"], report["added"], report["changed"]) == (2, 1, 0)
    (listed,) = planner.get("/api/v1/objects?text=某煤矿")
    (licence,) = planner.get(f"/api/v1/objects/{listed['id']}")["licences"]
    assert len(licence["markers"]["features"]) == 2


def test_a_row_of_another_region_is_an_error_of_that_row(planner):
    data = objects_workbook(
        ("本县的", None, "130800"),
        ("外市的", None, "140522"),
        columns=("名称", "统一社会信用代码", "行政区划代码"),
    )

    answer = send(planner, OBJECTS, data, expect=422)

    assert [(error["row"], error["reason"]) for error in answer["errors"]] == [(2, "不在您的管辖范围")]


def test_a_licence_of_another_object_is_an_error_of_that_row(planner):
    send(planner, OBJECTS, mines(MINE))

    answer = send(planner, OBJECTS, mines(a_mine(企业名称="另一矿")), expect=422)

    assert "许可证属于另一检查对象" in answer["errors"][0]["reason"]
    assert [each["name"] for each in planner.get("/api/v1/objects")] == ["阳城县某煤矿"]


def test_a_table_without_its_columns_is_told_which(planner):
    answer = send(planner, OBJECTS, a_workbook(("表", [("姓名", "年龄"), ("张三", 30)])), expect=422)

    assert answer["code"] == "import.columns"
    assert answer["required"] == ["名称", "统一社会信用代码"]
    assert "拐点坐标" in answer["optional"]


def zipped(**members):
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return written.getvalue()


def rewritten(data, member, change, name=None):
    written = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as archive,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for each in archive.namelist():
            content = archive.read(each)
            if each == member:
                copy.writestr(name or each, change(content))
            else:
                copy.writestr(each, content)
    return written.getvalue()


GOOD = objects_workbook(("某企业", None, None))
FAR_ROW = b'<row r="1000000"><c r="A1000000"><v>1</v></c></row>'
SHEET = "xl/worksheets/sheet1.xml"
BAD_WORKBOOKS = {
    "no zip": b"PK not really",
    "empty": b"",
    "cut in half": GOOD[: len(GOOD) // 2],
    "zip of something else": zipped(readme="<a/>"),
    "broken sheet": rewritten(GOOD, SHEET, lambda xml: xml[: len(xml) // 2]),
    "bomb": zipped(**{f"m{number}": b" " * (9 * 1024 * 1024) for number in range(8)}),
    "too many members": zipped(**{f"m{number}": b"" for number in range(501)}),
    "document type": rewritten(GOOD, SHEET, lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml),
    "document type in utf-16": rewritten(
        GOOD, SHEET, lambda xml: '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16")
    ),
    "a sheet under another name": rewritten(
        GOOD, SHEET, lambda xml: b"<a>" * 200_000, name="xl/worksheets/sheet1.png"
    ),
    "rows far below": rewritten(
        GOOD, SHEET, lambda xml: xml.replace(b"</sheetData>", FAR_ROW + b"</sheetData>")
    ),
    "deep nesting": rewritten(GOOD, "xl/workbook.xml", lambda xml: b"<a>" * 200_000),
    "too many rows": objects_workbook(*[(f"企业{number}", None, None) for number in range(5_001)]),
}


def test_rows_beyond_the_size_a_sheet_claims_are_not_lost(planner):
    data = rewritten(GOOD, SHEET, lambda xml: xml.replace(b'ref="A1:C2"', b'ref="A1:C1"'))

    assert send(planner, OBJECTS, data)["added"] == 1


@pytest.mark.parametrize("name", BAD_WORKBOOKS)
def test_what_is_no_sound_workbook_is_refused(planner, name):
    answer = send(planner, OBJECTS, BAD_WORKBOOKS[name], expect=422)

    assert answer["code"] == "import.unreadable"
    assert answer["detail"].isprintable()


def test_a_form_without_the_file_is_refused(planner):
    answer = planner.post(OBJECTS, data={"other": (BytesIO(GOOD), "a.xlsx")}, expect=422)

    assert answer["code"] == "import.unreadable"


def test_a_workbook_larger_than_allowed_is_refused_before_it_is_read(planner, app):
    limit = app.settings.max_import_bytes

    assert planner.post(OBJECTS, data=b"\0" * (limit + 1), expect=413)["code"] == "request.too-large"


def test_a_workbook_larger_than_other_bodies_is_taken(planner, app):
    padded = BytesIO(GOOD)
    with zipfile.ZipFile(padded, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("media.bin", b"\0" * (app.settings.max_body_bytes + 1))

    assert planner.post(OBJECTS, data=padded.getvalue())["added"] == 1


def test_who_may_not_write_objects_may_not_import_them(cast):
    assert send(cast.signed_in(Role.AUDITOR), OBJECTS, GOOD, expect=403)["code"] == "access.denied"
    assert send(cast.signed_in(Role.PLANNER), INSPECTORS, GOOD, expect=403)["code"] == "access.denied"


def inspectors(*rows):
    return a_workbook(
        ("执法人员", [("姓名", "用户名", "执法证号", "有效期起", "有效期止", "人员类别"), *rows])
    )


def test_inspectors_come_with_their_certificates(admin):
    send(admin, INSPECTORS, inspectors(("卫甲", "weijia", "晋E001", "2020-01-01", "2020-12-31", "主检")))
    send(admin, INSPECTORS, inspectors(("卫甲", "weijia", "晋E002", "2021-01-01", "长期", "检查人员")))

    (listed,) = [each for each in admin.get("/api/v1/inspectors") if each["username"] == "weijia"]

    assert listed["roles"] == ["lead", "inspector"]
    assert [each["number"] for each in listed["certificates"]] == ["晋E001", "晋E002"]
    assert listed["certificates"][1]["valid_to"] == "9999-09-09"
    assert listed["certified"] is True


def test_a_certificate_that_ran_out_certifies_nobody(admin):
    send(admin, INSPECTORS, inspectors(("卫乙", "weiyi", "晋E003", "2020-01-01", "2020-12-31", None)))

    (listed,) = [each for each in admin.get("/api/v1/inspectors") if each["username"] == "weiyi"]

    assert listed["certified"] is False


def test_a_certificate_of_somebody_else_is_not_taken(admin, cast):
    send(admin, INSPECTORS, inspectors(("卫己", "weiji", "晋E008", None, "2030-01-01", None)))

    answer = send(
        admin, INSPECTORS, inspectors(("卫庚", "weigeng", "晋E008", None, "2030-01-01", None)), expect=422
    )

    assert [(error["row"], "另一人员" in error["reason"]) for error in answer["errors"]] == [(2, True)]


def test_wrong_rows_of_inspectors_are_told(admin, cast):
    known = cast.person(Role.INSPECTOR)
    rows = [
        ("卫丙", "weibing", None, None, "2030-01-01", None),
        ("卫丁", "weiding", "晋E005", "2031-01-01", "2030-01-01", None),
        ("卫戊", "weiwu", "晋E006", None, None, "厨师"),
        ("改了名", known.username, "晋E007", None, "2030-01-01", None),
    ]

    answer = send(admin, INSPECTORS, inspectors(*rows), expect=422)

    told = {(error["row"], error["column"]) for error in answer["errors"]}
    assert told == {(2, "执法证号"), (3, "有效期止"), (4, "有效期止"), (4, "人员类别"), (5, "")}
    assert "weiding" not in [each["username"] for each in admin.get("/api/v1/inspectors")]
