"""Judging a visit by all rules, and what that means with what a person allowed in spite of one."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.clock import iso
from server.db import Json
from server.inspections.gate import entries, papers, people
from server.inspections.gate.findings import Finding
from server.inspections.gate.rules import Rule, Verdict, rules
from server.inspections.gate.visit import Visit

_JUDGES: Mapping[str, Callable[[Visit], Finding]] = {
    "inspectors.two": people.two_inspectors,
    "inspectors.scope": people.scope,
    "inspectors.area": people.area,
    "recusal.answered": people.recusal,
    "approval.given": papers.approval,
    "notice.given": papers.notice,
    "items.listed": papers.listed,
    "plan.published": papers.planned,
    "visits.cap": entries.cap,
    "period.kept": entries.period,
    "entry.code": entries.entry_code,
    "mode.equipped": papers.equipped,
    "secrecy.kept": entries.secrecy,
}


@dataclass(frozen=True)
class Allowed:
    """Somebody allowed an outcome of a rule in spite of it."""

    rule: str
    outcome: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Check:
    """What one rule came to. `allowed`: who let it pass, so that it warns instead of blocking."""

    rule: Rule
    finding: Finding
    allowed: Allowed | None = None

    @property
    def verdict(self) -> Verdict:
        """What the outcome means; what was allowed still warns, for it is told to everybody."""
        verdict = self.rule.outcomes[self.finding.outcome].verdict
        return Verdict.WARN if self.allowed and verdict is Verdict.BLOCK else verdict

    @property
    def name(self) -> str:
        """Rule and outcome as one word, as records are flagged with them."""
        return f"{self.rule.code}:{self.finding.outcome}"

    def as_json(self) -> Json:
        """Write it with why it matters and the law behind it."""
        why = self.rule.outcomes[self.finding.outcome].why
        return {
            **self.as_told(),
            "name": self.rule.name[0],
            "name_en": self.rule.name[1],
            "why": why[0],
            "why_en": why[1],
            "overridable": self.rule.overridable,
            "bases": [{"source": each.source, "says": each.says} for each in self.rule.bases],
        }

    def as_told(self) -> Json:
        """Write what a phone can't know by itself: names, reasons and law it holds in its own table."""
        return {
            "rule": self.rule.code,
            "outcome": self.finding.outcome,
            "verdict": self.verdict.value,
            "facts": [chinese for chinese, _ in self.finding.facts],
            "facts_en": [english for _, english in self.finding.facts],
            "allowed": None
            if self.allowed is None
            else {"by": self.allowed.by, "reason": self.allowed.reason, "at": iso(self.allowed.at)},
        }


def judge_visit(
    visit: Visit, allowed: Iterable[Allowed] = (), asked: Container[str] | None = None
) -> list[Check]:
    """Judge a visit by every rule, in the order of the table, or by those that are `asked` about.

    An override counts for the outcome it was made for.
    """
    given = {(each.rule, each.outcome): each for each in allowed}
    judged = [
        (rule, _JUDGES[code](visit)) for code, rule in rules().items() if asked is None or code in asked
    ]
    return [
        Check(rule, finding, given.get((rule.code, finding.outcome)) if given and rule.overridable else None)
        for rule, finding in judged
    ]


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the verdict that counts for the whole visit."""
    return max((check.verdict for check in checks), key=lambda each: each.weight, default=Verdict.ALLOW)
