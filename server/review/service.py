"""Verbs of review: return a record, or accept it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.db import JsonList
from server.inspections import service as inspections
from server.inspections.models import Record
from server.problems import RecordChanged
from server.review.doubts import asking
from server.review.models import Decision, Verdict


@dataclass(frozen=True)
class Mark:
    """An answer to correct, and why: `/data/markers[2]/photo`."""

    path: str
    reason: str


@dataclass(frozen=True)
class Return:
    """Why a record goes back, the answers to correct and, if need be, by when; `rev` as in `accept_record`."""

    reason: str
    marks: Sequence[Mark]
    due_on: date | None = None
    rev: str | None = None


def return_record(session: Session, actor: Actor, record_id: UUID, given: Return) -> Record:
    """Return a record for correction: only the marked answers become editable on the phone."""
    record = _seen(session, actor, record_id, given.rev)
    marks = [asdict(mark) for mark in given.marks]
    doubts = asking.open_doubts(session, actor, record)
    _decide(session, actor, record, Verdict.RETURNED, marks, doubts, given.reason, given.due_on)
    return inspections.return_for_correction(session, actor, record, marks, given.reason)


def accept_record(session: Session, actor: Actor, record_id: UUID, rev: str | None = None) -> Record:
    """Accept a record: it is final. Refused with all that still stands against it; open questions do not.

    `rev`: the version that was looked at; RecordChanged where another has come since.
    """
    record = _seen(session, actor, record_id, rev)
    doubts = asking.open_doubts(session, actor, record)
    _decide(session, actor, record, Verdict.ACCEPTED, [], doubts)
    return inspections.finish(session, actor, record, doubts)


def _seen(session: Session, actor: Actor, record_id: UUID, rev: str | None) -> Record:
    record = inspections.record_for_review(session, actor, record_id)
    if rev is not None and record.heads != [rev]:
        raise RecordChanged(heads=record.heads)
    return record


def _decide(
    session: Session,
    actor: Actor,
    record: Record,
    verdict: Verdict,
    marks: JsonList,
    open_doubts: JsonList,
    reason: str | None = None,
    due_on: date | None = None,
) -> None:
    session.add(
        Decision(
            record_id=record.id,
            rev=record.heads[0],
            verdict=verdict.value,
            reason=reason,
            marks=marks,
            due_on=due_on,
            reviewer_id=actor.person_id,
            decided_at=clock.now(),
            open_doubts=open_doubts,
        )
    )
