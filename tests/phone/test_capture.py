"""Photos, sound, film and signatures on a phone: kept before they are told as kept, and the same at the server."""

import re

from playwright.sync_api import Page, expect


def open_record(page: Page, number: str) -> None:
    """Begin the first form of a visit."""
    page.get_by_text(number).first.click()
    page.get_by_role("button", name="开始检查").first.click()
    expect(page.get_by_role("button", name="下一节")).to_be_visible(timeout=30_000)


def go_to(page: Page, section: str) -> None:
    """Turn the pages of the form to a section."""
    heading = page.locator("h2.title").first
    while section not in heading.inner_text():
        before = heading.inner_text()
        page.get_by_role("button", name="下一节").click()
        expect(heading).not_to_have_text(before)


def kept(page: Page) -> list[dict]:
    """Tell the rows of captured files on the phone."""
    return page.evaluate(
        """async () => {
            const found = (await indexedDB.databases()).find((each) => /^merestone-.{36}$/.test(each.name));
            const database = await new Promise((done) => {
                const request = indexedDB.open(found.name);
                request.onsuccess = () => done(request.result);
            });
            return new Promise((done) => {
                const request = database.transaction('files').objectStore('files').getAll();
                request.onsuccess = () => { database.close(); done(request.result.map(({told, ...row}) => row)); };
            });
        }"""
    )


def test_capture_look(bureau):
    bureau.task(number="C-1")
    with bureau.phone("inspector1") as page:
        page.on("console", lambda m: print("CONSOLE", m.text))
        page.on("pageerror", lambda m: print("ERROR", m))
        open_record(page, "C-1")
        go_to(page, "矿山基本情况")
        page.get_by_role("button", name="📷 拍照").first.click()
        page.wait_for_timeout(2500)
        page.screenshot(path="/tmp/capture-camera.png")
        page.get_by_role("button", name="连拍").click()
        page.locator("button.shutter").click()
        page.wait_for_timeout(1500)
        page.locator("button.shutter").click()
        page.wait_for_timeout(1500)
        page.screenshot(path="/tmp/capture-burst.png")
        print(kept(page))
        page.get_by_role("button", name="完成").click()
        page.wait_for_timeout(1000)
        page.screenshot(path="/tmp/capture-photo.png", full_page=True)
        page.get_by_role("button", name="已拍未用").first.click()
        page.wait_for_timeout(1000)
        page.screenshot(path="/tmp/capture-aside.png")
        page.get_by_role("button", name="取消").click()
        go_to(page, "检查结论")
        page.get_by_text("不符合", exact=True).first.click()
        page.wait_for_timeout(500)
        page.get_by_role("button", name="录音").first.click()
        page.wait_for_timeout(1000)
        page.locator("button.record").click()
        page.wait_for_timeout(3500)
        page.screenshot(path="/tmp/capture-sound.png")
        page.locator("button.record").click()
        page.wait_for_timeout(1000)
        page.screenshot(path="/tmp/capture-sound-kept.png", full_page=True)
        page.get_by_role("button", name="录像").first.click()
        page.wait_for_timeout(1500)
        page.locator("button.record").click()
        page.wait_for_timeout(3500)
        page.screenshot(path="/tmp/capture-film.png")
        page.locator("button.record").click()
        page.wait_for_timeout(1000)
        page.screenshot(path="/tmp/capture-film-kept.png", full_page=True)
        print(kept(page))
        go_to(page, "签名")
        page.get_by_role("button", name="请在此签名").first.click()
        page.wait_for_timeout(1000)
        box = page.locator("canvas.pad").bounding_box()
        page.mouse.move(box["x"] + 50, box["y"] + 50)
        page.mouse.down()
        for n in range(20):
            page.mouse.move(box["x"] + 50 + 10 * n, box["y"] + 50 + (n % 5) * 20)
        page.mouse.up()
        page.screenshot(path="/tmp/capture-sign.png")
        page.get_by_role("button", name="完成").click()
        page.wait_for_timeout(1500)
        page.screenshot(path="/tmp/capture-signed.png", full_page=True)
        print(kept(page))
