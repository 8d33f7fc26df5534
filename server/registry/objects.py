"""Verbs on inspected objects, and the one rule of who sees them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import Actor, Permission, require, within
from server.problems import ObjectDuplicate, ObjectNotFound
from server.registry.drafts import ObjectDraft
from server.registry.models import InspectedObject, ObjectKind, RiskClass
from server.registry.risk import note_rating
from server.registry.uscc import check_uscc


@dataclass(frozen=True)
class _Place:
    """Where something is about to be entered."""

    region: str


def add_object(session: Session, actor: Actor, draft: ObjectDraft) -> InspectedObject:
    """Enter an object. Its name must be new in its region and kind; a wrong credit code is only noted."""
    place = _Place(draft.region or actor.region)
    require(actor, Permission.OBJECT_WRITE, place)
    if _same(session, place.region, draft.kind, draft.name) is not None:
        raise ObjectDuplicate(draft.name)
    found = InspectedObject(region=place.region, organisation_id=actor.organisation_id)
    _fill(found, draft)
    session.add(found)
    session.flush()
    _rate(session, actor, found, draft)
    audit.append(session, actor, "object.added", ("object", found.id), {"name": found.name})
    return found


def enter_object(session: Session, actor: Actor, draft: ObjectDraft) -> tuple[InspectedObject, bool]:
    """Enter an object or bring the one of the same name up to date; tells whether it is new."""
    found = _same(session, draft.region or actor.region, draft.kind, draft.name)
    if found is None:
        return add_object(session, actor, draft), True
    require(actor, Permission.OBJECT_WRITE, found)
    _fill(found, draft)
    session.flush()
    _rate(session, actor, found, draft)
    feed.touch(session, "object", found.id)
    audit.append(session, actor, "object.changed", ("object", found.id), {"name": found.name})
    return found, False


def rate_object(
    session: Session, actor: Actor, object_id: UUID, risk_class: str | None, since: date, source: str
) -> RiskClass:
    """Enter a risk class since a day, also an earlier one; None takes the class away."""
    found = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, found)
    rating = note_rating(session, actor, found, risk_class, since, source)
    feed.touch(session, "object", found.id)
    details = {"name": found.name, "risk_class": risk_class, "since": since.isoformat(), "source": source}
    audit.append(session, actor, "object.changed", ("object", found.id), details)
    return rating


def find_object(session: Session, actor: Actor, object_id: UUID) -> InspectedObject:
    """Return an object that the actor may see; what is not for the actor's eyes is not found."""
    found = session.scalar(
        select(InspectedObject).where(InspectedObject.id == object_id, _visible(session, actor))
    )
    if found is None:
        raise ObjectNotFound()
    return found


def objects_within(
    session: Session, actor: Actor, *, kind: str | None = None, text: str | None = None
) -> Select[InspectedObject]:
    """Select the objects that the actor may see, by kind, by part of the name or by credit code."""
    query = select(InspectedObject).where(_visible(session, actor), InspectedObject.active)
    if kind:
        query = query.where(InspectedObject.kind == kind)
    if text:
        query = query.where(
            InspectedObject.name.contains(text, autoescape=True) | (InspectedObject.uscc == text)
        )
    return query


def objects_named(session: Session, actor: Actor, uscc: str | None, name: str) -> list[InspectedObject]:
    """Find the objects of the jurisdiction that a platform means by credit code or name; code before name."""
    reach = within(actor, InspectedObject.region)
    if uscc:
        by_code = select(InspectedObject).where(reach, InspectedObject.uscc == check_uscc(uscc).code)
        found = list(session.scalars(by_code.order_by(InspectedObject.name)))
        exact = [each for each in found if each.name == name]
        if found:
            return exact or found
    by_name = select(InspectedObject).where(reach, InspectedObject.name == name)
    return list(session.scalars(by_name.order_by(InspectedObject.region)))


def _visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The one rule of sight: the jurisdiction, or for inspectors the objects of their own tasks."""
    require(actor, Permission.OBJECT_READ)
    if actor.sees_region(Permission.OBJECT_READ):
        return within(actor, InspectedObject.region)
    rows = session.scalars(
        select(feed.FeedRow.entity).where(
            feed.FeedRow.recipient == feed.user(actor.person_id),
            feed.FeedRow.kind == "object",
            feed.FeedRow.live,
        )
    )
    return InspectedObject.id.in_([UUID(entity) for entity in rows])


def _same(session: Session, region: str, kind: ObjectKind, name: str) -> InspectedObject | None:
    return session.scalar(
        select(InspectedObject).where(
            InspectedObject.region == region,
            InspectedObject.kind == kind.value,
            InspectedObject.name == name,
        )
    )


def _rate(session: Session, actor: Actor, found: InspectedObject, draft: ObjectDraft) -> None:
    """Note the draft's risk class if it is another one than now; without one, the one known stays."""
    if draft.risk_class is None or draft.risk_class == found.risk_class:
        return
    since = draft.risk_since or clock.today()
    note_rating(session, actor, found, draft.risk_class, since, draft.risk_source)


def _fill(found: InspectedObject, draft: ObjectDraft) -> None:
    checked = check_uscc(draft.uscc) if draft.uscc else None
    found.kind, found.name = draft.kind.value, draft.name
    found.uscc = checked.code if checked else None
    found.uscc_valid = checked.valid if checked else None
    found.registration_no = draft.registration_no
    found.address = draft.address
    found.legal_representative = draft.legal_representative
    found.phone = draft.phone
    found.tags = list(draft.tags)
    found.latitude, found.longitude = draft.latitude, draft.longitude
    found.active = True
