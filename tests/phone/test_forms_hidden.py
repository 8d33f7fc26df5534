"""Answers that do not apply at the moment: they come back with what they hang on, also after the draft was left."""

from playwright.sync_api import Page, expect

from tests.phone.bureau import Bureau
from tests.phone.inspecting import begin, gallery, question, record_of, seal
from tests.phone.test_forms_kept import answers_in, field, findings_in, is_saved
from tests.phone.test_forms_later import bring, publish

#: A form whose section hangs on its first answer, whose people are as many as a number says, and whose counties hang on the city.
HIDING = """
| survey |
| | type | name | label | required | hint | parameters | relevant | repeat_count | choice_filter |
| | select_one answer | found | 是否发现 | true() | | | | | |
| | text | note | 说明 | | | | | | |
| | begin_group | section | 情况 | | | | ${found} = 'yes' | | |
| | text | remark | 备注 | | | | | | |
| | image | photo | 照片 | | 证明现场状况 | max-pixels=1024 | | | |
| | begin_repeat | rows | 样本 | | | | | | |
| | text | sample | 样本号 | | | | | | |
| | end_repeat | | | | | | | | |
| | integer | staff | 人数 | | | | | | |
| | begin_repeat | people | 人员 | | | | | ${staff} | |
| | text | person | 姓名 | | | | | | |
| | end_repeat | | | | | | | | |
| | end_group | | | | | | | | |
| | image | other | 照片二 | | 证明现场状况 | max-pixels=1024 | | | |
| | select_one city | city | 市 | | | | | | |
| | select_one county | county | 县 | true() | | | | | city=${city} |
| choices |
| | list_name | name | label | city |
| | answer | yes | 是 | |
| | answer | no | 否 | |
| | city | a | 甲市 | |
| | city | b | 乙市 | |
| | county | a1 | 甲县 | a |
| | county | b1 | 乙县 | b |
| settings |
| | form_title | form_id | version |
| | 隐藏抽查 / Hidden check | hidden_trial | {version} |
"""


def begin_hiding(bureau: Bureau, page: Page) -> object:
    """Begin the form whose section hangs on an answer; gives its visit."""
    publish(bureau, 1, HIDING)
    task = bureau.task(forms=("hidden_trial",))
    begin(page, task)
    return task


def choose(page: Page, name: str, value: str) -> None:
    """Tap a choice."""
    question(page, f"/data/{name}").locator(f"[data-value={value}]").click()


def write(page: Page, name: str, text: str) -> None:
    """Type an answer and leave its field."""
    field(page, name).fill(text)
    field(page, name).blur()


def leave_and_come_back(page: Page) -> None:
    """Leave the draft and open it again, twice: what was opened again is kept, too."""
    for note in ("一", "二"):
        write(page, "note", note)
        is_saved(page)
        page.reload()
        expect(field(page, "note")).to_have_value(note)


def test_a_section_that_was_hidden_by_mistake_comes_back_whole_after_the_draft_was_left(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_hiding(bureau, page)
        choose(page, "found", "yes")
        write(page, "section/remark", "开采面已到界桩")
        gallery(question(page, "/data/section/photo"))
        write(page, "section/rows[1]/sample", "S-1")
        page.locator(".repeat > .add").click()
        write(page, "section/rows[2]/sample", "S-2")
        choose(page, "city", "a")
        choose(page, "county", "a1")
        choose(page, "found", "no")
        expect(question(page, "/data/section/remark")).to_have_count(0)
        # What is a hidden answer is not offered to another question.
        expect(question(page, "/data/other").get_by_text("已拍未用")).to_have_count(0)
        leave_and_come_back(page)
        expect(question(page, "/data/section/remark")).to_have_count(0)
        choose(page, "found", "yes")
        expect(field(page, "section/remark")).to_have_value("开采面已到界桩")
        expect(question(page, "/data/section/photo").locator(".kept img")).to_be_visible()
        expect(page.locator(".card")).to_have_count(2)
        seal(page)
        record = record_of(bureau, task, "under_review")

    answers = answers_in(bureau, record)
    assert (answers["/data/section/rows[2]/sample"], record.flags) == ("S-2", [])


def test_before_a_record_is_sealed_it_is_said_which_answers_do_not_apply(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_hiding(bureau, page)
        choose(page, "found", "yes")
        write(page, "section/remark", "开采面已到界桩")
        gallery(question(page, "/data/section/photo"))
        choose(page, "city", "a")
        choose(page, "county", "a1")
        choose(page, "found", "no")
        page.locator("footer.bar").get_by_role("button", name="签署并提交").click()
        expect(page.locator(".van-dialog__message")).to_contain_text(
            "有 2 项已填内容因前面的选择不再适用，不会写入记录：备注、照片"
        )
        page.locator(".van-dialog__confirm").click()
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/found": "no", "/data/city": "a", "/data/county": "a1"}
    assert findings_in(bureau, record) == []


#: Tells of the files on the phone what they are called; with a moment they were captured then.
FILES = """async (began) => {
    const found = (await indexedDB.databases()).find((each) => /^merestone-.{36}$/.test(each.name));
    const database = await new Promise((done) => {
        const request = indexedDB.open(found.name);
        request.onsuccess = () => done(request.result);
    });
    const files = database.transaction('files', 'readwrite').objectStore('files');
    const rows = await new Promise((done) => {
        const request = files.getAll();
        request.onsuccess = () => done(request.result);
    });
    if (began) await Promise.all(rows.map((row) => new Promise((done) => (files.put({ ...row, began }).onsuccess = done))));
    database.close();
    return rows.map((row) => row.name);
}"""


def test_a_photo_that_did_not_apply_stays_for_a_fortnight_after_the_record_was_sealed(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_hiding(bureau, page)
        choose(page, "found", "yes")
        gallery(question(page, "/data/section/photo"))
        choose(page, "city", "a")
        choose(page, "county", "a1")
        choose(page, "found", "no")
        is_saved(page)
        (name,) = page.evaluate(FILES, "2026-01-01T00:00:00.000Z")
        seal(page)
        record_of(bureau, task, "under_review")
        page.reload()
        expect(page.get_by_role("button", name="返回").first).to_be_visible()
        page.wait_for_timeout(1000)  # it is swept as the application starts
        assert page.evaluate(FILES) == [name]


def test_rows_that_a_number_takes_away_by_a_slip_come_back_with_it(bureau):
    with bureau.phone("inspector1") as page:
        begin_hiding(bureau, page)
        choose(page, "found", "yes")
        write(page, "section/staff", "3")
        people = page.locator('.repeat[data-reference="/data/section/people"] .card')
        expect(people).to_have_count(3)
        people.nth(2).locator(".card-head").click()
        write(page, "section/people[3]/person", "李某")
        write(page, "section/staff", "1")
        expect(people).to_have_count(1)
        write(page, "section/staff", "3")
        expect(people.nth(2)).to_contain_text("李某")
        write(page, "section/staff", "1")
        leave_and_come_back(page)
        expect(people).to_have_count(1)
        write(page, "section/staff", "3")
        expect(people.nth(2)).to_contain_text("李某")


def test_a_choice_that_is_no_longer_offered_is_missed_after_the_draft_was_left_and_comes_back_when_it_is(
    bureau,
):
    with bureau.phone("inspector1") as page:
        begin_hiding(bureau, page)
        choose(page, "found", "no")
        choose(page, "city", "a")
        choose(page, "county", "a1")
        choose(page, "city", "b")
        missing = page.locator("header .count")
        expect(missing).to_contain_text("还差 1 项")
        leave_and_come_back(page)
        expect(missing).to_contain_text("还差 1 项")
        choose(page, "city", "a")
        expect(question(page, "/data/county").locator("[data-value=a1]")).to_have_attribute(
            "aria-checked", "true"
        )
        expect(missing).to_contain_text("已填写完整")


def test_hidden_answers_go_along_to_a_newer_version_and_stay_where_a_row_comes_back(bureau):
    form = HIDING.replace("hidden_trial", "moved_trial").replace("| | end_group", "{more}| | end_group")
    publish(bureau, 1, form.replace("{more}", ""))
    with bureau.phone("inspector1") as page:
        begin(page, bureau.task(forms=("moved_trial",)))
        choose(page, "found", "yes")
        write(page, "section/remark", "开采面已到界桩")
        write(page, "section/staff", "1")
        page.locator(".card-head").last.click()
        write(page, "section/people[1]/person", "李某")
        for number in (1, 2):
            if number > 1:
                page.locator(".repeat > .add").click()
            write(page, f"section/rows[{number}]/sample", f"S-{number}")
        page.locator(".card .remove").last.click()
        page.locator(".van-dialog__confirm").click()
        choose(page, "found", "no")
        page.locator(".undo button").click()
        bring(page, bureau, 2, form.replace("{more}", "| | text | more | 其他 | | | | | | |\n"))
        page.reload()
        page.locator(".newer").get_by_role("button", name="转到新版本").click()
        page.locator(".van-popup:visible").get_by_role("button", name="转到新版本").click()
        expect(page.locator(".newer")).to_have_count(0)
        choose(page, "found", "yes")
        expect(field(page, "section/more")).to_have_value("")
        expect(field(page, "section/remark")).to_have_value("开采面已到界桩")
        expect(page.locator(".card")).to_have_count(3)
        expect(page.locator(".card").nth(1)).to_contain_text("S-2")
        expect(page.locator(".card").nth(2)).to_contain_text("李某")
