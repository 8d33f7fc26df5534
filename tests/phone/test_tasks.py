"""The day as it lies before an inspector: the route, the tasks, what to check before beginning, the record as a document, the map."""

import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from server import audit, clock
from server.demo import load_demo_plans, load_demo_visits
from tests.phone.bureau import is_installed
from tests.phone.looking import axe_findings, pixels_too_wide, small_targets
from tests.phone.tiles import COLOUR, write_pack

PATIENCE = 30_000
HELD = """async (file) => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('maps', { create: true });
  const bytes = await (await (await folder.getFileHandle(file)).getFile()).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (each) => each.toString(16).padStart(2, '0')).join('');
}"""
CUT_OFF = """async ([file, bytes]) => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('maps', { create: true });
  const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
  await writable.write(new Uint8Array(bytes));
  await writable.close();
}"""

#: A camera that shows nothing but a code; `modules` are its rows of dark and light.
SHOW_CODE = """(modules) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 480;
  const side = Math.floor(400 / modules.length);
  const draw = () => {
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, 480, 480);
    pen.fillStyle = '#000';
    modules.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(40 + x * side, 40 + y * side, side, side)));
  };
  setInterval(draw, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
}"""
NO_CAMERA = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };
}"""
CODE = "RQ-140522-2026-001"


def qr_modules(text):
    """The modules of a QR code, made by the library that draws the phone's own."""
    script = f"import {{ encode }} from 'uqr'; console.log(JSON.stringify(encode({json.dumps(text)}).data))"
    node = [Path(sys.prefix) / "bin/node", "--input-type=module", "--eval", script]
    made = subprocess.run(node, cwd="web/phone", capture_output=True, text=True, check=True)
    return json.loads(made.stdout)


@pytest.fixture(scope="module", autouse=True)
def demo_visits(bureau):
    with audit.transaction(bureau.app.sessions) as session:
        load_demo_plans(session)
        load_demo_visits(session)


def ready(page):
    """Wait until the application and its tasks are there, and go where there is no network."""
    expect(page.get_by_text("阳检-演示-01")).to_be_visible(timeout=PATIENCE)
    is_installed(page)
    expect(page.get_by_role("button", name="立即同步")).to_be_enabled(timeout=PATIENCE)
    page.context.set_offline(True)


def names(page):
    return page.locator(".task .object").all_inner_texts()


def test_the_day_begins_with_what_is_overdue_and_goes_by_distance_only_when_asked(bureau):
    with bureau.phone("inspector1") as page:
        ready(page)

        assert names(page) == ["阳城县青龙坪石灰岩矿", "阳城县磨石岭煤业有限公司"]
        expect(page.get_by_text("逾期 2 天")).to_be_visible()
        expect(page.get_by_text("今日到期")).to_be_visible()
        page.get_by_role("button", name="按远近排").click()
        expect(page.get_by_text("距 ").first).to_be_visible()
        assert names(page) == ["阳城县磨石岭煤业有限公司", "阳城县青龙坪石灰岩矿"]
        page.get_by_role("button", name="按到期排").click()
        assert names(page)[0] == "阳城县青龙坪石灰岩矿"

        page.get_by_role("tab", name="任务").click()
        headings = page.locator("h2.title").all_inner_texts()
        assert headings == ["已逾期", "临近到期", "未到期"]
        page.get_by_role("searchbox").fill("经纬 演示")
        assert names(page) == ["阳城县经纬测绘有限公司"]
        page.get_by_role("searchbox").fill("没有这家")
        page.get_by_role("button", name="显示全部").click()
        page.get_by_role("button", name="已逾期 1").click()
        assert names(page) == ["阳城县青龙坪石灰岩矿"]


def test_what_holds_before_an_inspection_is_read_with_its_law_where_there_is_no_network(bureau):
    bureau.task(number="阳检-核对", days=40, notice_no=None, opens_on=clock.today() - timedelta(days=1))
    with bureau.phone("inspector1") as page:
        ready(page)
        page.get_by_role("tab", name="任务").click()
        page.get_by_text("阳检-核对").click()

        expect(page.get_by_text("到场先出示通知书")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("到场先扫码或亮码")).to_be_visible()
        page.get_by_role("button", name=re.compile("项符合")).click()
        page.get_by_role("button", name="两名以上持证检查人员").click()
        expect(page.get_by_text("晋E0522001，有效期至 2031-12-31")).to_be_visible()
        expect(page.get_by_text("《中华人民共和国行政处罚法》第四十二条、第五十五条")).to_be_visible()
        page.get_by_role("button", name="检查事项在公布的清单内").click()
        expect(page.get_by_text("未公布的事项不得实施检查")).to_be_visible()
        expect(page.locator(".basis", has_text="矿山超层越界检查")).to_be_visible()
        for button in page.get_by_role("button", name="无利害关系").all():
            button.click()
        # Pressed is only what lies on the disk.
        expect(page.get_by_role("button", name="无利害关系", pressed=True)).to_have_count(2)
        page.reload()
        expect(page.get_by_role("button", name="无利害关系", pressed=True)).to_have_count(2, timeout=PATIENCE)

        page.evaluate(SHOW_CODE, qr_modules(CODE))
        page.get_by_role("button", name="扫码", exact=True).click()
        expect(page.get_by_text(CODE)).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("到场先扫码或亮码")).to_have_count(0)
        page.get_by_role("button", name="开始检查").click()
        asked = page.get_by_label("入企检查码或扫码记录号")
        expect(asked).to_have_value(CODE, timeout=PATIENCE)
        page.evaluate(NO_CAMERA)
        page.get_by_role("button", name="扫码", exact=True).click()
        page.get_by_label("或手工输入码下的编号").fill("手工-7")
        page.get_by_role("button", name="使用此码").click()
        expect(asked).to_have_value("手工-7")
        page.go_back()

        page.get_by_role("button", name=re.compile("^检查对象")).click()
        expect(page.get_by_text("2019-07-01 – 2034-06-30")).to_be_visible()
        expect(page.get_by_text(re.compile("登记界桩 12 个"))).to_be_visible()


def test_an_inspection_without_two_certificates_begins_only_with_a_reason_and_never_with_an_interest(bureau):
    bureau.task("inspector1", "supervisor1", number="阳检-无证")
    with bureau.phone("inspector1") as page:
        ready(page)
        page.get_by_text("阳检-无证").click()
        begin = page.get_by_role("button", name="开始检查")

        begin.click()
        anyway = page.get_by_role("button", name="说明理由，仍要开始")
        expect(anyway).to_be_disabled()
        page.get_by_role("button", name="返回").last.click()

        page.get_by_role("button", name="需要回避").first.click()
        begin.click()
        expect(page.get_by_role("dialog")).to_contain_text("请联系单位换人")
        page.get_by_role("dialog").get_by_role("button").click()
        page.get_by_role("button", name="无利害关系").first.click()

        begin.click()
        page.get_by_label("仍要开始的理由").fill("证件昨日换发，尚未登记")
        anyway.click()
        expect(page.get_by_text("检查任务").first).to_be_visible(timeout=PATIENCE)


def test_a_record_is_a_document_to_read_and_to_hand_on_and_its_code_names_the_very_text(bureau):
    with bureau.phone("inspector2") as page:
        ready(page)
        page.get_by_text("阳检-演示-02").click()
        page.get_by_role("button", name="开始检查").click()
        expect(page.get_by_text("检查任务").first).to_be_visible(timeout=PATIENCE)
        record = page.url.rsplit("/", 1)[-1]
        page.go_back()
        page.get_by_role("button", name="查阅笔录").click()

        paper = page.locator("article")
        expect(paper).to_contain_text("矿山超层越界与界桩检查（2026.", timeout=PATIENCE)
        expect(paper).to_contain_text("一、任务")
        expect(paper).to_contain_text("被检查对象：阳城县磨石岭煤业有限公司")
        expect(page.get_by_text("草稿，尚未签署封存")).to_be_visible()
        assert (axe_findings(page), small_targets(page), pixels_too_wide(page)) == ([], [], 0)
        with page.expect_download() as handed:
            page.get_by_role("button", name="分享文本").click()
        text, _, told = Path(handed.value.path()).read_text(encoding="utf-8").rpartition("\n\nSHA-256 ")
        named = hashlib.sha256(text.encode()).hexdigest()
        assert told.strip() == named
        code = page.locator("svg.code").get_attribute("data-text")
        assert code.startswith(f"merestone:record:{record}:task:")
        assert code.endswith(f":sha256:{named}")
        assert text.startswith("现场检查记录\n矿山超层越界与界桩检查（2026.")
        assert "　检查方式：／" in text
        assert "签名" not in text

        page.evaluate("localStorage.setItem('language', 'en')")
        page.reload()
        expect(page.get_by_role("button", name="Print or PDF")).to_be_visible(timeout=PATIENCE)
        assert page.locator("svg.code").get_attribute("data-text") == code


def drawn(page):
    """Wait for the map to have drawn all it has, and give its picture."""
    expect(page.locator('.map[data-drawn="true"]')).to_be_visible(timeout=PATIENCE)
    return Image.open(io.BytesIO(page.locator(".maplibregl-canvas").screenshot())).convert("RGB")


def share(picture, colour, near=24):
    """How much of a picture is of about one colour."""
    pixels = list(picture.get_flattened_data())
    return sum(all(abs(a - b) <= near for a, b in zip(each, colour, strict=True)) for each in pixels) / len(
        pixels
    )


def test_a_boundary_is_drawn_without_a_network_over_a_pack_that_was_cut_off_and_brought_whole(bureau):
    bureau.task(number="阳检-地图")
    folder = bureau.app.settings.maps / "140522"
    data = write_pack(folder / "阳城影像.pmtiles", 112.332, 35.4057)
    about = (folder / "阳城影像.pmtiles").stat()
    file = f"140522~%E9%98%B3%E5%9F%8E%E5%BD%B1%E5%83%8F~{about.st_size}-{about.st_mtime_ns}"
    with bureau.phone("inspector1") as page:
        asked, broken = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
        expect(page.get_by_text("阳检-地图")).to_be_visible(timeout=PATIENCE)
        page.evaluate(CUT_OFF, [file, list(data[: len(data) // 2])])
        page.get_by_role("tab", name="地图").click()

        page.get_by_role("button", name="本机地图包").click()
        expect(page.get_by_text(re.compile("已下载 (49|50)%"))).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="继续下载").click()
        expect(page.get_by_text("已在本机")).to_be_visible(timeout=PATIENCE)
        assert page.evaluate(HELD, file) == hashlib.sha256(data).hexdigest()
        page.get_by_role("button", name="关闭").click()

        is_installed(page)
        page.context.set_offline(True)
        page.reload()
        expect(page.locator(".boundary-marker")).to_have_count(12, timeout=PATIENCE)
        with_base = drawn(page)
        page.get_by_label("底图").select_option("none")
        plain = drawn(page)
        # The licensed area is tinted; around it lies the pack's blue, or the plain ground.
        assert share(with_base, COLOUR) > 0.3
        assert share(plain, COLOUR) == 0
        assert share(plain, (244, 241, 232), near=4) > 0.3

        page.get_by_role("button", name="J01").click()
        expect(page.get_by_role("status").filter(has_text="X 3921359.470")).to_be_visible()
        page.get_by_role("button", name="我的位置").click()
        expect(page.get_by_text("定位精度 ±5 米")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".fix")).to_be_visible()
        page.get_by_role("button", name="停止定位").click()
        expect(page.locator(".fix")).to_have_count(0)

        page.get_by_role("button", name="本机地图包").click()
        page.get_by_role("button", name="删除").click()
        page.get_by_role("button", name="确认").click()
        expect(page.get_by_text("联网后显示")).to_be_visible()
        assert {url.split("/phone/")[0].split("/api/")[0] for url in asked if url.startswith("http")} == {
            bureau.address
        }
        assert [each for each in broken if "Content Security Policy" in each] == []
