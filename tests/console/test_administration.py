"""An administrator looks after phones, the bureau's own rules, its organisations, and how the installation does."""

import re

from playwright.sync_api import expect
from sqlalchemy import select

from server import audit, clock
from server.accounts.models import Organisation
from server.jobs import Job
from tests.console.desk import desk, pick
from tests.phone.bureau import give_pin, mind_the_pin, sign_in
from tests.phone.looking import axe_findings

NEW_PASSWORD = "yang-cheng-33"


def give_reason(page, name, reason, action):
    """Write why in the dialog that asks for it."""
    dialog = page.get_by_role("dialog", name=name)
    dialog.get_by_label("原因", exact=True).fill(reason)
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_be_hidden()


def confirm(page, what):
    """Say yes to what is asked beside a button."""
    page.locator(".el-popconfirm", has_text=what).get_by_role("button", name="确定").click()


def open_phone(page, bureau, username):
    """Open the drawer of somebody's phone, read anew."""
    page.goto(f"{bureau.address}/console/devices?text={username}")
    page.locator(".el-table__row .first").click()
    drawer = page.get_by_role("dialog", name=re.compile(" · "))
    expect(drawer.get_by_role("heading", name="设备操作记录")).to_be_visible()
    return drawer


def test_a_phone_is_blocked_and_let_in_again_by_somebody_who_forgot_their_password_too(bureau):
    bureau.task("inspector3", "inspector2", number="阳检-找回-1")
    with bureau.phone("inspector3") as phone, desk(bureau, "admin1", "devices") as page:
        expect(phone.get_by_text("阳检-找回-1").first).to_be_visible(timeout=20_000)
        drawer = open_phone(page, bureau, "inspector3")
        drawer.get_by_role("button", name="停用设备…").click()
        give_reason(page, "停用设备", "手机遗失", "停用")
        phone.evaluate("dispatchEvent(new Event('online'))")
        expect(phone.get_by_role("heading", name="此设备已停用")).to_be_visible(timeout=20_000)

        drawer = open_phone(page, bureau, "inspector3")
        drawer.get_by_role("button", name="吊销密钥…").click()
        give_reason(page, "吊销签名密钥", "或被他人使用", "吊销")
        drawer = open_phone(page, bureau, "inspector3")
        expect(drawer).to_contain_text("已吊销")
        drawer.get_by_role("button", name="撤回吊销…").click()
        give_reason(page, "撤回吊销", "查明未被使用", "撤回")
        drawer = open_phone(page, bureau, "inspector3")
        drawer.get_by_role("button", name="终止密钥…").click()
        give_reason(page, "终止签名密钥", "稳妥起见更换", "终止")
        drawer = open_phone(page, bureau, "inspector3")
        drawer.get_by_role("button", name="恢复使用…").click()
        give_reason(page, "恢复设备", "在办公室找到", "恢复")
        drawer = open_phone(page, bureau, "inspector3")
        expect(drawer).to_contain_text("设备已恢复使用")
        assert axe_findings(page) == []
        page.goto(f"{bureau.address}/console/people?q=inspector3")
        page.get_by_role("button", name="inspector3").click()
        page.get_by_role("button", name="重置密码…").click()
        page.get_by_role("button", name="确定").click()
        code = page.locator("output.code").inner_text()

        phone.get_by_role("button", name="已恢复使用？登录继续").click()
        phone.get_by_role("button", name="我有一次性验证码").click()
        phone.fill("#one-time-code", code.lower())
        phone.fill("#password", NEW_PASSWORD)
        assert axe_findings(phone) == []
        # The PIN is chosen anew, the application opened again, and everything is where it was. It asks twice in a row.
        phone.remove_locator_handler(phone.locator("#pin-form"))
        with phone.expect_navigation(timeout=60_000):
            phone.locator("form button[type=submit]").click()
            phone.locator("#pin-again").wait_for()
            give_pin(phone.locator("#pin-form"))
        mind_the_pin(phone)
        expect(phone.get_by_text("阳检-找回-1").first).to_be_visible(timeout=20_000)
        phone.evaluate("location.hash = '#/sign-in'")
        sign_in(phone, "inspector3", NEW_PASSWORD)
        drawer = open_phone(page, bureau, "inspector3")
        expect(drawer.locator("li code")).to_have_count(2)
        expect(drawer).to_contain_text("有效")


def test_the_morning_look_the_rules_of_the_bureau_and_its_organisations(bureau):
    with audit.transaction(bureau.app.sessions) as session:
        seq, _ = audit.head(session)
        given_up = {"attempts": 8, "run_after": clock.now(), "dead_at": clock.now(), "error": "ValueError: x"}
        session.add(Job(seq=seq, reaction="reactions.open_tasks", **given_up))
    with desk(bureau, "admin1", "health") as page:
        page.get_by_role("row", name=re.compile("reactions.open_tasks")).get_by_role("button").click()
        page.get_by_role("button", name="确定").click()
        expect(page.get_by_text("没有失败的任务")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="后台程序").first).to_contain_text("需处理")
        assert axe_findings(page) == []

        page.goto(f"{bureau.address}/console/settings/installation")
        page.get_by_label("查找设置").fill("签名密钥")
        secret = page.get_by_role("row", name=re.compile("MERESTONE_PLATFORM_SECRET"))
        expect(secret).to_contain_text("未设置")
        assert axe_findings(page) == []

        page.get_by_role("link", name="本单位规则").click()
        pick(page, page.get_by_role("combobox", name="异议处理"), "若干工作日内")
        page.get_by_label("工作日数").fill("15")
        page.get_by_role("button", name="保存期限规则…").click()
        confirm(page, "只适用于此后计算的期限")
        expect(page.get_by_text("期限已保存")).to_be_visible()
        page.get_by_label("每家企业年度检查频次上限").fill("3")
        page.get_by_role("button", name="保存抽取与入企规则…").click()
        confirm(page, "只适用于此后的抽取和检查")
        expect(page.get_by_text("抽取与入企检查已保存")).to_be_visible()
        page.get_by_role("button", name="录入放假通知…").click()
        page.get_by_placeholder("通知文号").fill("阳政办〔2026〕8号")
        pick(page, page.get_by_role("combobox", name="行政区划"), re.compile("阳城县"))
        assert axe_findings(page) == []
        expect(page.get_by_role("button", name="录入", exact=True)).to_be_disabled()  # no day is named yet
        page.get_by_role("combobox", name="放假日", exact=True).click()
        page.get_by_role("gridcell", name=re.compile("^11")).locator("visible=true").first.click()
        page.get_by_role("heading", name="录入放假通知").click()
        page.get_by_role("button", name="录入", exact=True).click()
        expect(page.get_by_role("row", name=re.compile("阳政办〔2026〕8号"))).to_be_visible()

        page.goto(f"{bureau.address}/console/organisations")
        page.get_by_text("阳城县 140522").click()
        page.get_by_role("button", name="新增机构…").click()
        page.get_by_label("机构名称").fill("北留中心所")
        page.get_by_role("button", name="保存", exact=True).click()
        added = page.get_by_role("row", name=re.compile("北留中心所"))
        added.get_by_role("button", name="停用…").click()
        page.get_by_role("button", name="停用机构", exact=True).click()
        expect(added).to_be_hidden()
        page.get_by_role("row", name=re.compile("阳城县自然资源局")).get_by_role(
            "button", name="停用…"
        ).click()
        expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"机构内还有 \d+ 人"))
        expect(page.get_by_role("button", name="停用机构", exact=True)).to_be_disabled()
        page.wait_for_timeout(300)  # the dialog has come to rest
        assert axe_findings(page) == []
    with bureau.app.sessions() as session:
        rules = session.scalars(select(Organisation.rules).where(Organisation.name.contains("阳城"))).one()
        assert rules["deadline"]["objection"] == {
            "kind": "working_days",
            "days": 15,
            "from": "objection_filed",
        }
        assert rules["deadline"]["entry"] == {"kind": "before_closing"}
        assert (rules["visit"]["a_year"], rules["visit"]["entry_code"]) == (3, True)
        assert "texts" in rules["documents"]
