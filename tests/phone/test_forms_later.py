"""What becomes of a record after it was begun: it comes back with marks, or its form has a newer version."""

from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from server import audit
from server.access import SYSTEM, Actor, Role
from server.accounts.models import Organisation, Person
from server.checklists import service as checklists
from server.inspections.models import Revision
from server.review import service as review
from tests.phone.bureau import MINE, Bureau
from tests.phone.inspecting import (
    answer_page,
    begin,
    fill,
    gallery,
    question,
    record_of,
    seal,
    sign,
    wait_for_blobs,
)
from tests.phone.tour import typed

MARKED = "/data/markers[2]/photo_far"

#: A form in three versions: `v1` stands before rows that only the first has, and so on; names change by an alias.
VERSIONS = """
v123 | survey |
v123 | | type | name | label | required | bind::alias | calculation |
v12  | | text | head | 负责人 | | | |
v123 | | date | accepted | 验收日期 | true() | | |
v123 | | calculate | due | | | | concat(substring(${accepted}, 1, 5), '02-', substring(${accepted}, 9, 2)) |
v123 | | calculate | days | | | | decimal-date-time(${due}) |
v123 | | note | facts | 应于${due}前汇交，凭证号：${receipt}。 | | | |
v123 | | calculate | receipt | | | | '' |
v123 | | select_one answer | first | 甲项 | | | |
v1   | | select_one answer | second | 乙项 | | | |
v123 | | select_one place | place | 地点 | | | |
v1   | | integer | staff | 人数 | | | |
v1   | | integer | rooms | 房间数 | | | |
v23  | | integer | room_count | 房间数 | | rooms | |
v1   | | decimal | depth | 深度 | | | |
v23  | | begin_group | measured | 测量 | | | |
v23  | | decimal | depth_m | 深度 | | /data/depth | |
v23  | | end_group | | | | | |
v123 | | begin_repeat | rows | 样本 | | | |
v1   | | text | what | 样本号 | | | |
v23  | | text | sample | 样本号 | | what | |
v1   | | text | remark | 备注 | | | |
v123 | | end_repeat | | | | | |
v123 | choices |
v123 | | list_name | name | label |
v123 | | answer | yes | 是 |
v123 | | answer | no | 否 |
v123 | | place | office | 办公室 |
v1   | | place | yard | 堆场 |
v123 | settings |
v123 | | form_title | form_id | version |
v123 | | 版本抽查 / Versions check | versions_trial | {version} |
"""
#: A form of two pages.
PAGES = "\n".join(
    [
        "| survey |",
        "| | type | name | label |",
        *(f"| | text | part_{number} | 第{number}项 |" for number in range(40)),
        "| settings |",
        "| | form_title | form_id | version |",
        "| | 分页抽查 / Pages check | pages_trial | {version} |",
    ]
)
FILLED = {
    "/data/head": "李某",
    "/data/accepted": "2025-11-30",
    "/data/first": "yes",
    "/data/second": "yes",
    "/data/place": "yard",
    "/data/depth": "3.5",
    "/data/rows/what": "S-1",
    "/data/rows/remark": "受潮",
}


def mine(count: int) -> dict[str, Any]:
    """Answers to the check of a mine: its first marker stands, the others are gone."""
    answers = typed(MINE)
    standing, gone = answers["/data/markers"]
    others = [gone | {"marker_no": f"J{number}"} for number in range(2, count + 1)]
    return answers | {"/data/markers": [standing, *others]}


def send_back(bureau: Bureau, record: UUID, path: str = MARKED) -> None:
    """Return a record with a mark in a row of a repeat."""
    with audit.transaction(bureau.app.sessions) as session:
        person = session.scalars(select(Person).where(Person.username == "supervisor1")).one()
        region = session.get_one(Organisation, person.organisation_id).region
        supervisor = Actor(
            person.id, person.name, frozenset({Role.SUPERVISOR}), person.organisation_id, region
        )
        given = review.Return("远景照看不清，请重拍。", [review.Mark(path, "看不清周边地物")])
        review.return_record(session, supervisor, record, given)


def test_a_mine_inspection_with_six_markers_is_signed_offline_and_corrected_where_the_reviewer_marked_it(
    bureau,
):
    task = bureau.task(item_codes=["MINE_OVERSTEP", "BOUNDARY_MARKER"])
    with bureau.phone("inspector1") as page:
        begin(page, task)
        page.context.set_offline(True)
        fill(page, mine(6))
        seal(page)
        page.context.set_offline(False)
        record = record_of(bureau, task, "under_review")
        send_back(bureau, record.id)

        expect(page.get_by_text("看不清，请重拍").first).to_be_visible(timeout=90_000)
        page.get_by_role("button", name="修改").first.click()
        marked = question(page, MARKED)
        expect(marked.get_by_text("看不清周边地物")).to_be_visible(timeout=30_000)
        expect(marked.locator(".before")).to_contain_text("原填写")
        expect(page.locator(".returned")).to_contain_text("远景照看不清，请重拍。")
        expect(question(page, "/data/markers[2]/cause").locator("textarea")).to_be_disabled()
        expect(marked.get_by_role("button", name="相册导入")).to_be_enabled()
        gallery(marked, "darkorange")
        for who in ("inspector1", "inspector2"):
            page.locator("header .count").click()
            page.locator(".row.gap").first.click()
            sign(page, question(page, f"/data/sign/{who}"))
        seal_corrected(page)
        corrected = record_of(bureau, task, "under_review")

    assert corrected.heads != record.heads
    assert corrected.marks is None
    assert "media_missing" not in str(corrected.flags)


def seal_corrected(page: Any) -> None:
    """Go to the last page, and sign and send."""
    onward = page.locator("footer.bar").get_by_role("button", name="下一节")
    while onward.count():
        onward.click()
    seal(page)


def text_of(version: int) -> str:
    """A version of the form that changes."""
    rows = [row.partition("|") for row in VERSIONS.strip().splitlines()]
    return "\n".join(f"|{row}" for which, _, row in rows if str(version) in which)


def publish(bureau: Bureau, version: int, text: str) -> str:
    """Publish a version of a form; gives the hash of its bytes."""
    with audit.transaction(bureau.app.sessions) as session:
        published = checklists.publish(
            session, SYSTEM, text.replace("{version}", str(version)).encode(), ".md"
        )
        return published.sha256


def bring(page: Page, bureau: Bureau, version: int, text: str) -> None:
    """Let a newer version of the form that is open come to the phone. Nothing moves on the page for it."""
    newest = publish(bureau, version, text)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for_blobs(page, 1, newest)
    page.wait_for_timeout(300)
    expect(page.locator(".newer")).to_have_count(0)


def renewed(page: Page, bureau: Bureau, version: int) -> Locator:
    """Let a newer version come to the phone, and look what it makes of the draft; gives what has no place there."""
    bring(page, bureau, version, text_of(version))
    expect(page.locator(".saved")).to_have_text("已保存在本机")
    page.evaluate(
        "document.dispatchEvent(new Event('visibilitychange'))"
    )  # somebody takes the phone out again
    expect(page.get_by_text(f"此表单已有新版本：{version}")).to_be_visible(timeout=30_000)
    page.locator(".newer").get_by_role("button", name="转到新版本").click()
    sheet = page.locator(".van-popup:visible")
    expect(sheet.get_by_role("button", name="转到新版本")).to_be_visible()
    return sheet


def test_a_newer_version_that_comes_while_a_record_is_open_is_told_of_when_the_page_is_turned(bureau):
    publish(bureau, 1, PAGES)
    task = bureau.task(forms=("pages_trial",))
    with bureau.phone("inspector1") as page:
        begin(page, task)
        question(page, "/data/part_0").locator("input").fill("李某")
        bring(page, bureau, 2, PAGES)
        page.locator("footer.bar").get_by_role("button", name="下一节").click()
        expect(page.locator(".newer")).to_contain_text("此表单已有新版本：2")
        page.reload()
        expect(page.locator(".newer")).to_contain_text("此表单已有新版本：2")
        page.locator(".newer").get_by_role("button", name="转到新版本").click()
        page.locator(".van-popup:visible").get_by_role("button", name="转到新版本").click()
        expect(page.locator(".newer")).to_have_count(0)
        page.locator("footer.bar").get_by_role("button", name="上一节").click()
        expect(question(page, "/data/part_0").locator("input")).to_have_value("李某")


def test_a_draft_moves_to_newer_versions_and_what_has_no_place_there_stays_in_sight(bureau):
    publish(bureau, 1, text_of(1))
    task = bureau.task(forms=("versions_trial",))
    with bureau.phone("inspector1") as page:
        begin(page, task)
        expect(page.get_by_text("应于02-前汇交，凭证号：／。")).to_be_visible()
        answer_page(page, FILLED)
        for name in ("staff", "rooms"):
            question(page, f"/data/{name}").locator("input").fill("12.5")
            question(page, f"/data/{name}").locator("input").blur()
        # A rule met 30 February: the engine throws there, and would go on missing the date.
        expect(page.locator("header .count")).to_contain_text("已填写完整")

        sheet = renewed(page, bureau, 2)
        expect(sheet.locator(".row")).to_have_text(["乙项是", "地点堆场", "备注受潮", "人数12.5"])
        sheet.get_by_role("button", name="转到新版本").click()
        expect(question(page, "/data/measured/depth_m").locator("input")).to_have_value("3.5")
        sheet = renewed(page, bureau, 3)
        expect(sheet.locator(".row")).to_have_count(5)
        sheet.get_by_role("button", name="转到新版本").click()
        expect(page.locator(".unfit")).to_have_count(5, timeout=20_000)
        page.reload()
        expect(page.locator(".unfit")).to_have_count(5, timeout=20_000)
        expect(page.locator(".unfit").last).to_contain_text("负责人 = 李某")
        rooms = question(page, "/data/room_count")
        expect(rooms.get_by_text("应为整数")).to_be_visible()
        expect(rooms.locator("input")).to_have_value("12.5")
        rooms.locator("input").fill("12")
        question(page, "/data/place").locator("[data-value=office]").click()
        seal(page)
        sealed = record_of(bureau, task, "under_review")
        with bureau.app.readers() as session:
            revision = session.get_one(Revision, sealed.heads[0])
            version, answers = revision.form_version, revision.answers

    assert (version, sealed.flags) == ("3", [])
    assert answers == {
        "/data/accepted": "2025-11-30",
        "/data/due": "2025-02-30",
        "/data/first": "yes",
        "/data/measured/depth_m": 3.5,
        "/data/place": "office",
        "/data/room_count": 12,
        "/data/rows[1]/sample": "S-1",
    }
