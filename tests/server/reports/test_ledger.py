"""A ledger says what the database says, cell for cell; its formulas come to what they carry; and it stays that."""

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select, update

from server import audit, clock
from server.access import Role
from server.accounts.models import Person
from server.audit import AuditEntry
from server.calendar import is_working_day
from server.inspections.models import Assignment, Task
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject, InspectionItem
from server.reports import taking
from server.reports.models import ReportSnapshot
from server.results.codes import FollowupCode, ResultCode
from server.results.models import Deadline, Result
from tests.planting import filled
from tests.server.reports.reckoner import Reckoner, plain
from tests.server.reports.world import ITEMS, frozen, make_world, problem

DANGEROUS = ("=1+1", "+86", "-1", "@SUM(A1)", "王\x0b某矿", "911100000000000123")
ABOVE = 3  # title, source, headings


@pytest.fixture
def world(cast):
    """Visits with people on them, and objects whose names a spreadsheet would run or cut."""
    lines = make_world(cast, 24, seed=5)
    people = [cast.person(Role.INSPECTOR) for _ in range(3)]
    with audit.transaction(cast.app.sessions) as session:
        for number, task in enumerate({each.task: each for each in lines}.values()):
            name = f"{DANGEROUS[number % len(DANGEROUS)]}{number}"
            session.execute(
                update(InspectedObject).where(InspectedObject.id == task.object).values(name=name)
            )
            on = [people[0], people[1 + number % 2], *people[2 - number % 2 : 3 - number % 2][: number % 3]]
            session.execute(
                insert(Assignment.__table__),
                [filled(Assignment, task_id=task.task, person_id=each.person_id, section_id=None, ended_at=None,
                        role="assisting" if place else "lead") for place, each in enumerate(on)],
            )  # fmt: skip
        session.execute(
            update(Deadline)
            .where(Deadline.met_on.is_(None))
            .values(due_on=clock.today() + timedelta(days=11))
        )
    return lines


def download(person, path, **query):
    """The bytes of a file, by the door."""
    response = person.call("GET", path, query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data()


def opened(data):
    return load_workbook(io.BytesIO(data), data_only=True), load_workbook(io.BytesIO(data))


def lines_of(sheet):
    """The lines of an item's sheet by heading, its sum left out."""
    headings = [cell.value for cell in sheet[ABOVE]]
    rows = list(sheet.iter_rows(min_row=ABOVE + 1, values_only=True))
    assert rows[-1][0] == "合计"
    return [
        {
            head: value.date() if hasattr(value, "date") else value
            for head, value in zip(headings, row, strict=True)
        }
        for row in rows[:-1]
    ]


def by_hand(session, line):
    """A line as one would write it off the database."""
    task = session.get_one(Task, line.task)
    thing = session.get_one(InspectedObject, line.object)
    result = session.scalar(select(Result).where(Result.task_id == task.id, Result.item_code == line.item))
    entry = session.get(Deadline, (result.id, "entry")) if result else None
    public = result and session.scalar(select(Disclosure).where(Disclosure.result_id == result.id))
    on = session.execute(
        select(Assignment.role, Person.name).join(Person, Person.id == Assignment.person_id)
        .where(Assignment.task_id == task.id).order_by(Person.name, Person.id)
    ).all()  # fmt: skip
    due = task.due_on if result is None else entry.due_on if entry.met_on is None else None
    return {
        "检查机关": line.bureau.name,
        "计划名称": filled_plan_name(session, task),
        "任务编号": task.number,
        "任务名称": task.name,
        "抽查类型": "定向",
        "抽查比例": "5%",
        "事项代码": line.item,
        "抽查事项": session.get_one(InspectionItem, line.item).name,
        "检查对象": thing.name.replace("\x0b", ""),
        "统一社会信用代码": thing.uscc,
        "信用风险等级": thing.risk_class,
        "配合科室": "矿保科、执法大队",
        "检查人员1": next(name for role, name in on if role == "lead"),
        "检查人员2": "、".join(name for role, name in on if role != "lead"),
        "检查期限": task.due_on,
        "检查日期": result.inspected_on if result else None,
        "检查结果": "；".join(ResultCode(code).chinese for code in result.codes) or None if result else None,
        "发现问题": {True: "是", False: "否"}[problem(line)] if result else None,
        "问题情况": result.findings_text if result else None,
        "后续处置": FollowupCode.TRANSFER_POLICE.chinese if result else None,
        "整改期限": result.rectify_by if result else None,
        "录入期限": entry.due_on if entry else None,
        "录入日期": entry.met_on if entry else None,
        "公示日期": public.published_at.astimezone(clock.CHINA).date() if public else None,
        "公示链接": f"/public/results/{public.id}" if public else None,
        "下一期限": due,
        "剩余工作日": working_days(clock.today(), due) if due else None,
    }


def filled_plan_name(session, task):
    from server.planning.models import PlannedInspection

    return session.get_one(PlannedInspection, task.planned_id).plan_name


def working_days(today, due):
    """Day by day, by the calendar itself."""
    first, last = min(today, due), max(today, due)
    days = sum(is_working_day(first + timedelta(days=each)) for each in range(1, (last - first).days + 1))
    return days if due >= today else -days


def test_a_ledger_says_what_the_database_says_cell_for_cell_and_its_formulas_come_to_it(cast, world):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/ledger.xlsx"
    data = download(nation, path)
    values, formulas = opened(data)
    assert values.sheetnames == ["说明", "汇总", *(f"{item}事项" for item in sorted(ITEMS)), "节假日"]

    with cast.app.sessions() as session:
        for item in ITEMS:
            told = lines_of(values[f"{item}事项"])
            lines = {session.get_one(Task, each.task).number: each for each in world if each.item == item}
            assert [each["任务编号"] for each in told] == sorted(lines)
            for each in told:
                expected = by_hand(session, lines[each["任务编号"]])
                assert {name: each[name] for name in expected} == expected
    reckoner, reckoned = Reckoner(formulas), 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cached = plain(values[sheet.title][cell.coordinate].value)
                    assert reckoner.value(sheet.title, cell.coordinate).plain == pytest.approx(cached), (
                        sheet.title,
                        cell.coordinate,
                    )
                    reckoned += 1
                    assert not any(word in cell.value for word in ("TODAY(", "NOW(", "INDIRECT(", "OFFSET("))
    assert reckoned > 2 * len(world)
    summary = [[cell.value for cell in row] for row in values["汇总"].iter_rows(min_row=2)]
    assert [row[2] for row in summary] == [len(world) // 2, len(world) // 2, len(world)]
    assert summary[-1][3] == sum(bool(each.inspected) for each in world)
    assert summary[-1][5] == sum(each.public for each in world)

    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Result).values(findings_text="后来", codes=[]))
        session.execute(update(Person).values(name=Person.name + "改"))
        session.execute(update(InspectedObject).values(name=InspectedObject.name + "-后来"))
        exported = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.exported")).one()
    assert download(nation, path) == data
    assert nation.get(f"/api/v1/reports/snapshots/{snapshot['id']}/check")["holds"] is True
    assert exported.details == {
        "kind": "ledger.xlsx", "snapshot": snapshot["id"], "filter": {}, "lines": len(world),
    }  # fmt: skip


def test_list_and_csv_are_the_filtered_view_and_text_stays_text(cast, world):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    base = f"/api/v1/reports/snapshots/{frozen(nation)['id']}"
    chosen = {"region": "140522", "item": "STEP", "problem": "true"}
    wanted = [
        each for each in world if each.bureau.region == "140522" and each.item == "STEP" and problem(each)
    ]
    listed = nation.get(f"{base}/ledger", query_string=chosen)
    assert 0 < len(listed) == len(wanted)
    text = download(nation, f"{base}/ledger.csv", **chosen).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["任务编号"] for row in rows] == [each["task_number"] for each in listed]
    assert [row["剩余工作日"] for row in rows] == [
        "" if each["remaining"] is None else str(each["remaining"]) for each in listed
    ]
    everything = list(csv.DictReader(io.StringIO(download(nation, f"{base}/ledger.csv").decode("utf-8-sig"))))
    assert len(everything) == len(world)
    names = {row["检查对象"] for row in everything}
    assert any(name.startswith("'=1+1") for name in names)
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)
    first = nation.get(f"{base}/ledger", query_string={"limit": 5})
    assert [each["id"] for each in first] == ["1", "2", "3", "4", "5"]
    late, in_time = (
        nation.get(f"{base}/ledger", query_string={"late": each, "limit": 200}) for each in ("true", "false")
    )
    assert len(late) + len(in_time) == len(world)
    assert all(each["remaining"] < 0 for each in late)
    assert all(each["remaining"] is None or each["remaining"] >= 0 for each in in_time)


def test_who_may_not_read_it_gets_no_ledger_and_neither_does_a_snapshot_of_before(cast, world, monkeypatch):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/ledger.csv"
    assert cast.signed_in(Role.INSPECTOR).get(path, expect=403)["code"] == "access.denied"
    assert (
        cast.signed_in(Role.SUPERVISOR, region="130800").get(path, expect=404)["code"] == "report.not-found"
    )
    monkeypatch.setattr(taking, "AT_ONCE", len(world) - 1)
    assert nation.get(path, expect=409)["code"] == "report.too-large"
    with audit.transaction(cast.app.sessions) as session:
        facts = session.scalar(select(ReportSnapshot.facts)) | {"format": 1}
        session.execute(update(ReportSnapshot).values(facts=facts))
        before = session.scalar(select(func.count()).select_from(AuditEntry))
    assert nation.get(path, expect=409)["code"] == "report.without-ledger"
    with cast.app.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_working_days_are_counted_as_a_spreadsheet_with_days_off_and_worked_weekends_counts_them():
    from server.reports.holidays import Holidays

    days = [date(2026, 1, 20) + timedelta(days=each) for each in range(60)]
    odd = [day for day in days if is_working_day(day) != (day.weekday() < 5)]
    holidays = Holidays(
        ("140522",),
        tuple(day for day in odd if day.weekday() < 5),
        tuple(day for day in odd if day.weekday() >= 5),
    )
    assert holidays.make_up
    for today in days:
        for due in days:
            assert holidays.remaining(today, due) == working_days(today, due)
