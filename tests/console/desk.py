"""Somebody at a desk, and records that wait for them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from server.demo import DEMO_PASSWORD
from server.rehearsal import capture
from server.rehearsal.door import Door
from server.rehearsal.phone import Draft, ScriptedPhone
from tests.phone.bureau import SURVEYING, Bureau

DESK = {"width": 1440, "height": 900}


@dataclass
class FieldWork:
    """An inspector's scripted phone, and what it handed in."""

    bureau: Bureau
    phone: ScriptedPhone

    def hand_in(self, days: int, form: str = SURVEYING) -> Draft:
        """Fill one visit that is due in so many days, and send everything of it."""
        number = f"阳检-{uuid4().hex[:6]}"
        items = ["MINE_OVERSTEP", "BOUNDARY_MARKER"]
        task = self.bureau.task(number=number, forms=(form,), days=days, item_codes=items)
        self.phone.pull()
        body = self.phone.state.of_kind("task")[str(task)].body
        site = self.phone.state.of_kind("object")[str(body["object"])].body
        self.phone.form(form)
        started = datetime.now(UTC) - timedelta(hours=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                capture, "draw_photo", partial(capture.draw_photo, edge=480)
            )  # soon drawn, soon sent
            filled = capture.fill(body, site, form, started, days)
        draft = self.phone.capture_record(task, form, filled, started)
        self.phone.push()
        self.phone.upload()
        return draft


def field_work(bureau: Bureau) -> FieldWork:
    """Sign an inspector in on a phone of their own."""
    phone = ScriptedPhone(Door(bureau.address), lambda _: None)
    phone.sign_in("inspector1", DEMO_PASSWORD)
    return FieldWork(bureau, phone)


@contextmanager
def desk(bureau: Bureau, username: str = "supervisor1", at: str = "", **options: object) -> Iterator[Page]:
    """Open the console in a window of its own, signed in."""
    settings = {"viewport": DESK, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    context = bureau.browser.new_context(**(settings | options))
    try:
        page = context.new_page()
        page.goto(f"{bureau.address}/console/{at}")
        page.fill("#username", username)
        page.fill("#password", DEMO_PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("navigation", name="页面")).to_be_visible(timeout=20_000)
        yield page
    finally:
        context.close()


def put_away(page: Page) -> None:
    """Close what lies above the page; returns when it is gone, which takes it a moment."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def pick(page: Page, box: Locator, option: str | re.Pattern[str]) -> None:
    """Open a list and choose from it. One that the page drew anew, and so closed again, is opened once more."""
    choice = page.get_by_role("option", name=option).locator("visible=true").first
    for _ in range(10):
        box.click(force=True)
        try:
            choice.click(timeout=3_000)
        except PlaywrightTimeoutError:
            continue
        return
    raise AssertionError(f"{option} is not there to be chosen")
