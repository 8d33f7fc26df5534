"""What was drawn before: earlier batches of a planned inspection, and how often an object is visited in a year."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.access import region_bounds
from server.draws.models import STANDING, Ceremony, Draw, DrawnVisit, DrawSource, LockedObject
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

    Visits of every bureau count: what the city drew in a county was visited, too.
    """
    year = ceremony.opens_on.year
    query = (
        select(DrawnVisit.object_id)
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .join(InspectedObject, InspectedObject.id == DrawnVisit.object_id)
        .where(
            InspectedObject.region.between(*region_bounds(ceremony.region)),
            Draw.superseded_at.is_(None),
            DrawnVisit.opens_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(DrawnVisit.object_id)
        .having(func.count() >= cap)
    )
    return set(session.scalars(query))
