"""Documents in the drawers: what is missing, written, issued and bound, by somebody at a desk."""

import io
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pypdfium2
import pytest
import segno
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select

from server import clock
from server.demo import DEMO_PASSWORD
from server.documents.kinds import DocumentKind
from server.documents.models import Document
from server.documents.word import DOCX, shipped
from server.rehearsal import capture
from server.rehearsal.door import Door
from server.rehearsal.phone import ScriptedPhone
from tests.console.desk import desk
from tests.phone.looking import axe_findings
from tests.server.documents.visit import MINE_NAME, go_there, with_words


@pytest.fixture(scope="module")
def visit(bureau):
    return go_there(bureau)


def pages_of(download) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(Path(download.path()).read_bytes())).pages]


def test_the_documents_of_a_task_are_written_issued_and_bound_from_its_drawer(bureau, visit):
    with desk(bureau) as page:
        page.goto(f"{bureau.address}/console/tasks")
        page.get_by_role("button", name="阳检-2026-018").click()
        drawer = page.get_by_role("dialog", name="阳检-2026-018")
        documents = drawer.get_by_role("region", name="执法文书")
        approval = documents.locator("article").filter(has_text="行政检查审批表").first
        expect(approval.get_by_text("尚缺： 检查类型（日常、个案、专项）、检查事由")).to_be_visible()
        expect(approval.get_by_role("button", name="制作", exact=True)).to_be_disabled()

        approval.get_by_role("button", name="填写…").click()
        form = page.get_by_role("dialog", name="行政检查审批表")
        form.get_by_label("检查类型（日常、个案、专项）").fill("专项检查")
        form.get_by_label("检查事由").fill("核查是否超层越界")
        form.get_by_role("button", name="保存").click()
        expect(form).to_be_hidden()
        with page.expect_download() as draft:
            approval.get_by_role("button", name="PDF 草稿").click()
        assert all("草稿" in each for each in pages_of(draft.value))
        approval.get_by_role("button", name="制作", exact=True).click()
        expect(approval.get_by_text("阳自然资检审")).to_be_visible()
        assert axe_findings(page) == []

        documents.get_by_role("button", name="制作案卷").click()
        expect(documents.get_by_role("progressbar", name="案卷")).to_be_visible()
        while visit.worker.work():
            pass
        case = documents.locator("article").last
        with page.expect_download() as bound:
            case.get_by_role("button", name="PDF（打印）").click(timeout=20_000)
        told = pages_of(bound.value)
        assert MINE_NAME in "".join(told[0].split())
        assert "照片页" in told[1]  # the record has no document yet: its photos are there all the same


def test_an_order_is_made_from_the_drawer_of_its_followup(bureau, visit):
    with desk(bureau) as page:
        page.goto(f"{bureau.address}/console/followups")
        page.get_by_role("button", name=MINE_NAME).first.click()
        order = (
            page.get_by_role("region", name="执法文书").locator("article").filter(has_text="责令改正通知书")
        )

        expect(order.get_by_text("尚缺： 改正要求")).to_be_visible()
        order.get_by_role("button", name="填写…").click()
        page.get_by_label("改正要求").fill("恢复缺失的界桩。")
        page.get_by_role("button", name="保存").click()
        order.get_by_role("button", name="制作", exact=True).click()
        expect(order.get_by_text("阳自然资责改")).to_be_visible()
        drawer = page.get_by_role("dialog").filter(has=page.get_by_role("region", name="执法文书"))
        expect(drawer.get_by_label("文书编号")).to_have_value(
            re.compile("阳自然资责改")
        )  # to go out under it

        # Inspectors go back, and what they saw comes to the record of the second look.
        revisit = page.get_by_role("region", name="执法文书").locator("article").filter(has_text="复查记录")
        expect(revisit.get_by_text("尚缺： 复查日期、复查情况、复查结论")).to_be_visible()
        drawer.get_by_role("button", name="派员复查").click()
        offered = page.get_by_role("option").filter(visible=True)
        for label, name in (("主检", "inspector1"), ("协检", "inspector2")):
            drawer.get_by_role("combobox", name=label).click(force=True)
            offered.filter(has_text=name).click()
            drawer.get_by_role("heading", name="执法文书").click()  # a list of several stays open
            expect(offered).to_have_count(0)
        today = clock.today()
        first, last = drawer.get_by_placeholder("开始日期"), drawer.get_by_placeholder("截止日期")
        first.fill(f"{today}")
        last.fill(f"{today + timedelta(days=10)}")
        last.press("Enter")
        drawer.get_by_role("button", name="派出").click()
        expect(drawer).to_be_hidden()
        page.get_by_role("button", name=MINE_NAME).first.click()
        page.get_by_role("link", name="为此开出的复查任务").click()
        expect(page.locator(".el-table__row")).to_contain_text("回访")
        go_back(bureau, visit)

        # What they saw is entered, and the record of it is issued.
        page.goto(f"{bureau.address}/console/followups?state=done")
        page.get_by_role("button", name=MINE_NAME).first.click()
        expect(drawer.get_by_label("完成日期")).to_have_value(
            re.compile(r"20\d\d-\d\d-\d\d")
        )  # as the inspectors' record has it
        drawer.get_by_label("处置结果").fill("J12 号界桩已按登记坐标恢复，刻号清楚。")
        drawer.get_by_role("button", name="录入", exact=True).click()
        expect(drawer).to_be_hidden()
        page.goto(f"{bureau.address}/console/followups?state=entered")
        page.get_by_role("button", name=MINE_NAME).first.click()
        expect(revisit.get_by_text("尚缺： 复查结论")).to_be_visible()
        pdf = issue_after_a_look(page, revisit, {"复查结论": "已按要求整改，建议销号。"}, "阳自然资复")
        assert all(said in joined(pdf) for said in ("刻号清楚", "建议销号", "复查人员", "欧阳㛃"))
        check_by_the_paper(page, bureau, pdf, "复查记录")


def test_a_letter_is_sent_to_whom_and_why_somebody_writes_and_is_checked_by_its_code(bureau, visit):
    problem = next(each for each in visit.results if each["item_code"] == "BOUNDARY_MARKER")
    more = {"followup_codes": ["ORDER_RECTIFY", "CASE_TRANSFER_INTERNAL"], "correction": "另移送办案机构"}
    visit.inspector.ask("POST", f"/api/v1/results/{problem['id']}/confirm", more)
    visit.supervisor.ask("POST", f"/api/v1/results/{problem['id']}/release", {})
    with desk(bureau) as page:
        page.goto(f"{bureau.address}/console/followups")
        row = page.locator(".el-table__row").filter(has_text="移送办案机构")
        row.get_by_role("button").first.click()
        drawer = page.get_by_role("dialog").filter(has=page.get_by_role("region", name="执法文书"))
        letter = drawer.locator("article").filter(has_text="移送函")
        expect(letter.get_by_text("尚缺： 接收单位、移送理由")).to_be_visible()
        written = {"接收单位": "阳城县自然资源综合行政执法队", "移送理由": "涉嫌擅自移动、损毁界桩。"}
        pdf = issue_after_a_look(page, letter, written, "阳自然资移")
        assert all(
            said in joined(pdf) for said in (*written.values(), MINE_NAME, "J12号界桩缺失", "随附材料")
        )
        # The number and the body that it goes to are told to the follow-up, to go out with.
        expect(drawer.get_by_label("文书编号")).to_have_value(re.compile("阳自然资移"))
        expect(drawer.get_by_label("送往")).to_have_value(written["接收单位"])
        assert axe_findings(page) == []
        check_by_the_paper(page, bureau, pdf, "移送函")


def go_back(bureau, visit) -> None:
    """The inspectors go back to the mine, and their record of it is accepted."""
    phone = ScriptedPhone(Door(bureau.address), lambda _: None)
    phone.sign_in("inspector1", DEMO_PASSWORD)
    phone.pull()
    ((task, body),) = (
        (key, each.body)
        for key, each in phone.state.of_kind("task").items()
        if str(each.body["number"]).startswith("阳检-2026-018-")
    )
    form = body["forms"][0]["id"]
    phone.form(form)
    started = datetime.now(UTC) - timedelta(minutes=30)
    with patch.object(capture, "draw_photo", partial(capture.draw_photo, edge=320)):
        filled = capture.fill(
            body, phone.state.of_kind("object")[str(body["object"])].body, form, started, 11
        )
    draft = phone.capture_record(UUID(task), form, filled, started)
    phone.push()
    phone.upload()
    while visit.worker.work():
        pass
    visit.supervisor.ask("POST", f"/api/v1/records/{draft.record}/accept", {})
    while visit.worker.work():
        pass


def issue_after_a_look(page, document, written: dict[str, str], number: str) -> bytes:
    """Write what is asked for, look at the draft, issue it; gives the PDF as it is saved."""
    document.get_by_role("button", name="填写…").click()
    for label, text in written.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="保存").click()
    with page.expect_download() as draft:
        document.get_by_role("button", name="PDF 草稿").click()
    looked_at = pages_of(draft.value)
    assert all("草稿" in each for each in looked_at)
    assert all("".join(text.split()) in "".join("".join(looked_at).split()) for text in written.values())
    document.get_by_role("button", name="制作", exact=True).click()
    expect(document.get_by_text(number)).to_be_visible()
    with page.expect_download() as printed:
        document.get_by_role("button", name="PDF（打印）").click()
    return Path(printed.value.path()).read_bytes()


def joined(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages))


def check_by_the_paper(page, bureau, pdf: bytes, title: str) -> None:
    """Somebody who holds the paper checks it: by its number and the hash at its foot, and by its code."""
    text = joined(pdf)
    sha256 = re.search(r"SHA-256([0-9a-f]{64})", text).group(1)
    number = re.search(r"阳自然资.〔\d{4}〕\d+号", text).group(0)
    page.goto(f"{bureau.address}/public/zh/documents")
    page.fill("#number", number)
    page.fill("#sha256", sha256)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("相符：本机关制作的现行文书。")
    with bureau.app.readers() as session:
        issued = session.scalars(select(Document).where(Document.content_sha256 == sha256)).one()
    address = f"{bureau.address}/public/zh/documents?id={issued.id}&sha256={sha256}"
    assert code_of(pdf, address) == [
        [bool(module) for module in row] for row in segno.make(address, error="m").matrix
    ]
    page.goto(address)
    expect(page.get_by_role("status")).to_have_text("相符：本机关制作的现行文书。")
    expect(page.get_by_role("definition").first).to_have_text(title)
    assert axe_findings(page) == []


def code_of(pdf: bytes, address: str) -> list[list[bool]]:
    """Which modules of the code on the first page are dark, as a camera sees them."""
    scale, count = 8, len(segno.make(address, error="m").matrix)
    with pypdfium2.PdfDocument(pdf) as document:
        seen = document[0].render(scale=scale).to_pil().convert("L")
    centimetre = 72 / 2.54 * scale
    right, top, width = seen.width - 2.2 * centimetre, 2.1 * centimetre, 2.3 * centimetre
    module = width / (count + 2)  # a border of one on each side
    at = lambda row, column: (right - width + (column + 1.5) * module, top + (row + 1.5) * module)  # noqa: E731
    return [
        [seen.getpixel(tuple(map(round, at(row, column)))) < 128 for column in range(count)]
        for row in range(count)
    ]


def choose_template(drawer, name: str, words: str):
    """Choose a template that ships with other words in the place of its title."""
    docx = with_words(shipped(DocumentKind.NOTICE), words)
    drawer.get_by_label("模板（Word）").set_input_files({"name": name, "mimeType": DOCX, "buffer": docx})


def test_a_template_is_tried_looked_at_put_in_use_and_an_earlier_one_comes_back(bureau):
    with desk(bureau, "admin1", at="documents") as page:
        row = page.locator(".el-table__row").filter(has_text="行政检查通知书")
        row.get_by_role("button").click()
        drawer = page.get_by_role("dialog", name="行政检查通知书")
        choose_template(drawer, "错.docx", "{{ ceo }}")
        expect(drawer.get_by_role("cell", name="第 2 段：{{ ceo }}")).to_be_visible()
        expect(drawer.get_by_role("button", name="启用")).to_have_count(0)
        choose_template(drawer, "新.docx", "县局样式 {{ title }}")
        expect(drawer.get_by_role("status")).to_have_text("可以使用：用到 24 个字段中的 24 个。")
        with page.expect_download() as looked_at:
            drawer.get_by_role("button", name="以虚构检查查看（Word）").click()
        assert Path(looked_at.value.path()).read_bytes()[:2] == b"PK"
        with page.expect_download() as printed:
            drawer.get_by_role("button", name="以虚构检查看 PDF").click()
        assert all("草稿" in each for each in pages_of(printed.value))
        assert axe_findings(page) == []
        drawer.get_by_label("修改说明").fill("换抬头")
        drawer.get_by_role("button", name="启用").click()
        expect(row).to_contain_text("第 1 版")

        row.get_by_role("button").click()
        drawer.get_by_role("button", name="恢复使用：系统自带").click()
        asked = page.get_by_role("dialog", name="恢复使用以前的模板")
        asked.get_by_label("原因").fill("新样式有误")
        asked.get_by_role("button", name="恢复使用", exact=True).click()
        expect(row).to_contain_text("系统自带")

        page.get_by_role("link", name="文号与用语").click()
        page.get_by_label("移送函的编号规则").fill("{prefix}移函〔{year}〕{number:03}号")
        expect(page.get_by_role("row").filter(has_text="移送函")).to_contain_text(
            re.compile(r"移函〔\d{4}〕\d{3}号")
        )
        assert axe_findings(page) == []
        page.get_by_label("复查记录的编号规则").fill("{prefix}号")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("alert").last).to_contain_text("复查记录的文号规则须含 {year} 和 {number}")
        page.get_by_label("复查记录的编号规则").fill("")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_text("已保存，自现在起制作的文书适用。")).to_be_visible()
