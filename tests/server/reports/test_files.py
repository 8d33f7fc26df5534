"""Ledgers that are too large to wait for are made by the worker: the same bytes, once, watched, taken away, forgotten."""

import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from server import audit, clock
from server.access import Role
from server.accounts.models import Person
from server.audit import AuditEntry
from server.reports import making, place_taking, taking
from server.reports.models import ReportFile
from server.worker import drain
from tests.server.reports.reckoner import Reckoner, plain
from tests.server.reports.test_ledger import download
from tests.server.reports.world import frozen, make_world

LINES = 24


@pytest.fixture
def snapshot(cast):
    make_world(cast, LINES // 2, seed=9)
    return frozen(cast.signed_in(Role.SUPERVISOR, region="000000"))


def facts_of(app, action):
    with app.readers() as session:
        query = select(AuditEntry.details).where(AuditEntry.action == action)
        return list(session.scalars(query.order_by(AuditEntry.seq)))


def test_a_large_ledger_is_made_once_by_the_worker_and_says_what_a_small_one_says(
    cast, snapshot, monkeypatch
):
    nation, auditor = (cast.signed_in(role, region="000000") for role in (Role.SUPERVISOR, Role.AUDITOR))
    path = f"/api/v1/reports/snapshots/{snapshot['id']}"
    at_once = {
        suffix: download(nation, f"{path}/ledger.{suffix}", problem="true") for suffix in ("xlsx", "csv")
    }
    whole = download(nation, f"{path}/ledger.xlsx")
    monkeypatch.setattr(taking, "AT_ONCE", 3)
    assert nation.get(f"{path}/ledger.xlsx", expect=409)["code"] == "report.too-large"

    asked = nation.post(f"{path}/files", {"kind": "ledger.xlsx"}, expect=202)
    assert (asked["state"], asked["done"], asked["total"]) == ("waiting", 0, snapshot["rows"])
    assert auditor.post(f"{path}/files", {"kind": "ledger.xlsx"}, expect=202)["id"] == asked["id"]
    others = [
        nation.post(f"{path}/files", {"kind": f"ledger.{each}", "problem": True}, expect=202)
        for each in at_once
    ]
    content = f"/api/v1/reports/files/{asked['id']}/content"
    assert nation.get(content, expect=409)["code"] == "report.file-not-ready"

    told = []
    tell = making.Making._tell
    monkeypatch.setattr(making, "_TOLD_EVERY", 5)
    monkeypatch.setattr(
        making.Making,
        "_tell",
        lambda self, file, done: (tell(self, file, done), told.append(seen(cast, file))),
    )
    drain(cast.app)
    assert {0, 5, 10} < set(told)  # somebody who watches sees it grow
    made = nation.get(f"/api/v1/reports/files/{asked['id']}")
    assert (made["state"], made["done"], made["size"]) == ("ready", snapshot["rows"], len(whole))
    assert auditor.post(f"{path}/files", {"kind": "ledger.xlsx"}, expect=202)["id"] == asked["id"]
    assert {each["id"] for each in nation.get("/api/v1/reports/files", query_string={"snapshot": snapshot["id"]})} == {
        asked["id"], *(each["id"] for each in others),
    }  # fmt: skip

    assert download(nation, content) == whole
    for each, suffix in zip(others, at_once, strict=True):
        assert download(nation, f"/api/v1/reports/files/{each['id']}/content") == at_once[suffix]
    response = nation.call("GET", content)
    assert "filename*=UTF-8''%E5%8F%B0%E8%B4%A6" in response.headers["Content-Disposition"]
    exported = facts_of(cast.app, "report.exported")
    assert [each["lines"] for each in exported[-2:]] == [exported[0]["lines"], snapshot["rows"]]
    assert len(facts_of(cast.app, "report.asked")) == len(facts_of(cast.app, "report.made")) == 3


def seen(cast, file):
    with cast.app.readers() as session:
        return session.get_one(ReportFile, file).done


def test_a_file_is_forgotten_after_its_week_and_made_again_when_asked_for(cast, snapshot):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/files"
    first = nation.post(path, {"kind": "ledger.csv", "item": "STEP"}, expect=202)
    drain(cast.app)
    before = download(nation, f"/api/v1/reports/files/{first['id']}/content")
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(ReportFile).values(expires_at=clock.now() - timedelta(seconds=1)))
        (file,) = session.scalars(select(ReportFile))
        kept = making.derivative_of(file)
    second = nation.post(path, {"kind": "ledger.csv", "item": "STEP"}, expect=202)
    assert second["id"] != first["id"]
    drain(cast.app)
    assert nation.get(f"/api/v1/reports/files/{first['id']}", expect=404)["code"] == "report.file-not-found"
    assert [each["id"] for each in nation.get("/api/v1/reports/files")] == [second["id"]]
    assert download(nation, f"/api/v1/reports/files/{second['id']}/content") == before
    with cast.app.store.open_derivative(*kept) as reading:
        assert b"".join(bytes(piece) for piece in reading) == before


def test_a_file_that_the_store_has_lost_is_made_anew(cast, snapshot):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/files"
    file = nation.post(path, {"kind": "ledger.csv", "item": "STEP"}, expect=202)
    drain(cast.app)
    content = f"/api/v1/reports/files/{file['id']}/content"
    before = download(nation, content)
    with cast.app.readers() as session:
        kept = making.derivative_of(session.scalars(select(ReportFile)).one())
    cast.app.store.discard_derivative(*kept)

    assert nation.get(content, expect=409)["code"] == "report.file-not-ready"
    assert nation.post(path, {"kind": "ledger.csv", "item": "STEP"}, expect=202)["id"] == file["id"]
    drain(cast.app)
    assert download(nation, content) == before


def test_a_file_is_for_those_who_may_read_its_snapshot_and_a_worker_that_died_is_followed_by_another(
    cast, snapshot
):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/files"
    assert (
        cast.signed_in(Role.INSPECTOR).post(path, {"kind": "ledger.csv"}, expect=403)["code"]
        == "access.denied"
    )
    county = cast.signed_in(Role.SUPERVISOR, region="140522")
    assert county.post(path, {"kind": "ledger.csv"}, expect=404)["code"] == "report.not-found"
    file = nation.post(path, {"kind": "ledger.csv"}, expect=202)
    assert county.get(f"/api/v1/reports/files/{file['id']}", expect=404)["code"] == "report.file-not-found"
    assert county.get("/api/v1/reports/files") == []

    for attempt in range(1, 6):
        with audit.transaction(cast.app.sessions) as session:
            (work,) = making.claim(session)
            assert str(work.id) == file["id"]
            assert making.claim(session) == []  # it is in somebody's hands
            held = session.get_one(ReportFile, work.id)
            assert held.attempts == attempt
            held.held_until = clock.now() - timedelta(seconds=1)
    with audit.transaction(cast.app.sessions) as session:
        assert making.claim(session) == []
    assert nation.get(f"/api/v1/reports/files/{file['id']}")["state"] == "failed"
    again = nation.post(path, {"kind": "ledger.csv"}, expect=202)
    assert again["id"] != file["id"]
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Person).where(Person.id == nation.person_id).values(roles=["inspector"]))
    drain(cast.app)
    auditor = cast.signed_in(Role.AUDITOR, region="000000")
    failed = auditor.get(f"/api/v1/reports/files/{again['id']}")
    assert failed["state"] == "failed"  # whoever asked may read it no more
    assert failed["problem"]


def test_places_of_any_number_are_made_by_the_worker_for_whoever_may_see_them(cast, snapshot, monkeypatch):
    nation, auditor = (cast.signed_in(role, region="000000") for role in (Role.SUPERVISOR, Role.AUDITOR))
    layers = ["objects", "markers"]
    at_once = {
        suffix: nation.call(
            "GET", f"/api/v1/reports/places.{suffix}", query_string={"layers": layers}
        ).get_data()
        for suffix in ("geojson", "gpkg")
    }
    found = len(json.loads(at_once["geojson"])["features"])
    monkeypatch.setattr(taking, "AT_ONCE", 3)
    monkeypatch.setattr(place_taking, "_BATCH", 2)
    monkeypatch.setattr(making, "_TOLD_EVERY", 4)
    assert nation.get("/api/v1/reports/places.gpkg", expect=409)["code"] == "report.too-large"

    path = "/api/v1/reports/places/files"
    order = {"kind": "places.geojson", "layers": layers}
    asked = nation.post(path, order, expect=202)
    assert (asked["state"], asked["snapshot_id"], asked["done"], asked["total"]) == (
        "waiting",
        None,
        0,
        found,
    )
    assert nation.post(path, order, expect=202)["id"] == asked["id"]
    package = nation.post(path, {**order, "kind": "places.gpkg"}, expect=202)
    county = nation.post(path, {**order, "region": "140522"}, expect=202)
    told = []
    tell = making.Making._tell
    monkeypatch.setattr(
        making.Making,
        "_tell",
        lambda self, file, done: (tell(self, file, done), told.append(seen(cast, file))),
    )
    drain(cast.app)
    assert max(told) >= 4  # somebody who watches sees it grow
    content = f"/api/v1/reports/files/{asked['id']}/content"
    assert download(nation, content) == at_once["geojson"]
    made = nation.get(f"/api/v1/reports/files/{package['id']}")
    assert (made["state"], made["done"], made["total"]) == ("ready", found, found)
    assert len(download(nation, f"/api/v1/reports/files/{package['id']}/content")) == made["size"]
    fewer = json.loads(download(nation, f"/api/v1/reports/files/{county['id']}/content"))["features"]
    assert 0 < len(fewer) < found
    assert {each["properties"]["region"] for each in fewer} == {"140522"}
    assert {each["id"] for each in nation.get("/api/v1/reports/files", query_string={"places": True})} == {
        each["id"] for each in (asked, package, county)
    }
    assert nation.post(path, order, expect=202)["id"] != asked["id"]  # places change: this one is of later

    # It is what its owner may see: nobody else's, and not theirs any more either when they may not.
    assert auditor.get("/api/v1/reports/files") == []
    assert auditor.get(content, expect=404)["code"] == "report.file-not-found"
    assert cast.signed_in(Role.INSPECTOR).post(path, order, expect=403)["code"] == "access.denied"
    facts = {action: facts_of(cast.app, f"places.{action}") for action in ("asked", "made", "exported")}
    assert [len(each) for each in facts.values()] == [4, 3, 5]
    assert facts["made"][0]["lines"] == facts["exported"][-3]["features"] == found


def test_the_tables_are_a_workbook_whose_rates_come_to_what_the_api_says(cast, snapshot):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    path = f"/api/v1/reports/snapshots/{snapshot['id']}"
    data = download(nation, f"{path}/tables.xlsx")
    values, formulas = (load_workbook(io.BytesIO(data), data_only=each) for each in (True, False))
    assert values.sheetnames == ["抽查工作情况统计", "覆盖面", "督查考核"]
    reckoner, reckoned = Reckoner(formulas), 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            cached = plain(values[sheet.title][cell.coordinate].value)
            assert reckoner.value(sheet.title, cell.coordinate).plain == pytest.approx(cached), cell.value
            reckoned += 1
    told = {kind: nation.get(f"{path}/{kind}") for kind in ("statistics", "coverage", "assessment")}
    work = rows_of(values["抽查工作情况统计"])
    assert [row["抽查内容"] for row in work] == [each["item"] for each in told["statistics"]["lines"]] + [
        None
    ]
    for row, each in zip(work, [*told["statistics"]["lines"], told["statistics"]["total"]], strict=True):
        assert (row["抽查户数"], row["已公示"], row["未公示"], row["完结数"]) == (
            each["drawn"], each["published"], each["unpublished"], each["closed"],
        )  # fmt: skip
        for name, share in (("抽查完成率", "completion"), ("完结率", "closure"), ("问题发现率", "discovery")):
            assert percent(row[name]) == each[share]["percent"]
        assert row["迁移、注销等其他情况"] == each["results"]["left"]
        assert row["处置：移送公安机关"] == each["followups"]["transfer_police"]
    coverage = rows_of(values["覆盖面"])
    wide = told["coverage"]
    assert [(row["已检查户数"], row["名录库户数"]) for row in coverage] == [
        (each["coverage"]["part"], each["coverage"]["whole"])
        for kind in ("items", "kinds", "tags")
        for each in wide[kind]
    ]
    units = rows_of(values["督查考核"])
    for row, unit in zip(units, told["assessment"]["units"], strict=True):
        assert (row["单位"], row["检查任务"], row["未按要求检查"]) == (
            unit["name"],
            unit["visits"],
            unit["liability"]["not_inspected"],
        )
        assert percent(row["按时录入率"]) == unit["entry_in_time"]["percent"]
        assert row["按时录入率（分母）"] == unit["entry_in_time"]["whole"]
    assert reckoned >= 4 * len(work) + len(coverage) + 4 * len(units) - 2
    assert facts_of(cast.app, "report.exported")[-1]["kind"] == "tables.xlsx"


def rows_of(sheet):
    headings, *rows = list(sheet.iter_rows(min_row=4, values_only=True))
    return [dict(zip(headings, row, strict=True)) for row in rows]


def percent(value):
    return f"{value * 100:.2f}" if isinstance(value, int | float) else None
