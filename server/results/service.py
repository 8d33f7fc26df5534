"""Verbs of results: find, confirm, release, read what they said before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, literal, select, union_all
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, found_within, require, walked_within
from server.accounts.lateness import too_late
from server.conditions import Unindexed
from server.db import Json
from server.inspections import service as inspections
from server.inspections.models import Assignment, Attestation, Revision
from server.problems import (
    ResultChanged,
    ResultNotConfirmed,
    ResultNotFound,
    ResultNotOwn,
    ResultOwnRelease,
    ResultUnsound,
)
from server.results import closing, followups, objections
from server.results.codes import BrokenRule, Conclusion, FollowupCode, ResultCode, broken_rules, completed
from server.results.deadlines import DeadlineKind
from server.results.drafting import keep_version, moments_of, settle_publication
from server.results.keeping import meet, rules_for
from server.results.models import (
    Deadline,
    DeadlineChange,
    Followup,
    Objection,
    Result,
    ResultState,
    ResultVersion,
)

_INSPECTORS = {"inspector1", "inspector2"}
_WITNESS = "witness"


@dataclass(frozen=True)
class Confirmation:
    """What an inspector says about a result; None leaves it as it is.

    `version` is the one that was seen, `correction` the reason for changing a released result.
    """

    codes: tuple[ResultCode, ...] | None = None
    followup_codes: tuple[FollowupCode, ...] | None = None
    findings_text: str | None = None
    rectify_by: date | None = None
    version: int | None = None
    correction: str | None = None


def results_within(actor: Actor, *, state: str | None = None, task_id: UUID | None = None) -> Select[Result]:
    """Select the results an actor may see: those of the jurisdiction, or only those of the actor's tasks."""
    require(actor, Permission.RESULT_READ)
    query = select(Result)
    if actor.sees_region(Permission.RESULT_READ):
        query = query.where((found_within if task_id else walked_within)(actor, Result.region))
    else:
        mine = select(Assignment.task_id).where(
            Assignment.person_id == actor.person_id, Assignment.ended_at.is_(None)
        )
        query = query.where(Result.task_id.in_(mine))
    if state:
        # Of a task's results, or of one's own, the state is looked at; SQLite would rather go through all that are in it.
        is_found = task_id or not actor.sees_region(Permission.RESULT_READ)
        query = query.where((Unindexed(Result.state) if is_found else Result.state) == state)
    return query.where(Result.task_id == task_id) if task_id else query


def find_result(session: Session, actor: Actor, result_id: UUID, *, lock: bool = False) -> Result:
    """Return a result that the actor may see; others are not found."""
    query = results_within(actor).where(Result.id == result_id)
    result = session.scalar(query.with_for_update() if lock else query)
    if result is None:
        raise ResultNotFound()
    return result


def confirm(session: Session, actor: Actor, result_id: UUID, given: Confirmation) -> Result:
    """Confirm a result, corrected where need be: whoever inspected answers for it (谁检查、谁录入).

    Only an inspector of the task, in a joint visit of the department that answers for it. A released result can be corrected with a reason; it is a new version then,
    to be released again. ResultUnsound lists the rules that the result would break.
    """
    result = find_result(session, actor, result_id, lock=True)
    require(actor, Permission.RESULT_CONFIRM, result)
    if not _answers_for(session, result, actor):
        raise ResultNotOwn()
    _require_seen(result, given.version)
    before = _content(result)
    _take(result, given)
    changed = _content(result) != before
    _check(session, result, given, changed=changed)
    reworded = _rewords(result, given)
    if changed or reworded:
        result.version += 1
    if reworded or result.state == ResultState.RELEASED.value:
        result.correction = (given.correction or "").strip()
    result.state = ResultState.CONFIRMED.value
    result.confirmed_by, result.confirmed_at = actor.person_id, clock.now()
    result.released_by, result.released_at = None, None
    keep_version(session, result, actor.person_id)
    meet(session, DeadlineKind.ENTRY, result.id)
    rules = rules_for(session, result.organisation_id, result.region)
    settle_publication(session, result, rules, moments_of(session, result))
    session.flush()
    audit.append(session, actor, "result.confirmed", ("result", result.id), _details(result))
    followups.reconcile(session, actor, result)
    closing.settle(session, actor, result)
    return result


def release(session: Session, actor: Actor, result_id: UUID, version: int | None = None) -> Result:
    """Release a confirmed result to publicity and platforms; never by somebody who inspected.

    `version`: the one that was seen; ResultChanged where another is there.
    """
    result = find_result(session, actor, result_id, lock=True)
    require(actor, Permission.RESULT_RELEASE, result)
    if session.get(Assignment, (result.task_id, actor.person_id)) or result.confirmed_by == actor.person_id:
        raise ResultOwnRelease()
    _require_seen(result, version)
    if result.state != ResultState.CONFIRMED.value:
        raise too_late(ResultNotConfirmed, result, "result", state=result.state)
    result.state = ResultState.RELEASED.value
    result.released_by, result.released_at = actor.person_id, clock.now()
    kept = session.get_one(ResultVersion, (result.id, result.version))
    kept.released_by, kept.released_at = result.released_by, result.released_at
    objections.answer_by_release(session, result)
    session.flush()
    details = _details(result) | answering_for(result)
    audit.append(session, actor, "result.released", ("result", result.id), details)
    closing.settle(session, actor, result)
    return result


def answering_for(result: Result) -> Json:
    """Tell who confirmed a result and who released it, as the fact of its release keeps it."""
    return {
        "confirmed_by": str(result.confirmed_by) if result.confirmed_by else None,
        "confirmed_at": clock.iso(result.confirmed_at) if result.confirmed_at else None,
        "released_by": str(result.released_by) if result.released_by else None,
    }


def versions_of(session: Session, actor: Actor, result_id: UUID) -> Sequence[ResultVersion]:
    """List all versions of a result, the first first: none is ever written over."""
    result = find_result(session, actor, result_id)
    query = select(ResultVersion).where(ResultVersion.result_id == result.id)
    return session.scalars(query.order_by(ResultVersion.version)).all()


def deadlines_of(
    session: Session, actor: Actor, result_id: UUID
) -> tuple[Sequence[Deadline], Sequence[DeadlineChange]]:
    """List the deadlines of a result, its follow-ups and objections, and how new calendars moved them."""
    result = find_result(session, actor, result_id)
    subjects = union_all(
        select(literal(result.id, Uuid())),
        select(Followup.id).where(Followup.result_id == result.id),
        select(Objection.id).where(Objection.result_id == result.id),
    )
    deadlines = select(Deadline).where(Deadline.subject_id.in_(subjects)).order_by(Deadline.due_on)
    changes = (
        select(DeadlineChange).where(DeadlineChange.subject_id.in_(subjects)).order_by(DeadlineChange.at)
    )
    return session.scalars(deadlines).all(), session.scalars(changes).all()


def _rewords(result: Result, given: Confirmation) -> bool:
    """Say whether another reason is given for a correction that waits to be released."""
    waits = result.state == ResultState.CONFIRMED.value and result.correction is not None
    return waits and (given.correction or "").strip() not in {"", result.correction}


def _require_seen(result: Result, version: int | None) -> None:
    if version is not None and version != result.version:
        raise too_late(ResultChanged, result, "result", version=result.version)


def _take(result: Result, given: Confirmation) -> None:
    if given.codes is not None:
        result.codes = [code.value for code in completed(given.codes)]
    if given.followup_codes is not None:
        result.followup_codes = [code.value for code in dict.fromkeys(given.followup_codes)]
    if given.findings_text is not None:
        result.findings_text = given.findings_text.strip()
    if given.rectify_by is not None:
        result.rectify_by = given.rectify_by
    if FollowupCode.ORDER_RECTIFY.value not in result.followup_codes:
        result.rectify_by = None


def _check(session: Session, result: Result, given: Confirmation, *, changed: bool) -> None:
    broken = broken_rules(_conclusion(session, result))
    if result.rectify_by is not None and result.rectify_by < result.inspected_on:
        broken.append(
            BrokenRule(
                "rectify_by", "整改期限早于检查之日", "to be put right before the day of the inspection"
            )
        )
    if result.state == ResultState.RELEASED.value:
        if not changed:
            raise too_late(ResultNotConfirmed, result, "result", state=result.state)
        if not (given.correction or "").strip():
            broken.append(
                BrokenRule("correction", "更正已发布的结果须说明理由", "say why a released result is changed")
            )
    if broken:
        raise ResultUnsound(errors=[rule.as_json() for rule in broken])


def _conclusion(session: Session, result: Result) -> Conclusion:
    revision = session.get_one(Revision, result.rev)
    return Conclusion(
        codes=tuple(ResultCode(code) for code in result.codes),
        followups=tuple(FollowupCode(code) for code in result.followup_codes),
        text=result.findings_text,
        rectify_by=result.rectify_by,
        evidence=len(revision.media),
        attested=_is_attested(session, revision),
    )


def _is_attested(session: Session, revision: Revision) -> bool:
    """Say whether a witness, or both inspectors, signed: on the form, or the second by an own key."""
    given = set((revision.signatures or {}).get("given", []))
    if _WITNESS in given or given >= _INSPECTORS:
        return True
    co_signed = select(Attestation.id).where(
        Attestation.rev == revision.rev, Attestation.valid, Attestation.person_id != revision.author_id
    )
    return session.scalar(co_signed.limit(1)) is not None


def _answers_for(session: Session, result: Result, actor: Actor) -> bool:
    assignment = session.get(Assignment, (result.task_id, actor.person_id))
    if assignment is None or assignment.ended_at is not None:
        return False
    section = inspections.section_of_department(session, result.task_id, result.organisation_id)
    return section is None or assignment.section_id == section.id


def _content(result: Result) -> Mapping[str, Any]:
    return {
        "codes": list(result.codes),
        "followup_codes": list(result.followup_codes),
        "findings_text": result.findings_text,
        "rectify_by": result.rectify_by.isoformat() if result.rectify_by else None,
    }


def _details(result: Result) -> Json:
    return {**_content(result), "version": result.version, "correction": result.correction}
