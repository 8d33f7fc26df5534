"""Under which number the application is filed, and where to complain about it: by 国办函〔2026〕12号 on every phone."""

from dataclasses import replace

from playwright.sync_api import expect

from tests.console.desk import desk
from tests.phone.bureau import is_installed
from tests.phone.looking import axe_findings, keep_look, pixels_too_wide, small_targets

FILING = "晋政务应用备〔2026〕7号"


def test_the_filing_number_and_where_to_complain_are_shown_without_a_network_and_before_signing_in(
    bureau, monkeypatch
):
    told = {"app_office": "阳城县自然资源局信息中心", "app_telephone": "0356-422 0000"}
    settings = replace(bureau.app.settings, app_filing=FILING, app_address="ts@yangcheng.example", **told)
    monkeypatch.setattr(bureau.app, "settings", settings)

    with bureau.phone("inspector1") as page:
        is_installed(page)
        page.reload()
        expect(page.get_by_role("tablist")).to_be_visible(timeout=30_000)
        page.context.set_offline(True)
        page.get_by_role("tab", name="我的").click()
        page.get_by_role("button", name="备案与投诉建议").click()
        expect(page.get_by_text(FILING)).to_be_visible()
        expect(page.get_by_text("阳城县自然资源局信息中心")).to_be_visible()
        assert page.get_by_role("link", name="0356-422 0000").get_attribute("href") == "tel:03564220000"
        mail = page.get_by_role("link", name="ts@yangcheng.example")
        assert mail.get_attribute("href") == "mailto:ts@yangcheng.example"
        assert [*axe_findings(page), *small_targets(page)] == []
        assert pixels_too_wide(page) == 0
        keep_look(page, "about")
        page.get_by_role("button", name="返回").click()
        page.get_by_role("button", name="退出登录").click()
        page.get_by_role("button", name=FILING).click()
        expect(page.get_by_text("阳城县自然资源局信息中心")).to_be_visible()


def test_a_phone_whose_bureau_named_nobody_says_so(bureau):
    with bureau.phone("inspector1") as page:
        page.evaluate("location.hash = '#/about'")
        expect(page.get_by_text("本单位尚未设置投诉受理单位。")).to_be_visible()
        expect(page.get_by_text("本单位尚未填写备案号。")).to_be_visible()


def test_a_complaint_that_is_written_without_a_network_arrives_and_its_answer_is_read_without_one(bureau):
    with bureau.phone("inspector1") as page, desk(bureau) as console:
        is_installed(page)
        page.evaluate("location.hash = '#/about'")
        page.context.set_offline(True)
        page.get_by_role("radio", name="建议").click()
        page.get_by_label("请写明情况").fill("同一张表不要填两遍")
        page.reload()
        expect(page.get_by_label("请写明情况")).to_have_value("同一张表不要填两遍", timeout=20_000)
        page.get_by_role("radio", name="建议").click()
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_text("待发送")).to_be_visible()
        expect(page.get_by_label("请写明情况")).to_have_value("")
        page.get_by_role("button", name="撤回修改").click()
        expect(page.get_by_label("请写明情况")).to_have_value("同一张表不要填两遍")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_text("待发送")).to_be_visible()
        page.reload()
        expect(page.get_by_text("待发送")).to_be_visible(timeout=20_000)
        assert [*axe_findings(page), *small_targets(page)] == []
        keep_look(page, "complaint")
        page.evaluate("location.hash = '#/day-end'")
        expect(page.get_by_text("1 条投诉或建议待发送")).to_be_visible()
        assert page.get_by_text("可以关机或交还").count() == 0
        page.evaluate("location.hash = '#/about'")

        page.context.set_offline(False)
        expect(page.get_by_text("已收到，待答复")).to_be_visible(timeout=20_000)
        assert page.get_by_text("待发送").count() == 0

        console.get_by_role("link", name="手机", exact=True).click()
        console.get_by_role("link", name="投诉与建议").click()
        console.get_by_text("同一张表不要填两遍").click()
        console.get_by_label("答复", exact=True).fill("下月起合并为一张。")
        assert axe_findings(console) == []
        keep_look(console, "complaint-desk")
        console.get_by_role("button", name="发送答复").click()
        expect(console.get_by_text("没有待答复的投诉或建议。")).to_be_visible()
        keep_look(console, "complaint-desk-answered")

        page.evaluate("location.hash = '#/today'")
        expect(page.get_by_text("您提交的投诉或建议已有答复")).to_be_visible(timeout=60_000)
        page.context.set_offline(True)
        page.evaluate("location.hash = '#/about'")
        expect(page.get_by_text("下月起合并为一张。")).to_be_visible()
        expect(page.get_by_text("已答复")).to_be_visible()
        keep_look(page, "complaint-answered")
