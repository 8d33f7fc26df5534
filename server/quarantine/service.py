"""Verbs of the quarantine desk: find, admit, dismiss, reopen; and judge again by itself what can be."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from server import audit
from server.access import SYSTEM, Actor, Permission, require, walked_within
from server.audit import AuditEntry
from server.exchange.models import QuarantinedItem
from server.inspections import service as inspections
from server.inspections.models import CaseState, QuarantineCase, Record, Revision
from server.problems import QuarantineNotAdmissible, QuarantineNotFound, QuarantineSettled
from sync import PushItem, read_item

CONTINUES: Final = "quarantine.continues"
MOST_AT_ONCE: Final = 100
"""Cases that one job judges again; the rest is another job's, so that pushes get their turn between them."""


@dataclass(frozen=True)
class Sought:
    """Which cases: by state, and where given by reason, sender and since when they came."""

    state: CaseState = CaseState.OPEN
    reason: str | None = None
    person: UUID | None = None
    since: datetime | None = None


def visible_cases(actor: Actor) -> Select[QuarantineCase]:
    """Select what an actor may see of the quarantine: that of the jurisdiction."""
    require(actor, Permission.QUARANTINE_READ)
    return select(QuarantineCase).where(walked_within(actor, QuarantineCase.region))


def sought_cases(actor: Actor, sought: Sought) -> Select[QuarantineCase]:
    """Select the cases that somebody looks for."""
    chosen = visible_cases(actor).where(QuarantineCase.state == sought.state.value)
    if sought.reason is not None:
        chosen = chosen.where(QuarantineCase.reason == sought.reason)
    if sought.person is not None:
        chosen = chosen.where(QuarantineCase.sender_id == sought.person)
    if sought.since is not None:
        chosen = chosen.where(QuarantineCase.arrived_at >= sought.since)
    return chosen


def visible_case(session: Session, actor: Actor, case_id: UUID) -> QuarantineCase:
    """Load a case the actor may see; what is hidden looks like what is not there."""
    case = session.scalar(visible_cases(actor).where(QuarantineCase.id == case_id))
    if case is None:
        raise QuarantineNotFound()
    return case


def exact_bytes(session: Session, case: QuarantineCase) -> tuple[str, bytes]:
    """Return what came, byte for byte, with a name for it: a revision, or the item as JSON."""
    if case.op is not None:
        return f"{case.op}.json", session.get_one(QuarantinedItem, case.op).raw
    row = session.get_one(Revision, case.rev)
    return f"{row.rev.removeprefix('sha256:')}.json", row.data


def item_of(session: Session, case: QuarantineCase) -> PushItem | None:
    """Read the revision that is in quarantine, as it was pushed; None where what came can't be read as one."""
    if case.rev is None:
        return None
    if case.op is not None:
        return read_item(json.loads(session.get_one(QuarantinedItem, case.op).raw))
    return inspections.item_of(session.get_one(Revision, case.rev))


def admit(session: Session, actor: Actor, case_id: UUID, reason: str, task_id: UUID | None) -> Record:
    """Make it part of its record, flagged `admitted`. `task_id`: where it belongs, if the bytes name no task there is."""
    case = _to_decide(session, actor, case_id)
    item = item_of(session, case)
    if item is None:
        raise QuarantineNotAdmissible(reason=case.reason)
    if task_id is not None:
        inspections.visible_task(session, actor, task_id)
    return inspections.admit(session, actor, case, item, reason, task_id)


def dismiss(session: Session, actor: Actor, case_id: UUID, reason: str) -> QuarantineCase:
    """Put it aside: it is kept, and off the list."""
    case = _to_decide(session, actor, case_id)
    inspections.require_others_work(session, actor, case)
    inspections.hold_open(session, case)
    return _settle(session, actor, case, CaseState.DISMISSED, reason)


def reopen(session: Session, actor: Actor, case_id: UUID, reason: str) -> QuarantineCase:
    """Take a dismissal back."""
    case = _to_decide(session, actor, case_id)
    inspections.require_others_work(session, actor, case)
    session.refresh(case, with_for_update=True)
    if case.state != CaseState.DISMISSED:
        raise QuarantineSettled(state=case.state)
    return _settle(session, actor, case, CaseState.OPEN, reason)


def judge_form_again(session: Session, fact: AuditEntry) -> None:
    """Judge again what waited for a version of a form that is published now."""
    form = QuarantineCase.form_id == fact.subject
    _judge_again(session, fact, form & (QuarantineCase.form_version == fact.details["version"]))


def judge_task_again(session: Session, fact: AuditEntry) -> None:
    """Judge again what waited for a task that is there now, or for its sender to be on it."""
    _judge_again(session, fact, QuarantineCase.task_id == UUID(fact.subject))


def go_on_judging(session: Session, fact: AuditEntry) -> None:
    """Judge again what was left over."""
    judge = judge_form_again if fact.subject_kind == "form" else judge_task_again
    judge(session, fact)


def _judge_again(session: Session, fact: AuditEntry, wanted: ColumnElement[bool]) -> None:
    waiting = (
        select(QuarantineCase)
        .where(
            wanted,
            QuarantineCase.state == CaseState.OPEN.value,
            QuarantineCase.rev.is_not(None),
            QuarantineCase.op.is_(None),
            QuarantineCase.id > UUID(fact.details.get("after", str(UUID(int=0)))),
        )
        .order_by(QuarantineCase.id)
        .limit(MOST_AT_ONCE)
    )
    cases = session.scalars(waiting).all()
    inspections.judge_again(session, cases)
    if len(cases) == MOST_AT_ONCE:
        rest = {**fact.details, "after": str(cases[-1].id)}
        audit.append(session, SYSTEM, CONTINUES, (fact.subject_kind, fact.subject), rest)


def _to_decide(session: Session, actor: Actor, case_id: UUID) -> QuarantineCase:
    require(actor, Permission.QUARANTINE_DECIDE)
    return visible_case(session, actor, case_id)


def _settle(
    session: Session, actor: Actor, case: QuarantineCase, state: CaseState, reason: str
) -> QuarantineCase:
    inspections.settle_case(session, case, state, actor, reason)
    session.flush()
    subject = ("revision", case.rev) if case.rev else ("operation", str(case.op))
    action = "quarantine.dismissed" if state is CaseState.DISMISSED else "quarantine.reopened"
    told = {"case": str(case.id), "reason": case.reason, "note": reason}
    audit.append(session, actor, action, subject, told)
    return case
