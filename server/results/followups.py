"""Verbs of follow-ups (后续处置): ordered with a result, found again, fallen away."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, found_within, require, walked_within
from server.accounts.lateness import too_late
from server.audit import Acting
from server.conditions import Unindexed
from server.db import Json
from server.inspections import service as inspections
from server.inspections.models import Assignment
from server.paging import merged_page, page
from server.problems import FollowupNotFound, FollowupOver, ResultNotOwn
from server.results import closing
from server.results.codes import FollowupCode
from server.results.deadlines import DeadlineKind
from server.results.keeping import drop_deadline
from server.results.models import Deadline, Followup, FollowupState, Result

_WAITING = [FollowupState.OPEN.value, FollowupState.SENT.value, FollowupState.RECEIVED.value]


@dataclass(frozen=True)
class Sought:
    """Which follow-ups: in a state, about a result, of a kind, or those that are late."""

    state: FollowupState | None = None
    result_id: UUID | None = None
    code: FollowupCode | None = None
    overdue: bool = False


def followups_within(actor: Actor, sought: Sought = Sought()) -> Select[Followup]:
    """Select the follow-ups an actor may see: those of the jurisdiction, or only those of the actor's tasks."""
    require(actor, Permission.RESULT_READ)
    query = select(Followup)
    if actor.sees_region(Permission.RESULT_READ):
        query = query.where((found_within if sought.result_id else walked_within)(actor, Followup.region))
    else:
        own = select(Result.id).where(Result.task_id.in_(inspections.tasks_of(actor.person_id)))
        query = query.where(Followup.result_id.in_(own))
    if sought.state is not None:
        # Of a result's follow-ups, or of one's own, the state is looked at; SQLite would rather go through all that are in it.
        is_found = sought.result_id or not actor.sees_region(Permission.RESULT_READ)
        query = query.where((Unindexed(Followup.state) if is_found else Followup.state) == sought.state.value)
    if sought.result_id is not None:
        query = query.where(Followup.result_id == sought.result_id)
    if sought.code is not None:
        query = query.where(Followup.code == sought.code.value)
    return query.where(_late()) if sought.overdue else query


def page_of_followups(
    session: Session, actor: Actor, sought: Sought, place: str | None, limit: int
) -> tuple[list[Followup], str | None]:
    """Read a page of follow-ups, the oldest first. What is late is under way: a walk for each state that is, whatever else is stored."""
    found, keys = followups_within(actor, sought), (Followup.opened_at, Followup.id)
    if not sought.overdue or sought.state is not None:
        return page(session, found, keys, place, limit)
    walks = [found.where(Followup.state == state) for state in (*_WAITING, FollowupState.DONE.value)]
    return merged_page(session, walks, keys, place, limit)


def reconcile(session: Session, actor: Actor, result: Result) -> None:
    """Order what a confirmed result says, once each; what it does not say any more falls away."""
    query = select(Followup).where(Followup.result_id == result.id, Followup.state.not_in(closing.OVER))
    there = {each.code: each for each in session.scalars(query.with_for_update())}
    entered = set(
        session.scalars(
            select(Followup.code).where(
                Followup.result_id == result.id, Followup.state == FollowupState.ENTERED.value
            )
        )
    )
    wanted = [code for code in result.followup_codes if code != FollowupCode.NONE.value]
    for code in there.keys() - set(wanted):
        _cancel(
            session,
            actor,
            there[code],
            f"更正后不再需要（第{result.version}版） · not in version {result.version}",
        )
    for code in wanted:
        if code in there:
            there[code].act_by = _act_by(result, code)
        elif code not in entered:
            _open(session, actor, result, code)


def cancel(session: Session, actor: Actor, followup_id: UUID, reason: str) -> Followup:
    """Let a follow-up fall away, with a reason; by somebody who releases results."""
    followup, result = to_work_on(session, actor, followup_id)
    require(actor, Permission.RESULT_RELEASE, followup)
    _cancel(session, actor, followup, reason)
    closing.settle(session, actor, result)
    return followup


def find_followup(session: Session, actor: Actor, followup_id: UUID) -> Followup:
    """Return a follow-up that the actor may see; others are not found."""
    followup = session.scalar(followups_within(actor).where(Followup.id == followup_id))
    if followup is None:
        raise FollowupNotFound()
    return followup


def to_work_on(session: Session, actor: Actor, followup_id: UUID) -> tuple[Followup, Result]:
    """Load a follow-up that is not over with its result, the result locked first, as every verb about it does."""
    found = find_followup(session, actor, followup_id)
    require(actor, Permission.FOLLOWUP_ENTER, found)
    result = session.get_one(Result, found.result_id, with_for_update=True)
    session.refresh(found)
    own = inspections.tasks_of(actor.person_id).where(Assignment.task_id == result.task_id)
    if not actor.sees_region(Permission.FOLLOWUP_ENTER) and session.scalar(own) is None:
        raise ResultNotOwn()
    if found.state in closing.OVER:
        raise too_late(FollowupOver, found, "followup", state=found.state)
    return found, result


def _open(session: Session, actor: Actor, result: Result, code: str) -> None:
    followup = Followup(
        region=result.region,
        organisation_id=result.organisation_id,
        result_id=result.id,
        version=result.version,
        code=code,
        act_by=_act_by(result, code),
        opened_at=clock.now(),
        evidence=[],
    )
    session.add(followup)
    note(session, actor, followup, "followup.opened", {"result": str(result.id)})


def _act_by(result: Result, code: str) -> date | None:
    return result.rectify_by if code == FollowupCode.ORDER_RECTIFY.value else None


def _cancel(session: Session, actor: Actor, followup: Followup, reason: str) -> None:
    followup.state, followup.ended_reason = FollowupState.CANCELLED.value, reason.strip()
    drop_deadline(session, DeadlineKind.FOLLOWUP, followup.id)
    note(session, actor, followup, "followup.cancelled", {"reason": followup.ended_reason})


def _late() -> ColumnElement[bool]:
    """Not put right by the day of the order, or done and not entered in time."""
    return or_(
        and_(
            Followup.act_by < clock.today(),
            Followup.state.in_(_WAITING),
        ),
        select(Deadline.subject_id)
        .where(
            Deadline.subject_id == Followup.id,
            Deadline.kind == DeadlineKind.FOLLOWUP.value,
            Deadline.met_on.is_(None),
            Deadline.due_on < clock.today(),
        )
        .exists(),
    )


def note(session: Session, actor: Acting, followup: Followup, action: str, details: Json) -> Followup:
    """Write down what happened to a follow-up, last in a verb."""
    session.flush()
    told = {"code": followup.code, **details}
    audit.append(session, actor, action, ("followup", followup.id), told)
    return followup
