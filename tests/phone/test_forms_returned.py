"""A record with boundary markers goes out without a network, comes back with marks, and is corrected where it was marked."""

from typing import Any
from uuid import UUID

from playwright.sync_api import expect
from sqlalchemy import select

from server import audit
from server.access import Actor, Role
from server.accounts.models import Organisation, Person
from server.review import service as review
from tests.phone.bureau import MINE, Bureau
from tests.phone.inspecting import begin, fill, gallery, question, record_of, seal, sign
from tests.phone.tour import typed

MARKED = "/data/markers[2]/photo_far"


def mine(count: int) -> dict[str, Any]:
    """Answers to the check of a mine: its first marker stands, the others are gone."""
    answers = typed(MINE)
    standing, gone = answers["/data/markers"]
    others = [gone | {"marker_no": f"J{number}"} for number in range(2, count + 1)]
    return answers | {"/data/markers": [standing, *others]}


def send_back(bureau: Bureau, record: UUID) -> None:
    """Return a record with a mark in a row of a repeat."""
    with audit.transaction(bureau.app.sessions) as session:
        person = session.scalars(select(Person).where(Person.username == "supervisor1")).one()
        region = session.get_one(Organisation, person.organisation_id).region
        supervisor = Actor(
            person.id, person.name, frozenset({Role.SUPERVISOR}), person.organisation_id, region
        )
        given = review.Return("远景照看不清，请重拍。", [review.Mark(MARKED, "看不清周边地物")])
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
