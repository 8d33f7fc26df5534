"""When a result has to be entered and published: a rule set of each bureau, and the law's defaults.

A bureau sets its own in `Organisation.rules["deadline"]`:

    {"entry": {"kind": "working_days", "days": 15, "from": "task_end"},
     "publication": {"kind": "working_days", "days": 20, "from": "inspection_end"},
     "days_off": ["2026-07-11"]}

or `{"kind": "before_closing"}`: on the closing day of the task at the latest. Defaults: entry within 15 working
days after the task is completed (任务完成后15个工作日内), publication of a normal result within 20 working days
from the end of the inspection (自抽查结束之日起20个工作日内, the practice of Hebei). Entry before the task
closes (于本次任务截止时间前) is the practice of Yangcheng.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.calendar import MOST_DAYS, add_working_days

_STARTS = {
    "task_end": ("任务完成", "the task is completed"),
    "inspection_end": ("检查结束", "the inspection ends"),
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
class Deadline:
    """A due date with the rule it comes from, in words; `estimated` while a calendar is missing."""

    on: date
    estimated: bool
    rule: str


@dataclass(frozen=True)
class WorkingDaysRule:
    """So many working days after a start, which is `task_end` or `inspection_end`."""

    days: int
    start: str


@dataclass(frozen=True)
class BeforeClosingRule:
    """On the closing day of the task at the latest."""


Rule = WorkingDaysRule | BeforeClosingRule


@dataclass(frozen=True)
class DeadlineRules:
    """The rule set of one bureau, with the days its region takes off beside the national ones."""

    entry: Rule = WorkingDaysRule(15, "task_end")
    publication: Rule = WorkingDaysRule(20, "inspection_end")
    days_off: frozenset[date] = frozenset()

    def entry_due(self, moments: Moments) -> Deadline:
        """Say by when a result has to be entered."""
        return self._due(self.entry, moments)

    def publication_due(self, moments: Moments) -> Deadline:
        """Say by when a normal result has to be public; one with problems is handled first, without a term."""
        return self._due(self.publication, moments)

    def _due(self, rule: Rule, moments: Moments) -> Deadline:
        if isinstance(rule, BeforeClosingRule):
            return Deadline(moments.closing, False, "任务截止时间前 · before the task closes")
        start: date = getattr(moments, rule.start)
        due = add_working_days(start, rule.days, self.days_off)
        chinese, english = _STARTS[rule.start]
        words = (
            f"{chinese}（{start}）后{rule.days}个工作日内 · {rule.days} working days after {english}; "
            f"{due.calendar_version}"
        )
        return Deadline(due.on, due.estimated, words)


def read_rules(rules: Mapping[str, Any]) -> DeadlineRules:
    """Read a bureau's rules, `Organisation.rules`; what it does not set is the default.

    WrongDeadlineRuleError names the first part that can't be used: a wrong deadline is worse than none.
    """
    given = rules.get("deadline", {})
    if not isinstance(given, Mapping):
        raise WrongDeadlineRuleError("deadline: not an object")
    unknown = set(given) - {"entry", "publication", "days_off"}
    if unknown:
        raise WrongDeadlineRuleError(f"deadline.{min(unknown)}: no such rule")
    default = DeadlineRules()
    return DeadlineRules(
        entry=_read_rule("entry", given["entry"]) if "entry" in given else default.entry,
        publication=(
            _read_rule("publication", given["publication"]) if "publication" in given else default.publication
        ),
        days_off=_read_days(given.get("days_off", [])),
    )


def _read_rule(name: str, given: Any) -> Rule:
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if kind == "before_closing":
        return BeforeClosingRule()
    if kind != "working_days":
        raise WrongDeadlineRuleError(f"deadline.{name}.kind: working_days or before_closing, not {kind!r}")
    days, start = given.get("days"), given.get("from", "task_end")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise WrongDeadlineRuleError(f"deadline.{name}.days: a whole number from 1 to {MOST_DAYS}")
    if start not in _STARTS:
        raise WrongDeadlineRuleError(f"deadline.{name}.from: {' or '.join(_STARTS)}, not {start!r}")
    return WorkingDaysRule(days, start)


def _read_days(given: Any) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(day) for day in given)
    except (TypeError, ValueError) as error:
        raise WrongDeadlineRuleError(f"deadline.days_off: {error}") from error
