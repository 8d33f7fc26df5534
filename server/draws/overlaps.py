"""Where visits that were drawn meet at one door: the same object at the same time, over the cap, or to be made in one.

Before the draw `server.planning.foreseeing` tells where they could.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Select, Text, cast, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation
from server.draws.counting import visits_by_enterprise
from server.draws.models import STANDING, Ceremony, Draw, DrawnVisit, LockedObject
from server.planning.models import PlannedInspection
from server.planning.overlaps import MARK, Due, Overlaps, find_overlaps
from server.planning.rules import visits_a_year
from server.problems import AccessDenied
from server.registry.models import InspectedObject

_BETWEEN = "/"


def drawn_overlaps(
    session: Session, actor: Actor, year: int
) -> tuple[Overlaps, Mapping[UUID, PlannedInspection]]:
    """Find where the visits of one's jurisdiction that begin in a year meet, and the planned inspections they are of.

    Visits of draws that were drawn anew don't count; objects that are locked and have no people yet, or are revealed only, do. The cap is
    that of one's own bureau, and counts as it does in frames, with what was arranged by hand. AccessDenied for whoever sees only their own visits.
    """
    require(actor, Permission.DRAW_READ)
    if not actor.sees_region(Permission.DRAW_READ):
        raise AccessDenied(permission=Permission.DRAW_READ.value)
    visits = union_all(_visits(actor, year), _locked(actor, year)).cte()
    places = select(
        visits.c.object_id, func.aggregate_strings(visits.c.place, MARK).label("places")
    ).group_by(visits.c.object_id)
    signed = places.subquery()
    alike = select(signed.c.places, func.count()).group_by(signed.c.places)
    often = visits_by_enterprise(year, within(actor, InspectedObject.region))
    cap = visits_a_year(session.get_one(Organisation, actor.organisation_id).rules)
    found = find_overlaps(session, alike, often, _meaning, cap)
    named = {each for meeting in (*found.repeated, *found.merges) for each in meeting.planned_ids}
    rows = session.scalars(select(PlannedInspection).where(PlannedInspection.id.in_(named)))
    return found, {row.id: row for row in rows}


def _visits(actor: Actor, year: int) -> Select[UUID, str]:
    return (
        select(DrawnVisit.object_id, _place(Draw.planned_id, DrawnVisit.opens_on, DrawnVisit.due_on))
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .where(
            within(actor, Draw.region),
            Draw.superseded_at.is_(None),
            DrawnVisit.opens_on.between(*_days(year)),
        )
    )


def _locked(actor: Actor, year: int) -> Select[UUID, str]:
    """Objects that were drawn and whose visits are not entered: they have no people yet, or are not published."""
    giving = aliased(Ceremony)
    return (
        select(LockedObject.object_id, _place(Ceremony.planned_id, Ceremony.opens_on, Ceremony.due_on))
        .join(Ceremony, Ceremony.id == LockedObject.ceremony_id)
        .outerjoin(giving, giving.id == LockedObject.matched_id)
        .where(
            within(actor, LockedObject.region),
            or_(LockedObject.matched_id.is_(None), giving.draw_id.is_(None)),
            Ceremony.state.in_(STANDING),
            Ceremony.opens_on.between(*_days(year)),
        )
    )


def _place(*parts: InstrumentedAttribute[Any]) -> Label[str]:
    """Write a visit's planned inspection and days as one text."""
    planned_id, first, last = (cast(part, Text) for part in parts)
    return (planned_id + _BETWEEN + first + _BETWEEN + last).label("place")


def _meaning(place: str) -> tuple[Due, ...]:
    planned_id, first, last = place.split(_BETWEEN)
    return (Due(date.fromisoformat(first), date.fromisoformat(last), UUID(planned_id)),)


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
