"""The files of last resort: what a phone can't send any more arrives from another one, or by the organisation's key."""

import json
import os
from contextlib import suppress
from types import SimpleNamespace

from click.testing import CliRunner
from playwright.sync_api import expect

from media.store_refusals import ObjectUnknown
from server import audit
from server.cli import main
from server.demo import DEMO_PASSWORD
from server.inspections.models import Revision
from server.installation import begin_epoch
from sync import EscrowKey
from tests.phone.bureau import mind_the_pin
from tests.phone.checks import fill, is_ready, is_whole, opens, publish, pushed, sha256
from tests.phone.looking import axe_findings, keep_look, pixels_too_wide, small_targets
from tests.server.evidence.test_losing import lose, patrols

PASSPHRASE = "四月的风吹过白马沟"
COMPLAINT = "带队的人催着我漏填"


def test_work_of_a_phone_without_a_network_arrives_from_a_colleagues_phone_once(bureau, tmp_path):
    publish(bureau, "carried")
    task, drafted, third = (bureau.task(forms=("carried",)) for _ in range(3))
    photo, film, last = os.urandom(300_000), os.urandom(2_500_000), os.urandom(400_000)

    with bureau.phone("inspector1") as page:
        is_ready(page)
        page.context.set_offline(True)
        complains(page)
        files = {"photo": ("a.jpg", "image/jpeg", photo), "film": ("a.mp4", "video/mp4", film)}
        fill(page, task, "带到别的手机", **files)
        opens(page, f"/tasks/{drafted}")
        page.get_by_role("button", name="开始检查").click()
        page.locator("textarea, input[type=text]").first.fill("还没填完")
        expect(page.get_by_text("已保存在本机")).to_be_visible()
        opens(page, "/carry")
        expect(page.get_by_text("1 条投诉或建议不放入导出文件")).to_be_visible()
        keep_look(page, "carry-complaint")
        page.fill("#passphrase", PASSPHRASE)
        page.fill("#again", PASSPHRASE)
        page.get_by_role("button", name="导出", exact=True).click()
        parcel = saved(page, tmp_path / "parcel.msx")
        data = parcel.read_bytes()
        assert photo[:64] not in data
        assert "带到别的手机".encode() not in data

        # And nobody unlocks it any more: all that lies there is taken out without being opened.
        fill(page, third, "导出以后又填的", photo=("b.jpg", "image/jpeg", last))
        opens(page, "/me")
        page.remove_locator_handler(page.locator("#pin-form"))
        page.get_by_role("button", name="立即锁定").click()
        page.get_by_role("button", name="忘记口令？").click()
        page.fill("#password", "whatever")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="连不上服务器")).to_be_visible()
        asked = page.locator(".asked").inner_text().split()
        page.get_by_role("button", name="导出给本单位").click()
        storage = saved(page, tmp_path / "storage.mss")
        assert last[:64] not in storage.read_bytes()
        key = tmp_path / "escrow.pem"
        key.write_bytes(bureau.app.installation.escrow.private_pem)
        code = CliRunner().invoke(main, ["escrow-open", str(key), *asked]).output.strip()
        page.fill("#code", code)
        page.get_by_role("button", name="解锁").click()
        expect(page.get_by_role("heading", name="请为本机设置口令")).to_be_visible()

    with bureau.phone("inspector2") as page:
        mind_the_pin(page)
        is_ready(page)
        revs = pushed(page.context)
        opens(page, "/carry")
        brings(page, data, "别的口令别的口令")
        expect(page.get_by_text("口令短语不对。")).to_be_visible(timeout=30_000)
        brings(page, data[:-40], PASSPHRASE)
        expect(page.get_by_text("文件不完整")).to_be_visible(timeout=30_000)
        for told in ("1 条记录、0 份草稿、2 个文件", "0 条记录、0 份草稿、2 个文件"):
            brings(page, data, PASSPHRASE)
            expect(page.get_by_text(told)).to_be_visible(timeout=60_000)
            expect(page.get_by_text("1 份草稿未导入")).to_be_visible()
        page.get_by_role("button", name="查看上传情况").click()
        expect(page.get_by_text("本机全部已送达")).to_be_visible(timeout=60_000)
        assert [len(sent) for sent in revs.values()] == [1]
        is_whole(bureau, revs, photo, film)
        loses(bureau, photo, film)
        page.get_by_role("button", name="立即上传").click()
        for content in (photo, film):
            has(page, bureau, content)

    with bureau.phone("inspector1") as page:
        mind_the_pin(page)
        is_ready(page)
        opens(page, "/carry")
        brings(page, data, PASSPHRASE)
        expect(page.get_by_text("1 份草稿、2 个文件")).to_be_visible(timeout=60_000)
        opens(page, f"/tasks/{drafted}")
        page.get_by_role("button", name="继续填写").click()
        expect(page.locator("textarea, input[type=text]").first).to_have_value("还没填完")

    opened_by_the_organisation(
        bureau, tmp_path, SimpleNamespace(parcel=parcel, storage=storage), (photo, film, last)
    )


def complains(page):
    """Write a complaint: it may be about whoever carries the parcel, and stays behind. Nothing else is there to export."""
    opens(page, "/about")
    page.get_by_label("请写明情况").fill(COMPLAINT)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("待发送")).to_be_visible()
    opens(page, "/carry")
    expect(page.get_by_text("1 条投诉或建议不放入导出文件")).to_be_visible()
    expect(page.locator("#passphrase")).to_have_count(0)
    assert [*axe_findings(page), *small_targets(page)] == []
    assert pixels_too_wide(page) == 0


def opened_by_the_organisation(bureau, folder, exports, files):
    """Whoever holds the private key sees what is inside, writes it out, and offers what was sealed to the server."""
    key = folder / "escrow.pem"
    other = folder / "other.pem"
    other.write_bytes(EscrowKey.generate().private_pem)

    def escrow(what, *more, expect=0):
        run = CliRunner().invoke(main, ["escrow", what, *map(str, more)], catch_exceptions=False)
        assert run.exit_code == expect, run.output
        return run.output

    assert "不属于" in escrow("list", other, exports.storage, expect=1)
    told = escrow("list", key, exports.parcel)
    assert (told.count("已封存"), told.count("草稿"), told.count("文件 file")) == (1, 1, 2)
    told = escrow("list", key, exports.storage)
    assert (told.count("已封存"), told.count("草稿"), told.count("文件 file")) == (2, 1, 3)

    escrow("write", key, exports.storage, folder / "out")
    assert "文件夹已存在" in escrow("write", key, exports.storage, folder / "out", expect=1)
    assert {sha256(path.read_bytes()) for path in (folder / "out/media").iterdir()} == set(map(sha256, files))
    assert ["还没填完" in path.read_text() for path in (folder / "out/drafts").iterdir()] == [True]
    revs = {f"sha256:{path.stem}": path.read_bytes() for path in (folder / "out/revisions").iterdir()}
    assert {rev: f"sha256:{sha256(data)}" for rev, data in revs.items()} == {rev: rev for rev in revs}
    assert json.loads((folder / "out/export.json").read_text())["unreadable"] == []
    escrow("write", key, exports.parcel, folder / "parcel")
    assert COMPLAINT not in (folder / "parcel/export.json").read_text()
    assert COMPLAINT in (folder / "out/export.json").read_text()

    (late,) = (rev for rev, data in revs.items() if "导出以后又填的".encode() in data)
    with bureau.app.sessions() as session:
        assert session.get(Revision, late) is None
    where = ("--url", bureau.address, "--username", "inspector2", "--password", DEMO_PASSWORD)
    assert "新送 sent 1, 已有 there 2" in escrow("offer", key, exports.storage, *where)
    assert "新送 sent 0, 已有 there 3" in escrow("offer", key, exports.storage, *where)
    is_whole(bureau, {rev: [data] for rev, data in revs.items()}, *files)
    with bureau.app.sessions() as session:
        assert "relayed" in session.get_one(Revision, late).flags


def loses(bureau, *files):
    """Let the server come back from a backup of before it had some files; the phone that sealed them is no more."""
    lose(bureau.app, *files)
    patrols(bureau.app, is_sure=True)
    with audit.transaction(bureau.app.sessions) as session:
        begin_epoch(bureau.app.installation, session, bureau.app.installation.epoch)


def has(page, bureau, content):
    """Wait until the server has a file: one sync hears that it is absent, and sends it."""
    for _ in range(60):
        with suppress(ObjectUnknown), bureau.app.store.open_file(sha256(content)) as kept:
            assert kept.read() == content
            return
        page.wait_for_timeout(500)
    raise AssertionError("what was brought is not sent again")


def saved(page, path):
    """Save the export that a page has made ready."""
    with page.expect_download() as download:
        page.evaluate("delete Navigator.prototype.canShare")
        page.get_by_role("button", name="保存或分享文件").click(timeout=60_000)
    download.value.save_as(path)
    return path


def brings(page, data, passphrase):
    page.locator("#parcel").set_input_files(
        {"name": "parcel.msx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.fill("#opening", passphrase)
    page.get_by_role("button", name="导入", exact=True).click()
