"""The application itself: where it refuses to record, how it is renewed, training, and whether everybody can use it."""

import re
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server import web
from server.demo import DEMO_PASSWORD
from sync import read_export
from tests.phone.bureau import MINE, SURVEYING, is_installed, mind_the_pin, sign_in
from tests.phone.looking import axe_findings, cramped, keep_look, pixels_too_wide, small_targets

LOCK = "[...document.querySelectorAll('button')].find(each => each.textContent.includes('立即锁定')).click()"
AGENTS = {
    "微信": "Mozilla/5.0 (Linux; Android 12) Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0.49 WeChat/arm64",
    "企业微信": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148 wxwork/4.1.20 MicroMessenger/7.0.1",
    "钉钉": "Mozilla/5.0 (Linux; Android 12) Chrome/107.0 Mobile Safari/537.36 AliApp(DingTalk/7.6.0)",
}
#: Ask for the newest version, and wait until it waits for its turn.
RENEW = "navigator.serviceWorker.ready.then(each => each.update())"
WAITS = "navigator.serviceWorker.ready.then(each => each.waiting !== null)"
#: Every row of a table of the browser's.
READ = """([database, table]) => new Promise((told, failed) => {
  const opening = indexedDB.open(database);
  opening.onerror = failed;
  opening.onsuccess = () => {
    const asking = opening.result.transaction(table).objectStore(table).getAll();
    asking.onsuccess = () => told(JSON.parse(JSON.stringify(asking.result)));
  };
})"""


@pytest.mark.parametrize("name", AGENTS)
def test_inside_another_application_nothing_is_recorded_and_the_way_out_is_shown(bureau, name):
    with bureau.phone(user_agent=AGENTS[name], permissions=["clipboard-read", "clipboard-write"]) as page:
        expect(page.get_by_role("heading")).to_have_text("请在系统浏览器中打开")
        expect(page.get_by_text(f"{name}：")).to_be_visible()
        assert page.locator("#username").count() == 0
        page.get_by_role("button", name="复制链接").click()
        assert page.evaluate("navigator.clipboard.readText()") == f"{bureau.address}/phone/"
        assert (axe_findings(page), small_targets(page)) == ([], [])


TABS = ("today", "tasks", "map", "me", "day-end", "health", "pin", "carry", "lease")


def test_everybody_can_use_every_page(bureau):
    # A colleague without a certificate: the gate has something to say of each kind.
    task = bureau.task("inspector1", "supervisor1", number="阳检-2026-401", forms=(MINE, SURVEYING))

    with bureau.phone() as page:
        assert (axe_findings(page), small_targets(page)) == ([], []), "signing in"
        sign_in(page, "inspector1")
        expect(page.get_by_text("阳检-2026-401").first).to_be_visible(timeout=20_000)
        visited = [f"tasks/{task}", *begun(page, task)]
        found = {}
        for look in ("", "large outdoor"):
            page.evaluate(f"document.documentElement.className = '{look}'")
            for path in (*TABS, "sign-in", *visited[:: 1 if look == "" else 3]):
                shown(page, path, "-outdoor" if look else "")
                found[path, look] = [*axe_findings(page), *small_targets(page)]
                found[path, look] += ["sticks out"] * (pixels_too_wide(page) > 0)
        page.set_viewport_size({"width": 360, "height": 740})
        page.evaluate(
            "document.documentElement.className = ''; document.documentElement.style.fontSize = '32px'"
        )
        for path in (*TABS, *visited):
            shown(page, path, "-200")
            found[path, "200 %"] = [*cramped(page), *["sticks out"] * (pixels_too_wide(page) > 0)]
        page.evaluate("document.documentElement.style.fontSize = ''; location.hash = '#/me'")
        page.wait_for_timeout(300)
        page.evaluate(LOCK)
        page.wait_for_timeout(300)
        found["lock", ""] = [*axe_findings(page), *small_targets(page)]
        assert {where: what for where, what in found.items() if what} == {}


def begun(page, task):
    """Begin the first form of a visit, for a reason; gives its object's page, its map, and the record as a document."""
    page.evaluate(f"location.hash = '#/tasks/{task}'")
    while "/records/" not in page.url:  # its form may still be on its way to the phone
        page.get_by_role("button", name="开始检查").first.click()
        page.get_by_label("仍要开始的理由（随记录一起封存）").fill("证件换发中")
        page.get_by_role("button", name="说明理由，仍要开始").click()
        page.wait_for_timeout(500)
    expect(page.locator("input[type=text]").first).to_be_visible(timeout=20_000)
    record = page.url.rpartition("/")[2]
    page.evaluate(f"location.hash = '#/tasks/{task}'")
    page.get_by_role("button", name=re.compile("^检查对象")).click()
    expect(page.get_by_role("button", name="看地图")).to_be_visible()
    thing = page.url.rpartition("/")[2]
    return f"objects/{thing}", f"map?object={thing}", f"records/{record}", f"records/{record}/document"


def shown(page, path, suffix):
    """Go to a page, and keep how it looks for whoever wants to see."""
    page.evaluate(f"location.hash = '#/{path}'")
    page.wait_for_timeout(150)
    name = "-".join(re.findall(r"[a-z]{3,}", re.sub(r"[0-9a-f-]{36}", "", path)))
    keep_look(page, f"{name}{suffix}")


def test_training_is_a_space_of_its_own_and_nothing_of_it_leaves_the_phone(bureau):
    bureau.task(number="阳检-2026-402")

    with bureau.phone() as page:
        forms = []
        page.route(
            "**/sync/blobs/*", lambda form: forms.append(form)
        )  # they come after the tasks, and while somebody trains
        sign_in(page, "inspector1")
        expect(page.get_by_text("阳检-2026-402").first).to_be_visible(timeout=20_000)
        sent = []
        page.on("request", lambda request: sent.append(request.url) if "push" in request.url else None)
        begin_training(page)
        expect(page.get_by_text("阳检-2026-402")).to_have_count(0)
        page.get_by_text("演练矿业有限公司（虚构）").first.click()
        expect(page.get_by_role("button", name="开始检查")).to_have_count(0)
        page.route("**/sync/blobs/*", lambda form: form.continue_())
        for form in forms:
            form.continue_()
        expect(page.get_by_role("button", name="开始检查"), "both main forms").to_have_count(
            2, timeout=20_000
        )
        page.get_by_role("button", name="开始检查").first.click()
        expect(page.get_by_text("演练中：内容不会提交")).to_be_visible()
        expect(page.locator("input[type=text]").first).to_be_visible(timeout=20_000)
        record = page.url.rpartition("/")[2]
        assert axe_findings(page) == []
        page.get_by_role("button", name="结束演练").first.click()

        page.goto(f"{bureau.address}/phone/#/tasks")
        expect(page.get_by_text("阳检-2026-402").first).to_be_visible(timeout=20_000)
        expect(page.get_by_text("演练矿业")).to_have_count(0)
        begin_training(page)
        page.evaluate(f"location.hash = '#/records/{record}'")
        expect(page.locator("input[type=text]").first).to_be_visible(timeout=20_000)
        page.evaluate("location.hash = '#/me'")
        page.get_by_role("button", name="重新开始演练").click()
        page.evaluate("location.hash = '#/tasks'")
        page.get_by_text("演练矿业有限公司（虚构）").first.click()
        expect(page.get_by_role("button", name="开始检查")).to_have_count(2)
        assert sent == []


def begin_training(page):
    page.evaluate("location.hash = '#/me'")
    page.get_by_role("button", name=re.compile("演练模式")).click()
    expect(page.get_by_text("演练中：内容不会提交")).to_be_visible(timeout=20_000)


def renewed(folder, version="NEXTNEXT"):
    """Let a folder hold the next version: one asset by another name, the one before beside it."""
    [old] = folder.glob("assets/index-*.js")
    new = old.with_name(f"index-{version}.js")
    new.write_bytes(old.read_bytes())
    (folder / "previous").mkdir(exist_ok=True)
    old.rename(folder / "previous" / old.name)
    for text in (folder / "index.html", folder / "sw.js"):
        text.write_text(text.read_text().replace(old.name, new.name).replace('revision:"', 'revision:"2'))
    for packed in [*folder.glob("*.br"), *folder.glob("*.gz")]:
        packed.unlink()
    return old.name, new.name


def test_a_newer_version_waits_under_an_open_form_and_is_there_at_the_next_start(
    bureau, tmp_path, monkeypatch
):
    folder = tmp_path / "dist"
    shutil.copytree(web.PHONE.built, folder)
    monkeypatch.setattr(web, "PHONE", replace(web.PHONE, built=folder))
    bureau.task(number="阳检-2026-403")

    with bureau.phone("inspector1") as page:
        page.get_by_text("阳检-2026-403").first.click(timeout=20_000)
        is_installed(page)
        while "/records/" not in page.url:
            page.get_by_role("button", name="开始检查").first.click()
            page.wait_for_timeout(500)
        page.locator("input[type=text]").nth(2).fill("三号井口")
        old, new = renewed(folder)
        page.evaluate(RENEW)
        while not page.evaluate(WAITS):
            page.wait_for_timeout(100)

        expect(page.locator("input[type=text]").nth(2)).to_have_value("三号井口")
        loaded = "[...document.scripts].map(each => each.src).join()"
        assert old in page.evaluate(loaded)
        assert (
            page.evaluate(f"fetch('/phone/assets/{old}', {{cache: 'no-store'}}).then(each => each.status)")
            == 200
        )
        assert page.request.get(f"{bureau.address}/phone/assets/{old}").status == 200
        assert page.request.get(f"{bureau.address}/phone/assets/never-was.js").status == 404

        context = page.context
        page.close()
        page = context.new_page()
        mind_the_pin(page)
        page.goto(f"{bureau.address}/phone/")
        expect(page.get_by_text("阳检-2026-403").first).to_be_visible(timeout=20_000)
        page.close()
        page = context.new_page()
        mind_the_pin(page)
        page.goto(f"{bureau.address}/phone/")
        expect(page.get_by_text("阳检-2026-403").first).to_be_visible(timeout=20_000)
        assert new in page.evaluate(loaded)


def test_a_version_that_comes_while_another_takes_over_starts_without_a_network(
    bureau, tmp_path, monkeypatch
):
    folder = tmp_path / "dist"
    shutil.copytree(web.PHONE.built, folder)
    monkeypatch.setattr(web, "PHONE", replace(web.PHONE, built=folder))
    held, reached, let_go = set(), threading.Event(), threading.Event()
    send = web._answer

    def send_in_time(application, name):
        if name in held:
            reached.set()
            assert let_go.wait(60)
        return send(application, name)

    monkeypatch.setattr(web, "_answer", send_in_time)
    bureau.task(number="阳检-2026-406")

    with bureau.phone("inspector1") as page:
        expect(page.get_by_text("阳检-2026-406").first).to_be_visible(timeout=20_000)
        is_installed(page)
        renewed(folder)
        page.evaluate(RENEW)
        while not page.evaluate(WAITS):
            page.wait_for_timeout(100)
        _, newest = renewed(folder, "LASTLAST")
        held.add(f"assets/{newest}")
        # Asked for again: what was asked while the browser still looks is taken for the same look.
        for _ in range(15):
            page.evaluate(f"void {RENEW}")
            if reached.wait(2):
                break
        assert reached.is_set()

        # The second version takes over as the application is closed, with the third half fetched.
        context = page.context
        page.close()
        page = context.new_page()
        page.wait_for_timeout(1000)
        let_go.set()
        page.wait_for_timeout(1000)
        context.set_offline(True)
        mind_the_pin(page)
        page.goto(f"{bureau.address}/phone/")
        expect(page.get_by_text("阳检-2026-406").first).to_be_visible(timeout=20_000)
        assert newest in page.evaluate("[...document.scripts].map(each => each.src).join()")


def test_after_three_days_without_the_server_pages_close_and_open_when_it_is_reached(bureau):
    bureau.task(number="阳检-2026-404")

    with bureau.phone("inspector2") as page:
        expect(page.get_by_text("阳检-2026-404").first).to_be_visible(timeout=20_000)
        is_installed(page)
        page.context.set_offline(True)
        page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=73))
        page.reload()
        expect(page.get_by_role("heading", name="本机太久没有连上服务器")).to_be_visible(timeout=20_000)
        page.evaluate("location.hash = '#/tasks'")
        expect(page.get_by_text("阳检-2026-404")).to_have_count(0)
        page.get_by_role("button", name="收工").click()
        expect(page.get_by_role("heading", name="收工")).to_be_visible()

        page.evaluate("location.hash = '#/lease'")
        page.get_by_role("button", name="连接服务器").click()
        expect(page.get_by_role("button", name="连接服务器")).to_be_enabled()
        expect(page.get_by_role("heading", name="本机太久没有连上服务器")).to_be_visible()

        page.context.set_offline(False)
        expect(page.get_by_text("阳检-2026-404").first).to_be_visible(timeout=20_000)
        page.evaluate("location.hash = '#/lease'")
        expect(page).to_have_url(f"{bureau.address}/phone/#/today")


def test_a_blocked_phone_forgets_its_key_and_keeps_what_the_organisation_can_open(bureau):
    task = bureau.task(number="阳检-2026-405")

    with bureau.phone("inspector2") as page:
        page.get_by_text("阳检-2026-405").first.click(timeout=20_000)
        page.get_by_role("button", name="无利害关系").first.click()
        expect(page.get_by_role("button", name="无利害关系", pressed=True)).to_be_visible()
        device = page.evaluate(READ, ["merestone-device", "device"])[0]["id"]
        # The page goes while its pull is under way: the next one asks at once all the same.
        with page.expect_request("**/sync/pull*"):
            page.route("**/sync/pull*", lambda route: None, times=1)
            page.evaluate("dispatchEvent(new Event('online'))")
        client = bureau.app.test_client()
        told = client.post("/api/v1/session", json={"username": "inspector2", "password": DEMO_PASSWORD})
        bearer = {"Authorization": f"Bearer {told.get_json()['token']}"}
        assert client.delete(f"/api/v1/devices/{device}", headers=bearer).status_code == 204
        page.reload()

        expect(page.get_by_role("heading", name="此设备已停用")).to_be_visible(timeout=20_000)
        [kept] = page.evaluate(READ, ["merestone-vault", "vaults"])
        assert kept["byPin"] is None
        wrapped = bytes(kept["forOrganisation"]["bytes"].values())
        assert len(bureau.app.installation.escrow.unwrap(wrapped, kept["person"], device)) == 32
        page.reload()
        expect(page.get_by_role("heading", name="此设备已停用")).to_be_visible(timeout=20_000)

        # All that lies there goes out without being opened, and the organisation reads it.
        page.get_by_role("button", name="导出给本单位").click()
        page.evaluate("delete Navigator.prototype.canShare")
        with page.expect_download() as download:
            page.get_by_role("button", name="保存或分享文件").click()
        with Path(download.value.path()).open("rb") as file:
            found = read_export(file, bureau.app.installation.escrow)
        assert (found.person, found.device, found.unreadable) == (kept["person"], device, [])
        assert found.told["declared-" + str(task)]["recusal"][0]["answer"] == "no_interest"
