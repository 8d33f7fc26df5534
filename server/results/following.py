"""Carrying follow-ups out: passed on with a number, acknowledged, visited again, entered when they are over."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.access import SYSTEM, Actor
from server.audit import AuditEntry
from server.db import Json
from server.evidence import service as evidence
from server.evidence.service import MediaStatus
from server.inspections import service as inspections
from server.inspections.models import Record, Revision, Task
from server.problems import FollowupEvidence, FollowupIncomplete, FollowupNotVisited
from server.results import closing
from server.results.codes import FollowupCode
from server.results.deadlines import DeadlineKind
from server.results.disposal import PASSED_ON, VISITED, Disposal, Need, missing
from server.results.drafting import inspected_on
from server.results.followups import note, to_work_on
from server.results.keeping import meet, rules_for, set_deadline
from server.results.models import Followup, FollowupState, Result


@dataclass(frozen=True)
class Receipt:
    """Who took a follow-up over, when, and under which number of theirs."""

    number: str
    by: str
    on: date


@dataclass(frozen=True)
class Visit:
    """Who goes back, and between which days; approved and announced as every visit is."""

    lead_id: UUID
    assisting_ids: tuple[UUID, ...]
    opens_on: date
    due_on: date
    forms: tuple[str, ...] = ()
    approval_no: str | None = None
    notice_no: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a follow-up, and what shows it. `records` and `media` are added to what is there."""

    done_on: date
    outcome: str = ""
    reference_no: str | None = None
    records: tuple[UUID, ...] = ()
    media: tuple[str, ...] = ()


def pass_on(
    session: Session, actor: Actor, followup_id: UUID, reference_no: str, to_body: str | None
) -> Followup:
    """Note that the order, letter or decision went out, under its number; a transfer says to whom."""
    followup, _ = to_work_on(session, actor, followup_id)
    if FollowupCode(followup.code) in PASSED_ON and not (to_body or "").strip():
        raise FollowupIncomplete(
            errors=[{"field": "to_body", "reason": "请填写接收单位", "reason_en": "to whom"}]
        )
    followup.reference_no, followup.to_body = reference_no.strip(), (to_body or "").strip() or None
    followup.sent_at = followup.sent_at or clock.now()
    if followup.state == FollowupState.OPEN.value:
        followup.state = FollowupState.SENT.value
    return note(session, actor, followup, "followup.sent", {"reference_no": followup.reference_no})


def note_letter(
    session: Session, actor: Actor, followup_id: UUID, reference_no: str, to_body: str | None
) -> None:
    """Note the number of the order or letter that was made for a follow-up, and to whom it goes, where neither is known."""
    followup = session.get_one(Followup, followup_id, with_for_update=True)
    if followup.reference_no is not None:
        return
    followup.reference_no, followup.to_body = reference_no, followup.to_body or to_body
    note(session, actor, followup, "followup.numbered", {"reference_no": reference_no})


def forget_letter(session: Session, actor: Actor, followup_id: UUID, reference_no: str) -> None:
    """Take the number of an order or letter that was withdrawn off its follow-up, as long as it did not go out."""
    followup = session.get_one(Followup, followup_id, with_for_update=True)
    if followup.state == FollowupState.OPEN.value and followup.reference_no == reference_no:
        followup.reference_no = None
        note(session, actor, followup, "followup.numbered", {"reference_no": None})


def acknowledge(session: Session, actor: Actor, followup_id: UUID, receipt: Receipt) -> Followup:
    """Note the receipt of whoever took it over."""
    followup, _ = to_work_on(session, actor, followup_id)
    followup.receipt = {"no": receipt.number, "by": receipt.by, "on": receipt.on.isoformat()}
    if followup.state != FollowupState.DONE.value:
        followup.state = FollowupState.RECEIVED.value
    return note(session, actor, followup, "followup.received", {"receipt": receipt.number})


def open_visit(session: Session, actor: Actor, followup_id: UUID, visit: Visit) -> Task:
    """Send inspectors back to see (回访, 再次检查): a task of its own, whose accepted record is the evidence."""
    followup, result = to_work_on(session, actor, followup_id)
    if FollowupCode(followup.code) not in VISITED or followup.task_id is not None:
        raise FollowupNotVisited(code_of=followup.code)
    before = session.get_one(Task, result.task_id)
    task = inspections.open_further_visit(
        session,
        actor,
        inspections.PlannedVisit(
            number=f"{before.number}-回访{uuid4().hex[:4]}",
            name=f"{before.name}（{FollowupCode(followup.code).chinese}）",
            region=before.region,
            organisation_id=result.organisation_id,
            object_id=before.object_id,
            forms=visit.forms or before.forms,
            item_codes=[result.item_code],
            lead_id=visit.lead_id,
            assisting_ids=visit.assisting_ids,
            opens_on=visit.opens_on,
            due_on=visit.due_on,
            approval_no=visit.approval_no,
            notice_no=visit.notice_no,
            planned_id=before.planned_id,
        ),
    )
    followup.task_id = task.id
    note(session, actor, followup, "followup.visited", {"task": str(task.id)})
    return task


def forget_visit(session: Session, fact: AuditEntry) -> None:
    """React to a task that was withdrawn: the follow-up that it was opened for waits for another visit."""
    followup, _ = _visited_by(session, UUID(fact.subject))
    if followup is not None and followup.state not in closing.OVER:
        followup.task_id = None
        note(session, SYSTEM, followup, "followup.visit-withdrawn", {"task": fact.subject})


def withdraw_visit(session: Session, fact: AuditEntry) -> None:
    """React to a follow-up that fell away: nobody goes back for it, unless the visit has begun."""
    followup = session.get_one(Followup, UUID(fact.subject))
    if followup.task_id is not None:
        inspections.withdraw_unbegun(session, followup.task_id, f"后续处置已取消：{fact.details['reason']}")


def take_visit(session: Session, fact: AuditEntry) -> None:
    """React to a final record: it is the evidence of the follow-up that its task was opened for."""
    record = session.get_one(Record, UUID(fact.subject))
    followup, result = _visited_by(session, record.task_id)
    revision = session.get(Revision, record.final_rev or "")
    if followup is None or result is None or revision is None:
        return
    named = {"record": str(record.id)}
    if followup.state in closing.OVER or named in followup.evidence:
        return
    followup.evidence = [*followup.evidence, named]
    _do(session, result, followup, inspected_on(revision))
    note(session, SYSTEM, followup, "followup.done", {"done_on": str(followup.done_on), **named})


def finish(session: Session, actor: Actor, followup_id: UUID, outcome: Outcome) -> Followup:
    """Enter what came of it. FollowupIncomplete lists what its kind still needs; the result may be over then."""
    followup, result = to_work_on(session, actor, followup_id)
    followup.reference_no = (outcome.reference_no or "").strip() or followup.reference_no
    followup.outcome = outcome.outcome.strip()
    followup.evidence = _evidence(session, result, followup, outcome)
    code = FollowupCode(followup.code)
    broken = missing(Disposal(code, outcome.done_on, result.inspected_on, clock.today(), _has(followup)))
    if broken:
        raise FollowupIncomplete(errors=[rule.as_json() for rule in broken])
    _do(session, result, followup, outcome.done_on)
    meet(session, DeadlineKind.FOLLOWUP, followup.id)
    followup.state = FollowupState.ENTERED.value
    followup.entered_by, followup.entered_at = actor.person_id, clock.now()
    note(session, actor, followup, "followup.entered", {"done_on": str(followup.done_on)})
    closing.settle(session, actor, result)
    return followup


def _visited_by(session: Session, task_id: UUID) -> tuple[Followup, Result] | tuple[None, None]:
    """Find the follow-up that a task was opened for, its result locked first."""
    followup = session.scalar(select(Followup).where(Followup.task_id == task_id))
    if followup is None:
        return None, None
    result = session.get_one(Result, followup.result_id, with_for_update=True)
    session.refresh(followup)
    return followup, result


def _do(session: Session, result: Result, followup: Followup, done_on: date) -> None:
    """It happened on a day, from which its own deadline counts (后续监管完成后15个工作日内录入, R77)."""
    followup.state, followup.done_on = FollowupState.DONE.value, done_on
    due = rules_for(session, result.organisation_id, result.region).followup_due(done_on)
    set_deadline(session, DeadlineKind.FOLLOWUP, result, due, followup.id)


def _has(followup: Followup) -> frozenset[Need]:
    there = {
        Need.TO_BODY: followup.to_body,
        Need.REFERENCE: followup.reference_no,
        Need.RECEIPT: followup.receipt,
        Need.EVIDENCE: followup.evidence,
        Need.VISIT: followup.task_id,
        Need.OUTCOME: followup.outcome,
    }
    return frozenset(need for need, value in there.items() if value)


def _evidence(session: Session, result: Result, followup: Followup, outcome: Outcome) -> list[Json]:
    """Add other final records about the same object, and files that are stored; FollowupEvidence names what is neither."""
    records = set(
        session.scalars(
            select(Record.id)
            .join(Task, Task.id == Record.task_id)
            .where(
                Record.id.in_(outcome.records),
                Record.id != result.record_id,  # what found the problem does not show that it was put right
                Record.final_rev.is_not(None),
                Task.object_id == result.object_id,
            )
        )
    )
    stored = evidence.statuses(session, outcome.media)
    strange = [str(each) for each in outcome.records if each not in records]
    strange += [sha for sha, status in stored.items() if status in {MediaStatus.ABSENT, MediaStatus.PARTIAL}]
    if strange:
        raise FollowupEvidence(unknown=sorted(strange))
    new: list[Json] = [{"record": str(each)} for each in outcome.records] + [{"media": sha} for sha in stored]
    return [*followup.evidence, *(each for each in new if each not in followup.evidence)]
