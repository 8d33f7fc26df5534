"""Two inspectors on two phones: one vouches for the other's record, both correct it, the lead brings it together."""

import json
import os
from urllib.request import Request, urlopen

from playwright.sync_api import expect
from sqlalchemy import select

from server.demo import DEMO_PASSWORD
from server.inspections.models import Record, Revision
from tests.media.scenes import jpeg, scene
from tests.phone.checks import COSIGNED, fill, is_ready, is_whole, opens, publish, pushed

#: What the page shows of the files of a record.
KEPT = "() => [...document.querySelectorAll('figure.kept')].map((each) => each.innerHTML).join()"


def asked(bureau, method, path, body, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(f"{bureau.address}{path}", json.dumps(body).encode(), headers, method=method)
    with urlopen(request) as answer:
        return json.load(answer)


def record_of(bureau, task):
    with bureau.app.sessions() as session:
        return session.scalars(select(Record).where(Record.task_id == task)).one()


def returns(bureau, record, *paths):
    token = asked(bureau, "POST", "/api/v1/session", {"username": "supervisor1", "password": DEMO_PASSWORD})[
        "token"
    ]
    marks = [{"path": path, "reason": "请核实"} for path in paths]
    asked(bureau, "POST", f"/api/v1/records/{record}/return", {"reason": "请核实", "marks": marks}, token)


def corrects(page, task, note, *files):
    """Correct what came back, without a network: the text, and the photo and the other file where given."""
    opens(page, f"/tasks/{task}")
    page.get_by_role("button", name="修改").click(timeout=30_000)
    page.locator("textarea, input[type=text]").first.fill(note)
    for place, data in enumerate(files):
        kind = ("image/jpeg", "application/octet-stream")[place]
        picker, before = page.locator("input[type=file]").nth(place), page.evaluate(KEPT)
        picker.set_input_files({"name": "a.jpg" if place == 0 else "a.bin", "mimeType": kind, "buffer": data})
        page.wait_for_function(f"(before) => ({KEPT})() !== before", arg=before, timeout=30_000)
    seals(page, task)


def seals(page, task):
    page.get_by_role("button", name="签署并提交").click()
    page.locator(".van-dialog__confirm").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}#/tasks/{task}", timeout=20_000)


def test_a_colleague_cosigns_both_correct_and_the_lead_brings_it_together(bureau):
    publish(bureau, "two_phones", COSIGNED)
    task = bureau.task(forms=("two_phones",))
    before, other, film = (os.urandom(size) for size in (10_000, 30_000, 40_000))
    photo = jpeg(scene(31, (400, 300)))

    with bureau.phone("inspector1") as lead, bureau.phone("inspector2") as second:
        is_ready(lead)
        fill(lead, task, "界桩完好", photo=("a.jpg", "image/jpeg", before))
        expect(lead.get_by_text("已送达")).to_be_visible(timeout=30_000)
        record = record_of(bureau, task)
        assert record.state == "open"

        opens(second, "/tasks")
        is_ready(second)
        second.get_by_role("button", name="立即同步").click()
        opens(second, f"/tasks/{task}")
        second.get_by_role("button", name="查阅笔录").click(timeout=60_000)
        second.get_by_role("button", name="会签这份记录").click(timeout=30_000)
        second.locator(".van-dialog__confirm").click()
        expect(second.get_by_text("已会签")).to_be_visible()
        opens(second, "/day-end")
        expect(second.get_by_text("本机全部已送达")).to_be_visible(timeout=30_000)
        assert record_of(bureau, task).state == "under_review"

        returns(bureau, record.id, "/data/note", "/data/photo", "/data/film")
        for page in (lead, second):
            opens(page, f"/tasks/{task}")
            expect(page.get_by_text("被退回")).to_be_visible(timeout=60_000)
            opens(page, "/tasks")
            is_ready(page)
            page.context.set_offline(True)
        corrects(lead, task, "界桩移位", other)
        corrects(second, task, "界桩缺失", photo, film)
        sent = [pushed(page.context) for page in (lead, second)]
        for page in (lead, second):
            page.context.set_offline(False)
            opens(page, "/day-end")
            expect(page.get_by_text("本机全部已送达")).to_be_visible(timeout=60_000)
        lead.get_by_role("button", name="立即上传").click()
        expect(lead.get_by_text("两部手机都改了这条记录")).to_be_visible(timeout=60_000)
        expect(lead.get_by_role("button", name="立即上传")).to_be_enabled(timeout=30_000)
        lead.context.set_offline(True)
        lead.get_by_role("button", name="查看两个版本").click()
        expect(lead.get_by_text("2 处需要选择").first).to_be_visible(timeout=30_000)
        expect(lead.get_by_text("1 处自动合并")).to_be_visible()
        # The colleague's photo came with the proposal: it is seen without a network.
        theirs = lead.get_by_role("group", name="照片").locator("label", has_text="李晓红").locator("img")
        expect(theirs).to_be_visible()
        assert theirs.evaluate("each => each.naturalWidth") > 0
        lead.get_by_role("group", name="情况").get_by_text("卫建国").click()
        lead.get_by_role("group", name="照片").get_by_text("李晓红").click()
        lead.get_by_role("button", name="合并并核对、签署").click()
        expect(lead.get_by_text("情况").first).to_be_visible()
        seals(lead, task)
        lead.context.set_offline(False)
        opens(lead, "/day-end")
        expect(lead.get_by_text("本机全部已送达")).to_be_visible(timeout=60_000)

        is_whole(bureau, sent[0] | sent[1], before, photo, other, film)
        with bureau.app.sessions() as session:
            record = session.get_one(Record, record.id)
            [head] = record.heads
            merged = session.get_one(Revision, head)
            assert len(merged.parents) == 2
            assert "界桩移位" in merged.data.decode()
            assert {each["size"] for each in merged.media} == {len(photo), len(film)}
