"""From a day without a network to 已送达: what the phone says of its work, and whether the server has every byte."""

import os
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from server import audit, clock
from server.accounts.models import Person, SignInSession
from server.accounts.service import actor_of
from server.audit import AuditEntry
from server.exchange.notices import Notice, post_notice
from tests.phone.bureau import is_installed, mind_the_pin, sign_in
from tests.phone.checks import fill, is_ready, is_whole, opens, publish, pushed

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def check(bureau):
    """Opens visits on which a short form is to be filled in."""
    publish(bureau, "sync_check")
    return lambda *people: bureau.task(*people, forms=("sync_check",))


def test_a_day_without_a_network_arrives_whole_and_the_phone_says_so_only_then(bureau, check):
    task = check()
    photo, film = os.urandom(300_000), os.urandom(5 * MEGABYTE)

    with bureau.phone("inspector1") as page:
        is_ready(page)
        page.context.set_offline(True)
        fill(page, task, "界桩完好", photo=("a.jpg", "image/jpeg", photo), film=("a.mp4", "video/mp4", film))
        expect(page.get_by_text("待上传")).to_be_visible()
        opens(page, "/day-end")
        expect(page.get_by_text("先不要交还或关机")).to_be_visible()
        expect(page.get_by_text("没有网络", exact=True)).to_be_visible()
        expect(page.get_by_text("1 条记录待上传")).to_be_visible()
        expect(page.get_by_text("2 个文件待上传")).to_be_visible()

        revs = pushed(page.context)
        page.context.set_offline(False)
        expect(page.get_by_text("本机全部已送达")).to_be_visible(timeout=30_000)
        is_whole(bureau, revs, photo, film)


def test_an_upload_that_was_cut_off_goes_on_where_it_stood_and_two_tabs_send_once(bureau, check):
    task = check()
    film = os.urandom(5 * MEGABYTE)
    begun = []

    def second_is_cut(route):
        if route.request.method == "PATCH":
            begun.append(int(route.request.headers["upload-offset"]))
            if len(begun) == 2:
                return route.abort()
        return route.continue_()

    with bureau.phone("inspector1") as page:
        context = page.context
        revs = pushed(context)
        context.route("**/api/v1/media/uploads/*", second_is_cut)
        is_ready(page)
        fill(page, task, "附件很大", film=("a.mp4", "video/mp4", film))
        opens(page, "/day-end")
        expect(page.get_by_text("先不要交还或关机")).to_be_visible()
        page.wait_for_function("() => document.body.innerText.includes('1 个文件待上传')")
        while len(begun) < 2:
            page.wait_for_timeout(50)
        page.close()

        first, second = context.new_page(), context.new_page()
        for tab in (first, second):
            mind_the_pin(tab)
            tab.goto(f"{bureau.address}/phone/#/day-end")
        for tab in (first, second):
            expect(tab.get_by_text("本机全部已送达")).to_be_visible(timeout=30_000)

    assert begun == [0, 2 * MEGABYTE, 2 * MEGABYTE, 4 * MEGABYTE]
    assert [len(sent) for sent in revs.values()] == [1]
    is_whole(bureau, revs, film)


def test_a_session_that_ends_midway_loses_nothing_and_signing_in_sends_the_rest(bureau, check):
    task = check()
    file = os.urandom(1000)

    with bureau.phone("inspector1") as page:
        is_ready(page)
        asks = page.get_by_role("button", name="立即同步")
        with page.expect_request("**/sync/pull*") as asked:
            asks.click()
        expect(asks).to_be_enabled(timeout=30_000)
        page.context.set_offline(True)
        fill(page, task, "会话结束", film=("a.bin", "application/octet-stream", file))
        with urlopen(ends(bureau, asked.value.headers["authorization"])) as answer:
            assert answer.status == 204

        page.context.set_offline(False)
        opens(page, "/day-end")
        expect(page.get_by_text("登录已过期", exact=True)).to_be_visible(timeout=30_000)
        expect(page.get_by_text("1 条记录待上传")).to_be_visible()
        expect(page.get_by_text("1 个文件待上传")).to_be_visible()
        revs = pushed(page.context)
        page.get_by_role("button", name="登录").click()
        sign_in(page, "inspector1")
        opens(page, "/day-end")
        expect(page.get_by_text("本机全部已送达")).to_be_visible(timeout=30_000)
        is_whole(bureau, revs, file)


def test_a_rest_after_silence_ends_with_the_network_also_where_the_page_was_opened_anew(bureau):
    with bureau.phone("inspector3") as page:
        is_installed(page)
        page.reload()
        asks = page.get_by_role("button", name="立即同步")
        expect(asks).to_be_enabled(timeout=30_000)
        page.evaluate("Math.random = () => 60")  # every rest is two minutes
        page.context.set_offline(True)
        asks.click()
        expect(asks).to_be_enabled(timeout=30_000)
        page.reload()
        expect(asks).to_be_enabled(timeout=30_000)
        with page.expect_response("**/sync/pull*", timeout=15_000) as answered:
            page.context.set_offline(False)
        assert answered.value.ok


def ends(bureau, token):
    return Request(f"{bureau.address}/api/v1/session", method="DELETE", headers={"Authorization": token})


def test_whoever_asks_to_sync_ends_a_rest_after_silence_and_a_lost_renewal_ends_no_session(bureau):
    bureau.task(number="S-2026-9")
    with bureau.phone("inspector3") as page:
        asks = page.get_by_role("button", name="立即同步")
        expect(asks).to_be_enabled(timeout=30_000)
        page.evaluate("Math.random = () => 60")  # every rest is two minutes
        page.context.set_offline(True)
        asks.click()
        expect(asks).to_be_enabled(timeout=30_000)

        with page.expect_request("**/sync/pull*", timeout=10_000):
            asks.click()
        expect(asks).to_be_enabled(timeout=30_000)
        with page.expect_response("**/sync/pull*", timeout=10_000) as silence:
            page.context.set_offline(False)
        assert silence.value.status == 204

        # The token runs out, and the reply to its renewal is lost: the same phone may ask for it again.
        expect(asks).to_be_enabled(timeout=30_000)
        expire_tokens(bureau, "inspector3")
        page.route("**/session/refresh", lambda route: (route.fetch(), route.abort()), times=1)
        asks.click()
        expect(asks).to_be_enabled(timeout=30_000)
        with page.expect_response(lambda answer: "/sync/pull" in answer.url and answer.ok, timeout=10_000):
            asks.click()
        with bureau.app.sessions() as session:
            told = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("session.re%")))
            assert list(told) == ["session.resumed"]


def expire_tokens(bureau, username):
    """Let a person's access tokens run out, as they do every hour."""
    with bureau.app.sessions.begin() as session:
        person = session.scalars(select(Person.id).where(Person.username == username)).one()
        theirs = update(SignInSession).where(SignInSession.person_id == person)
        session.execute(theirs.values(access_expires=clock.now() - timedelta(seconds=1)))


def test_what_the_server_has_to_tell_is_shown(bureau):
    with bureau.phone("inspector2") as page:
        is_ready(page)
        for text in ("周五系统维护", "请更新应用"):
            post(bureau, text)
        page.get_by_role("button", name="立即同步").click()
        expect(page.get_by_text("请更新应用")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("周五系统维护")).to_be_hidden()
        page.get_by_text("更早的消息 1 条").click()
        expect(page.get_by_text("周五系统维护")).to_be_visible()


def post(bureau, text):
    """Post a notice to inspector2."""
    with audit.transaction(bureau.app.sessions) as session:
        people = {person.username: person for person in session.scalars(select(Person))}
        notice = Notice(text, person_id=people["inspector2"].id)
        post_notice(session, actor_of(people["supervisor1"]), notice)


def test_a_file_that_the_server_has_already_arrives_at_once(bureau, check):
    film = os.urandom(1000)
    heard = []
    with bureau.phone("inspector1") as page:
        page.context.on(
            "response", lambda each: "/api/v1/media" in each.url and heard.append(each.request.method)
        )
        is_ready(page)
        page.evaluate("Math.random = () => 60")  # every rest is two minutes
        for task in (check(), check()):
            opens(page, "/today")
            page.get_by_role("button", name="立即同步").click()
            fill(page, task, "同一附件", film=("a.bin", "application/octet-stream", film))
            opens(page, "/day-end")
            expect(page.get_by_text("本机全部已送达")).to_be_visible(timeout=30_000)
        assert heard == ["POST", "PATCH", "POST", "PATCH", "HEAD"]


def test_who_signs_out_in_one_tab_is_signed_out_in_all(bureau):
    with bureau.phone("inspector3") as page:
        is_ready(page)
        other = page.context.new_page()
        mind_the_pin(other)
        other.goto(f"{bureau.address}/phone/#/tasks")
        expect(other.get_by_role("tablist")).to_be_visible(timeout=30_000)
        opens(page, "/me")
        page.get_by_role("button", name="退出登录").click()
        for each in (page, other):
            expect(each.locator("#username")).to_be_visible(timeout=20_000)
        other.evaluate("location.hash = '#/tasks'")
        expect(other.locator("#username")).to_be_visible()
