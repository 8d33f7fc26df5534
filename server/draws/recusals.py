"""Recusal (依法回避): who has an interest in an object is not sent there."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.models import Person
from server.audit import Acting
from server.draws.models import Recusal
from server.problems import ObjectNotFound, PersonNotFound, RecusalNotFound
from server.registry.models import Expert, InspectedObject


def enter_recusal(session: Session, actor: Actor, subject_id: UUID, object_id: UUID, reason: str) -> Recusal:
    """Enter an interest of a person or an expert in an object: planners for anybody, inspectors their own."""
    require(actor, Permission.DRAW_READ)
    found = session.get(InspectedObject, object_id)
    if found is None:
        raise ObjectNotFound()
    if subject_id != actor.person_id:
        require(actor, Permission.DRAW_RUN, found)
        if session.get(Person, subject_id) is None and session.get(Expert, subject_id) is None:
            raise PersonNotFound(str(subject_id))
    return note_recusal(session, actor, subject_id, found, reason)


def note_recusal(
    session: Session, actor: Acting, subject_id: UUID, found: InspectedObject, reason: str
) -> Recusal:
    """Write an interest down; whoever calls has asked for permission. One that is known is left alone."""
    session.refresh(found, ["id"], with_for_update=True)  # who enters one in the same moment sees this one
    known = session.scalar(
        select(Recusal).where(
            Recusal.subject_id == subject_id, Recusal.object_id == found.id, Recusal.withdrawn_at.is_(None)
        )
    )
    if known is not None:
        return known
    recusal = Recusal(
        subject_id=subject_id,
        object_id=found.id,
        region=found.region,
        reason=reason,
        entered_by=actor.name,
        entered_at=clock.now(),
    )
    session.add(recusal)
    session.flush()
    details = {"subject": str(subject_id), "object": str(found.id)}
    audit.append(session, actor, "recusal.entered", ("recusal", recusal.id), details)
    return recusal


def withdraw_recusal(session: Session, actor: Actor, recusal_id: UUID) -> Recusal:
    """End a recusal; later draws know nothing of it, earlier ones stand."""
    require(actor, Permission.DRAW_RUN)
    held = select(Recusal).where(Recusal.id == recusal_id, within(actor, Recusal.region))
    found = session.scalar(held.with_for_update())
    if found is None or found.withdrawn_at is not None:
        raise RecusalNotFound()
    found.withdrawn_at = clock.now()
    session.flush()
    audit.append(session, actor, "recusal.withdrawn", ("recusal", found.id), {})
    return found


def recusals_within(
    actor: Actor, subject_id: UUID | None = None, object_id: UUID | None = None
) -> Select[Recusal]:
    """Select the recusals that hold, all or those of a person or an object.

    Of the jurisdiction for planners and auditors, one's own for inspectors.
    """
    require(actor, Permission.DRAW_READ)
    query = select(Recusal).where(Recusal.withdrawn_at.is_(None))
    query = query.where(Recusal.subject_id == subject_id) if subject_id else query
    query = query.where(Recusal.object_id == object_id) if object_id else query
    if actor.sees_region(Permission.DRAW_READ):
        return query.where(within(actor, Recusal.region))
    return query.where(Recusal.subject_id == actor.person_id)
