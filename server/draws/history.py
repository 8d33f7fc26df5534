"""What was drawn before: earlier batches of a planned inspection, and how often an object is visited in a year."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from server.access import region_bounds
from server.accounts.models import Organisation
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
from server.planning.models import PlannedInspection
from server.planning.rules import visits_a_year
from server.registry.models import InspectedObject


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


def often_visited(session: Session, ceremony: Ceremony, cap: int) -> set[UUID]:
    """Find the objects that have as many visits in the year of the ceremony as the bureau allows (年度检查频次上限).

    Visits of every bureau count: what the city drew in a county was visited, too. So do those that were revealed and are not
    published yet, or have no people yet.
    """
    year = (date(ceremony.opens_on.year, 1, 1), date(ceremony.opens_on.year, 12, 31))
    here = InspectedObject.region.between(*region_bounds(ceremony.region))
    visits = (
        select(DrawnVisit.object_id)
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .join(InspectedObject, InspectedObject.id == DrawnVisit.object_id)
        .where(here, Draw.superseded_at.is_(None), DrawnVisit.opens_on.between(*year))
    )
    # Another ceremony may have given it its people; the visits are entered when that one is published.
    giving = aliased(Ceremony)
    waiting = (
        select(LockedObject.object_id)
        .join(InspectedObject, InspectedObject.id == LockedObject.object_id)
        .join(Ceremony, Ceremony.id == LockedObject.ceremony_id)
        .join(PlannedInspection, PlannedInspection.id == Ceremony.planned_id)
        .outerjoin(giving, giving.id == LockedObject.matched_id)
        .where(
            here,
            Ceremony.id != ceremony.id,
            Ceremony.state.in_(STANDING),
            Ceremony.opens_on.between(*year),
            PlannedInspection.withdrawn_at.is_(None),
            or_(LockedObject.matched_id.is_(None), giving.draw_id.is_(None)),
        )
    )
    found = visits.union_all(waiting).subquery()
    query = select(found.c.object_id).group_by(found.c.object_id).having(func.count() >= cap)
    return set(session.scalars(query))


def over_cap(session: Session, ceremony: Ceremony, frame: Frame) -> list[Candidate]:
    """List what is in the urn of a frozen frame and has by now as many visits in the year as the bureau allows.

    Nothing of a match: objects that are locked can't be left out.
    """
    cap = visits_a_year(session.get_one(Organisation, ceremony.organisation_id).rules)
    if not cap or ceremony.kind == CeremonyKind.MATCH:
        return []
    often = often_visited(session, ceremony, cap)
    return [each for each in frame["objects"] if not each["out"] and UUID(each["id"]) in often]
