"""Verbs of objections (异议): the entity says that a result is wrong; somebody who did not inspect decides, in time.

An objection that is upheld keeps the result open until a corrected version is released in its place.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.lateness import too_late
from server.inspections.models import Assignment
from server.problems import (
    ObjectionNotFound,
    ObjectionOpen,
    ObjectionOwn,
    ObjectionSettled,
    ObjectionTooEarly,
)
from server.results import closing
from server.results.deadlines import DeadlineKind
from server.results.keeping import meet, rules_for, set_deadline
from server.results.models import Objection, ObjectionState, Result, ResultState, ResultVersion

ANSWERED = "answered"
"""How an upheld objection stands on its result once a corrected version is released."""


def file(session: Session, actor: Actor, result: Result, grounds: str, filed_on: date) -> Objection:
    """Take an objection down; the result was loaded with a lock. One at a time, and to what was released once."""
    require(actor, Permission.OBJECTION_FILE, result)
    released = _released_version(session, result)
    if released is None or not result.inspected_on <= filed_on <= clock.today():
        raise ObjectionTooEarly()
    if result.objection == ObjectionState.FILED.value:
        raise too_late(ObjectionOpen, result, "result", ["result.objected"])
    due = rules_for(session, result.organisation_id, result.region).objection_due(filed_on)
    objection = Objection(
        region=result.region,
        result_id=result.id,
        version=released,
        grounds=grounds.strip(),
        filed_on=filed_on,
        received_by=actor.person_id,
        received_at=clock.now(),
        decide_by=due.on,
    )
    session.add(objection)
    session.flush()
    set_deadline(session, DeadlineKind.OBJECTION, result, due, objection.id)
    result.objection = ObjectionState.FILED.value
    told = {"objection": str(objection.id), "version": released, "decide_by": due.on.isoformat()}
    session.flush()
    audit.append(session, actor, "result.objected", ("result", result.id), told)
    closing.settle(session, actor, result)
    return objection


def decide(
    session: Session, actor: Actor, result: Result, objection_id: UUID, state: ObjectionState, decision: str
) -> Objection:
    """Decide an objection, or note that it was taken back; never by somebody who inspected or confirmed."""
    require(actor, Permission.OBJECTION_DECIDE, result)
    objection = session.get(Objection, objection_id, with_for_update=True)
    if objection is None or objection.result_id != result.id:
        raise ObjectionNotFound()
    if objection.state != ObjectionState.FILED.value:
        raise too_late(
            ObjectionSettled, result, "result", ["result.objection-decided"], state=objection.state
        )
    if session.get(Assignment, (result.task_id, actor.person_id)) or actor.person_id in _writers(
        session, result
    ):
        raise ObjectionOwn()
    objection.state, objection.decision = state.value, decision.strip()
    objection.decided_by, objection.decided_at = actor.person_id, clock.now()
    meet(session, DeadlineKind.OBJECTION, objection.id)
    result.objection = _what_stands(session, result, state).value
    if result.state == ResultState.RELEASED.value:
        answer_by_release(session, result)
    told = {"objection": str(objection.id), "state": state.value}
    session.flush()
    audit.append(session, actor, "result.objection-decided", ("result", result.id), told)
    closing.settle(session, actor, result)
    return objection


def objections_of(session: Session, result: Result) -> Sequence[Objection]:
    """List the objections to a result, the first first."""
    query = select(Objection).where(Objection.result_id == result.id)
    return session.scalars(query.order_by(Objection.received_at, Objection.id)).all()


def answer_by_release(session: Session, result: Result) -> None:
    """Note that a newer version takes the place of the one that an upheld objection was about."""
    if result.objection != ObjectionState.UPHELD.value:
        return
    newest = select(Objection.version).where(Objection.result_id == result.id)
    about = session.scalar(newest.order_by(Objection.received_at.desc()).limit(1))
    if about is not None and result.version > about:
        result.objection = ANSWERED


def _what_stands(session: Session, result: Result, decided: ObjectionState) -> ObjectionState:
    """One that was upheld stands until a corrected version is released, whatever is decided about others meanwhile."""
    upheld = select(Objection.id).where(
        Objection.result_id == result.id,
        Objection.state == ObjectionState.UPHELD.value,
        Objection.version == _released_version(session, result),
    )
    return ObjectionState.UPHELD if session.scalar(upheld.limit(1)) else decided


def _released_version(session: Session, result: Result) -> int | None:
    query = select(ResultVersion.version).where(
        ResultVersion.result_id == result.id, ResultVersion.released_at.is_not(None)
    )
    return session.scalar(query.order_by(ResultVersion.version.desc()).limit(1))


def _writers(session: Session, result: Result) -> set[UUID | None]:
    query = select(ResultVersion.written_by).where(ResultVersion.result_id == result.id)
    return {result.confirmed_by, *session.scalars(query)}
