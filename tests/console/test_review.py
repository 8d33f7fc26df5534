"""A supervisor clears the day's records with the keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from server.inspections.models import Record
from server.rehearsal.capture import draw_photo
from tests.console.desk import desk, field_work
from tests.phone.bureau import MINE
from tests.phone.looking import axe_findings


def line(page: Page, path: str):
    """The line of one answer."""
    return page.locator(f"[data-path='{path}']")


def state_of(bureau, draft) -> str:
    with bureau.app.sessions() as session:
        return session.get_one(Record, draft.record).state


def current(page: Page) -> str:
    return page.url.rpartition("/")[2]


@pytest.fixture(scope="module")
def work(bureau):
    return field_work(bureau)


def test_records_are_read_returned_corrected_and_accepted_with_the_keyboard_alone(bureau, work):
    later, sooner = work.hand_in(days=9), work.hand_in(days=2, form=MINE)
    photo = "/data/markers[1]/photo_near"

    with desk(bureau, at="review") as page:
        # The soonest deadline is open, with its boundary and every position that was measured.
        expect(page.get_by_role("heading", name="任务")).to_have_count(0)
        page.wait_for_url(f"**/review/{sooner.record}")
        expect(page.locator(".queue li")).to_have_count(2)
        expect(page.locator(".map .registered").first).to_be_visible(timeout=20_000)
        assert page.locator(".map .fix").count() >= 3
        expect(page.locator(".media .large img")).to_be_visible()
        assert axe_findings(page) == []

        # One selection through all panes; the mark goes with a reason by its digit.
        page.keyboard.press("j")
        page.wait_for_url(f"**/review/{later.record}")
        page.keyboard.press("k")
        page.wait_for_url(f"**/review/{sooner.record}")
        expect(line(page, photo)).to_be_attached()
        while line(page, photo).evaluate("each => !each.classList.contains('chosen')"):
            page.keyboard.press("ArrowDown")
        expect(page.locator(".media h2")).to_have_text("界桩近照")
        page.keyboard.press("f")
        expect(page.get_by_role("button", name="通过")).to_be_disabled()
        page.keyboard.press("a")  # what is marked is not accepted by a slip of the finger
        page.keyboard.press("r")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("2")
        expect(page.locator("#return-reason")).to_have_value("看不清刻号，请重拍。")
        page.locator("#return-reason").press("Tab")
        while not page.evaluate("document.activeElement.type === 'submit'"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".take-back")).to_contain_text("已退回")
        page.wait_for_url(f"**/review/{later.record}")

        # It can be taken back, and stands where it stood; done again, it reaches the phone.
        page.keyboard.press("u")
        page.wait_for_url(f"**/review/{sooner.record}")
        assert state_of(bureau, sooner) == "under_review"
        expect(line(page, photo)).to_be_attached()
        line(page, photo).get_by_role("button").click()
        page.keyboard.press("r")
        page.get_by_role("button", name="修改…").click()
        page.get_by_label("原因 2", exact=True).fill("刻号有反光，请避光重拍。")
        page.get_by_role("dialog", name="本机关常用退回原因").get_by_role("button", name="保存").click()
        expect(page.get_by_label("原因 2", exact=True)).to_be_hidden()
        page.keyboard.press("2")
        expect(page.locator("#return-reason")).to_have_value("刻号有反光，请避光重拍。")
        page.get_by_role("button", name="退回", exact=True).last.click()
        page.wait_for_url(f"**/review/{later.record}")
        page.goto("about:blank")  # a page that goes away sends what waits
        page.goto(f"{bureau.address}/console/review")
        expect(page.locator(".queue li")).to_have_count(1)
        assert state_of(bureau, sooner) == "returned"

    work.phone.pull()
    assert [
        mark["path"] for mark in work.phone.state.of_kind("record")[str(sooner.record)].body["marks"]
    ] == [photo]
    again = draw_photo("J1-again.jpg", "J1 刻号", 7)
    work.phone.correct(sooner, {photo: again.name}, {again.name: again})
    work.phone.push()
    work.phone.upload()

    with desk(bureau, at="review") as page:
        # After the correction old and new lie side by side, the photos too.
        page.wait_for_url(f"**/review/{sooner.record}")
        row = page.locator(".compare tr").filter(has_text="界桩近照")
        expect(row.locator("img")).to_have_count(2)
        expect(line(page, photo)).to_contain_text("退回后有改动")
        page.keyboard.press("a")
        page.wait_for_url(f"**/review/{later.record}")

        # Several at once: only what was opened, and for ten seconds it can be taken back.
        expect(page.locator(".answers .line").first).to_be_visible()
        page.locator(".queue .el-checkbox").click()
        page.get_by_role("button", name="通过 1 条记录").click()
        expect(page.locator(".queue").get_by_text("没有待审核的记录。")).to_be_visible()
        page.keyboard.press("u")
        expect(page.locator(".queue li")).to_have_count(1)
        page.goto("about:blank")

        page.goto(f"{bureau.address}/console/review")
        expect(page.locator(".queue li")).to_have_count(1)
        assert (state_of(bureau, sooner), state_of(bureau, later)) == ("final", "under_review")

        # Who signs out leaves nothing behind that was decided.
        expect(page.locator(".answers .line").first).to_be_visible()
        page.keyboard.press("a")
        expect(page.locator(".take-back")).to_contain_text("已通过")
        page.locator("header .who").click()
        page.get_by_role("menuitem", name="退出登录").click()
        expect(page.locator("#username")).to_be_visible()
    assert state_of(bureau, later) == "final"
