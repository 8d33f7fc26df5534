"""A supervisor sees what is late and by which rule, gives visits more time or other people, and what was visited."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server import audit, clock
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.inspections import service as inspections
from server.inspections.models import Task
from tests.console.desk import desk, field_work
from tests.phone.looking import axe_findings


@pytest.fixture(scope="module")
def visits(bureau):
    handed_in = field_work(bureau).hand_in(days=9)
    late = bureau.task(number="阳检-2026-801", days=-2)
    soon = bureau.task(number="阳检-2026-802", days=1)
    return {"handed_in": handed_in, "late": late, "soon": soon}


def column(page, name):
    return page.get_by_role("region", name=name)


def task(bureau, task_id):
    with bureau.app.sessions() as session:
        return session.get_one(Task, task_id)


def sticks_out(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_what_is_late_is_red_with_its_rule_and_gets_more_time_where_it_stands(bureau, visits):
    with desk(bureau) as page:
        page.wait_for_url("**/console/board")  # the first page of a supervisor
        expect(column(page, "未开始").locator("h2")).to_contain_text("2")
        expect(column(page, "待审").locator(".card")).to_have_count(1)
        late, soon = (column(page, "未开始").locator(".card").nth(place) for place in (0, 1))
        expect(late).to_have_class(re.compile("late"))
        expect(late.locator(".time")).to_have_text(re.compile("^逾期 [0-9]+ 个工作日$"))
        expect(soon).to_have_class(re.compile("soon"))
        assert axe_findings(page) == []
        page.set_viewport_size({"width": 1024, "height": 768})
        assert not sticks_out(page)

        late.click()
        drawer = page.get_by_role("dialog", name="阳检-2026-801")
        expect(drawer.get_by_text("任务截止日期")).to_be_visible()
        expect(drawer.get_by_text("出处")).to_be_visible()
        expect(drawer.get_by_text("两名以上持证检查人员")).to_be_visible()  # what the gate says
        drawer.get_by_role("button", name="延期…").click()
        asked = page.get_by_role("dialog", name="任务延期")
        day = str(clock.today() + timedelta(days=20))
        asked.get_by_placeholder("新的截止日期").fill(day)
        asked.get_by_placeholder("新的截止日期").press("Enter")
        asked.get_by_placeholder("原因").fill("道路塌方")
        asked.get_by_role("button", name="延期", exact=True).click()
        expect(asked).to_be_hidden()
        expect(column(page, "未开始").locator(".card.late")).to_have_count(0)
        assert str(task(bureau, visits["late"]).due_on) == day

        column(page, "未开始").get_by_role("button", name="未开始").click()
        page.get_by_role("link", name="打开完整列表").click()
        page.wait_for_url("**/console/tasks?state=assigned")


def test_several_visits_change_hands_at_once_and_what_is_refused_is_told_by_name(bureau, visits):
    with desk(bureau) as page:
        page.goto(f"{bureau.address}/console/tasks?state=assigned")
        expect(page.locator(".el-table__row")).to_have_count(2)
        page.locator(".el-table__header .el-checkbox").click()
        bar = page.locator("footer")
        expect(bar).to_contain_text("已选 2 项")
        assert axe_findings(page) == []
        with audit.transaction(
            bureau.app.sessions
        ) as session:  # meanwhile one of them is taken back elsewhere
            supervisor = session.scalars(select(Person).where(Person.username == "supervisor1")).one()
            inspections.withdraw_task(session, actor_of(supervisor), visits["soon"], "重复抽取")

        bar.get_by_role("button", name="改派…").click()
        asked = page.get_by_role("dialog", name="改派任务（2 项）")
        for role, username in (("主检", "inspector2"), ("协检", "inspector1")):
            box = asked.get_by_role("combobox", name=role)
            box.press("Enter")
            own = page.locator(f"[id='{box.get_attribute('aria-controls')}']")
            own.get_by_role("option").filter(has_text=username).click()
        asked.get_by_placeholder("原因").fill("人员调整")
        asked.get_by_role("button", name="改派", exact=True).click()
        expect(asked).to_be_hidden()

        expect(page.locator("p.bad")).to_have_count(1)
        expect(page.locator("p.bad")).to_contain_text("阳检-2026-802")
        with bureau.app.sessions() as session:
            roles = {
                each.person_id: each.role for each in inspections.assignments_of(session, [visits["late"]])
            }
            second = session.scalars(select(Person).where(Person.username == "inspector2")).one()
            assert roles[second.id] == "lead"


def test_the_map_shows_objects_by_whether_they_were_visited_and_a_table_says_the_same(bureau, visits):
    with desk(bureau) as page:
        page.goto(f"{bureau.address}/console/coverage")
        rows = page.locator(".numbers tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.filter(has_text="测绘质量抽查")).to_contain_text("100%")
        expect(page.locator(".map button.point, .map button.heap").first).to_be_visible(timeout=20_000)
        assert axe_findings(page) == []
        page.set_viewport_size({"width": 1024, "height": 768})
        assert not sticks_out(page)
        page.locator(".map button.point, .map button.heap").first.click()
