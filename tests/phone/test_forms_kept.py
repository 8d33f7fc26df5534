"""What somebody enters stays what they entered: while they think, in a second window, when a row goes, when a record is sealed."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from server.inspections.models import Record, Revision
from tests.phone.bureau import Bureau, mind_the_pin
from tests.phone.inspecting import begin, gallery, question, record_of, seal, wait_for_blobs
from tests.phone.test_forms_later import publish, send_back
from tests.phone.test_sync_carrying import PASSPHRASE, brings, saved

#: A form of a few questions on one page, of which only the first has to be answered.
SMALL = """
| survey |
| | type | name | label | required | hint | parameters |
| | text | place | 地点 | true() |
| | text | remark | 备注 | |
| | decimal | depth | 深度（米） | |
| | decimal | height | 高度（米） | |
| | integer | staff | 人数 | |
| | image | photo | 照片 | | 证明现场状况 | max-pixels=1024 |
| | image | again | 照片二 | | 证明现场状况 | max-pixels=1024 |
| | begin_repeat | rows | 样本 | |
| | text | sample | 样本号 | |
| | integer | weight | 重量 | |
| | end_repeat | | | |
| settings |
| | form_title | form_id | version |
| | 小表抽查 / Small check | small_trial | {version} |
"""

#: Lets the next write of a draft fail, as the disk of a phone may.
BREAKS = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        if (this.name !== 'drafts') return put.apply(this, given);
        IDBObjectStore.prototype.put = put;
        throw new DOMException('the disk', 'UnknownError');
    };
}"""


def begin_small(bureau: Bureau, page: Page, form: str = "small_trial") -> object:
    """Begin the small form; gives its visit."""
    publish(bureau, 1, SMALL.replace("small_trial", form))
    task = bureau.task(forms=(form,))
    begin(page, task)
    return task


def field(page: Page, name: str) -> Locator:
    """Where an answer is typed."""
    return question(page, f"/data/{name}").locator("input")


def is_saved(page: Page) -> None:
    """Wait until all that was entered is on the disk."""
    expect(page.locator(".saved")).to_have_attribute("data-standing", "saved")


def test_a_pause_while_typing_changes_nothing_in_the_field(bureau):
    typed = {"depth": ("2", "5"), "height": ("2.", "5"), "staff": ("0", "7"), "remark": ("No. ", "3")}
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        for name, (first, then) in typed.items():
            field(page, name).press_sequentially(first)
            page.wait_for_timeout(1000)  # longer than the pause after which it is an answer
            field(page, name).press_sequentially(then)
            expect(field(page, name)).to_have_value(first + then)
            field(page, name).blur()
        is_saved(page)
        page.reload()
        expect(field(page, "depth")).to_have_value("25.0")
        expect(field(page, "height")).to_have_value("2.5")
        expect(field(page, "staff")).to_have_value("7")


def test_blanks_alone_are_no_answer_and_none_stand_around_one(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        for blank in ("　", "  ", "\xa0", "\x85", "\ufeff", "\x1c "):
            field(page, "place").fill(blank)
            field(page, "place").blur()
            expect(page.locator("header .count")).to_contain_text("还差 1 项")
            expect(field(page, "place")).to_have_value("")
        field(page, "place").fill("　采场东侧 ")
        field(page, "place").blur()
        expect(page.locator("header .count")).to_contain_text("已填写完整")
        expect(field(page, "place")).to_have_value("采场东侧")


def test_a_year_has_four_digits_however_it_is_typed(bureau):
    form = SMALL.replace("small_trial", "dated_trial").replace(
        "| | text | remark | 备注 |", "| | date | day | 日期 |"
    )
    publish(bureau, 1, form.replace("| | decimal | depth |", "| | dateTime | depth |"))
    with bureau.phone("inspector1") as page:
        begin(page, bureau.task(forms=("dated_trial",)))
        for name, day in (("day", "2026-09-14"), ("depth", "2026-09-14T10:30")):
            field(page, name).fill(day)
            field(page, name).focus()
            page.keyboard.type("091412026")
            field(page, name).blur()
            expect(field(page, name)).to_have_value(re.compile(r"^\d{4}-\d\d-\d\d"))


def rows_of(page: Page) -> list[str]:
    """What the cards of the samples are called."""
    return page.locator(".repeat .card-name").all_inner_texts()


def test_a_second_window_goes_on_with_a_draft_and_the_first_writes_nothing_over_it(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page)
        field(page, "place").fill("东侧")
        is_saved(page)
        other = page.context.new_page()
        mind_the_pin(other)
        other.goto(page.url)
        expect(field(other, "place")).to_have_value("东侧")
        field(other, "remark").fill("另一窗口")
        is_saved(other)

        field(page, "staff").fill("3")
        expect(page.locator(".saved")).to_contain_text("未能保存：此记录已在另一窗口打开")
        page.evaluate("() => dispatchEvent(new Event('focus'))")  # somebody uses the first window again
        expect(field(page, "remark")).to_have_value("另一窗口")
        field(page, "staff").fill("4")
        is_saved(page)
        seal(page)

        field(other, "remark").fill("太晚了")
        expect(other.locator(".saved")).to_contain_text("未能保存：此记录的草稿已提交")
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/place": "东侧", "/data/remark": "另一窗口", "/data/staff": 4}


def answers_in(bureau: Bureau, record: Record) -> dict[str, Any]:
    """What the server holds of a record."""
    with bureau.app.readers() as session:
        return session.get_one(Revision, record.heads[0]).answers


def test_what_is_no_answer_yet_is_told_before_a_record_is_sealed(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page)
        field(page, "place").fill("东侧")
        field(page, "staff").fill("12")
        field(page, "staff").blur()
        field(page, "staff").fill("约15人")
        field(page, "staff").blur()
        page.locator("footer.bar").get_by_role("button", name="签署并提交").click()
        expect(page.locator(".row.gap")).to_contain_text(["人数"])
        page.locator(".row.gap").click()
        expect(field(page, "staff")).to_have_value("约15人")
        field(page, "staff").fill("15")
        field(page, "staff").blur()
        seal(page)
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/place": "东侧", "/data/staff": 15}


def test_a_row_that_is_taken_back_takes_nothing_that_was_entered_since(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        for number, weight in ((1, "1"), (2, "2"), (3, "约3")):
            if number > 1:
                page.locator(".repeat > .add").click()
            field(page, f"rows[{number}]/sample").fill(f"S-{number}")
            field(page, f"rows[{number}]/weight").fill(weight)
        page.locator(".card-head").nth(0).click()
        page.locator(".card .remove").last.click()
        page.locator(".van-dialog__confirm").click()
        expect(page.locator(".card")).to_have_count(2)
        page.locator(".card-head").nth(1).click()
        expect(field(page, "rows[2]/weight")).to_have_value("约3")
        field(page, "remark").fill("后来填写")
        page.locator(".undo button").click()
        expect(page.locator(".card")).to_have_count(3)
        expect(field(page, "remark")).to_have_value("后来填写")
        assert [name.split()[1] for name in rows_of(page)] == ["S-1", "S-2", "S-3"]
        page.locator(".card-head").nth(2).click()
        expect(field(page, "rows[3]/weight")).to_have_value("约3")


def test_a_draft_is_kept_on_after_a_file_could_not_be_cleared(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        gallery(question(page, "/data/photo"))
        is_saved(page)
        page.evaluate(BREAKS)  # the next write fails, as on a phone that is full
        question(page, "/data/photo").get_by_role("button", name="清除").click()
        expect(page.locator(".banner[role=alert]")).to_be_visible()
        field(page, "remark").fill("还在")
        field(page, "remark").blur()
        is_saved(page)
        page.reload()
        expect(field(page, "remark")).to_have_value("还在")


def test_of_what_came_back_only_rows_in_which_something_is_marked_may_be_removed(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page)
        field(page, "place").fill("东侧")
        for number in (1, 2):
            if number > 1:
                page.locator(".repeat > .add").click()
            field(page, f"rows[{number}]/sample").fill(f"S-{number}")
            field(page, f"rows[{number}]/sample").blur()
        seal(page)
        send_back(bureau, record_of(bureau, task, "under_review").id, "/data/rows[2]/sample")
        page.get_by_role("button", name="修改").first.click(timeout=90_000)
        expect(field(page, "rows[2]/sample")).to_be_enabled(timeout=30_000)
        expect(page.locator(".card .remove")).to_have_count(1)
        page.locator(".card-head").nth(0).click()
        expect(field(page, "rows[1]/sample")).to_be_disabled()
        expect(page.locator(".card .remove")).to_have_count(0)
        page.locator(".repeat > .add").click()
        expect(page.locator(".card .remove")).to_have_count(1)


def test_a_draft_goes_on_on_another_phone_with_its_version_and_all_that_was_typed(bureau, tmp_path: Path):
    first = publish(bureau, 1, SMALL.replace("small_trial", "taken_trial"))
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "taken_trial")
        for name in ("photo", "again"):
            gallery(question(page, f"/data/{name}"))
        field(page, "staff").fill("约15人")
        field(page, "staff").blur()
        is_saved(page)
        page.evaluate("() => (location.hash = '#/carry')")
        page.fill("#passphrase", PASSPHRASE)
        page.fill("#again", PASSPHRASE)
        page.get_by_role("button", name="导出", exact=True).click()
        parcel = saved(page, tmp_path / "parcel.msx").read_bytes()
    publish(bureau, 2, SMALL.replace("small_trial", "taken_trial"))
    with bureau.phone("inspector1") as page:
        page.evaluate("() => (location.hash = '#/carry')")
        brings(page, parcel, PASSPHRASE)
        expect(page.get_by_text("1 份草稿")).to_be_visible(timeout=60_000)
        wait_for_blobs(page, 1, first)
        page.evaluate(f"() => (location.hash = '#/tasks/{task}')")
        page.get_by_role("button", name="继续填写").click()
        expect(field(page, "staff")).to_have_value("约15人", timeout=20_000)
        # One picture in two questions is two files there, too.
        question(page, "/data/photo").get_by_role("button", name="清除").click()
        expect(question(page, "/data/photo").locator(".kept")).to_have_count(0)
        expect(question(page, "/data/again").locator(".kept img")).to_be_visible()


def test_every_row_has_a_key_of_its_own_that_stays(bureau):
    key = "| | calculate | row_id | | | | | once(uuid()) |\n| | end_repeat"
    form = SMALL.replace("| parameters |", "| parameters | calculation |").replace("| | end_repeat", key)
    publish(bureau, 1, form.replace("small_trial", "keyed_trial"))
    task = bureau.task(forms=("keyed_trial",))
    with bureau.phone("inspector1") as page:
        begin(page, task)
        field(page, "place").fill("东侧")
        page.locator(".repeat > .add").click()
        field(page, "rows[2]/sample").fill("S-2")
        seal(page)
        record = record_of(bureau, task, "under_review")

    answers = answers_in(bureau, record)
    assert len({answers["/data/rows[1]/row_id"], answers["/data/rows[2]/row_id"]}) == 2
    assert findings_in(bureau, record) == []


def findings_in(bureau: Bureau, record: Record) -> list[Any]:
    """What the server finds wrong with a record."""
    with bureau.app.readers() as session:
        return session.get_one(Revision, record.heads[0]).findings
