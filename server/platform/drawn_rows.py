"""The list of drawn tasks as a provincial platform delivers it: its columns, and what one row says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.workbook import Column, Row, Sheet, require_table

COLUMNS = (
    Column("task_no", ("任务编号", "抽查任务编号"), required=True),
    Column("task_name", ("任务名称", "抽查任务名称")),
    Column("planned", ("计划任务名称", "计划任务", "抽查计划名称", "计划名称")),
    Column("plan_no", ("计划编号", "抽查计划编号")),
    Column("object_name", ("检查对象名称", "检查对象", "企业名称"), required=True),
    Column("uscc", ("统一社会信用代码", "统一社会信用代码/注册号")),
    Column("lead", ("主检人员", "主检")),
    Column("inspectors", ("检查人员", "检查人员证号", "执法证号"), required=True),
    Column("opens_on", ("检查开始日期", "开始日期"), required=True),
    Column("due_on", ("检查截止日期", "截止日期"), required=True),
    Column("approval_no", ("审批表编号", "行政检查审批表编号")),
    Column("notice_no", ("通知书编号", "行政检查通知书编号")),
)
_HEADINGS = {column.key: column.headings[0] for column in COLUMNS}


@dataclass(frozen=True)
class DrawnRow:
    """What one row says, as written; `row` keeps its errors."""

    row: Row
    task_no: str
    task_name: str
    planned: str
    plan_no: str
    object_name: str
    uscc: str
    people: tuple[str, ...]
    opens_on: date | None
    due_on: date | None
    approval_no: str | None
    notice_no: str | None


def rows_of_sheets(sheets: Sequence[Sheet]) -> list[DrawnRow]:
    """Read the rows of a workbook; ImportColumns when there is no such table."""
    return [_read(row) for row in require_table(sheets, COLUMNS).rows()]


def rows_of_json(given: Sequence[Mapping[str, Any]]) -> list[DrawnRow]:
    """Read the rows of a JSON list: the keys of `COLUMNS`; people as a list. Rows are counted from 1."""
    return [
        _read(Row(number, {key: _cell(value) for key, value in each.items()}, _HEADINGS))
        for number, each in enumerate(given, start=1)
    ]


def _cell(value: str | list[str] | None) -> str | None:
    # As in a workbook, a blank cell is an empty one.
    text = "、".join(value) if isinstance(value, list) else value or ""
    return text.strip() or None


def _read(row: Row) -> DrawnRow:
    lead = row.text("lead", longest=60)
    people = row.words("inspectors")
    opens_on, due_on = row.day("opens_on", required=True), row.day("due_on", required=True)
    if opens_on and due_on and due_on < opens_on:
        row.wrong("due_on", "截止日期早于开始日期", "ends before it begins")
    task_no = row.text("task_no", required=True, longest=100)
    return DrawnRow(
        row=row,
        task_no=task_no,
        task_name=row.text("task_name") or task_no,
        planned=row.text("planned"),
        plan_no=row.text("plan_no", longest=100),
        object_name=row.text("object_name", required=True),
        uscc=row.text("uscc", longest=32),
        # The lead stands first, whether the list of inspectors names the lead again or not.
        people=(lead, *people) if lead else people,
        opens_on=opens_on,
        due_on=due_on,
        approval_no=row.text("approval_no", longest=100) or None,
        notice_no=row.text("notice_no", longest=100) or None,
    )
