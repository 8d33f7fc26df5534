"""Finding ceremonies, what they locked, and their frames."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require, walked_within, within
from server.draws.frame import Frame
from server.draws.models import Ceremony, CeremonyState, LockedObject
from server.problems import CeremonyNotFound, CeremonyOutOfOrder


def ceremonies_within(actor: Actor, *, planned_id: UUID | None = None) -> Select[Ceremony]:
    """Select the ceremonies of the jurisdiction, all or those of one planned inspection."""
    require(actor, Permission.PLAN_READ)
    query = select(Ceremony).where(walked_within(actor, Ceremony.region))
    return query.where(Ceremony.planned_id == planned_id) if planned_id else query


def find_ceremony(session: Session, actor: Actor, ceremony_id: UUID) -> Ceremony:
    """Return a ceremony of the jurisdiction; others are not found."""
    found = session.scalar(ceremonies_within(actor).where(Ceremony.id == ceremony_id))
    if found is None:
        raise CeremonyNotFound()
    return found


def locks_within(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """List what waits to be matched in the jurisdiction: published ceremonies with their objects by region."""
    require(actor, Permission.DRAW_RUN)
    query = (
        select(Ceremony, LockedObject.region, func.count())
        .join(LockedObject, LockedObject.ceremony_id == Ceremony.id)
        .where(
            within(actor, LockedObject.region),
            LockedObject.matched_id.is_(None),
            Ceremony.state == CeremonyState.PUBLISHED.value,
        )
        .group_by(Ceremony.id, LockedObject.region)
        .order_by(Ceremony.committed_at, Ceremony.id, LockedObject.region)
    )
    return [
        {
            "ceremony_id": row[0].id,
            "number": row[0].number,
            "region": row[1],
            "objects": row[2],
            "opens_on": row[0].opens_on,
            "due_on": row[0].due_on,
        }
        for row in session.execute(query)
    ]


def frame_of(ceremony: Ceremony) -> Frame:
    """Read the frame of a ceremony that has one."""
    return cast("Frame", json.loads(frame_text(ceremony)))


def frame_text(ceremony: Ceremony) -> bytes:
    """Return the canonical spelling of a ceremony's frame."""
    return zlib.decompress(ceremony.frame or b"")


def held_ceremony(session: Session, actor: Actor, ceremony_id: UUID) -> Ceremony:
    """Load a ceremony to change it, and hold its row until the transaction ends."""
    ceremony = find_ceremony(session, actor, ceremony_id)
    require(actor, Permission.DRAW_RUN, ceremony)
    session.refresh(ceremony, with_for_update=True)
    return ceremony


def at_step(session: Session, actor: Actor, ceremony_id: UUID, *steps: CeremonyState) -> Ceremony:
    """Load a ceremony to change it; CeremonyOutOfOrder when it is not at one of the steps."""
    ceremony = held_ceremony(session, actor, ceremony_id)
    if ceremony.state not in {step.value for step in steps}:
        raise CeremonyOutOfOrder(state=ceremony.state)
    return ceremony


def note(session: Session, actor: Actor, ceremony: Ceremony, action: str, details: Mapping[str, Any]) -> None:
    """Note a step of a ceremony in the audit log."""
    audit.append(session, actor, action, ("ceremony", ceremony.id), {"number": ceremony.number, **details})
