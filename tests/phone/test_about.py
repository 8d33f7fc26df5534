"""Under which number the application is filed, and where to complain about it: by 国办函〔2026〕12号 on every phone."""

from dataclasses import replace

from playwright.sync_api import expect

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
