"""Drafting results from a final record: what its conclusions say, item by item, in result codes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.audit import AuditEntry
from server.clock import CHINA
from server.inspections import service as inspections
from server.inspections.models import Record, Revision, Task
from server.results.codes import PROBLEMS, FollowupCode, ResultCode
from server.results.deadlines import DeadlineKind, DeadlineRules, Moments
from server.results.keeping import drop_deadline, rules_for, set_deadline
from server.results.models import Result, ResultVersion

_CONCLUSION = re.compile(r"(/\w+/conclusions/(\w+))/answer")
_NOT_APPLICABLE = "不适用"


@dataclass(frozen=True)
class Draft:
    """What a result says before an inspector has looked at it."""

    codes: tuple[ResultCode, ...]
    followups: tuple[FollowupCode, ...]
    text: str
    rectify_by: date | None


@dataclass(frozen=True)
class Answering:
    """Who answers for the results of a record: the bureau, or in a joint visit the department, its items and last day."""

    organisation_id: UUID
    items: tuple[str, ...]
    closing: date


def draft_results(session: Session, fact: AuditEntry) -> None:
    """React to a final record: draft one result for each item it concludes on. What is drafted already stays."""
    record = session.get_one(Record, UUID(fact.subject))
    task = session.get_one(Task, record.task_id, with_for_update=True)
    revision = session.get(Revision, record.final_rev or "")
    if revision is None or not revision.answers:
        return
    answering = _answering(session, task, record)
    # An item has one result, whoever answers for it: a visit may be divided when some are drafted already.
    drafted = set(session.scalars(select(Result.item_code).where(Result.task_id == task.id)))
    ended_on = inspected_on(revision)
    task_end = max([ended_on, *_days_inspected(session, task.id, answering.organisation_id)])
    moments = Moments(inspection_end=ended_on, task_end=task_end, closing=answering.closing)
    rules = rules_for(session, answering.organisation_id, task.region)
    for item_code, draft in read_conclusions(revision.answers).items():
        if item_code not in drafted and item_code in (answering.items or [item_code]):
            _add(session, task, answering, record, revision, item_code, draft, rules, moments)


def read_conclusions(answers: Mapping[str, Any]) -> dict[str, Draft]:
    """Read every item's conclusion out of a record's answers, by item code.

    `/data/conclusions/<ITEM>/answer` is conform (符合), mostly_conform (基本符合), not_conform (不符合),
    not_applicable (不适用) or not_checked (未检查); `problem`, `disposal`, `rectify_deadline` and
    `not_checked_reason` stand beside it.
    """
    found = (_CONCLUSION.fullmatch(path) for path in answers)
    return {match[2]: _draft(answers, match[1]) for match in found if match}


def keep_version(session: Session, result: Result, person_id: UUID | None) -> None:
    """Keep what a result says now as a version of its own, which is never changed. Idempotent."""
    if session.get(ResultVersion, (result.id, result.version)) is None:
        kept = ResultVersion(
            result_id=result.id,
            version=result.version,
            codes=list(result.codes),
            followup_codes=list(result.followup_codes),
            findings_text=result.findings_text,
            rectify_by=result.rectify_by,
            correction=result.correction,
            written_by=person_id,
            written_at=clock.now(),
        )
        session.add(kept)


def moments_of(session: Session, result: Result) -> Moments:
    """The days that a result's deadlines count from; in a joint visit they are those of its department."""
    section = inspections.section_of_department(session, result.task_id, result.organisation_id)
    return Moments(
        inspection_end=result.inspected_on,
        task_end=max(_days_inspected(session, result.task_id, result.organisation_id)),
        closing=(section or session.get_one(Task, result.task_id)).due_on,
    )


def settle_publication(session: Session, result: Result, rules: DeadlineRules, moments: Moments) -> None:
    """Say when a result has to be public: by the bureau's rule; one with problems has no term unless the rule says so."""
    if not rules.publication.problems and PROBLEMS & {ResultCode(code) for code in result.codes}:
        drop_deadline(session, DeadlineKind.PUBLICATION, result.id)
        result.publish_on = None
        return
    due = rules.publication_due(moments)
    set_deadline(session, DeadlineKind.PUBLICATION, result, due)
    result.publish_on = due.on


def _draft(answers: Mapping[str, Any], group: str) -> Draft:
    def text(name: str) -> str:
        return str(answers.get(f"{group}/{name}") or "")

    answer, disposal, deadline = text("answer"), text("disposal"), text("rectify_deadline")
    followups = (FollowupCode(disposal),) if disposal in FollowupCode.__members__ else ()
    rectify_by = date.fromisoformat(deadline) if deadline else None
    if answer == "conform":
        return Draft((ResultCode.NO_PROBLEM,), (), "", None)
    if answer == "mostly_conform" and followups == (FollowupCode.NONE,):
        # Nothing is left to do: it was put right on the spot.
        return Draft((ResultCode.CORRECTED_ON_ORDER,), followups, text("problem"), None)
    if answer in {"mostly_conform", "not_conform"}:
        return Draft((ResultCode.PENDING_FOLLOWUP,), followups, text("problem"), rectify_by)
    if answer == "not_applicable":
        return Draft((ResultCode.NOT_CHECKED,), (), _NOT_APPLICABLE, None)
    if answer == "not_checked":
        return Draft((ResultCode.NOT_CHECKED,), (), text("not_checked_reason"), None)
    return Draft((), (), text("problem"), None)


def inspected_on(revision: Revision) -> date:
    """The day the inspection ended: as the record says, else when it was sealed; never after it came."""
    answers = revision.answers or {}
    written = answers.get("/data/statement/end_at")
    moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=CHINA)
    moment = min(moment or revision.wall_time or revision.received_at, revision.received_at)
    return clock.day_of(moment)


def _days_inspected(session: Session, task_id: UUID, organisation_id: UUID) -> Sequence[date]:
    query = select(Result.inspected_on).where(
        Result.task_id == task_id, Result.organisation_id == organisation_id
    )
    return session.scalars(query).all()


def _answering(session: Session, task: Task, record: Record) -> Answering:
    section = inspections.section_of_author(session, task.id, record.author_id)
    if section is None:
        return Answering(task.organisation_id, tuple(task.item_codes), task.due_on)
    return Answering(section.organisation_id, tuple(section.item_codes), section.due_on)


def _add(
    session: Session,
    task: Task,
    answering: Answering,
    record: Record,
    revision: Revision,
    item_code: str,
    draft: Draft,
    rules: DeadlineRules,
    moments: Moments,
) -> None:
    entry = rules.entry_due(moments)
    result = Result(
        region=task.region,
        organisation_id=answering.organisation_id,
        task_id=task.id,
        item_code=item_code,
        object_id=task.object_id,
        record_id=record.id,
        rev=revision.rev,
        codes=[code.value for code in draft.codes],
        followup_codes=[code.value for code in draft.followups],
        findings_text=draft.text,
        rectify_by=draft.rectify_by,
        inspected_on=moments.inspection_end,
        due_on=entry.on,
        due_rule=entry.rule,
        estimated=entry.estimated,
        drafted_at=clock.now(),
    )
    session.add(result)
    session.flush()
    set_deadline(session, DeadlineKind.ENTRY, result, entry)
    settle_publication(session, result, rules, moments)
    keep_version(session, result, None)
    session.flush()
    details = {"task": str(task.id), "item": item_code, "codes": result.codes, "due_on": str(result.due_on)}
    audit.append(session, SYSTEM, "result.drafted", ("result", result.id), details)
