"""Risk classes of objects (信用风险分类), A low … D high: what holds now, and what held on a day.

A rating is never overwritten: a new one stands beside it, with its day and who rated.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import region_bounds
from server.registry.models import InspectedObject, RiskClass


def rate_first(
    session: Session,
    actor: audit.Acting,
    found: InspectedObject,
    risk_class: str,
    since: date | None,
    source: str,
) -> None:
    """Write the first rating of an object that is just being entered; it counts from today where no day is given."""
    since = since or clock.today()
    session.add(_rating(actor, found, risk_class, since, source))
    found.risk_class = risk_class if since <= clock.today() else None


def note_rating(
    session: Session,
    actor: audit.Acting,
    found: InspectedObject,
    risk_class: str | None,
    since: date,
    source: str,
) -> RiskClass:
    """Write a rating beside the earlier ones and bring the object's present class up to date."""
    rating = _rating(actor, found, risk_class, since, source)
    session.add(rating)
    session.flush()
    bring_up_to_date(session, found)
    return rating


def bring_up_to_date(session: Session, found: InspectedObject) -> bool:
    """Let an object have the class that holds today; says whether it is another one."""
    before, found.risk_class = found.risk_class, held_on(session, found, clock.today())
    session.flush()
    return found.risk_class != before


def held_on(session: Session, found: InspectedObject, on: date) -> str | None:
    """Return the class of an object that held on a day."""
    return risk_classes_of(session, [found.id], on).get(found.id)


def ratings_of(session: Session, object_id: UUID) -> list[RiskClass]:
    """Return the history of an object's risk class, the oldest first."""
    query = select(RiskClass).where(RiskClass.object_id == object_id)
    return list(session.scalars(query.order_by(RiskClass.since, RiskClass.id)))


def risk_classes_of(session: Session, object_ids: Collection[UUID], on: date) -> dict[UUID, str]:
    """Return the risk class that held on a day for each of some objects that had one."""
    return _held(session, _until(on).where(RiskClass.object_id.in_(object_ids)))


def risk_classes_within(session: Session, region: str, on: date) -> dict[UUID, str]:
    """Return the risk classes that held on a day for all objects of a region, in one query."""
    first, last = region_bounds(region)
    query = _until(on).join(InspectedObject, InspectedObject.id == RiskClass.object_id)
    return _held(session, query.where(InspectedObject.region.between(first, last)))


def _until(on: date) -> Select[UUID, str | None]:
    query = select(RiskClass.object_id, RiskClass.risk_class).where(RiskClass.since <= on)
    return query.order_by(RiskClass.since, RiskClass.id)


def _held(session: Session, query: Select[UUID, str | None]) -> dict[UUID, str]:
    last: dict[UUID, str | None] = {row[0]: row[1] for row in session.execute(query)}
    return {object_id: held for object_id, held in last.items() if held is not None}


def _rating(
    actor: audit.Acting, found: InspectedObject, risk_class: str | None, since: date, source: str
) -> RiskClass:
    return RiskClass(
        object_id=found.id,
        risk_class=risk_class,
        since=since,
        source=source,
        entered_at=clock.now(),
        entered_by=actor.name,
    )
