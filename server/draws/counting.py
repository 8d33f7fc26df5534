"""How often an enterprise is visited in a year (年度检查频次): one count for frames, the ceremony's gate and overlaps.

Why it counts what it counts: decision 0056.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from server.access import region_bounds
from server.draws.models import STANDING, Ceremony, Draw, DrawnVisit, LockedObject
from server.planning.models import PlannedInspection
from server.planning.overlaps import ENTERPRISE
from server.registry.models import InspectedObject

Visits = Callable[[date, date], Select[UUID]]
"""Selects the object of each visit that opens in some days."""

_ELSEWHERE: list[Visits] = []


def counts_too(visits: Visits) -> Visits:
    """Let visits that no draw ordains count: a later room, which draws can't know, tells of them when it is loaded."""
    _ELSEWHERE.append(visits)
    return visits


def visits_by_enterprise(
    year: int, here: ColumnElement[bool], but: Ceremony | None = None
) -> Select[UUID, int]:
    """Count the visits of a year at the objects of each enterprise that lie `here`: `enterprise_id`, `times`.

    Visits of every bureau count: what the city drew in a county was visited, too. So do those that were revealed and are not
    published yet, or have no people yet, and those that were arranged by hand. What has no owner counts by itself.
    Of ceremonies all but `but`.
    """
    days = (date(year, 1, 1), date(year, 12, 31))
    parts = (_drawn(*days), _waiting(*days, but), *(visits(*days) for visits in _ELSEWHERE))
    found = union_all(*parts).subquery()
    return (
        select(ENTERPRISE.label("enterprise_id"), func.count().label("times"))
        .select_from(found)
        .join(InspectedObject, InspectedObject.id == found.c.object_id)
        .where(here)
        .group_by(ENTERPRISE)
    )


def often_visited(session: Session, ceremony: Ceremony, cap: int) -> set[UUID]:
    """Find the objects whose enterprise has as many visits in the year of the ceremony as the bureau allows (年度检查频次上限)."""
    here = InspectedObject.region.between(*region_bounds(ceremony.region))
    counted = visits_by_enterprise(ceremony.opens_on.year, here, ceremony).subquery()
    query = (
        select(InspectedObject.id)
        .join(counted, counted.c.enterprise_id == ENTERPRISE)
        .where(here, counted.c.times >= cap)
    )
    return set(session.scalars(query))


def _drawn(first: date, last: date) -> Select[UUID]:
    return (
        select(DrawnVisit.object_id)
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .where(Draw.superseded_at.is_(None), DrawnVisit.opens_on.between(first, last))
    )


def _waiting(first: date, last: date, but: Ceremony | None) -> Select[UUID]:
    # Another ceremony may have given it its people; the visits are entered when that one is published.
    giving = aliased(Ceremony)
    query = (
        select(LockedObject.object_id)
        .join(Ceremony, Ceremony.id == LockedObject.ceremony_id)
        .join(PlannedInspection, PlannedInspection.id == Ceremony.planned_id)
        .outerjoin(giving, giving.id == LockedObject.matched_id)
        .where(
            Ceremony.state.in_(STANDING),
            Ceremony.opens_on.between(first, last),
            PlannedInspection.withdrawn_at.is_(None),
            or_(LockedObject.matched_id.is_(None), giving.draw_id.is_(None)),
        )
    )
    return query.where(Ceremony.id != but.id) if but else query
