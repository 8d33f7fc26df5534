"""A planner's year: a list with two bad rows is mended and published, a plan goes its way, a draw is announced."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms.geodesy import to_geographic
from server import audit, clock
from server.accounts.models import Organisation, Region
from server.demo import DEMO_PASSWORD
from server.demo.plan_tables import YANGCHENG_INTERNAL
from server.demo.plan_workbooks import make_workbook
from server.rehearsal.door import Door
from tests.console.desk import desk, pick
from tests.phone.looking import axe_findings
from tests.server.registry.makers import SQUARE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ("事项编码", "抽查事项", "事项类别")
GOOD = ("YC_ROAD", "县级矿区道路检查", "一般检查事项")
WRONG = (("YC_DUST", None, "一般检查事项"), ("YC_FENCE", "矿区围栏检查", "随便检查"))
MENDED = (("YC_DUST", "扬尘检查", "一般检查事项"), ("YC_FENCE", "矿区围栏检查", "重点检查事项"))
PLACES = (
    "libraries", "libraries/versions", "libraries/objects", "libraries/inspectors", "libraries/experts",
    "libraries/responsibilities", "libraries/leaders", "libraries/tags", "libraries/months", "libraries/imports", "plans?year=2023", "plans/all",
    "plans/overlaps?year=2023",
)  # fmt: skip


def choose(page: Page, label: str, name: str, rows) -> None:
    """Choose a workbook of these rows in a dialog."""
    data = make_workbook("表", "清单", rows)
    page.locator(f"input[type=file][aria-label='{label}']").set_input_files(
        {"name": name, "mimeType": XLSX, "buffer": data}
    )


def number_of(page: Page, label: str, text: str, action: str) -> None:
    """Answer what a step of a plan asks for."""
    asked = page.get_by_role("dialog")
    asked.get_by_label(label).fill(text)
    asked.get_by_role("button", name=action, exact=True).click()
    expect(asked).to_be_hidden()


@pytest.fixture(scope="module")
def planner(bureau):
    with desk(bureau, "planner1") as page:
        yield page


def test_a_list_with_two_bad_rows_is_mended_claimed_and_published(bureau, planner):
    planner.goto(f"{bureau.address}/console/libraries")
    planner.get_by_role("button", name="导入工作簿…").click()
    dialog = planner.get_by_role("dialog")
    choose(planner, "工作簿", "清单.xlsx", [HEADINGS, GOOD, *WRONG])
    expect(dialog.locator(".errors tbody tr")).to_have_count(2)
    expect(dialog.get_by_role("button", name="只取无误的行")).to_be_visible()
    assert axe_findings(planner) == []
    choose(planner, "工作簿", "清单2.xlsx", [HEADINGS, GOOD, *MENDED])
    dialog.get_by_role("button", name="全部入库").click()
    expect(dialog.get_by_text("已入库：新增 3")).to_be_visible()
    dialog.get_by_role("button", name="关闭").last.click()

    row = planner.locator(".el-table__row").filter(has_text="矿区围栏检查")
    row.get_by_role("button").click()
    planner.get_by_role("button", name="认领", exact=True).click()
    expect(row.get_by_text("未认领")).to_have_count(0)
    planner.goto(f"{bureau.address}/console/libraries/versions")
    planner.get_by_role("button", name="拟定版本…").click()
    planner.locator("textarea[aria-label='原因']").fill("年度调整")
    planner.get_by_role("button", name="拟定", exact=True).click()
    expect(planner.locator(".el-table__row").first).to_contain_text("已拟定")

    with desk(bureau, "supervisor1") as page:
        page.goto(f"{bureau.address}/console/libraries/versions")
        page.locator(".el-table__row .first").first.click()
        expect(page.get_by_text("矿区围栏检查")).to_be_visible()  # what is different, before it is approved
        page.get_by_role("button", name="审定该版本").click()
        expect(page.locator(".el-table__row").first).to_contain_text("已审批")
    planner.reload()
    planner.locator(".el-table__row .first").first.click()
    planner.get_by_role("button", name="公布清单").click()
    planner.get_by_role("button", name="确定").click()
    expect(planner.locator(".el-table__row").first).to_contain_text("已公布")


def test_a_plan_goes_from_its_table_to_its_publication_and_a_draw_of_it_is_announced(bureau, planner):
    rows = [list(each) for each in YANGCHENG_INTERNAL[:4]]
    rows[2][5] = "若干"
    planner.goto(f"{bureau.address}/console/plans/all")
    planner.get_by_role("button", name="导入计划…").first.click()
    choose(planner, "工作簿或文本", "计划.xlsx", rows)
    planner.get_by_role("spinbutton").fill("2023")
    planner.get_by_role("button", name="查看读取结果").click()
    planner.wait_for_url("**/plans/intakes/*")
    expect(planner.locator(".errors tbody tr")).to_have_count(1)
    expect(planner.get_by_role("button", name="录入为草案")).to_be_disabled()
    planner.get_by_role("row").filter(has_text="第二季度").get_by_role("button", name="更正…").click()
    planner.get_by_label("抽查比例/数量").fill("25%")
    planner.locator(".mend").get_by_role("button", name="按此读入").click()
    expect(planner.locator(".errors")).to_have_count(0)
    planner.get_by_role("button", name="录入为草案").click()
    expect(planner.get_by_text("由 马丽娟 办理（您没有这一步的权限）")).to_be_visible()
    plan = planner.url.rpartition("/")[2]
    with planner.expect_download() as download:
        planner.get_by_role("button", name="导出工作簿").click()
    assert download.value.suggested_filename.endswith(".xlsx")

    with desk(bureau, "policy1") as policy, desk(bureau, "supervisor1") as head:
        policy.goto(f"{bureau.address}/console/plans/{plan}")
        policy.get_by_role("button", name="汇总…").click()
        number_of(policy, "文书编号", "阳自然资字〔2023〕11号", "汇总")
        head.goto(f"{bureau.address}/console/plans/{plan}")
        head.get_by_role("button", name="审批计划…").click()
        number_of(head, "审批文号", "阳审〔2023〕3号", "审批计划")
        policy.reload()
        policy.get_by_role("button", name="公布计划…").click()
        number_of(policy, "文书编号", "阳自然资字〔2023〕11号", "公布计划")
        expect(policy.get_by_text("查看公示")).to_be_visible()

    planner.goto(f"{bureau.address}/console/plans?year=2023")
    planner.get_by_role("button", name="2023年第一季度生产矿山抽查").click()
    drawer = planner.get_by_role("dialog", name="2023年第一季度生产矿山抽查")
    pick(planner, drawer.get_by_role("combobox", name="对象类别"), "主体")
    planner.keyboard.press("Escape")
    expect(drawer.get_by_role("status")).to_contain_text("每次抽取")
    drawer.get_by_role("button", name="保存抽查对象").click()
    drawer.get_by_role("button", name="公告抽取…").click()
    asked = planner.get_by_role("dialog", name="公告抽取")
    days = asked.get_by_role("combobox")
    days.nth(0).fill("2026-12-01")
    days.nth(1).fill("2026-12-20")
    days.nth(1).press("Enter")
    asked.get_by_role("button", name="公告", exact=True).click()
    planner.wait_for_url("**/draws/*")
    expect(planner.get_by_role("button", name="封存底册")).to_be_visible()
    planner.get_by_role("link", name="所属计划任务").click()
    expect(planner.get_by_text("已公告")).to_be_visible()


def enter(page: Page, dialog: str, **words: str) -> None:
    """Fill in a form of the libraries and enter it."""
    form = page.get_by_role("dialog", name=dialog)
    for label, text in words.items():
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_role("button", name="录入").click()
    expect(form).to_be_hidden()


def test_one_item_one_object_a_line_and_a_member_are_entered_and_changed_by_form(bureau, planner):
    planner.goto(f"{bureau.address}/console/libraries")
    planner.get_by_role("button", name="登记事项…").click()
    form = planner.get_by_role("dialog", name="登记事项")
    form.get_by_role("combobox", name="表单").click(force=True)
    planner.get_by_role("option", name="矿区界桩检查记录").or_(
        planner.get_by_role("option", name="界桩")
    ).first.click()
    assert axe_findings(planner) == []
    enter(planner, "登记事项", 编码="YC_STONES", 抽查事项="县级界石检查", 抽查内容="界石是否完好")
    row = planner.locator(".el-table__row").filter(has_text="县级界石检查")
    expect(row).to_contain_text("界桩")  # the form's title, not its id
    row.get_by_role("button").click()
    planner.get_by_role("button", name="修改…").click()
    enter(planner, "修改事项", 抽查频次="每年一次")
    expect(row).to_contain_text("每年一次")

    planner.goto(f"{bureau.address}/console/libraries/objects")
    planner.get_by_role("button", name="登记对象…").click()
    enter(planner, "登记检查对象", 检查对象="阳城县试采矿业有限公司", 地址="阳城县凤城镇")
    row = planner.locator(".el-table__row").filter(has_text="阳城县试采矿业有限公司")
    row.get_by_role("button").click()
    planner.get_by_role("button", name="修改…").click()
    enter(planner, "修改检查对象", 法定代表人="王㛃")
    expect(row).to_contain_text("王㛃")
    expect(row).to_contain_text("阳城县凤城镇")  # what was not touched stays

    planner.goto(f"{bureau.address}/console/libraries/responsibilities")
    planner.get_by_role("button", name="登记条目…").click()
    enter(
        planner,
        "监管责任事项",
        监管责任事项="矿产资源监督",
        牵头部门="自然资源局",
        监察依据="《中华人民共和国矿产资源法》",
    )
    expect(planner.locator(".el-table__row").filter(has_text="矿产资源监督")).to_have_count(1)
    planner.goto(f"{bureau.address}/console/libraries/leaders")
    planner.get_by_role("button", name="登记成员…").click()
    enter(planner, "领导小组成员", **{"姓名（成员）": "李强", "组内职务": "组长"})
    planner.get_by_role("button", name="李强").click()
    planner.get_by_role("button", name="该日后退出").click()
    expect(planner.locator(".el-table__row").filter(has_text="李强")).to_contain_text(f"{clock.today()}")


def test_a_licence_is_drawn_before_it_is_entered_and_keeps_its_versions_and_its_markers(bureau, planner):
    planner.goto(f"{bureau.address}/console/libraries/objects")
    planner.get_by_role("button", name="登记对象…").click()
    enter(planner, "登记检查对象", 检查对象="阳城县界石岭采石场")
    planner.locator(".el-table__row").filter(has_text="阳城县界石岭采石场").get_by_role("button").click()
    planner.get_by_role("button", name="登记许可证…").click()
    form = planner.get_by_role("dialog", name="登记许可证")
    form.get_by_label("许可证号").fill("C1405222026117110019901")
    form.get_by_label("来源（文号、测量报告等）").fill("新立登记")
    corners = form.get_by_label("拐点坐标")
    degrees = [
        to_geographic(float(x), float(y), 4525) for _, x, y in (row.split(",") for row in SQUARE.split("\n"))
    ]
    rows = [f"{n}\t{longitude:.9f}\t{latitude:.9f}" for n, (latitude, longitude) in enumerate(degrees, 1)]
    corners.fill("\n".join([*rows[:3], "4\t112.4"]))
    expect(form.get_by_role("status")).to_contain_text("第 4 行")
    expect(form.get_by_role("button", name="录入")).to_be_disabled()
    corners.fill("\n".join(rows))
    expect(form.get_by_text("拐点围成 1.0000 平方公里")).to_be_visible()
    expect(form.locator("path.now")).to_have_count(1)
    assert axe_findings(planner) == []
    form.get_by_role("button", name="录入").click()
    expect(form).to_be_hidden()

    planner.get_by_role("button", name="修改许可证…").click()
    form = planner.get_by_role("dialog", name="修改许可证")
    expect(form.get_by_label("拐点坐标")).to_have_value(re.compile("37627880"))  # as the grid has it
    form.get_by_label("拐点坐标").fill(SQUARE.replace("37628880.474", "37628680.474"))
    expect(form.get_by_text("拐点围成 0.8000 平方公里")).to_be_visible()
    expect(form.locator("path.before")).to_have_count(1)
    form.get_by_label("来源（文号、测量报告等）").fill("变更登记")
    form.get_by_role("button", name="录入").click()
    expect(form).to_be_hidden()

    planner.get_by_role("button", name="界桩…", exact=True).click()
    form = planner.get_by_role("dialog", name="界桩（C1405222026117110019901）")
    first = form.get_by_label("界桩编号，第 1 行")
    first.evaluate(
        "(cell, text) => { const data = new DataTransfer(); data.setData('text', text);"
        " cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }",
        "J1\t3929998.94\t37627880.474\t1\nJ2\t3829998.94\t37628680.474\t2",
    )
    expect(form.get_by_role("status")).to_contain_text("距矿区边界超过 2 公里")
    form.get_by_label("X（北）或纬度，第 2 行").fill("3929998.94")
    expect(form.locator("circle")).to_have_count(2)
    form.get_by_label("来源（文号、测量报告等）").fill("实测")
    assert axe_findings(planner) == []
    form.get_by_role("button", name="录入 2 个界桩").click()
    expect(form).to_be_hidden()

    planner.get_by_role("button", name="历史版本…").click()
    versions = planner.get_by_role("dialog", name="历史版本（C1405222026117110019901）")
    expect(versions.get_by_role("listitem")).to_have_count(2)
    expect(versions.get_by_role("listitem").first).to_contain_text("变更登记")
    versions.get_by_role("button", name="界桩（1）").click()
    expect(versions.get_by_role("listitem")).to_contain_text("实测")
    assert axe_findings(planner) == []
    planner.keyboard.press("Escape")
    planner.get_by_role("button", name="终止…").click()
    asked = planner.get_by_role("dialog", name="终止许可证")
    asked.get_by_placeholder("原因").fill("注销登记")
    asked.get_by_role("button", name="录入").click()
    expect(planner.get_by_text("终止：注销登记")).to_be_visible()
    expect(planner.get_by_role("button", name="修改许可证…")).to_have_count(0)


def test_an_inspector_is_entered_taken_out_and_back_and_who_may_not_is_told_so(bureau):
    with desk(bureau, "admin1", "libraries/inspectors") as page:
        page.get_by_role("button", name="登记检查人员…").click()
        form = page.get_by_role("dialog", name="登记检查人员")
        for label, text in (
            ("用户名", "zhangsan"),
            ("检查人员姓名", "张三"),
            ("执法证号", "晋E990001"),
            ("发证机关", "省政府"),
        ):
            form.get_by_label(label, exact=True).fill(text)
        assert axe_findings(page) == []
        for label, day in (("执法证有效期起", "2020-01-01"), ("执法证有效期止", "2099-12-31")):
            form.get_by_label(label, exact=True).fill(day)
            form.get_by_label(label, exact=True).press("Enter")
        form.get_by_role("button", name="录入").click()
        expect(form).to_be_hidden()
        row = page.locator(".el-table__row").filter(has_text="张三")
        expect(row).to_contain_text("晋E990001")
        row.get_by_role("button").click()
        page.get_by_role("button", name="修改…", exact=True).click()
        enter(page, "名录库信息（张三）", 职务="科员")
        row.get_by_role("button").click()
        expect(page.get_by_text("科员")).to_be_visible()
        page.get_by_role("button", name="移出名录库…").click()
        asked = page.get_by_role("dialog", name="移出名录库")
        asked.get_by_placeholder("原因").fill("调离")
        asked.get_by_role("button", name="移出名录库").click()
        expect(row).to_have_count(0)
        page.goto(f"{bureau.address}/console/libraries/inspectors?ended=true")
        expect(row).to_contain_text("已移出")
        row.get_by_role("button").click()
        page.get_by_role("button", name="列入名录库…").click()
        enter(page, "名录库信息（张三）", 业务部门="矿产科")
        expect(row).to_contain_text("在库")

    with desk(bureau, "publisher1", "settings") as page:
        expect(page.get_by_text("您的账号没有“设置”的权限")).to_be_visible()
        assert axe_findings(page) == []
        page.get_by_role("button", name="抽查计划").click()
        expect(page.get_by_text("您的账号没有")).to_have_count(0)
        page.goto(f"{bureau.address}/console/libraries/inspectors")
        expect(page.get_by_text("您的账号没有“检查人员”的权限")).to_be_visible()


def test_an_inspector_is_kept_from_an_object_and_lent_to_another_bureau(bureau, planner):
    planner.goto(f"{bureau.address}/console/libraries/inspectors")
    first = planner.locator(".el-table__row .first").first
    name = first.inner_text()
    first.click()
    planner.get_by_role("button", name="登记回避…").click()
    asked = planner.get_by_role("dialog", name="登记回避")
    asked.get_by_role("combobox", name="检查对象").fill("试采")
    planner.get_by_role("option", name="阳城县试采矿业有限公司").click()
    asked.get_by_label("原因").fill("近亲属任职")
    asked.get_by_role("button", name="录入").click()
    expect(planner.get_by_text("近亲属任职")).to_be_visible()
    planner.get_by_role("button", name="解除").click()
    planner.get_by_role("button", name="确定").click()
    expect(planner.get_by_text("没有已知的利害关系。")).to_be_visible()

    with audit.transaction(bureau.app.sessions) as session:
        session.add(Region(code="140524", name="陵川县", parent=None))
        session.flush()
        session.add(Organisation(name="陵川县自然资源局", region="140524"))
    with desk(bureau, "admin1", at="libraries/inspectors") as page:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.get_by_role("button", name="借调到其他单位…").click()
        asked = page.get_by_role("dialog", name="借调到其他单位")
        pick(page, asked.get_by_role("combobox", name="借入单位"), "陵川县自然资源局")
        days = asked.get_by_placeholder("开始日期"), asked.get_by_placeholder("截止日期")
        days[0].fill("2027-03-01")
        days[1].fill("2027-03-31")
        days[1].press("Enter")
        asked.get_by_label("原因").fill("支援专项检查")
        asked.get_by_role("button", name="借调", exact=True).click()
        page.get_by_role("button", name=name, exact=True).first.click()
        expect(page.get_by_text("陵川县自然资源局 · 2027-03-01 – 2027-03-31")).to_be_visible()


def test_an_import_is_taken_back_as_a_whole(bureau, planner):
    planner.goto(f"{bureau.address}/console/libraries")
    planner.get_by_role("button", name="导入工作簿…").click()
    dialog = planner.get_by_role("dialog")
    choose(planner, "工作簿", "误.xlsx", [HEADINGS, ("YC_WRONG", "误导入事项", "一般检查事项")])
    dialog.get_by_role("button", name="全部入库").click()
    expect(dialog.get_by_text("已入库：新增 1")).to_be_visible()
    planner.goto(f"{bureau.address}/console/libraries/imports")
    newest = planner.locator(".el-table__row").filter(has_text="已入库").first
    newest.get_by_role("button").click()
    planner.get_by_role("button", name="撤销导入…").click()
    asked = planner.get_by_role("dialog", name="撤销导入")
    asked.get_by_label("原因").fill("导错表")
    asked.get_by_role("button", name="撤销导入").click()
    expect(planner.locator(".el-table__row").filter(has_text="导错表")).to_contain_text("已撤销")


def published(bureau, rows, year: int) -> dict[str, Any]:
    """A plan of these rows that went all its steps, each row meaning every enterprise."""
    people = {}
    for username in ("planner1", "policy1", "supervisor1"):
        people[username] = Door(bureau.address)
        people[username].sign_in(username, DEMO_PASSWORD)
    book = {"file": ("计划.xlsx", make_workbook("表", "计划", [YANGCHENG_INTERNAL[0], *rows]))}
    draft = people["planner1"].ask("POST", f"/api/v1/plans/import?year={year}", files=book)["plan"]
    people["policy1"].ask("POST", "/api/v1/plans/aggregate", {"plans": [draft["id"]]})
    people["supervisor1"].ask(
        "POST", f"/api/v1/plans/{draft['id']}/approve", {"approval_no": "阳审〔2027〕1号"}
    )
    plan = people["policy1"].ask(
        "POST", f"/api/v1/plans/{draft['id']}/publish", {"number": "阳自然资字〔2027〕1号"}
    )
    for row in plan["rows"]:
        people["planner1"].ask("PUT", f"/api/v1/planned/{row['id']}/frame", {"kinds": ["enterprise"]})
    return plan | {"planner": people["planner1"]}


def test_where_two_rows_meet_a_merge_is_proposed_and_objects_that_wait_are_matched(bureau, planner):
    spring = YANGCHENG_INTERNAL[1]
    long = (1, "春季巡查", *spring[2:5], "100%", spring[6], "3月1日—6月30日", *spring[8:])
    short = (2, "界桩专查", *spring[2:5], "100%", spring[6], "5月1日—5月31日", *spring[8:])
    plan = published(bureau, [long, short], 2027)
    planner.goto(f"{bureau.address}/console/plans/overlaps?year=2027")
    meeting = planner.get_by_role("row").filter(has=planner.get_by_role("button", name="合并…"))
    expect(meeting).to_contain_text("春季巡查")
    expect(meeting).to_contain_text("2027-05-01 – 2027-05-31")
    meeting.get_by_role("button", name="合并…").click()
    asked = planner.get_by_role("dialog", name="合并检查")
    asked.get_by_label("原因").fill("少扰企业")
    asked.get_by_role("button", name="提出").click()
    expect(planner.get_by_text("已提出计划调整")).to_be_visible()
    planner.goto(f"{bureau.address}/console/plans/{plan['id']}")
    planner.get_by_role("tab", name="计划调整").click()
    expect(planner.get_by_text("少扰企业")).to_be_visible()

    door, (row, _) = plan["planner"], plan["rows"]
    days = {"opens_on": "2027-03-01", "due_on": "2027-06-30"}
    ceremony = door.ask("POST", "/api/v1/ceremonies", {"kind": "objects", "planned_id": row["id"], **days})
    for step in ("freeze", "reveal", "publish"):
        door.ask("POST", f"/api/v1/ceremonies/{ceremony['id']}/{step}", {})
    planner.goto(f"{bureau.address}/console/draws")
    planner.get_by_role("button", name="匹配检查人员").click()
    planner.wait_for_url("**/draws/*-*")
    expect(planner.get_by_role("button", name="封存底册")).to_be_visible()


@pytest.mark.parametrize("place", PLACES)
def test_each_place_of_the_planner_can_be_used_by_everybody(bureau, planner, place):
    planner.goto(f"{bureau.address}/console/{place}")

    expect(planner.locator(".el-empty, table, main h2").filter(visible=True).first).to_be_visible(
        timeout=20_000
    )
    planner.wait_for_timeout(400)  # a colour that is still fading in is not the colour
    assert axe_findings(planner) == []
