"""A record that is opened again: in the same window or another, and after the reviewer sent it back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.phone.bureau import mind_the_pin
from tests.phone.inspecting import begin, gallery, picture, question, record_of, seal, wait_for_blobs
from tests.phone.test_forms_kept import SMALL, answers_in, begin_small, field, findings_in, is_saved
from tests.phone.test_forms_later import publish, send_back
from tests.phone.test_sync_carrying import PASSPHRASE, brings, saved


def goes_on(page: Page, task: object) -> None:
    """Leave the record and open it again, within the application."""
    page.get_by_role("button", name="返回").first.click()
    page.evaluate(f"location.hash = '#/tasks/{task}'")
    page.get_by_role("button", name="继续填写").first.click()


def test_a_draft_that_was_left_is_gone_on_with_in_the_same_window_and_in_another(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "left_trial")
        field(page, "place").fill("东侧")
        for staff in ("3", "4"):
            goes_on(page, task)
            expect(field(page, "place")).to_have_value("东侧")
            field(page, "staff").fill(staff)
            is_saved(page)
        other = page.context.new_page()
        mind_the_pin(other)
        other.goto(page.url)
        expect(field(other, "staff")).to_have_value("4")
        field(other, "staff").fill("5")
        is_saved(other)
        goes_on(page, task)
        expect(field(page, "staff")).to_have_value("5")
        field(page, "staff").fill("6")
        is_saved(page)
        seal(page)
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/place": "东侧", "/data/staff": 6}


#: Lets no draft be written, as on a phone that is full; and lets them again.
FULL = """() => {
    const put = (window.put = IDBObjectStore.prototype.put);
    IDBObjectStore.prototype.put = function (...given) {
        if (this.name === 'drafts') throw new DOMException('the disk', 'QuotaExceededError');
        return put.apply(this, given);
    };
}"""
ROOM = "() => void (IDBObjectStore.prototype.put = window.put)"


def test_nobody_leaves_what_could_not_be_kept_without_being_told(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "full_trial")
        field(page, "place").fill("东侧")
        is_saved(page)
        page.evaluate(FULL)
        field(page, "remark").fill("还在")
        page.get_by_role("button", name="返回").first.click()
        expect(page.locator(".van-dialog")).to_contain_text("未能保存")
        page.locator(".van-dialog__cancel").click()
        expect(field(page, "remark")).to_have_value("还在")
        page.evaluate(ROOM)
        is_saved(page)
        goes_on(page, task)
        expect(field(page, "remark")).to_have_value("还在")


#: Lets a draft take as long to open as on a slow phone.
SLOW = """() => {
    const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
    crypto.subtle.decrypt = (...given) => new Promise((done) => setTimeout(done, 1000)).then(() => decrypt(...given));
}"""


def test_nothing_is_typed_into_a_draft_that_is_about_to_be_opened_anew(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page, "slow_trial")
        gallery(question(page, "/data/photo"))
        page.evaluate(SLOW)
        question(page, "/data/photo").get_by_role("button", name="清除").click()
        field(page, "remark").click()
        page.keyboard.type("还在")
        field(page, "place").click()
        expect(question(page, "/data/photo").locator(".kept")).to_have_count(0)
        expect(field(page, "remark")).to_have_value("还在")


#: Lets the position come late, as under trees.
LATE = """() => {
    const tell = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
    navigator.geolocation.getCurrentPosition = (...given) => setTimeout(() => tell(...given), 4000);
}"""


def test_a_photo_whose_position_comes_late_is_the_answer_also_when_another_was_cleared_meanwhile(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page, "late_trial")
        gallery(question(page, "/data/photo"))
        page.evaluate(LATE)
        question(page, "/data/again").locator("input[type=file]").set_input_files(picture())
        question(page, "/data/photo").get_by_role("button", name="清除").click()
        expect(question(page, "/data/photo").locator(".kept")).to_have_count(0)
        expect(question(page, "/data/again").locator(".kept img")).to_be_visible(timeout=10_000)
        is_saved(page)
        page.reload()
        expect(question(page, "/data/again").locator(".kept img")).to_be_visible()


def test_what_came_back_is_corrected_in_its_own_version_also_on_a_phone_that_never_had_that(bureau):
    older = SMALL.replace("small_trial", "older_trial")
    newer = older.replace("| | text | remark | 备注 | |\n", "").replace(
        "| | integer | staff | 人数 | | |\n", ""
    )
    first = publish(bureau, 1, older)
    with bureau.phone("inspector1") as page:
        task = bureau.task(forms=("older_trial",))
        begin(page, task)
        for name, text in (("place", "东侧"), ("remark", "采空区边缘"), ("staff", "7")):
            field(page, name).fill(text)
            field(page, name).blur()
        seal(page)
        record = record_of(bureau, task, "under_review")
    publish(bureau, 2, newer)
    send_back(bureau, record.id, "/data/place")
    with bureau.phone("inspector1") as page:
        page.evaluate(f"location.hash = '#/tasks/{task}'")
        correct = page.get_by_role("button", name="修改").first
        expect(correct).to_be_visible(timeout=30_000)
        wait_for_blobs(page, 1, first)
        page.context.set_offline(True)
        correct.click()
        expect(field(page, "remark")).to_have_value("采空区边缘", timeout=30_000)
        field(page, "place").fill("西侧")
        seal(page)
        page.context.set_offline(False)
        corrected = record_of(bureau, task, "under_review")

    assert corrected.heads != record.heads
    assert answers_in(bureau, corrected) == {
        "/data/place": "西侧",
        "/data/remark": "采空区边缘",
        "/data/staff": 7,
    }
    assert findings_in(bureau, corrected) == []


def is_as_marked(page: Page, standing: int) -> None:
    """The mark stands at S-2 alone while that is there; what was accepted is closed, and an added row is open."""
    for place, sample in enumerate(("S-1", "S-2", "S-3") if standing == 3 else ("S-1", "S-3"), 1):
        head = page.locator(".card-head").nth(place - 1)
        if head.get_attribute("aria-expanded") != "true":
            head.click()
        expect(field(page, f"rows[{place}]/sample")).to_have_value(sample)
        is_marked = sample == "S-2"
        expect(question(page, f"/data/rows[{place}]/sample").locator(".mark")).to_have_count(int(is_marked))
        expect(field(page, f"rows[{place}]/sample")).to_be_enabled(enabled=is_marked)
        if not is_marked:
            expect(page.locator(".card .remove")).to_have_count(0)


def test_a_marked_row_that_goes_takes_its_mark_along_and_none_moves_to_the_row_behind_it(bureau):
    with bureau.phone("inspector1") as page:
        publish(bureau, 1, SMALL.replace("small_trial", "rows_trial"))
        task = bureau.task(forms=("rows_trial",))
        begin(page, task)
        field(page, "place").fill("东侧")
        for number in (1, 2, 3):
            if number > 1:
                page.locator(".repeat > .add").click()
            field(page, f"rows[{number}]/sample").fill(f"S-{number}")
            field(page, f"rows[{number}]/sample").blur()
        seal(page)
        send_back(bureau, record_of(bureau, task, "under_review").id, "/data/rows[2]/sample")
        page.get_by_role("button", name="修改").first.click(timeout=90_000)
        is_as_marked(page, 3)
        page.locator(".card-head").nth(1).click()
        page.locator(".card .remove").click()
        page.locator(".van-dialog__confirm").click()
        is_as_marked(page, 2)
        page.locator(".undo button").click()
        is_as_marked(page, 3)
        page.locator(".card-head").nth(1).click()
        page.locator(".card .remove").click()
        page.locator(".van-dialog__confirm").click()
        page.locator(".repeat > .add").click()
        field(page, "rows[3]/sample").fill("S-4")
        is_saved(page)
        page.reload()
        expect(page.locator(".card")).to_have_count(3)
        is_as_marked(page, 2)
        page.locator("header .count").click()
        expect(page.locator(".van-popup .title").first).to_have_text("已填写完整")
        page.locator(".van-overlay").click(position={"x": 5, "y": 5})
        seal(page)
        record = record_of(bureau, task, "under_review")

    answers = answers_in(bureau, record)
    assert [answers[f"/data/rows[{number}]/sample"] for number in (1, 2, 3)] == ["S-1", "S-3", "S-4"]


def test_a_correction_is_gone_on_with_on_the_phone_that_sealed_what_came_back(bureau, tmp_path: Path):
    publish(bureau, 1, SMALL.replace("small_trial", "back_trial"))
    task = bureau.task(forms=("back_trial",))
    with bureau.phone("inspector1") as first, bureau.phone("inspector1") as second:
        begin(first, task)
        field(first, "place").fill("东侧")
        seal(first)
        send_back(bureau, record_of(bureau, task, "under_review").id, "/data/place")
        expect(first.get_by_role("button", name="修改").first).to_be_visible(timeout=90_000)
        second.evaluate("dispatchEvent(new Event('online'))")
        second.evaluate(f"location.hash = '#/tasks/{task}'")
        second.get_by_role("button", name="修改").first.click(timeout=90_000)
        field(second, "place").fill("西侧")
        is_saved(second)
        second.evaluate("() => (location.hash = '#/carry')")
        second.fill("#passphrase", PASSPHRASE)
        second.fill("#again", PASSPHRASE)
        second.get_by_role("button", name="导出", exact=True).click()
        parcel = saved(second, tmp_path / "parcel.msx").read_bytes()
        first.evaluate("() => (location.hash = '#/carry')")
        brings(first, parcel, PASSPHRASE)
        expect(first.get_by_text("1 份草稿")).to_be_visible(timeout=60_000)
        first.evaluate(f"location.hash = '#/tasks/{task}'")
        first.get_by_role("button", name="继续填写").click()
        expect(field(first, "place")).to_have_value("西侧")
