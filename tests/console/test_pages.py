"""The pages beside the review: lists that are filtered, exported and acted on from a drawer."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.inspections.models import Task
from tests.console.desk import desk
from tests.phone.looking import axe_findings

PAGES = ("tasks", "results", "followups", "platform", "quarantine")


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

    page.get_by_role("button", name="刷新").click()
    expect(page.locator(".el-table__row")).to_have_count(1)
    with bureau.app.sessions() as session:
        assert session.get_one(Task, late).state == "withdrawn"
        assert session.get_one(Task, other).state == "assigned"
