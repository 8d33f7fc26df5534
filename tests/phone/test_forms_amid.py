"""What happens to a record while it is open: its visit goes to others, its form is withdrawn, the phone's clock jumps."""

import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server import audit, web
from server.access import Role
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.checklists import service as checklists
from server.inspections import assigning
from tests.phone.bureau import is_installed, mind_the_pin
from tests.phone.inspecting import begin, gallery, question, record_of, seal
from tests.phone.looking import keep_look
from tests.phone.test_forms_kept import SMALL, answers_in, begin_small, field, is_saved
from tests.phone.test_forms_later import publish
from tests.phone.test_shell import RENEW, WAITS, renewed

#: The small form with a place that is measured, alone and in a row.
MEASURED = SMALL.replace(
    "| | image | photo |",
    "| | geopoint | site | 位置 | | 证明现场位置 | |\n| | geoshape | outline | 范围 | | 证明现场范围 | |\n| | image | photo |",
).replace(
    "| | end_repeat |",
    "| | geopoint | spot | 样本位置 | | 证明取样位置 | |\n| | image | shot | 样本照片 | | 证明取样现场 | max-pixels=1024 |\n| | end_repeat |",
)

#: The receiver finds itself only when it is told to.
SEARCHES = """() => {
    const watching = new Map();
    let last = 0;
    navigator.geolocation.watchPosition = (take) => (watching.set((last += 1), take), last);
    navigator.geolocation.clearWatch = (number) => watching.delete(number);
    const asked = [];
    navigator.geolocation.getCurrentPosition = (take) => asked.push(take);
    window.fix = (latitude) => {
        const coords = { latitude, longitude: 112.4, accuracy: 5, altitude: null };
        for (const take of [...watching.values(), ...asked.splice(0)]) take({ coords, timestamp: Date.now() });
    };
    window.searching = () => watching.size;
}"""


def clear(page, name):
    """Clear a photo, and wait until the draft stands there without it."""
    question(page, name).get_by_role("button", name="清除").click()
    expect(question(page, name).locator(".kept")).to_have_count(0)


def test_a_position_that_is_being_measured_goes_on_while_a_file_is_cleared(bureau):
    publish(bureau, 1, MEASURED.replace("small_trial", "measured_trial"))
    task = bureau.task(forms=("measured_trial",))
    with bureau.phone("inspector1") as page:
        begin(page, task)
        field(page, "place").fill("东侧")
        gallery(question(page, "/data/photo"))
        gallery(question(page, "/data/again"))
        page.evaluate(SEARCHES)
        question(page, "/data/site").get_by_role("button", name="定位").click()
        page.evaluate("fix(35.1)")
        page.evaluate("fix(35.3)")
        question(page, "/data/outline").get_by_role("button", name="在此测一个拐点").click()
        clear(page, "/data/photo")
        expect(question(page, "/data/site").get_by_role("status")).to_contain_text("2")
        page.evaluate("fix(35.2)")
        expect(question(page, "/data/site").get_by_role("status")).to_contain_text("3")
        expect(question(page, "/data/outline").locator(".corners li")).to_have_count(1)
        question(page, "/data/site").get_by_role("button", name="完成").click()
        expect(question(page, "/data/site").locator(".told")).to_contain_text("35.")
        page.wait_for_function("() => searching() === 0")

        row = page.locator('.repeat[data-reference="/data/rows"]')
        if row.locator(".card").count() == 0:
            row.locator("> .add").click()
        spot = question(page, "/data/rows[1]/spot")
        spot.get_by_role("button", name="定位").click()
        page.evaluate("fix(35.4)")
        clear(page, "/data/again")
        expect(spot.get_by_role("status")).to_contain_text("1")
        spot.get_by_role("button", name="完成").click()
        expect(spot.locator(".told")).to_contain_text("35.4")
        # Somebody who leaves measures no more.
        spot.get_by_role("button", name="重新测量").click()
        page.wait_for_function("() => searching() === 1")
        page.get_by_role("button", name="返回").first.click()
        page.wait_for_url("**/tasks/**")
        page.wait_for_function("() => searching() === 0")  # the address changes before the page is gone


def office(bureau, what):
    """Let the supervisor do something in the office."""
    with audit.transaction(bureau.app.sessions) as session:
        person = session.scalars(select(Person).where(Person.username == "supervisor1")).one()
        what(session, actor_of(person))


def person_id(bureau, username):
    with bureau.app.readers() as session:
        return session.scalars(select(Person.id).where(Person.username == username)).one()


def test_a_visit_that_goes_to_others_while_its_record_is_open_loses_nothing_and_is_sealed_as_late(bureau):
    others = [person_id(bureau, each) for each in ("inspector2", "inspector3")]
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "others_trial")
        field(page, "place").fill("东侧")
        is_saved(page)
        field(page, "remark").click()
        page.keyboard.type("还没写")
        office(
            bureau,
            lambda session, actor: assigning.reassign(
                session, actor, task, others[0], others[1:], "人员调整"
            ),
        )
        expect(page.get_by_text("该任务已收回或改派").first).to_be_visible(timeout=60_000)
        page.keyboard.type("完")
        expect(field(page, "remark")).to_have_value("还没写完")
        is_saved(page)
        keep_look(page, "reassigned")
        page.reload()
        expect(page.locator(".taken-back")).to_be_visible(timeout=20_000)
        expect(field(page, "remark")).to_have_value("还没写完")
        # Kept: it is found again from the list of tasks, too.
        page.evaluate("location.hash = '#/tasks'")
        page.evaluate(f"location.hash = '#/tasks/{task}'")
        page.get_by_role("button", name="继续填写").first.click()
        field(page, "staff").fill("3")
        is_saved(page)
        seal(page)
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/place": "东侧", "/data/remark": "还没写完", "/data/staff": 3}
    assert "task_reassigned" in record.flags


def retire(bureau, form):
    """Withdraw the only version of a form."""
    office(
        bureau,
        lambda session, actor: checklists.retire(
            session, replace(actor, roles=frozenset({Role.ADMIN})), form, "1"
        ),
    )


def test_a_form_that_is_withdrawn_while_its_draft_is_open_is_filled_in_to_the_end(bureau):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "gone_trial")
        field(page, "place").fill("东侧")
        is_saved(page)
        retire(bureau, "gone_trial")
        with page.expect_response("**/sync/pull*"):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(1000)
        field(page, "remark").fill("还在")
        is_saved(page)
        page.reload()
        expect(page.get_by_role("heading", name="小表抽查")).to_be_visible(timeout=20_000)
        expect(field(page, "remark")).to_have_value("还在")
        page.get_by_role("button", name="返回").first.click()
        page.evaluate(f"location.hash = '#/tasks/{task}'")
        expect(page.get_by_text("小表抽查").first).to_be_visible()
        page.get_by_role("button", name="继续填写").first.click()
        seal(page)
        record = record_of(bureau, task, "under_review")

    assert answers_in(bureau, record) == {"/data/place": "东侧", "/data/remark": "还在"}
    assert record.flags == []


def test_a_form_that_is_withdrawn_before_anything_is_begun_with_it_says_so_instead_of_failing(bureau):
    publish(bureau, 1, SMALL.replace("small_trial", "never_trial"))
    task = bureau.task(forms=("never_trial",))
    with bureau.phone("inspector1") as page:
        page.evaluate(f"location.hash = '#/tasks/{task}'")
        expect(page.get_by_role("button", name="开始检查")).to_be_visible()
        retire(bureau, "never_trial")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.get_by_text("此表单已停用，不能新建记录")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="开始检查")).to_have_count(0)
        expect(page.get_by_text("小表抽查")).to_be_visible()
        keep_look(page, "withdrawn-form")


#: Puts the clock forward by days, or back.
JUMPS = """(days) => {
    const Real = Date;
    const now = () => Real.now() + days * 86_400_000;
    window.Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(now()); }
        static now() { return now(); }
    };
}"""


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumps_by_a_day_in_mid_draft_changes_nothing_that_was_entered(bureau, days):
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "clock_trial")
        field(page, "place").fill("东侧")
        is_saved(page)
        gallery(question(page, "/data/photo"))
        page.context.add_init_script(f"({JUMPS})({days})")
        page.evaluate(JUMPS, days)
        field(page, "remark").fill("还在")
        gallery(question(page, "/data/again"), "green")
        is_saved(page)
        page.reload()
        expect(field(page, "remark")).to_have_value("还在", timeout=20_000)
        for each in ("photo", "again"):
            expect(question(page, f"/data/{each}").locator(".kept img")).to_be_visible()
        seal(page)
        record = record_of(bureau, task, "under_review")

    answers = answers_in(bureau, record)
    assert (answers["/data/place"], answers["/data/remark"], len(answers)) == ("东侧", "还在", 4)


def test_an_update_between_draft_and_seal_takes_the_draft_along(bureau, tmp_path, monkeypatch):
    folder = tmp_path / "dist"
    shutil.copytree(web.PHONE.built, folder)
    monkeypatch.setattr(web, "PHONE", replace(web.PHONE, built=folder))
    with bureau.phone("inspector1") as page:
        task = begin_small(bureau, page, "update_trial")
        is_installed(page)
        field(page, "place").fill("东侧")
        field(page, "staff").fill("约3")  # no answer yet: kept as it was typed
        gallery(question(page, "/data/photo"))
        is_saved(page)
        _, new = renewed(folder)
        page.evaluate(RENEW)
        while not page.evaluate(WAITS):
            page.wait_for_timeout(100)
        field(page, "remark").fill("还在")
        is_saved(page)
        context = page.context
        for _ in range(2):  # the first start may still be the old one's
            page.close()
            page = context.new_page()
            mind_the_pin(page)
            page.goto(f"{bureau.address}/phone/#/tasks/{task}")
            page.get_by_role("button", name="继续填写").first.click(timeout=20_000)
            expect(field(page, "remark")).to_have_value("还在")
        assert new in page.evaluate("[...document.scripts].map(each => each.src).join()")
        expect(field(page, "staff")).to_have_value("约3")
        expect(question(page, "/data/photo").locator(".kept img")).to_be_visible()
        field(page, "staff").fill("3")
        seal(page)
        record = record_of(bureau, task, "under_review")

    answers = answers_in(bureau, record)
    assert (answers["/data/place"], answers["/data/remark"], answers["/data/staff"]) == ("东侧", "还在", 3)
