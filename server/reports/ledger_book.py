"""The ledger as a workbook: a page that says what it is, a summary, a sheet for each item, and the days off.

Sums, counts and remaining working days are formulas, and each carries what it comes to. None is volatile: the day they
count from stands in a cell, so that a ledger says tomorrow what it says today, until somebody writes another day there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_col_to_name

from server import clock
from server.problems import ReportTooLarge
from server.reports.figures import INSPECTED, count_where
from server.reports.ledger import COLUMNS, NEXT_DUE, Ledger, LedgerFilter, Line, cells_of
from server.reports.models import ReportRow
from server.workbook import MOST_ROWS, Formula, SheetDraft, WrittenCell

_ABOUT, _SUMMARY, _DAYS_OFF = "说明", "汇总", "节假日"
TODAY = f"'{_ABOUT}'!$B$2"
"""The cell from which working days are counted (统计日)."""
_ABOVE = 2  # lines over the headings of an item's sheet
_FIRST = _ABOVE + 2
_MOST_LINES = MOST_ROWS - _FIRST  # the sum stands below them
_PLACES = {column.key: place for place, column in enumerate(COLUMNS)}
_LETTERS = {key: xl_col_to_name(place) for key, place in _PLACES.items()}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_FIXED = _PLACES["task_number"] + 1


@dataclass(frozen=True)
class _Sheet:
    """A sheet of lines of one item: its name, and what its formulas come to."""

    name: str
    item: str
    lines: int
    inspected: int
    problems: int
    public: int
    entry_due: int
    entry_in_time: int
    late: int

    def range(self, key: str) -> str:
        """Name the cells of a column in this sheet."""
        letter = _LETTERS[key]
        return f"'{self.name}'!${letter}${_FIRST}:${letter}${_FIRST + self.lines - 1}"


def sheets_of(
    session: Session, ledger: Ledger, chosen: LedgerFilter, note: Callable[[int], None] = lambda _: None
) -> Iterator[SheetDraft]:
    """Write the sheets of the chosen lines; `note` hears after each line how many there were."""
    sheets = _plan(session, ledger, chosen)
    yield _about(ledger, chosen, sum(sheet.lines for sheet in sheets))
    yield _summary(ledger, sheets)
    with closing(ledger.lines(session, chosen, by_item=True)) as lines:
        done = 0
        for sheet in sheets:
            yield _item_sheet(ledger, sheet, _noted(lines, sheet, done, note))
            done += sheet.lines
    yield _days_off(ledger)


def _noted(
    lines: Iterator[Line], sheet: _Sheet, before: int, note: Callable[[int], None]
) -> Iterator[list[WrittenCell]]:
    for place, line in enumerate(islice(lines, sheet.lines)):
        yield _cells(line, _FIRST + place)
        note(before + place + 1)
    yield _total(sheet)


def _item_sheet(ledger: Ledger, sheet: _Sheet, rows: Iterator[list[WrittenCell]]) -> SheetDraft:
    return SheetDraft(
        sheet.name,
        [column.heading for column in COLUMNS],
        rows,
        above=((f"{ledger.item_name(sheet.item)}（{sheet.item}）检查台账",), (_source(ledger),)),
        widths={place: column.width for place, column in enumerate(COLUMNS)},
        fixed=_FIXED,
        filtered=sheet.lines,
    )


def _plan(session: Session, ledger: Ledger, chosen: LedgerFilter) -> list[_Sheet]:
    """Count what each item's formulas come to: one question, however many items there are."""
    in_time = ReportRow.entry_met <= ReportRow.entry_due
    counts = {
        "lines": func.count(),
        "inspected": count_where(INSPECTED),
        "problems": count_where(INSPECTED & ReportRow.problem),
        "public": count_where(ReportRow.published_at.is_not(None)),
        "entry_due": count_where(ReportRow.entry_due.is_not(None)),
        "entry_in_time": count_where(in_time),
        "late": count_where(ledger.day > NEXT_DUE),
    }
    where = ledger.select(chosen).whereclause
    assert where is not None
    query = (
        select(ReportRow.item_code, *(count.label(name) for name, count in counts.items()))
        .where(where)
        .group_by(ReportRow.item_code)
        .order_by(ReportRow.item_code)
    )
    names: set[str] = {_ABOUT, _SUMMARY, _DAYS_OFF}
    sheets = [
        _Sheet(
            name=_name(ledger.item_name(row.item_code), names),
            item=row.item_code,
            **{name: getattr(row, name) for name in counts},
        )
        for row in session.execute(query)
    ]
    if any(sheet.lines > _MOST_LINES for sheet in sheets):
        raise ReportTooLarge(most=_MOST_LINES)
    return sheets


def _name(wanted: str, taken: set[str]) -> str:
    """Name a sheet as spreadsheets allow it, unlike all others, whose names differ not only by case."""
    plain = _FORBIDDEN.sub(" ", wanted).strip()[:_LONGEST_NAME] or "事项"
    name, number = plain, 1
    while name.casefold() in {each.casefold() for each in taken}:
        number += 1
        name = f"{plain[: _LONGEST_NAME - len(str(number)) - 1]}-{number}"
    taken.add(name)
    return name


def _about(ledger: Ledger, chosen: LedgerFilter, lines: int) -> SheetDraft:
    snapshot = ledger.snapshot
    filters = {
        "行政区划": chosen.region,
        "事项": chosen.item,
        "发现问题": _yes(chosen.problem),
        "已公示": _yes(chosen.public),
        "期限已过": _yes(chosen.late),
    }
    told = "；".join(f"{name}：{value}" for name, value in filters.items() if value) or "无"
    rows: list[list[WrittenCell]] = [
        ["统计日", ledger.day],
        ["行政区划", ledger.region_name(snapshot.region)],
        ["任务开始日期", f"{snapshot.first.isoformat()} 至 {snapshot.last.isoformat()}"],
        ["快照时间", clock.iso(snapshot.as_of)],
        ["快照编号", str(snapshot.id)],
        ["快照 SHA-256", snapshot.sha256],
        ["筛选条件", told],
        ["行数", lines],
        ["计数单位", "每次检查的每个事项为一行；本台账按行计数，统计图按检查对象（户）计数"],
        ["剩余工作日", "从统计日次日到下一期限的工作日数，负数为已超过的工作日数；改动统计日后重新计算"],
        ["下一期限", "未检查为检查期限，已检查未录入为录入期限，已录入未公示为公示期限"],
        ["节假日", "按快照时的节假日安排，见“节假日”表；可自行补充"],
    ]
    return SheetDraft(_ABOUT, ("项目", "内容"), rows, widths={0: 18, 1: 80})


def _yes(value: bool | None) -> str:
    return "" if value is None else "是" if value else "否"


def _source(ledger: Ledger) -> str:
    snapshot = ledger.snapshot
    return f"{ledger.region_name(snapshot.region)}　{snapshot.first} 至 {snapshot.last}　快照 {snapshot.sha256[:16]}"


def _summary(ledger: Ledger, sheets: list[_Sheet]) -> SheetDraft:
    counted: tuple[tuple[str, str, Callable[[_Sheet], str], Callable[[_Sheet], int]], ...] = (
        ("行数", "lines", lambda s: f"=COUNTA({s.range('task_number')})", lambda s: s.lines),
        ("已检查", "inspected", lambda s: f"=COUNT({s.range('inspected_on')})", lambda s: s.inspected),
        ("发现问题", "problems", lambda s: f'=COUNTIF({s.range("problem")},"是")', lambda s: s.problems),
        ("已公示", "public", lambda s: f"=COUNT({s.range('published_on')})", lambda s: s.public),
        ("应录入", "entry_due", lambda s: f"=COUNT({s.range('entry_due')})", lambda s: s.entry_due),
        ("按时录入", "entry_in_time", _in_time, lambda s: s.entry_in_time),
        ("期限已过", "late", lambda s: f'=COUNTIF({s.range("remaining")},"<0")', lambda s: s.late),
    )
    shares = (("问题发现率", "E", "D"), ("公示率", "F", "D"), ("按时录入率", "H", "G"))
    letters = dict(zip("CDEFGHI", (name for _, name, _, _ in counted), strict=True))

    def line(number: int, first: list[WrittenCell], cells: list[Formula]) -> list[WrittenCell]:
        values = dict(zip(letters, (float(str(cell.value)) for cell in cells), strict=True))
        rates = [
            Formula(
                f'=IF({whole}{number}=0,"",{part}{number}/{whole}{number})',
                values[part] / values[whole] if values[whole] else "",
                "percent",
            )
            for _, part, whole in shares
        ]
        return [*first, *cells, *rates]

    rows = [
        line(
            number,
            [sheet.item, ledger.item_name(sheet.item)],
            [Formula(write(sheet), value(sheet)) for _, _, write, value in counted],
        )
        for number, sheet in enumerate(sheets, 2)
    ]
    if sheets:
        last = len(sheets) + 1
        totals = [
            Formula(f"=SUM({letter}2:{letter}{last})", sum(value(sheet) for sheet in sheets))
            for letter, (_, _, _, value) in zip(letters, counted, strict=True)
        ]
        rows.append(line(last + 1, ["合计", None], totals))
    headings = ("事项代码", "抽查事项", *(name for name, *_ in counted), *(name for name, *_ in shares))
    return SheetDraft(_SUMMARY, headings, rows, widths={0: 20, 1: 36}, fixed=2)


def _in_time(sheet: _Sheet) -> str:
    met, due = sheet.range("entry_met"), sheet.range("entry_due")
    return f'=SUMPRODUCT(({met}<>"")*({due}<>"")*({met}<={due}))'


def _cells(line: Line, number: int) -> list[WrittenCell]:
    """Write a line of an item's sheet: its last two columns are formulas."""
    cells: list[WrittenCell] = list(cells_of(line))
    due, remaining = line.next_due, line.remaining
    cells[_PLACES["next_due"]] = Formula(_next_due_formula(number), due or "", "day")
    calendar = line.ledger.place_of_calendar[line.row.region]
    cells[_PLACES["remaining"]] = Formula(
        remaining_formula(f"{_LETTERS['next_due']}{number}", calendar, line.ledger),
        "" if remaining is None else remaining,
    )
    return cells


def _next_due_formula(number: int) -> str:
    at: Mapping[str, str] = {key: f"{letter}{number}" for key, letter in _LETTERS.items()}
    published = f'IF(AND({at["published_on"]}="",{at["publication_due"]}<>""),{at["publication_due"]},"")'
    entered = f'IF(AND({at["entry_due"]}<>"",{at["entry_met"]}=""),{at["entry_due"]},{published})'
    return f'=IF({at["inspected_on"]}="",{at["task_due"]},{entered})'


def remaining_formula(due: str, calendar: int, ledger: Ledger) -> str:
    """Write `Holidays.remaining` for a spreadsheet; `due` is the cell of the day, `calendar` the place of its days off."""
    known = ledger.calendars[calendar]
    off, made_up = (
        f"'{_DAYS_OFF}'!${xl_col_to_name(2 * calendar + place)}$2:${xl_col_to_name(2 * calendar + place)}${max(1, len(days)) + 1}"
        for place, days in enumerate((known.off, known.make_up))
    )

    def between(first: str, last: str) -> str:
        worked = f'COUNTIFS({made_up},">"&{first},{made_up},"<="&{last})'
        return f"NETWORKDAYS({first}+1,{last},{off})+{worked}"

    late = f"-({between(due, TODAY)})"
    return f'=IF({due}="","",IF({due}={TODAY},0,IF({due}>{TODAY},{between(TODAY, due)},{late})))'


def _total(sheet: _Sheet) -> list[WrittenCell]:
    totals: dict[str, WrittenCell] = {
        "region": "合计",
        "task_number": Formula(f"=COUNTA({sheet.range('task_number')})", sheet.lines),
        "inspected_on": Formula(f"=COUNT({sheet.range('inspected_on')})", sheet.inspected),
        "problem": Formula(f'=COUNTIF({sheet.range("problem")},"是")', sheet.problems),
        "published_on": Formula(f"=COUNT({sheet.range('published_on')})", sheet.public),
        "remaining": Formula(f'=COUNTIF({sheet.range("remaining")},"<0")', sheet.late),
    }
    return [totals.get(column.key) for column in COLUMNS]


def _days_off(ledger: Ledger) -> SheetDraft:
    headings: list[str] = []
    columns: list[tuple[date, ...]] = []
    for calendar in ledger.calendars:
        places = "、".join(ledger.region_name(region) for region in calendar.regions)
        headings += [f"放假日（{places}）", f"调休上班日（{places}）"]
        columns += [calendar.off, calendar.make_up]
    rows: Iterator[Any] = zip_longest(*columns)
    return SheetDraft(_DAYS_OFF, headings, rows, widths=dict.fromkeys(range(len(headings)), 26))
