"""A record that came back: it is corrected in the version of its form that it was filled in with, and marks stay with their rows."""

from playwright.sync_api import expect

from tests.phone.inspecting import begin, record_of, seal, wait_for_blobs
from tests.phone.test_forms_kept import SMALL, answers_in, field, findings_in
from tests.phone.test_forms_later import publish, send_back


def test_what_came_back_is_corrected_in_its_own_version_also_on_a_phone_that_never_had_that(bureau):
    older = SMALL.replace("small_trial", "older_trial")
    newer = older.replace("| | text | remark | 备注 | |\n", "").replace("| | integer | staff | 人数 | | |\n", "")
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
    assert answers_in(bureau, corrected) == {"/data/place": "西侧", "/data/remark": "采空区边缘", "/data/staff": 7}
    assert findings_in(bureau, corrected) == []
