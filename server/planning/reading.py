"""Reading one row of a plan: texts to values, every repair a finding, every doubt an error of its row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.planning.bodies import read_bodies, read_initiator
from server.planning.pages import TaskRow
from server.planning.ratio_texts import (
    UnreadableRatio,
    as_percent,
    parse_frequency,
    parse_ratio,
    with_frequency,
)
from server.planning.ratios import Ratio
from server.planning.sampling import UnreadableSampling, parse_sampling
from server.planning.scan_faults import Finding, Repair, repair
from server.planning.windows import UnreadableWindow, Window, at_chosen_time, parse_windows
from server.planning.words import PARTICULARS, WORDS
from server.workbook import Row

_ITEM_MARK = re.compile(r"[；;]+")
_COMMA = re.compile(r"[,，]\s*")
_PERCENT_MESSAGE = "百分比格式的单元格，按百分数读入", "a cell in percent format"
_ENDS_ITEM = re.compile(r".*(?:检查|情况|事项|情形|[；;。])$")


@dataclass
class PlannedDraft:
    """A planned inspection as read. `good` is false when a part could not be read."""

    number: int
    row: int
    name: str = ""
    plan_no: str | None = None
    plan_name: str | None = None
    task_no: str | None = None
    sampling: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    object_scope: str = ""
    ratio: Ratio | None = None
    ratio_text: str = ""
    risk_rule: str | None = None
    windows: tuple[Window, ...] = ()
    window_text: str = ""
    chosen_time: bool = False
    initiator: str = ""
    lead: str | None = None
    cooperators: tuple[str, ...] = ()
    inspecting_body: str | None = None
    particulars: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Tell whether the row can be planned by."""
        return all(finding.severity != "error" for finding in self.findings)


def read_task(task: TaskRow, number: int, year: int) -> PlannedDraft:
    """Read one row of a plan of a year; never raises."""
    return _Reading(task, number, year).read()


def read_texts(texts: Mapping[str, str], year: int) -> PlannedDraft:
    """Read one row that stands in no table: its texts by column key."""
    headings = {key: WORDS[key] for key in texts}
    return read_task(TaskRow(Row(0, texts, headings), 0, dict(texts)), 0, year)


class _Reading:
    def __init__(self, task: TaskRow, number: int, year: int) -> None:
        self._task = task
        self._year = year
        self._draft = PlannedDraft(number, task.row.number, findings=[*task.findings])
        for error in task.row.errors:
            self._tell_error(error.column, "too_long", "", error.reason, error.reason_en)

    def read(self) -> PlannedDraft:
        draft = self._draft
        draft.name = self._words("name", required=True)
        draft.plan_no = self._plain("plan_no") or None
        draft.plan_name = self._words("plan_name") or None
        draft.task_no = self._plain("task_no") or None
        draft.object_scope = self._words("object_scope", required="object_scope" in self._task.row.headings)
        draft.risk_rule = self._words("risk_rule") or None
        draft.inspecting_body = self._words("inspecting_body") or None
        draft.items = self._items()
        self._read_sampling()
        self._read_ratio()
        self._read_windows()
        self._read_bodies()
        draft.particulars = {key: text for key in PARTICULARS if (text := self._text(key))}
        return draft

    def _text(self, key: str) -> str:
        return self._task.texts.get(key, "")

    def _plain(self, key: str) -> str:
        return re.sub(r"\s+", "", self._text(key))

    def _heading(self, key: str) -> str:
        return self._task.row.headings.get(key, WORDS[key])

    def _words(self, key: str, *, required: bool = False) -> str:
        written = self._text(key)
        if required and not written:
            self._tell_missing(key)
        read, repairs = repair(written)
        self._tell(key, written, read, repairs)
        return read

    def _items(self) -> tuple[str, ...]:
        written = self._text("items")
        if not written:
            self._tell_missing("items")
            return ()
        lines = [line.strip() for line in written.split("\n") if line.strip()]
        # A line end parts items only where every line could end one; else it stands inside a word.
        parts = lines if all(_ENDS_ITEM.match(line) for line in lines) else [written]
        items: list[str] = []
        for part in parts:
            read, repairs = repair(part)
            self._tell("items", part, read, repairs)
            items += (item.strip(" 。") for item in _ITEM_MARK.split(read))
        return tuple(each for item in items if item for each in _split_at_commas(item))

    def _read_sampling(self) -> None:
        if "sampling" not in self._task.texts:
            return  # the joint plan has no such column
        written = self._text("sampling")
        try:
            self._draft.sampling, repairs = parse_sampling(written)
        except UnreadableSampling:
            self._tell_unreadable("sampling", "抽查类型应为定向或不定向", "neither targeted nor untargeted")
            return
        names = {"targeted": "定向", "untargeted": "不定向"}
        self._tell("sampling", written, "、".join(names[kind] for kind in self._draft.sampling), repairs)

    def _read_ratio(self) -> None:
        written = self._text("ratio") or self._number()
        self._draft.ratio_text = " ".join(filter(None, (written, self._text("frequency"))))
        percent = as_percent(written)
        if percent != written:
            self._append("ratio", "percent_cell", "correction", written, percent, *_PERCENT_MESSAGE)
        try:
            ratio = parse_ratio(percent)
        except UnreadableRatio:
            self._tell_unreadable("ratio", "无法识别抽查比例", "the ratio is not understood")
            return
        try:
            frequency = parse_frequency(self._text("frequency"))
        except UnreadableRatio:
            self._tell_unreadable("frequency", "无法识别抽查频次", "the frequency is not understood")
            return
        self._draft.ratio = with_frequency(ratio, frequency)

    def _number(self) -> str:
        """The number of objects, where a table has one beside the ratio."""
        number = self._text("expected")
        return f"{number}户" if number.isdigit() else number

    def _read_windows(self) -> None:
        draft = self._draft
        draft.window_text = self._text("window")
        draft.chosen_time = at_chosen_time(draft.window_text)
        try:
            draft.windows = parse_windows(draft.window_text, self._year)
        except UnreadableWindow:
            self._tell_unreadable("window", "无法识别起止时间", "the window is not understood")
            return
        if any(self._year not in (window.first.year, window.last.year) for window in draft.windows):
            message = f"起止时间不在计划年度 {self._year} 年", f"the window lies outside {self._year}"
            self._append("window", "year_differs", "warning", draft.window_text, "", *message)

    def _read_bodies(self) -> None:
        draft = self._draft
        written = self._text("initiator")
        if not written:
            self._tell_missing("initiator")
        draft.initiator, draft.lead, repairs = read_initiator(written)
        if draft.lead is None and "牵头" in self._heading("initiator"):
            draft.lead = draft.initiator
        self._tell("initiator", written, "／".join(filter(None, (draft.initiator, draft.lead))), repairs)
        written = self._text("cooperators")
        cooperators, repairs = read_bodies(written)
        draft.cooperators = tuple(cooperators)
        self._tell("cooperators", written, "、".join(cooperators), repairs)

    def _tell(self, key: str, written: str, read: str, repairs: list[Repair]) -> None:
        for each in repairs:
            self._append(key, each.kind, "correction", written, read, each.message, each.message_en)

    def _tell_missing(self, key: str) -> None:
        self._append(key, "missing", "error", "", "", "不能为空", "must not be empty")

    def _tell_unreadable(self, key: str, message: str, message_en: str) -> None:
        self._append(key, "unreadable", "error", self._text(key), "", message, message_en)

    def _tell_error(self, column: str, kind: str, written: str, message: str, message_en: str) -> None:
        number = self._task.row.number
        self._draft.findings.append(Finding(number, column, kind, "error", written, "", message, message_en))

    def _append(self, key: str, kind: str, severity: str, *texts: Any) -> None:
        self._draft.findings.append(
            Finding(self._task.row.number, self._heading(key), kind, severity, *texts)
        )


def _split_at_commas(item: str) -> list[str]:
    """Part items at commas only where each part is plainly an inspection of its own."""
    parts = [part for part in _COMMA.split(item) if part]
    return parts if len(parts) > 1 and all(part.endswith("检查") for part in parts) else [item]
