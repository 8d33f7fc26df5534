"""The pages beside the review: lists that are filtered, exported and acted on from a drawer."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server import audit, clock
from server.accounts.models import Organisation, Person
from server.demo.draw import PLANNED
from server.demo.loading import demo_actor, load_demo_plans
from server.draws.announcing import Announcement, announce
from server.draws.ceremonies import freeze
from server.draws.finding import frame_of
from server.draws.models import CeremonyKind, Draw, DrawSource
from server.draws.selection import Selection
from server.draws.service import DrawDraft, VisitDraft, publish
from server.inspections.models import Task
from server.planning.models import PlannedInspection
from tests.console.desk import desk
from tests.phone.looking import axe_findings

MINES = "2023年第一季度生产矿山抽查"
PAGES = ("tasks", "draws", "results", "followups", "platform", "quarantine")


@pytest.fixture(scope="module")
def page(bureau):
    with desk(bureau) as page:
        yield page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody_also_while_it_is_empty(bureau, page, name):
    page.goto(f"{bureau.address}/console/{name}")

    expect(page.locator(".el-empty, .el-table").first).to_be_visible()
    assert axe_findings(page) == []


def test_a_task_is_found_read_with_its_rules_exported_and_withdrawn_with_a_reason(bureau, page, tmp_path):
    late, other = bureau.task(number="阳检-2026-701", days=-2), bureau.task(number="=阳检-2026-702", days=3)
    page.goto(f"{bureau.address}/console/tasks?state=assigned")

    expect(page.locator(".el-table__row")).to_have_count(2)
    expect(page.locator(".el-table__row").first).to_contain_text("未开始（逾期）")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    download.value.save_as(tmp_path / "tasks.csv")
    lines = Path(tmp_path / "tasks.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ['"任务编号"', '"阳检-2026-701"', '"\'=阳检-2026-702"']

    page.get_by_role("button", name="阳检-2026-701").click()
    drawer = page.get_by_role("dialog", name="阳检-2026-701")
    expect(drawer.get_by_text("两名以上持证检查人员")).to_be_visible()
    drawer.get_by_role("button", name="撤回…").click()
    asked = page.get_by_role("dialog", name="撤回任务")
    expect(asked.get_by_role("button", name="撤回", exact=True)).to_be_disabled()
    asked.get_by_placeholder("原因").fill("重复抽取")
    asked.get_by_role("button", name="撤回", exact=True).click()
    expect(asked).to_be_hidden()

    expect(page.locator(".el-table__row")).to_have_count(1)  # the list is read anew by itself
    with bureau.app.sessions() as session:
        assert session.get_one(Task, late).state == "withdrawn"
        assert session.get_one(Task, other).state == "assigned"


def test_a_draw_is_watched_from_its_promise_to_its_list_and_checked_where_it_is_shown(bureau):
    with audit.transaction(bureau.app.sessions) as session:
        load_demo_plans(session)
        planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == PLANNED)).one()
        days = (clock.today(), clock.today() + timedelta(days=20))
        its = Announcement(CeremonyKind.FULL, *days, planned.id)
        ceremony = announce(session, demo_actor(session), bureau.app.installation.secret, its).id

    with desk(bureau, "planner1") as page:
        page.wait_for_url("**/console/board")  # a planner reviews nothing
        page.goto(f"{bureau.address}/console/draws/{ceremony}")
        expect(page.get_by_role("heading", name=PLANNED)).to_be_visible()
        page.get_by_role("button", name="封存底册").click()
        expect(
            page.get_by_role("row", name="全部").or_(page.get_by_role("row", name="A")).first
        ).to_be_visible()
        page.get_by_role("button", name="揭示并抽取").click()
        page.get_by_role("button", name="确定").click()
        expect(page.locator(".list tbody tr").first).to_be_visible()
        page.get_by_role("button", name="在此核对").click()
        expect(page.get_by_text("相符：")).to_be_visible()
        assert axe_findings(page) == []
        page.get_by_role("button", name="公布", exact=True).click()
        page.get_by_role("button", name="确定").click()
        expect(page.locator("header").get_by_text("已公布")).to_be_visible()


def test_a_draw_in_whose_frame_something_reached_the_cap_since_can_only_be_given_up(bureau):
    with audit.transaction(bureau.app.sessions) as session:
        load_demo_plans(session)
        planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == MINES)).one()
        actor, days = demo_actor(session), (clock.today(), clock.today() + timedelta(days=20))
        organisation = session.get_one(Organisation, actor.organisation_id)
        before = organisation.rules
        organisation.rules = before | {"visit": {"a_year": 9}}
        its = Announcement(CeremonyKind.FULL, *days, planned.id)
        ceremony = announce(session, actor, bureau.app.installation.secret, its)
        freeze(session, actor, ceremony.id, Selection())
        candidate = next(each for each in frame_of(ceremony)["objects"] if not each["out"])
        elsewhere = session.scalars(
            select(Person.id).where(Person.username.like("inspector%")).limit(2)
        ).all()
        visit = VisitDraft(
            UUID(candidate["id"]), tuple(elsewhere), "省-1", "省级抽查", ("f",), ("MINE_OVERSTEP",), *days
        )
        draft = DrawDraft(DrawSource.PLATFORM, locked=True, visits=(visit,))
        draw = publish(session, actor, planned, draft)
        organisation.rules = before | {"visit": {"a_year": 1}}

    with desk(bureau, "planner1") as page:
        page.wait_for_url("**/console/board")
        page.goto(f"{bureau.address}/console/draws/{ceremony.id}")
        expect(page.get_by_role("alert").filter(has_text=candidate["name"])).to_be_visible()
        expect(page.get_by_role("button", name="揭示并抽取")).to_have_count(0)
        assert axe_findings(page) == []
        page.get_by_role("button", name="放弃…").click()
        asked = page.get_by_role("dialog")
        asked.get_by_placeholder("原因").fill("已达频次上限")
        asked.get_by_role("button", name="放弃", exact=True).click()
        expect(page.locator("header").get_by_text("已放弃")).to_be_visible()
    with audit.transaction(bureau.app.sessions) as session:
        session.get_one(Organisation, demo_actor(session).organisation_id).rules = before
        session.get_one(Draw, draw.id).superseded_at = clock.now()
