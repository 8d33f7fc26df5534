"""A visit as the record that came of it tells it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from server.inspections.gate.facts import Known, urgency
from server.inspections.gate.visit import Papers, Visit
from server.inspections.models import Task


def as_written(visit: Visit, task: Task, known: Known, answers: Mapping[str, Any]) -> Visit:
    """See a visit as its record tells it: papers filled in on site, urgency, the code on entry, the mode."""
    rules = known.rules[task.organisation_id]

    def told(name: str) -> str | None:
        return str(answers.get(f"/data/visit/{name}") or "") or None

    reason = task.urgent_reason or (told("urgent_reason") if told("urgent") == "yes" else None)
    served = visit.papers.served_on or _day(told("notice_served_on"))
    return replace(
        visit,
        is_judged_after=True,
        beside=(),
        entry_code=told("entry_code"),
        papers=Papers(
            visit.papers.approval_no or told("approval_no_on_paper"),
            visit.papers.approved_on,
            visit.papers.notice_no or told("notice_no_on_paper"),
            served,
            urgency(reason, rules, known.day) if reason else None,
        ),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
