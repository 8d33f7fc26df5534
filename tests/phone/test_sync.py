"""From a day without a network to 已送达: what the phone says of its work, and whether the server has every byte."""

import base64
import hashlib
import json
import os
import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from server.inspections.models import Revision
from tests.phone.bureau import mind_the_pin, sign_in

MEGABYTE = 1_000_000
FORM = """
| survey | | | | | | |
| | type | name | label | hint | required | parameters |
| | text | note | 情况 | | true() | |
| | image | photo | 照片 | 证明现场情况 | | max-pixels=3072 |
| | file | film | 附件 | 证明现场情况 | | |
| settings | | | |
| | form_title | form_id | version |
| | 同步抽查 / Sync check | sync_check | 1 |
"""


@pytest.fixture(scope="module")
def check(bureau):
    """A short form, and visits on which it is to be filled in."""
    with audit.transaction(bureau.app.sessions) as session:
        checklists.publish(session, SYSTEM, FORM.encode(), ".md")
    return lambda *people: bureau.task(*people, forms=("sync_check",))


def is_ready(page):
    """Wait until the phone may leave the network: installed, and all that was told of has come."""
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_role("button", name="立即同步")).to_be_visible(timeout=30_000)


def opens(page, path):
    page.goto(f"{page.url.split('#')[0]}#{path}")


def fill(page, task, note, **files):
    """Fill in a visit's form and seal it; files are (name, type, bytes)."""
    opens(page, f"/tasks/{task}")
    page.get_by_role("button", name="开始检查").click()
    page.locator("textarea, input[type=text]").first.fill(note)
    pickers = page.locator("input[type=file]")
    for name, place in (("photo", 0), ("film", 1)):
        if name in files:
            kept = page.locator("figure.kept").count()
            title, kind, data = files[name]
            pickers.nth(place).set_input_files({"name": title, "mimeType": kind, "buffer": data})
            expect(page.locator("figure.kept")).to_have_count(kept + 1, timeout=30_000)
    page.get_by_role("button", name="签署并提交").click()
    page.locator(".van-dialog__confirm").click()
    expect(page).to_have_url(re.compile(f"/tasks/{task}$"), timeout=20_000)


def pushed(context):
    """Collect what a phone pushes from now on: the bytes of each revision by its id."""
    revs = {}

    def heard(request):
        if request.url.endswith("/sync/push"):
            for item in json.loads(request.post_data)["items"]:
                revs.setdefault(item["rev"], []).append(base64.b64decode(item["bytes"]))

    context.on("request", heard)
    return revs


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_whole(bureau, revs, *files):
    """Check that the server holds each revision that was pushed, once, and the bytes of each file."""
    assert revs
    with bureau.app.sessions() as session:
        for rev, sent in revs.items():
            assert [rev] * len(sent) == [f"sha256:{sha256(each)}" for each in sent]
            assert session.get_one(Revision, rev).data == sent[0]
    for file in files:
        with bureau.app.store.open_file(sha256(file)) as kept:
            assert kept.read() == file


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
    tokens = []

    with bureau.phone("inspector1") as page:
        page.context.on("request", lambda each: tokens.append(each.headers.get("authorization")))
        is_ready(page)
        page.context.set_offline(True)
        fill(page, task, "会话结束", film=("a.bin", "application/octet-stream", file))
        with urlopen(ends(bureau, next(filter(None, tokens)))) as answer:
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


def ends(bureau, token):
    return Request(f"{bureau.address}/api/v1/session", method="DELETE", headers={"Authorization": token})
