"""When something has to be entered, published or decided: a rule set of each bureau, and the law's defaults.

A bureau sets its own in `Organisation.rules["deadline"]`:

    {"entry": {"kind": "working_days", "days": 15, "from": "task_end"},
     "publication": {"kind": "working_days", "days": 20, "from": "inspection_end", "problems": true},
     "followup": {"kind": "working_days", "days": 15, "from": "followup_end"},
     "objection": {"kind": "working_days", "days": 20, "from": "objection_filed"},
     "days_off": ["2026-07-11"]}

or, for entry and publication, `{"kind": "before_closing"}`: on the closing day of the task at the latest. Defaults:
entry within 15 working days after the task is completed (任务完成后15个工作日内), publication of a normal result
within 20 working days from the end of the inspection (自抽查结束之日起20个工作日内, the practice of Hebei), the
outcome of a follow-up within 15 working days after it (后续监管完成后15个工作日内), the decision on an objection
within 20 working days after it was filed (《企业信息公示暂行条例》). Entry before the task closes
(于本次任务截止时间前) is the practice of Yangcheng. A result with problems is handled first and has no term, unless
`problems` says that all results have one (20个工作日内全部录入, the practice of Fuzhou).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from server.calendar import MOST_DAYS, WorkingCalendar

_STARTS = {
    "task_end": ("任务完成", "the task is completed"),
    "inspection_end": ("检查结束", "the inspection ends"),
    "followup_end": ("后续处置完成", "the follow-up is completed"),
    "objection_filed": ("收到异议", "the objection was filed"),
}
_OF_TASKS = ("task_end", "inspection_end")


class DeadlineKind(StrEnum):
    """What is due: a result's entry, its publication, a follow-up's entry, the decision on an objection."""

    ENTRY = "entry"
    PUBLICATION = "publication"
    FOLLOWUP = "followup"
    OBJECTION = "objection"


SOURCES = {
    DeadlineKind.ENTRY: (
        "嘉自然资规发〔2020〕27号：任务完成后15个工作日内",
        "Jiaxing 2020 no. 27: 15 working days after the task",
    ),
    DeadlineKind.PUBLICATION: (
        "承资规发[2023]6号：自抽查结束之日起20个工作日内",
        "Chengde 2023 no. 6: 20 working days after the inspection",
    ),
}
"""Where the default terms are written (R74, R76 of docs/requirements.md), in Chinese and English."""

_MAY_START = {
    DeadlineKind.ENTRY: _OF_TASKS,
    DeadlineKind.PUBLICATION: _OF_TASKS,
    DeadlineKind.FOLLOWUP: ("followup_end",),
    DeadlineKind.OBJECTION: ("objection_filed",),
}


class WrongDeadlineRuleError(ValueError):
    """A bureau's deadline rules can't be read. Says which and why."""


@dataclass(frozen=True)
class Moments:
    """The days that deadlines count from: end of the inspection, end of the task, closing day of the task."""

    inspection_end: date
    task_end: date
    closing: date


@dataclass(frozen=True)
class Due:
    """A due date with what it was counted from; `estimated` while a calendar is missing, `rule` in words.

    `days` working days after `start_on`, which is what `start` names; both None on the closing day of a task.
    """

    on: date
    estimated: bool
    rule: str
    start: str | None
    start_on: date
    days: int | None
    calendar_version: str


def count(start: str, start_on: date, days: int, calendar: WorkingCalendar) -> Due:
    """Count working days from a day, of which `start` says what ended or began on it."""
    due = calendar.add(start_on, days)
    chinese, english = _STARTS[start]
    words = f"{chinese}（{start_on}）后{days}个工作日内 · {days} working days after {english}; {due.calendar_version}"
    return Due(due.on, due.estimated, words, start, start_on, days, due.calendar_version)


@dataclass(frozen=True)
class WorkingDaysRule:
    """So many working days after a start, one of `_STARTS`; of publication, whether it holds for problems, too."""

    days: int
    start: str
    problems: bool = False


@dataclass(frozen=True)
class BeforeClosingRule:
    """On the closing day of the task at the latest."""

    problems: bool = False


Rule = WorkingDaysRule | BeforeClosingRule


@dataclass(frozen=True)
class DeadlineRules:
    """The rule set of one bureau, with the days its region takes off beside the national ones."""

    entry: Rule = WorkingDaysRule(15, "task_end")
    publication: Rule = WorkingDaysRule(20, "inspection_end")
    followup: WorkingDaysRule = WorkingDaysRule(15, "followup_end")
    objection: WorkingDaysRule = WorkingDaysRule(20, "objection_filed")
    days_off: frozenset[date] = frozenset()
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    def entry_due(self, moments: Moments) -> Due:
        """Say by when a result has to be entered."""
        return self._due(self.entry, moments)

    def publication_due(self, moments: Moments) -> Due:
        """Say by when a normal result has to be public; one with problems is handled first, without a term."""
        return self._due(self.publication, moments)

    def followup_due(self, done_on: date) -> Due:
        """Say by when the outcome of a follow-up has to be entered that was done on a day."""
        return count(self.followup.start, done_on, self.followup.days, self.working_calendar)

    def objection_due(self, filed_on: date) -> Due:
        """Say by when an objection has to be decided that was filed on a day."""
        return count(self.objection.start, filed_on, self.objection.days, self.working_calendar)

    def _due(self, rule: Rule, moments: Moments) -> Due:
        if isinstance(rule, BeforeClosingRule):
            words = "任务截止时间前 · before the task closes"
            return Due(moments.closing, False, words, None, moments.closing, None, "")
        return count(rule.start, getattr(moments, rule.start), rule.days, self.working_calendar)

    @property
    def working_calendar(self) -> WorkingCalendar:
        """The calendar of the region, less the bureau's own days off."""
        own = self.calendar
        return WorkingCalendar(own.notices, own.days_off | self.days_off, own.make_up)


def source_of(kind: DeadlineKind, bureau: str, rules: Mapping[str, Any]) -> str:
    """Say where the term of a bureau's results is written: among its own rules, or where the default comes from."""
    if kind.value in rules.get("deadline", {}):
        return f"{bureau}期限规则 · rules of {bureau}"
    return " · ".join(SOURCES[kind])


def read_rules(rules: Mapping[str, Any], calendar: WorkingCalendar | None = None) -> DeadlineRules:
    """Read a bureau's rules, `Organisation.rules`; what it does not set is the default.

    `calendar` is that of its region. WrongDeadlineRuleError names the first part that can't be used: a wrong deadline
    is worse than none.
    """
    given = rules.get("deadline", {})
    if not isinstance(given, Mapping):
        raise WrongDeadlineRuleError("deadline: not an object")
    unknown = set(given) - {*DeadlineKind, "days_off"}
    if unknown:
        raise WrongDeadlineRuleError(f"deadline.{min(unknown)}: no such rule")
    read: dict[str, Any] = {
        kind.value: _read_rule(kind, given[kind.value]) for kind in DeadlineKind if kind.value in given
    }
    return DeadlineRules(
        **read,
        days_off=_read_days(given.get("days_off", [])),
        calendar=calendar or WorkingCalendar(),
    )


def _read_rule(name: DeadlineKind, given: Any) -> Rule:
    kind = given.get("kind") if isinstance(given, Mapping) else None
    starts = _MAY_START[name]
    problems = given.get("problems", False) if isinstance(given, Mapping) else False
    if not isinstance(problems, bool) or (problems and name is not DeadlineKind.PUBLICATION):
        raise WrongDeadlineRuleError(f"deadline.{name}.problems: true or false, and of publication only")
    if kind == "before_closing" and starts == _OF_TASKS:
        return BeforeClosingRule(problems)
    if kind != "working_days":
        raise WrongDeadlineRuleError(f"deadline.{name}.kind: working_days or before_closing, not {kind!r}")
    days, start = given.get("days"), given.get("from", starts[0])
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise WrongDeadlineRuleError(f"deadline.{name}.days: a whole number from 1 to {MOST_DAYS}")
    if start not in starts:
        raise WrongDeadlineRuleError(f"deadline.{name}.from: {' or '.join(starts)}, not {start!r}")
    return WorkingDaysRule(days, start, problems)


def _read_days(given: Any) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(day) for day in given)
    except (TypeError, ValueError) as error:
        raise WrongDeadlineRuleError(f"deadline.days_off: {error}") from error
