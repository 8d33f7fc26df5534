"""The file of last resort: what a phone can't send any more arrives from another one, once."""

import os

from playwright.sync_api import expect

from tests.phone.bureau import mind_the_pin
from tests.phone.checks import fill, is_ready, is_whole, opens, publish, pushed

PASSPHRASE = "四月的风吹过白马沟"


def test_work_of_a_phone_without_a_network_arrives_from_a_colleagues_phone_once(bureau, tmp_path):
    publish(bureau, "carried")
    task, drafted = bureau.task(forms=("carried",)), bureau.task(forms=("carried",))
    photo, film = os.urandom(300_000), os.urandom(2_500_000)

    with bureau.phone("inspector1") as page:
        is_ready(page)
        page.context.set_offline(True)
        files = {"photo": ("a.jpg", "image/jpeg", photo), "film": ("a.mp4", "video/mp4", film)}
        fill(page, task, "带到别的手机", **files)
        opens(page, f"/tasks/{drafted}")
        page.get_by_role("button", name="开始检查").click()
        page.locator("textarea, input[type=text]").first.fill("还没填完")
        expect(page.get_by_text("已保存在本机")).to_be_visible()
        opens(page, "/carry")
        page.fill("#passphrase", PASSPHRASE)
        page.fill("#again", PASSPHRASE)
        page.get_by_role("button", name="导出", exact=True).click()
        with page.expect_download() as download:
            page.evaluate("delete Navigator.prototype.canShare")
            page.get_by_role("button", name="保存或分享文件").click(timeout=60_000)
        parcel = tmp_path / "parcel.msx"
        download.value.save_as(parcel)
        data = parcel.read_bytes()
        assert photo[:64] not in data
        assert "带到别的手机".encode() not in data

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

    with bureau.phone("inspector1") as page:
        mind_the_pin(page)
        is_ready(page)
        opens(page, "/carry")
        brings(page, data, PASSPHRASE)
        expect(page.get_by_text("1 份草稿、2 个文件")).to_be_visible(timeout=60_000)
        opens(page, f"/tasks/{drafted}")
        page.get_by_role("button", name="继续填写").click()
        expect(page.locator("textarea, input[type=text]").first).to_have_value("还没填完")


def brings(page, data, passphrase):
    page.locator("#parcel").set_input_files(
        {"name": "parcel.msx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.fill("#opening", passphrase)
    page.get_by_role("button", name="导入", exact=True).click()
