"""An administrator looks after accounts, and an auditor reads who did what and whether the log still holds."""

import re

from playwright.sync_api import expect
from sqlalchemy import select

from server import audit
from server.accounts.models import Person
from server.notary.service import Notary
from tests.console.desk import DESK, desk, put_away
from tests.phone.looking import axe_findings


def test_somebody_new_sets_a_password_by_code_and_an_account_ends_after_its_tasks_were_told(bureau):
    bureau.task("inspector3", "inspector2", number="阳检-离岗-1")
    with desk(bureau, "admin1") as page:
        page.goto(f"{bureau.address}/console/people")
        expect(page.locator(".el-table__row").first).to_be_visible()
        assert axe_findings(page) == []
        page.get_by_role("textbox", name="姓名或用户名").fill("建国")
        page.get_by_role("textbox", name="姓名或用户名").press("Enter")
        expect(page.locator(".el-table__row")).to_have_count(1)
        page.get_by_role("button", name="角色权限一览").click()
        expect(page.get_by_role("row", name=re.compile("人员与机构 · 管理"))).to_contain_text("✓")
        put_away(page)

        page.get_by_role("button", name="新建账号…").click()
        form = page.get_by_role("dialog", name="新建账号")
        form.get_by_label("用户名").fill("newcomer.7")
        form.get_by_label("姓名").fill("新同事")
        form.get_by_role("combobox", name="机构").click()
        page.get_by_role("option", name=re.compile("阳城县自然资源局")).click()
        form.locator(".role").filter(has_text="审核人员").click()
        form.get_by_role("button", name="新建", exact=True).click()
        code = page.locator("output.code").inner_text()
        assert axe_findings(page) == []
        page.get_by_role("button", name="已记下").click()

        page.goto(f"{bureau.address}/console/people?q=inspector3")
        expect(page.locator(".el-table__row")).to_have_count(1)
        page.get_by_role("button", name="inspector3").click()
        page.get_by_role("button", name="停用账号…").click()
        asked = page.get_by_role("dialog", name="停用账号")
        expect(asked).to_contain_text("阳检-离岗-1")
        asked.get_by_role("button", name="仍要停用").click()
        expect(page.locator(".el-table__row")).to_contain_text("已停用")
    with bureau.app.sessions() as session:
        assert not session.scalars(select(Person).where(Person.username == "inspector3")).one().active

    context = bureau.browser.new_context(viewport=DESK, locale="zh-CN")
    try:
        page = context.new_page()
        page.goto(f"{bureau.address}/console/")
        page.get_by_role("button", name="我有一次性验证码").click()
        page.fill("#username", "newcomer.7")
        page.fill("#code", code.lower())
        page.fill("#password", "yang-cheng-22")
        page.get_by_role("button", name="设置密码并登录").click()
        expect(page.get_by_role("navigation", name="页面")).to_be_visible(timeout=20_000)
        page.wait_for_load_state("networkidle")  # nothing is under way when the window closes
    finally:
        context.close()


def test_the_log_is_read_in_words_followed_checked_and_its_break_is_found(bureau):
    task = bureau.task(number="阳检-日志-1")
    with audit.transaction(bureau.app.sessions) as session:
        Notary(bureau.app.installation.key, bureau.app.settings.zone).sign_root(session)
    with desk(bureau, "supervisor1") as page:
        page.goto(f"{bureau.address}/console/audit?subject={task}")
        expect(page.locator(".el-empty")).to_be_visible()  # opened by the system, which belongs to no region
        page.goto(f"{bureau.address}/console/audit?actor=supervisor1")
        expect(page.locator(".el-table__row").first).to_contain_text("登录已开启")
        page.locator(".el-table__row .first").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("本条哈希")
        assert axe_findings(page) == []
        put_away(page)
        assert axe_findings(page) == []

        page.get_by_role("button", name="核验日志链…").click()
        page.get_by_role("button", name="核验全部日志").click()
        expect(page.get_by_text("日志链从第一条到最后一条完好。")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("的证明文件")).first.click()
        assert download.value.suggested_filename.endswith(".zip")
        with bureau.app.sessions.begin() as session:
            session.get_one(audit.AuditEntry, 2).actor = "somebody else"
        page.get_by_role("button", name="核验全部日志").click()
        expect(page.get_by_text("日志链在第 2 条断裂")).to_be_visible()
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)  # the button's colour has come to rest
        assert axe_findings(page) == []
