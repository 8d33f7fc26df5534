"""The application itself: where it refuses to record, how it is renewed, training, and whether everybody can use it."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from server import web
from tests.phone.bureau import MINE, SURVEYING, sign_in
from tests.phone.looking import axe_findings, pixels_too_wide, small_targets

AGENTS = {
    "微信": "Mozilla/5.0 (Linux; Android 12) Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0.49 WeChat/arm64",
    "企业微信": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148 wxwork/4.1.20 MicroMessenger/7.0.1",
    "钉钉": "Mozilla/5.0 (Linux; Android 12) Chrome/107.0 Mobile Safari/537.36 AliApp(DingTalk/7.6.0)",
}


@pytest.mark.parametrize("name", AGENTS)
def test_inside_another_application_nothing_is_recorded_and_the_way_out_is_shown(bureau, name):
    with bureau.phone(user_agent=AGENTS[name], permissions=["clipboard-read", "clipboard-write"]) as page:
        expect(page.get_by_role("heading")).to_have_text("请在系统浏览器中打开")
        expect(page.get_by_text(f"{name}：")).to_be_visible()
        assert page.locator("#username").count() == 0
        page.get_by_role("button", name="复制链接").click()
        assert page.evaluate("navigator.clipboard.readText()") == f"{bureau.address}/phone/"
        assert (axe_findings(page), small_targets(page)) == ([], [])


def test_everybody_can_use_every_page(bureau):
    bureau.task(number="阳检-2026-401", forms=(MINE, SURVEYING))

    with bureau.phone() as page:
        assert (axe_findings(page), small_targets(page)) == ([], []), "signing in"
        sign_in(page, "inspector1")
        expect(page.get_by_text("阳检-2026-401").first).to_be_visible(timeout=20_000)
        task = page.evaluate("indexedDB.databases().then(() => location.hash)")
        assert task
        found = {}
        for look in ("", "large outdoor"):
            page.evaluate(f"document.documentElement.className = '{look}'")
            for path in ("today", "tasks", "map", "me", "day-end", "health", "lease", "sign-in"):
                page.evaluate(f"location.hash = '#/{path}'")
                page.wait_for_timeout(300)
                page.screenshot(path=f"/tmp/shell-{path}{'-outdoor' if look else ''}.png", full_page=True)
                found[path, look] = [*axe_findings(page), *small_targets(page)]
        page.set_viewport_size({"width": 360, "height": 740})
        page.evaluate(
            "document.documentElement.className = ''; document.documentElement.style.fontSize = '32px'"
        )
        for path in ("today", "tasks", "map", "me", "day-end", "health", "lease"):
            page.evaluate(f"location.hash = '#/{path}'")
            page.wait_for_timeout(300)
            page.screenshot(path=f"/tmp/shell-{path}-200.png", full_page=True)
            found[path, "200 %"] = ["sticks out"] * (pixels_too_wide(page) > 0)
        assert {where: what for where, what in found.items() if what} == {}
