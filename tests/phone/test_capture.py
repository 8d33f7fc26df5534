"""Photos, sound, film, positions and signatures on a phone: kept before they are told as kept, the same at the server."""

import hashlib
import json
import os
import re
import signal
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from server.inspections.models import Revision
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.phone.bureau import AT_THE_MINE, EVERYTHING, PHONE_SIZE, mind_the_pin, sign_in
from tests.phone.inspecting import begin, picture, question, seal, sign
from tests.phone.looking import axe_findings, small_targets

FORM = Path(__file__).with_name("capture_form.md")
#: What lies beside the form in IndexedDB of captured files; what is told of them is sealed.
ROWS = """
async () => {
    const found = (await indexedDB.databases()).find((each) => /^merestone-[0-9a-f-]{36}$/.test(each.name));
    const database = await new Promise((done) => {
        const asked = indexedDB.open(found.name);
        asked.onsuccess = () => done(asked.result);
    });
    const rows = await new Promise((done) => {
        const asked = database.transaction('files').objectStore('files').getAll();
        asked.onsuccess = () => done(asked.result);
    });
    database.close();
    return rows.map(({ told, ...row }) => row);
}
"""


@pytest.fixture(scope="module")
def visit(bureau):
    """Visits on which a form that asks for everything is to be filled in."""
    with audit.transaction(bureau.app.sessions) as session:
        checklists.publish(session, SYSTEM, FORM.read_bytes(), ".md")
    return lambda: bureau.task(forms=("capture_trial",))


def asked(page: Page, name: str):
    """A question of the form, which has told of the recording by then."""
    return question(page, f"/data/{name}")


def of_kind(page: Page, kind: str) -> list[dict]:
    """Tell the captured files of a kind on the phone, oldest first."""
    return sorted(
        (row for row in page.evaluate(ROWS) if row["type"].startswith(kind)), key=lambda row: row["began"]
    )


def shoot(page: Page, name: str) -> None:
    asked(page, name).get_by_role("button", name=re.compile("拍照")).click()
    page.locator("button.shutter").click(timeout=20_000)
    expect(page.locator("button.shutter")).to_be_hidden(timeout=20_000)


def record(page: Page, name: str, seconds: int) -> str:
    """Begin a recording and let it run; gives how long it is by what the page tells."""
    asked(page, name).get_by_role("button", name=re.compile("录")).click()
    page.locator("button.record").click(timeout=20_000)
    clock = page.locator(".recorder .time")
    expect(clock).to_have_text(re.compile(rf"● 0:0[{seconds}-9]"), timeout=30_000)
    return clock.inner_text()


def kept_bytes(bureau, sha256: str) -> bytes:
    """The bytes that the server keeps under a SHA-256, which are those that it names."""
    with bureau.app.store.open_file(sha256) as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == sha256
    return data


def arrived(page: Page, bureau, task) -> dict:
    """Wait until everything of a visit is there, and give the revision as it was sealed."""
    expect(page.get_by_text("已送达").first).to_be_visible(timeout=40_000)
    with bureau.app.sessions() as session:
        revision = session.scalars(select(Revision).where(Revision.task_id == task)).one()
        return json.loads(revision.data)


def bound_text(png: bytes) -> dict:
    """What travels inside of a signature's PNG."""
    return json.loads(Image.open(BytesIO(png)).text["Merestone signature"])


def test_everything_that_is_captured_arrives_byte_for_byte_with_its_moment_and_place(bureau, visit):
    task, older = visit(), picture("orange")
    with bureau.phone("inspector1") as page:
        begin(page, task)
        asked(page, "told").locator("[data-value=yes]").click()
        page.context.set_offline(True)

        asked(page, "photo").get_by_role("button", name=re.compile("拍照")).click()
        page.get_by_role("button", name="连拍").click()
        for count in (1, 2):
            page.locator("button.shutter").click(timeout=20_000)
            expect(page.locator(".strip img")).to_have_count(count, timeout=20_000)
            assert len(of_kind(page, "image/")) == count, "a photo in the strip is on the disk"
        looked_at(page)
        page.get_by_role("button", name=re.compile("完成 2")).click()
        asked(page, "other").get_by_role("button", name="已拍未用：1").click()
        page.get_by_role("button", name="用这个").click()
        asked(page, "imported").locator("input[type=file]").set_input_files(older)
        expect(asked(page, "imported").get_by_text("相册导入 ·")).to_be_visible()
        for name in ("sound", "film"):
            record(page, name, 1)
            looked_at(page)
            page.locator("button.record").click()
            expect(asked(page, name).locator("audio, video")).to_be_visible(timeout=20_000)
        measure(page)
        sign(page, question(page, "/data/sign/inspector1"))
        rows = {row["name"]: row for row in page.evaluate(ROWS) if row["type"] != "application/json"}
        seal(page)
        page.context.set_offline(False)
        sealed = arrived(page, bureau, task)

    media = {entry["name"]: entry for entry in sealed["media"]}
    assert {(entry["sha256"], entry["size"]) for entry in media.values()} == {
        (row["sha256"], row["size"]) for row in rows.values()
    }
    stored = {name: kept_bytes(bureau, entry["sha256"]) for name, entry in media.items()}
    assert older["buffer"] in stored.values()
    assert sorted(entry["source"] for entry in media.values()) == ["camera"] * 5 + ["gallery"]
    for entry in media.values():
        assert entry["captured_boot"]
        assert entry["captured_mono"] > 0
        assert entry["position"]["latitude"] == pytest.approx(AT_THE_MINE["latitude"], abs=0.001)
    photos = [
        stored[name] for name, entry in media.items() if ".sign." not in name and entry["type"][:5] == "image"
    ]
    assert all(max(Image.open(BytesIO(photo)).size) <= 640 for photo in photos)
    [(name, entry)] = [(name, entry) for name, entry in media.items() if name.endswith(".sign.png")]
    bound = bound_text(stored[name])
    assert hashlib.sha256(bound["text"].encode()).hexdigest() == bound["sha256"] == entry["signed"]["sha256"]
    assert (
        media[next(each for each in media if media[each]["type"].startswith("video"))]["sha256"][:16]
        in bound["text"]
    )
    assert len(bound["strokes"][0]) > 3
    [measured] = sealed["measurements"]
    assert f">{measured['answer']} " in sealed["xml"]
    assert len(measured["fixes"]) >= 30


def looked_at(page: Page) -> None:
    """Look whether everybody can use what is shown."""
    assert (axe_findings(page), small_targets(page)) == ([], [])


def measure(page: Page) -> None:
    """Measure a marker for half a minute, which the page's own clock is made to believe."""
    asked(page, "marker/marker_no").locator("input").fill("J01")
    asked(page, "marker/meas_method").locator("[data-value=phone]").click()
    place = asked(page, "marker/meas")
    place.get_by_role("button", name="定位").click()
    expect(place.get_by_text("请将手机放在桩顶")).to_be_visible()
    for n in range(35):
        fix = {"latitude": 35.4801 + n * 1e-6, "longitude": 112.4102, "accuracy": 4 + n % 3}
        page.context.set_geolocation(fix)
        expect(place.get_by_role("status")).to_have_text(re.compile(rf"[^0-9]({n + 1}|{n + 2}) 次定位"))
    page.evaluate(
        "() => { const real = performance.now.bind(performance); performance.now = () => real() + 30_000; }"
    )
    expect(place.locator(".verdict")).to_contain_text("疑似位移，须测量确认")
    expect(place.locator(".told strong")).to_have_text("±5.0 m")


def test_a_film_that_is_cut_off_by_a_crash_is_there_at_the_next_start_but_for_its_last_slice(
    bureau, visit, tmp_path
):
    task = visit()
    settings = {
        "user_data_dir": tmp_path / "profile",
        "executable_path": CHROMIUM,
        "args": list(ARGUMENTS),
        "viewport": PHONE_SIZE,
        "locale": "zh-CN",
        "geolocation": AT_THE_MINE,
        "permissions": list(EVERYTHING),
    }
    launch = bureau.browser.browser_type.launch_persistent_context
    page = launch(**settings).new_page()
    mind_the_pin(page)
    page.goto(f"{bureau.address}/phone/")
    sign_in(page, "inspector1")
    begin(page, task)
    asked(page, "told").locator("[data-value=yes]").click()
    shown = record(page, "film", 4)
    address = page.url

    kill_browsers_of(tmp_path / "profile")

    context = launch(**settings)
    page = context.new_page()
    mind_the_pin(page)
    page.goto(address)
    before = asked(page, "film").get_by_role("button", name="已拍未用：1")
    expect(before.or_(page.locator("#username"))).to_be_visible(timeout=30_000)
    if page.locator("#username").is_visible():  # who signed in moments before a crash may have to do so again
        sign_in(page, "inspector1")
        page.goto(address)
    before.click(timeout=30_000)
    expect(page.get_by_text("录制中断，保留了中断前的内容")).to_be_visible()
    page.get_by_role("button", name="用这个").click()
    expect(asked(page, "film").locator("video")).to_be_visible()
    [row] = of_kind(page, "video/")
    seal(page)
    sealed = arrived(page, bureau, task)
    context.close()

    assert [entry["sha256"] for entry in sealed["media"]] == [row["sha256"]]
    film = kept_bytes(bureau, row["sha256"])
    with av.open(BytesIO(film), format="webm") as opened:
        last = max(packet.pts * packet.time_base for packet in opened.demux() if packet.pts is not None)
    # What is shown is the moment at which a slice was taken: on a busy machine it was filled up to a slice before.
    assert last >= int(shown.split(":")[1]) - 2


def kill_browsers_of(profile: Path) -> None:
    """Kill every process of the browser that has this profile, as a crash or an empty battery does."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(profile).encode() in command:
            os.kill(int(folder.name), signal.SIGKILL)


def test_a_film_that_fills_the_phone_is_kept_so_far_and_photos_still_fit(bureau, visit):
    task, photo = visit(), picture("green")
    with bureau.phone("inspector1") as page:
        begin(page, task)
        asked(page, "told").locator("[data-value=yes]").click()
        devtools = page.context.new_cdp_session(page)
        record(page, "film", 2)
        allow(devtools, bureau, page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)"))
        expect(page.get_by_text("本机存储已满，已保留此前的内容")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="完成").last.click()
        expect(asked(page, "film").locator("video")).to_be_visible()
        asked(page, "told").locator("[data-value=no]").click()
        asked(page, "told").locator("[data-value=yes]").click()
        expect(page.locator(".saved")).to_have_text("已保存在本机")
        shoot(page, "photo")
        assert len(of_kind(page, "image/")) == 1, "photos have a reserve"

        allow(devtools, bureau, 1)
        asked(page, "other").get_by_role("button", name=re.compile("拍照")).click()
        page.locator("button.shutter").click(timeout=20_000)
        expect(page.get_by_text("本机存储已满，已保存的内容都在")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="取消").last.click()
        devtools.send("Storage.overrideQuotaForOrigin", {"origin": bureau.address})
        assert len(of_kind(page, "image/")) == 1, "what did not fit left nothing, and took nothing away"
        takes_with_the_systems_camera(page, "imported", photo)
        seal(page)
        sealed = arrived(page, bureau, task)

    assert sorted(entry["type"] for entry in sealed["media"]) == ["image/jpeg", "image/jpeg", "video/webm"]
    assert [entry["source"] for entry in sealed["media"]] == ["camera"] * 3
    assert hashlib.sha256(photo["buffer"]).hexdigest() in [entry["sha256"] for entry in sealed["media"]]
    for entry in sealed["media"]:
        kept_bytes(bureau, entry["sha256"])


def takes_with_the_systems_camera(page: Page, name: str, photo: dict) -> None:
    """Take a photo where the page itself may not have the camera."""
    page.evaluate(
        """() => {
            const no = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
            navigator.mediaDevices.getUserMedia = no;
        }"""
    )
    asked(page, name).get_by_role("button", name=re.compile("拍照")).click()
    expect(page.get_by_text("未获准使用相机或麦克风")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="用系统相机拍照").click()
    chooser.value.set_files(photo)
    expect(asked(page, name).locator("img")).to_be_visible()


def allow(devtools, bureau, quota: int) -> None:
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": bureau.address, "quotaSize": quota})
