"""Complaints and suggestions (投诉、建议) of those who use the application, and the answers they get (国办函〔2026〕12号)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from server import audit, clock, feed, messages
from server.access import Actor, Permission, require, walked_within
from server.accounts.models import Person
from server.complaints.models import Complaint, ComplaintState
from server.db import Json
from server.problems import ComplaintAnswered, ComplaintDiffers, ComplaintNotFound, ComplaintOwn
from server.rows import insert_new

_COMPLAINTS: Table = Complaint.__table__  # type: ignore[assignment]

MOST: Final = 100
"""Of one's own that a phone is told: the newest."""


@dataclass(frozen=True)
class Written:
    """What somebody wrote, by the id that their phone gave it."""

    id: UUID
    kind: str
    text: str
    written_at: datetime


def take(session: Session, actor: Actor, written: Written) -> Complaint:
    """Keep what somebody wrote, once however often it comes. Whoever is signed in may; nothing but the words is asked for."""
    row = {
        "id": written.id,
        "person_id": actor.person_id,
        "region": actor.region,
        "kind": written.kind,
        "text": written.text,
        "written_at": written.written_at,
        "received_at": clock.now(),
        "state": ComplaintState.RECEIVED.value,
    }
    # Inserted before it is looked for: whoever sends it in the same moment waits here, and finds it.
    is_new = bool(insert_new(session, _COMPLAINTS, [row]))
    complaint = session.get_one(Complaint, written.id)
    if (complaint.person_id, complaint.text) != (actor.person_id, written.text):
        raise ComplaintDiffers()
    if is_new:
        digest = hashlib.sha256(written.text.encode()).hexdigest()
        audit.append(session, actor, "complaint.received", ("complaint", complaint.id), {"sha256": digest})
    return complaint


def own(session: Session, actor: Actor) -> Sequence[Complaint]:
    """Find what the actor wrote, the newest first."""
    mine = select(Complaint).where(Complaint.person_id == actor.person_id)
    return session.scalars(mine.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(MOST)).all()


def visible(actor: Actor, state: ComplaintState) -> Select[Complaint]:
    """Select those of the jurisdiction that stand so."""
    require(actor, Permission.COMPLAINT_READ)
    return select(Complaint).where(Complaint.state == state.value, walked_within(actor, Complaint.region))


def answer(session: Session, actor: Actor, complaint_id: UUID, text: str) -> Complaint:
    """Answer one, once; never one's own. Whoever wrote it is told with the next pull."""
    complaint = session.get(Complaint, complaint_id, with_for_update=True)
    if complaint is None:
        raise ComplaintNotFound()
    require(actor, Permission.COMPLAINT_ANSWER, complaint)
    if complaint.person_id == actor.person_id:
        raise ComplaintOwn()
    if complaint.state != ComplaintState.RECEIVED:
        raise ComplaintAnswered()
    complaint.state = ComplaintState.ANSWERED.value
    complaint.answer, complaint.answered_by, complaint.answered_at = text, actor.person_id, clock.now()
    told = {"answer": text, "answered_at": clock.iso(complaint.answered_at)}
    messages.tell(
        session,
        feed.user(complaint.person_id),
        "complaint.answered",
        {},
        about=("complaint", complaint.id),
        details=told,
    )
    audit.append(session, actor, "complaint.answered", ("complaint", complaint.id), {"answer": text})
    return complaint


def views(session: Session, complaints: Sequence[Complaint]) -> list[Json]:
    """Write complaints for whoever may see them."""
    ids = {each for one in complaints for each in (one.person_id, one.answered_by) if each}
    people = {each.id: each.name for each in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "text": each.text,
            "written_at": each.written_at,
            "received_at": each.received_at,
            "state": each.state,
            "region": each.region,
            "sender": {"id": each.person_id, "name": people[each.person_id]},
            "answer": each.answer,
            "answered_by": people[each.answered_by] if each.answered_by else None,
            "answered_at": each.answered_at,
        }
        for each in complaints
    ]
