"""Reports, publications and the platform at the desk: a snapshot is taken, looked at, compared and taken away; what is public is taken
back; both sides of the platform are compared, and what differs is settled."""

import contextlib
import io
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import insert, select

from server import audit, clock
from server.accounts import service as accounts
from server.accounts.models import Organisation, Person
from server.inspections.models import Record, Revision, Task
from server.platform.models import Delivery
from server.publicity import withdrawing
from server.publicity.models import Disclosure, Publication
from server.publicity.rules import Reason
from server.reports import taking
from server.results.models import Result
from server.worker import drain
from tests.actors.platform import running_platform
from tests.console.desk import desk, put_away
from tests.phone.looking import axe_findings
from tests.planting import filled

BODY = {
    "object_name": "阳城县青龙坪石灰岩矿", "uscc": None, "item_code": "BOUNDARY_MARKER", "item_name": "界桩埋设情况",
    "inspected_on": "2026-11-20", "result": "未发现问题", "followup": "", "organisation": "阳城县自然资源局",
    "task_no": "阳检-2026-801",
}  # fmt: skip


def publish(bureau):
    """One result that is public on the own portal and waits to be brought to the government column."""
    task_id = bureau.task(number="阳检-2026-801", days=4)
    with audit.transaction(bureau.app.sessions) as session:
        task = session.get_one(Task, task_id)
        person = session.scalars(select(Person.id).where(Person.username == "inspector1")).one()
        here = {"region": task.region, "organisation_id": task.organisation_id}
        record, rev, result, disclosure = uuid4(), "sha256:801", uuid4(), uuid4()
        rows = [
            (Record, {"id": record, "task_id": task_id, "author_id": person, "region": task.region}),
            (Revision, {"rev": rev, "record_id": record, "task_id": task_id, "author_id": person}),
            (Result, {**here, "id": result, "task_id": task_id, "object_id": task.object_id, "record_id": record, "rev": rev,
                      "item_code": task.item_codes[0], "codes": ["NO_PROBLEM"], "followup_codes": [], "state": "released",
                      "inspected_on": clock.today(), "closed_at": None, "objection": None, "confirmed_by": None, "released_by": None}),
            (Disclosure, {**here, "id": disclosure, "result_id": result, "object_id": task.object_id, "version": 1, "state": "public", "body": BODY,
                          "objection": None, "closed_on": None, "reason": None, "uscc": None}),
            *((Publication, {"disclosure_id": disclosure, "target": target, "region": task.region, "state": state, "errors": [],
                             "due_on": clock.today() - timedelta(days=9), "batch": None, "receipt": None, "settled_at": None})
              for target, state in (("portal", "acknowledged"), ("column", "due"))),
        ]  # fmt: skip
        for model, known in rows:
            session.execute(insert(model.__table__), [filled(model, **known)])
    return disclosure


@pytest.fixture(scope="module")
def disclosure(bureau):
    return publish(bureau)


def test_a_snapshot_is_taken_read_compared_and_taken_away(bureau, disclosure, tmp_path, monkeypatch):
    bureau.task(number="=阳检-2026-802", days=3)
    with desk(bureau) as page:
        for _ in range(2):
            page.goto(f"{bureau.address}/console/reports")
            page.get_by_role("button", name="生成快照…").click()
            asked = page.get_by_role("dialog", name="生成快照")
            asked.get_by_role("button", name="生成", exact=True).click()
            expect(page.get_by_text("抽查完成率").first).to_be_visible()
        expect(page.get_by_role("row", name="阳城县")).to_contain_text("100.00%")
        assert axe_findings(page) == []
        page.get_by_role("button", name="重新核对").click()
        expect(page.get_by_text("核对一致，未被改动。")).to_be_visible()

        page.locator(".compared").click()
        page.get_by_role("option").first.click()
        expect(page.get_by_text("±0").first).to_be_visible()

        page.get_by_role("button", name="统计图（微信）").click()
        with page.expect_download() as download:
            page.get_by_role("dialog").get_by_role("button", name="保存").click()
        download.value.save_as(tmp_path / "rates.png")
        with Image.open(tmp_path / "rates.png") as picture:
            assert picture.width == 1080
        put_away(page)

        for name, shown in (
            ("抽查工作情况统计", "合计（按户去重）"),
            ("覆盖面", "按对象类别"),
            ("督查考核", "失职照单问责"),
        ):
            page.get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", name=name)).to_be_visible()
            expect(page.get_by_text(shown).first).to_be_visible()
            assert axe_findings(page) == []
            with page.expect_download() as download:
                page.get_by_role("button", name="本表（CSV）").click()
            download.value.save_as(tmp_path / "table.csv")
            lines = Path(tmp_path / "table.csv").read_text(encoding="utf-8-sig").splitlines()
            assert len(lines) > 1
            assert all(line.count('","') == lines[0].count('","') for line in lines)
        with page.expect_download() as download:
            page.get_by_role("button", name="三张统计表（Excel，含公式）").click()
        download.value.save_as(tmp_path / "tables.xlsx")
        assert load_workbook(tmp_path / "tables.xlsx").sheetnames == [
            "抽查工作情况统计",
            "覆盖面",
            "督查考核",
        ]

        monkeypatch.setattr(taking, "AT_ONCE", 1)  # two lines are many now
        page.get_by_role("link", name="统计指标").click()
        page.get_by_role("button", name="台账（CSV）").click()
        expect(page.get_by_text("已转由后台生成")).to_be_visible()
        expect(page.get_by_role("progressbar", name="台账-阳城县")).to_be_visible()
        assert axe_findings(page) == []
        drain(bureau.app)
        with page.expect_download() as download:
            page.locator(".files").get_by_role("button", name="保存").click()
        download.value.save_as(tmp_path / "ledger.csv")
        assert len(Path(tmp_path / "ledger.csv").read_text(encoding="utf-8-sig").splitlines()) == 3

        page.get_by_role("button", name="空间数据（GPKG）").click()
        waits = page.locator(".files li").filter(has_text="空间数据-")
        expect(waits.get_by_role("progressbar")).to_be_visible()
        expect(waits).to_contain_text("图层：检查对象、许可范围、界桩、检查定位")
        drain(bureau.app)
        with page.expect_download() as download:
            waits.get_by_role("button", name="保存").click()
        download.value.save_as(tmp_path / "places.gpkg")
        with contextlib.closing(sqlite3.connect(tmp_path / "places.gpkg")) as package:
            assert package.execute("SELECT count(*) FROM objects").fetchone()[0] > 1
        monkeypatch.undo()

        page.get_by_role("link", name="台账", exact=True).click()
        expect(page.locator(".el-table__row")).to_have_count(2)
        page.goto(f"{page.url}?public=true")
        expect(page.locator(".el-table__row")).to_have_count(1)
        with page.expect_download() as download:
            page.get_by_role("button", name="按当前筛选导出 Excel（含公式）").click()
        download.value.save_as(tmp_path / "ledger.xlsx")
        book = load_workbook(io.BytesIO(Path(tmp_path / "ledger.xlsx").read_bytes()), data_only=True)
        assert book["汇总"]["C2"].value == 1
        page.get_by_role("button", name="阳检-2026-801").click()
        expect(page.get_by_role("dialog").get_by_text("未发现问题")).to_be_visible()
        assert axe_findings(page) == []


def test_what_is_public_is_read_as_everybody_reads_it_and_taken_back_with_a_reason(bureau, disclosure):
    with desk(bureau, "publisher1") as page:
        page.goto(f"{bureau.address}/console/publications")
        expect(page.locator(".el-table__row")).to_have_count(2)
        assert axe_findings(page) == []
        page.goto(f"{bureau.address}/console/publications?state=due")
        expect(page.locator(".el-table__row")).to_have_count(1)
        expect(page.locator(".el-table__row .el-tag--danger")).to_have_text(re.compile(r"^-\d+$"))
        page.get_by_role("button", name=BODY["object_name"]).click()
        drawer = page.get_by_role("dialog", name=BODY["object_name"])
        expect(drawer.get_by_text("按规则不公开")).to_be_visible()
        drawer.get_by_role("button", name="撤回公示…").click()
        asked = page.get_by_role("dialog", name="撤回公示")
        expect(asked.get_by_role("button", name="撤回公示", exact=True)).to_be_disabled()
        asked.get_by_placeholder("原因").fill("事项选错")
        asked.get_by_role("button", name="撤回公示", exact=True).click()
        expect(page.locator(".el-empty")).to_be_visible()  # nothing is due any more
    with bureau.app.sessions() as session:
        ended = session.get_one(Disclosure, disclosure)
        assert (ended.state, ended.reason) == ("withdrawn", "entered_wrongly")

    with desk(bureau, "publisher1", "publications?target=portal") as page:
        page.get_by_role("button", name=BODY["object_name"]).click()
        drawer = page.get_by_role("dialog", name=BODY["object_name"])
        expect(drawer.get_by_text("录入有误")).to_be_visible()
        drawer.get_by_role("button", name="重新公示…").click()
        asked = page.get_by_role("dialog", name="重新公示")
        expect(asked.get_by_text("此前撤回原因：录入有误")).to_be_visible()
        expect(asked.get_by_role("button", name="重新公示", exact=True)).to_be_disabled()
        asked.get_by_placeholder("原因").fill("误撤")
        assert axe_findings(page) == []
        asked.get_by_role("button", name="重新公示", exact=True).click()
        expect(asked).to_have_count(0)
        expect(page.locator(".el-table__row").get_by_text("已公示")).to_be_visible()
    with bureau.app.sessions() as session:
        again = session.get_one(Disclosure, disclosure)
        assert (again.state, again.reason) == ("public", None)


def test_publishers_set_where_their_bureaus_results_go(bureau):
    """Only they may, and the page of settings is not theirs."""
    with desk(bureau, "publisher1", "publications") as page:
        page.get_by_role("button", name="公示去向…").click()
        asked = page.get_by_role("dialog", name="阳城县自然资源局")
        expect(asked.get_by_text("都会报送省级监管平台")).to_be_visible()
        asked.get_by_text("信用信息系统").click()
        page.wait_for_timeout(300)
        assert axe_findings(page) == []
        asked.get_by_role("button", name="保存公示去向…").click()
        page.get_by_role("button", name="确定").click()
        expect(page.get_by_role("status").get_by_text("公示去向已保存")).to_be_visible()
    with audit.transaction(bureau.app.sessions) as session:
        own = session.scalars(select(Organisation).where(Organisation.name == "阳城县自然资源局")).one()
        assert own.rules["publicity"] == {"targets": ["portal", "column", "platform"], "problems": "at_once"}
        own.rules = {name: told for name, told in own.rules.items() if name != "publicity"}


def test_who_comes_too_late_is_told_who_was_quicker_and_the_list_behind_is_new(bureau, disclosure):
    with desk(bureau, "publisher1", "publications?target=portal") as page:
        page.get_by_role("button", name=BODY["object_name"]).click()
        drawer = page.get_by_role("dialog", name=BODY["object_name"])
        drawer.get_by_role("button", name="撤回公示…").click()
        asked = page.get_by_role("dialog", name="撤回公示")
        asked.get_by_placeholder("原因").fill("判决撤销")
        with audit.transaction(bureau.app.sessions) as session:
            someone = session.scalars(select(Person).where(Person.username == "publisher1")).one()
            withdrawing.withdraw(session, accounts.actor_of(someone), disclosure, Reason.REVOKED, "判决")
        asked.get_by_role("button", name="撤回公示", exact=True).click()
        expect(asked.get_by_role("alert")).to_have_text(
            re.compile(r"已更正或已撤回：.+已于\d+月\d+日 \d\d:\d\d 撤回公示。")
        )
        expect(page.locator(".el-table__row").get_by_text("已撤回")).to_be_attached()
        assert axe_findings(page) == []


def test_on_a_phones_screen_what_can_be_done_about_a_row_is_within_reach(bureau, disclosure):
    at = "publications?target=portal"
    with desk(bureau, "publisher1", at, viewport={"width": 390, "height": 844}) as page:
        page.get_by_role("button", name=BODY["object_name"]).click()
        drawer = page.get_by_role("dialog", name=BODY["object_name"])
        action = re.compile("撤回公示…|重新公示…")
        drawer.get_by_role("button", name=action).click()
        asked = page.get_by_role("dialog", name=re.compile("^(撤回公示|重新公示)$"))
        asked.get_by_placeholder("原因").fill("误撤")
        for each in (drawer, asked):
            place = each.bounding_box()
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= 390
        asked.get_by_role("button", name="取消").click()


def deliver(bureau, adapter, disclosure):
    """Three versions of a result that the platform took, with their receipts; their keys."""
    with audit.transaction(bureau.app.sessions) as session:
        result = session.get_one(Result, session.get_one(Disclosure, disclosure).result_id)
        keys = [
            f"阳检-2026-801/91140522MA0KY0000X/{item}/v1"
            for item in ("BOUNDARY_MARKER", "MINE_OVERSTEP", "RECLAMATION")
        ]
        for key in keys:
            payload = {
                "task_no": key,
                "object": {"code": "1"},
                "item": {"code": "1"},
                "result": ["NO_PROBLEM"],
                "version": 1,
                "region": result.region,
            }
            receipt = adapter.deliver(payload, key).receipt
            session.execute(
                insert(Delivery.__table__),
                [filled(Delivery, id=uuid4(), region=result.region, result_id=result.id, target="province", key=key, version=1,
                        payload=payload, state="accepted", receipt=receipt, errors=[], settled_at=clock.now())],
            )  # fmt: skip
    return keys


def compare(page):
    """Ask for a comparison in the dialog that is open; it waits for the worker when this returns."""
    with page.expect_response(lambda answer: answer.url.endswith("/reconciliations") and answer.ok):
        page.get_by_role("dialog").get_by_role("button", name="对账", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("progressbar")).to_be_visible()


def test_both_sides_of_the_platform_are_compared_and_what_differs_is_settled(bureau, disclosure, monkeypatch):
    url = "http://127.0.0.1:9/results"  # asked by the worker of this test, which has an adapter of its own
    monkeypatch.setattr(bureau.app, "settings", replace(bureau.app.settings, platform_url=url))
    with running_platform() as (platform, adapter), desk(bureau, "operator1", at="platform/runs") as page:
        # What was taken back here before goes to the platform only where the result went: that is heard first.
        drain(bureau.app, adapter)
        missing, other, _ = deliver(bureau, adapter, disclosure)
        del platform.held[missing]
        platform.held[other].payload["result"] = ["OTHER"]
        page.get_by_role("button", name="立即对账…").click()
        asked = page.get_by_role("dialog", name="与省级平台对账")
        compare(page)
        drain(bureau.app, adapter)
        expect(asked.get_by_text("本地回执 3，平台接收 2，一致 1，差异 2。")).to_be_visible()
        assert axe_findings(page) == []
        asked.get_by_role("link", name="查看差异").click()
        expect(page.locator(".el-table__row")).to_have_count(2)
        assert axe_findings(page) == []

        page.get_by_role("button", name=missing).click()
        page.get_by_role("dialog", name=missing).get_by_role("button", name="重新发送").click()
        expect(page.get_by_role("row", name=missing)).to_contain_text("已重新发送")
        page.get_by_role("button", name=other).click()
        drawer = page.get_by_role("dialog", name=other)
        expect(drawer.get_by_role("button", name="重新发送")).to_have_count(0)
        drawer.get_by_role("button", name="注明原因…").click()
        why = page.get_by_role("dialog", name="注明差异原因")
        why.get_by_placeholder("原因").fill("平台人员已电话确认，次日更正")
        why.get_by_role("button", name="注明", exact=True).click()
        expect(page.get_by_role("row", name=other)).to_contain_text("已说明")

        drain(bureau.app, adapter)
        page.get_by_role("link", name="对账记录").click()
        page.get_by_role("button", name="立即对账…").click()
        compare(page)
        drain(bureau.app, adapter)
        expect(
            page.get_by_role("dialog").get_by_text("本地回执 3，平台接收 3，一致 2，差异 1。")
        ).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name="关闭").last.click()
        expect(page.locator(".el-table__row")).to_have_count(2)
        page.get_by_role("link", name="对账差异").click()
        expect(page.locator(".el-empty")).to_be_visible()  # nothing waits for anybody
        page.goto(f"{bureau.address}/console/platform/differences?state=resolved")
        expect(page.get_by_role("row", name=missing)).to_contain_text("已消除")
