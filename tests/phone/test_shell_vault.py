"""What lies on a phone that was lost: nothing that can be read without the PIN. And a PIN that was forgotten."""

from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from server.demo import DEMO_PASSWORD
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.phone.bureau import AT_THE_MINE, EVERYTHING, PHONE_SIZE, mind_the_pin, sign_in

NUMBER, WORDS = "阳检-2026-秘密", "界桩移位约三米"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
ANOTHER_PIN = "830615"
NEW_PIN = "591037"


@contextmanager
def kept_phone(bureau, folder):
    """A phone whose browser's profile stays in a folder."""
    context = bureau.browser.browser_type.launch_persistent_context(
        str(folder),
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        viewport=PHONE_SIZE,
        locale="zh-CN",
        geolocation=AT_THE_MINE,
        permissions=list(EVERYTHING),
    )
    try:
        page = context.pages[0]
        page.goto(f"{bureau.address}/phone/")
        yield page
    finally:
        context.close()


def holders(folder: Path, secret: str | bytes) -> list[str]:
    """The files of a profile in which something stands, in any encoding that a browser writes texts in."""
    needles = [secret] if isinstance(secret, bytes) else [secret.encode(), secret.encode("utf-16-le")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def a_jpeg() -> bytes:
    """A photo."""
    buffer = BytesIO()
    Image.effect_noise((640, 480), 60).save(buffer, "JPEG")
    return buffer.getvalue()


def enter_pin(page, pin):
    page.fill("#pin", pin)
    if page.locator("#pin-again").count():
        page.fill("#pin-again", pin)
    page.locator("#pin-form button[type=submit]").click()


def test_a_copied_profile_shows_nothing_and_a_forgotten_pin_loses_nothing(bureau, tmp_path):
    bureau.task(number=NUMBER)

    with kept_phone(bureau, tmp_path) as page:
        mind_the_pin(page)
        sign_in(page, "inspector1")
        page.get_by_text(NUMBER).first.click()
        while "/records/" not in page.url:  # its form may still be on the way
            page.get_by_role("button", name="开始检查").first.click()
            page.wait_for_timeout(500)
        page.locator("input[type=text]").nth(2).fill(WORDS)
        photo = page.locator("input[type=file]").first
        while not photo.count():
            page.get_by_role("button", name="下一节").click()
        photo.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg()})
        expect(page.locator("img[src^=blob]").first).to_be_visible()
        expect(page.get_by_text("已保存在本机")).to_be_visible()
        record = page.url.rpartition("/")[2]

    assert holders(tmp_path, record), "rows are found by ids that stay readable"
    for secret in (NUMBER, WORDS, '"refresh_token":"', "白马沟铝土矿", JPEG):
        assert holders(tmp_path, secret) == [], secret

    with kept_phone(bureau, tmp_path) as page:
        enter_pin(page, ANOTHER_PIN)
        expect(page.get_by_role("alert")).to_have_text("口令不正确。")
        page.get_by_role("button", name="忘记口令？").click()
        page.fill("#password", DEMO_PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading")).to_have_text("请为本机设置口令")
        enter_pin(page, "123456")
        expect(page.get_by_role("alert")).to_contain_text("太容易猜到")
        enter_pin(page, ANOTHER_PIN)

        expect(page.get_by_text(NUMBER).first).to_be_visible(timeout=20_000)
        page.goto(f"{bureau.address}/phone/#/records/{record}")  # it opens where it was left
        back = page.get_by_role("button", name="上一节")
        expect(back).to_be_visible(timeout=20_000)
        while back.is_enabled():
            back.click()
        expect(page.locator("input[type=text]").nth(2)).to_have_value(WORDS, timeout=20_000)
        page.evaluate("location.hash = '#/me'")
        page.get_by_role("button", name="更改口令").click()
        for field, pin in (("#old-pin", ANOTHER_PIN), ("#new-pin", NEW_PIN), ("#new-pin-again", NEW_PIN)):
            page.fill(field, pin)
        page.locator("button[type=submit]").click()
        expect(page.get_by_text("新口令已生效")).to_be_visible(timeout=20_000)
        page.goto(f"{bureau.address}/phone/#/records/{record}")
        page.reload()
        enter_pin(page, ANOTHER_PIN)
        expect(page.get_by_role("alert")).to_have_text("口令不正确。")
        enter_pin(page, NEW_PIN)
        expect(page.locator("input[type=text]").nth(2)).to_have_value(WORDS, timeout=20_000)
