"""The key-inspection library (重点抽查名录库): objects of key fields and of high risk, inspected more often.

福州市 2020: 建立重点抽查名录库，对重点领域、高风险主体提高抽查比例.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.problems import KeyListingNotFound, KeyListingOverlaps
from server.registry.models import InspectedObject, KeyListing
from server.registry.objects import find_object


def enter_in_key_library(
    session: Session, actor: Actor, object_id: UUID, *, since: date, until: date | None, reason: str
) -> KeyListing:
    """Enter an object from a day on, until another one or until further notice.

    KeyListingOverlaps where it is in the library during that time already.
    """
    found = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, found)
    session.refresh(found, ["id"], with_for_update=True)  # who enters it in the same moment sees this entry
    overlapping = select(KeyListing.id).where(
        KeyListing.object_id == found.id,
        or_(KeyListing.until.is_(None), KeyListing.until >= since),
        KeyListing.since <= (until or date.max),
    )
    if session.scalar(overlapping.limit(1)) is not None:
        raise KeyListingOverlaps(found.name)
    listing = KeyListing(
        object_id=found.id,
        region=found.region,
        since=since,
        until=until,
        reason=reason,
        entered_at=clock.now(),
    )
    session.add(listing)
    session.flush()
    details = {"name": found.name, "since": since.isoformat(), "until": until and until.isoformat()}
    audit.append(session, actor, "key-listing.entered", ("object", found.id), details | {"reason": reason})
    return listing


def take_from_key_library(
    session: Session, actor: Actor, object_id: UUID, *, last_day: date, reason: str
) -> KeyListing:
    """End an object's time in the library with a day; that it was there stays known."""
    found = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, found)
    query = select(KeyListing).where(KeyListing.object_id == found.id, _lasts(last_day + timedelta(days=1)))
    listing = session.scalar(query.order_by(KeyListing.since).limit(1).with_for_update())
    if listing is None:
        raise KeyListingNotFound(found.name)
    listing.until, listing.ended_because = last_day, reason
    session.flush()
    details = {"name": found.name, "last_day": last_day.isoformat(), "reason": reason}
    audit.append(session, actor, "key-listing.ended", ("object", found.id), details)
    return listing


def key_listings_within(actor: Actor, on: date) -> Select[KeyListing]:
    """Select who is in the library on a day, within the jurisdiction."""
    require(actor, Permission.PLAN_READ)
    return select(KeyListing).where(within(actor, KeyListing.region), _lasts(on))


def is_key(on: date) -> ColumnElement[bool]:
    """Say, in a query of InspectedObject, whether the object is in the library on a day."""
    return InspectedObject.id.in_(select(KeyListing.object_id).where(_lasts(on)))


def _lasts(on: date) -> ColumnElement[bool]:
    return (KeyListing.since <= on) & or_(KeyListing.until.is_(None), KeyListing.until >= on)
