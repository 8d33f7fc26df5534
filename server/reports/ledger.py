"""The ledger (台账) of a snapshot: every item of every visit as one line, column by column as bureaus keep it.

Read from the frozen rows and nothing else, so that a ledger that is made again is the same ledger.
"""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from server import clock
from server.access import region_bounds
from server.problems import ReportWithoutLedger
from server.registry.models import ItemMode
from server.reports.holidays import Holidays, holidays_of
from server.reports.models import ReportRow, ReportSnapshot
from server.reports.snapshots import has_ledger
from server.results.codes import FollowupCode, ResultCode
from server.workbook import Cell

SAMPLING = {"targeted": "定向", "untargeted": "不定向"}
_MODES = {
    ItemMode.ON_SITE.value: "实地核查",
    ItemMode.WRITTEN.value: "书面检查",
    ItemMode.NETWORK.value: "网络监测",
    ItemMode.COMMISSIONED.value: "委托专业机构",
}
PUBLIC_PATH = "/public/results/"
_FETCHED = 1000


@dataclass(frozen=True)
class LedgerFilter:
    """Which lines: of a region and those below it, of an item, with a problem, public, with a term that is over."""

    region: str | None = None
    item: str | None = None
    problem: bool | None = None
    public: bool | None = None
    late: bool | None = None


class Line:
    """A frozen row with what the snapshot knows around it."""

    def __init__(self, ledger: "Ledger", row: Any) -> None:
        self.ledger = ledger
        self.row = row  # a row of the table, or its object
        self.planned: Mapping[str, Any] = ledger.facts["planned"].get(str(row.planned_id), {})

    @property
    def published_on(self) -> date | None:
        """The day in China on which what is public now became public."""
        at = self.row.published_at
        return clock.day_of(at) if at else None

    @property
    def next_due(self) -> date | None:
        """The next day that counts: to inspect, then to enter, then to publish. None when nothing is open."""
        row = self.row
        waits_for_entry = row.entry_due is not None and row.entry_met is None
        found: date | None = row.publication_due if self.published_on is None else None
        if row.inspected_on is None:
            found = row.task_due
        elif waits_for_entry:
            found = row.entry_due
        return found

    @property
    def remaining(self) -> int | None:
        """Working days until the next day that counts, below zero when it is over."""
        due = self.next_due
        if due is None:
            return None
        return self.ledger.calendar_of(self.row.region).remaining(self.ledger.day, due)


@dataclass(frozen=True)
class LedgerColumn:
    """A column: its key on the wire, its heading, its width in characters, and what it says of a line."""

    key: str
    heading: str
    width: int
    tell: Callable[[Line], Cell]


def _said(codes: str, of: type[ResultCode | FollowupCode]) -> str:
    return "；".join(of(code).chinese for code in json.loads(codes))


COLUMNS = (
    LedgerColumn("region", "行政区划", 12, lambda line: line.ledger.region_name(line.row.region)),
    LedgerColumn(
        "organisation", "检查机关", 22, lambda line: line.ledger.bureau_name(line.row.organisation_id)
    ),
    LedgerColumn("plan_no", "计划编号", 16, lambda line: line.planned.get("plan_no")),
    LedgerColumn(
        "plan_name", "计划名称", 30, lambda line: line.planned.get("plan_name") or line.planned.get("name")
    ),
    LedgerColumn("task_number", "任务编号", 20, lambda line: line.row.task_number),
    LedgerColumn("task_name", "任务名称", 24, lambda line: line.row.task_name),
    LedgerColumn(
        "sampling",
        "抽查类型",
        10,
        lambda line: "、".join(SAMPLING.get(each, each) for each in line.planned.get("sampling", ())),
    ),
    LedgerColumn("ratio", "抽查比例", 12, lambda line: line.planned.get("ratio")),
    LedgerColumn("item_code", "事项代码", 16, lambda line: line.row.item_code),
    LedgerColumn("item", "抽查事项", 24, lambda line: line.ledger.item_name(line.row.item_code)),
    LedgerColumn("object_name", "检查对象", 30, lambda line: line.row.object_name),
    LedgerColumn("uscc", "统一社会信用代码", 22, lambda line: line.row.uscc),
    LedgerColumn("risk_class", "信用风险等级", 12, lambda line: line.row.risk_class),
    LedgerColumn("lead_section", "牵头科室", 18, lambda line: line.planned.get("lead")),
    LedgerColumn(
        "cooperators", "配合科室", 18, lambda line: "、".join(line.planned.get("cooperators") or ())
    ),
    LedgerColumn("lead", "检查人员1", 10, lambda line: line.row.lead),
    LedgerColumn("assisting", "检查人员2", 14, lambda line: line.row.assisting),
    LedgerColumn("mode", "检查方式", 12, lambda line: _MODES.get(line.row.mode, line.row.mode)),
    LedgerColumn("task_due", "检查期限", 12, lambda line: line.row.task_due),
    LedgerColumn("inspected_on", "检查日期", 12, lambda line: line.row.inspected_on),
    LedgerColumn("result", "检查结果", 26, lambda line: _said(line.row.codes, ResultCode)),
    LedgerColumn(
        "problem",
        "发现问题",
        10,
        lambda line: None if line.row.inspected_on is None else "是" if line.row.problem else "否",
    ),
    LedgerColumn("findings_text", "问题情况", 36, lambda line: line.row.findings_text),
    LedgerColumn("followup", "后续处置", 24, lambda line: _said(line.row.followup_codes, FollowupCode)),
    LedgerColumn("rectify_by", "整改期限", 12, lambda line: line.row.rectify_by),
    LedgerColumn("revisits", "应回访", 8, lambda line: line.row.revisits or None),
    LedgerColumn("revisits_over", "已回访", 8, lambda line: line.row.revisits_over or None),
    LedgerColumn("revisited_on", "回访日期", 12, lambda line: line.row.revisited_on),
    LedgerColumn("entry_due", "录入期限", 12, lambda line: line.row.entry_due),
    LedgerColumn("entry_met", "录入日期", 12, lambda line: line.row.entry_met),
    LedgerColumn("publication_due", "公示期限", 12, lambda line: line.row.publication_due),
    LedgerColumn("published_on", "公示日期", 12, lambda line: line.published_on),
    LedgerColumn(
        "link",
        "公示链接",
        24,
        lambda line: f"{PUBLIC_PATH}{line.row.disclosure_id}" if line.row.disclosure_id else None,
    ),
    LedgerColumn("next_due", "下一期限", 12, lambda line: line.next_due),
    LedgerColumn("remaining", "剩余工作日", 12, lambda line: line.remaining),
)
"""The columns of 台账, in their order (docs/reports.md)."""


class Ledger:
    """What a ledger knows beside its lines. ReportWithoutLedger of a snapshot that was taken before there were any."""

    def __init__(self, snapshot: ReportSnapshot) -> None:
        if not has_ledger(snapshot):
            raise ReportWithoutLedger()
        self.snapshot, self.facts = snapshot, snapshot.facts
        self.day = clock.day_of(snapshot.as_of)
        self.calendars = holidays_of(snapshot)
        self.place_of_calendar = {
            region: place for place, each in enumerate(self.calendars) for region in each.regions
        }

    def calendar_of(self, region: str) -> Holidays:
        """Return the calendar that a region's days are counted by."""
        return self.calendars[self.place_of_calendar[region]]

    def region_name(self, code: str) -> str:
        """Name a region, by its code where it has no name here."""
        return str(self.facts["regions"].get(code, code))

    def bureau_name(self, organisation_id: object) -> str:
        """Name a bureau."""
        return str(self.facts["organisations"][str(organisation_id)]["name"])

    def item_name(self, code: str) -> str:
        """Name an item, by its code where the list no longer has it."""
        return str(self.facts["items"].get(code, code))

    def select(self, chosen: LedgerFilter) -> Select[ReportRow]:
        """Select the chosen rows."""
        mine: list[ColumnElement[bool]] = [ReportRow.snapshot_id == self.snapshot.id]
        if chosen.region:
            mine.append(ReportRow.region.between(*region_bounds(chosen.region)))
        if chosen.item:
            mine.append(ReportRow.item_code == chosen.item)
        if chosen.problem is not None:
            mine.append(ReportRow.problem == chosen.problem)
        if chosen.public is not None:
            mine.append(ReportRow.public == chosen.public)
        if chosen.late is not None:
            late = func.coalesce(self.day > NEXT_DUE, False)
            mine.append(late if chosen.late else ~late)
        return select(ReportRow).where(*mine)

    def lines(self, session: Session, chosen: LedgerFilter, *, by_item: bool = False) -> Generator[Line]:
        """Go through the chosen lines in their order, or item by item; none is held. Whoever stops before the end closes it."""
        order = (ReportRow.item_code, ReportRow.place) if by_item else (ReportRow.place,)
        columns = ReportRow.__table__.columns
        query = self.select(chosen).with_only_columns(*columns).order_by(*order)
        with session.execute(query.execution_options(yield_per=_FETCHED)) as rows:
            for row in rows:
                yield Line(self, row)


NEXT_DUE: ColumnElement[Any] = case(
    (ReportRow.inspected_on.is_(None), ReportRow.task_due),
    (and_(ReportRow.entry_due.is_not(None), ReportRow.entry_met.is_(None)), ReportRow.entry_due),
    (ReportRow.published_at.is_(None), ReportRow.publication_due),
)
"""`Line.next_due` as the database finds it."""


def cells_of(line: Line) -> list[Cell]:
    """Write a line, in the order of the columns; what is empty is None."""
    return [None if (value := column.tell(line)) == "" else value for column in COLUMNS]
