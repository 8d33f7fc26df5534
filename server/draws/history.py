"""What was drawn before: earlier batches of a planned inspection, and what reached the yearly cap since a frame was frozen."""

from collections import Counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.draws.counting import often_visited
from server.draws.frame import Candidate, Frame
from server.draws.models import (
    STANDING,
    Ceremony,
    CeremonyKind,
    Draw,
    DrawnVisit,
    DrawSource,
    LockedObject,
)
from server.planning.rules import visits_a_year


def drawn_before(session: Session, ceremony: Ceremony) -> Counter[UUID]:
    """Count how many other draws of the same planned inspection that still stand took each object (逐批次抽取)."""
    locked = (
        select(LockedObject.object_id)
        .join(Ceremony, Ceremony.id == LockedObject.ceremony_id)
        .where(
            Ceremony.planned_id == ceremony.planned_id,
            Ceremony.id != ceremony.id,
            Ceremony.state.in_(STANDING),
        )
    )
    delivered = (
        select(DrawnVisit.object_id)
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .where(
            Draw.planned_id == ceremony.planned_id,
            Draw.superseded_at.is_(None),
            Draw.source != DrawSource.OWN.value,  # those lock what they draw
        )
    )
    return Counter(session.scalars(locked.union_all(delivered)))


def over_cap(session: Session, ceremony: Ceremony, frame: Frame) -> list[Candidate]:
    """List what is in the urn of a frozen frame and whose enterprise has by now as many visits in the year as the bureau allows.

    Nothing of a match: objects that are locked can't be left out.
    """
    cap = visits_a_year(session.get_one(Organisation, ceremony.organisation_id).rules)
    if not cap or ceremony.kind == CeremonyKind.MATCH:
        return []
    often = often_visited(session, ceremony, cap)
    return [each for each in frame["objects"] if not each["out"] and UUID(each["id"]) in often]
