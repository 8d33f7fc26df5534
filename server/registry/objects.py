"""Verbs on inspected objects, and the one rule of who sees them."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import Actor, Permission, Reach, found_within, read_on_within, require, within
from server.db import Json
from server.problems import ObjectDuplicate, ObjectNotFound, ObjectOwnerUnknown
from server.registry.drafts import ObjectDraft
from server.registry.labels import labels_meant, spellings_of_labels
from server.registry.models import InspectedObject, ObjectKind, ObjectTerm, RiskClass
from server.registry.risk import held_on, note_rating, rate_first
from server.registry.states import row_as_json
from server.registry.uscc import check_uscc
from server.terms import few_labelled, few_named

_PLAIN = (
    "name", "registration_no", "address", "legal_representative", "phone", "latitude", "longitude", "library",
    "entity_type", "registrar", "registration_status", "established_on", "station", "district", "source",
    "specialised",
)  # fmt: skip


_CODE = 18
"""Characters of a credit code."""

KnownObjects = dict[tuple[str, str, str], InspectedObject]
"""Objects by region, kind and name."""


@dataclass(frozen=True)
class _Place:
    """Where something is about to be entered."""

    region: str


def add_object(session: Session, actor: Actor, draft: ObjectDraft) -> InspectedObject:
    """Enter an object. Its name must be new in its region and kind; a wrong credit code is only noted.

    LabelUnknown where a tag is none of the labels that are kept.
    """
    draft = replace(draft, tags=labels_meant(draft.tags, spellings_of_labels(session)))
    if _same(session, draft.region or actor.region, draft.kind, draft.name) is not None:
        raise ObjectDuplicate(draft.name)
    found = _add(session, actor, draft)
    session.flush()
    return found


def change_object(session: Session, actor: Actor, object_id: UUID, draft: ObjectDraft) -> InspectedObject:
    """Change what is known of an object, also its name. It stays in its region; a retired one is back."""
    found = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, found)
    draft = replace(draft, tags=labels_meant(draft.tags, spellings_of_labels(session)), region=found.region)
    same = _same(session, found.region, draft.kind, draft.name)
    if same is not None and same.id != found.id:
        raise ObjectDuplicate(draft.name)
    _change(session, actor, found, draft)
    session.flush()
    return found


def retire_object(session: Session, actor: Actor, object_id: UUID, reason: str) -> InspectedObject:
    """Take an object out of the library (注销、迁出、停业); everything that is known of it stays."""
    found = find_object(session, actor, object_id)
    require(actor, Permission.OBJECT_WRITE, found)
    if found.active:
        found.active = False
        session.flush()
        feed.touch(session, "object", found.id)
        details = {"name": found.name, "reason": reason}
        audit.append(session, actor, "object.removed", ("object", found.id), details)
    return found


def enter_object(
    session: Session, actor: Actor, draft: ObjectDraft, known: KnownObjects | None = None
) -> tuple[InspectedObject, Json]:
    """Enter an object or bring the one of the same name up to date; returns what stood there before, if anything.

    Nothing happens where nothing is different. Tags are labels already, see `labels_meant`. With `known`, what is
    there already is looked up in it and not in the database, and what is entered is flushed with many others.
    """
    key = (draft.region or actor.region, draft.kind.value, draft.name)
    found = known.get(key) if known is not None else _same(session, key[0], draft.kind, draft.name)
    if found is None:
        return _add(session, actor, draft), {}
    before = row_as_json(found)
    require(actor, Permission.OBJECT_WRITE, found)
    _change(session, actor, found, draft)
    return found, before


def known_objects(session: Session, actor: Actor, drafts: Collection[ObjectDraft]) -> KnownObjects:
    """Return the objects that some drafts are of, as far as they are entered already, in one query."""
    regions = {draft.region or actor.region for draft in drafts}
    query = select(InspectedObject).where(
        InspectedObject.region.in_(regions), InspectedObject.name.in_({draft.name for draft in drafts})
    )
    return {(each.region, each.kind, each.name): each for each in session.scalars(query)}


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


@dataclass(frozen=True)
class ObjectFilter:
    """Which objects: of a kind, a risk class, with a label, with a text in the name or as credit code."""

    kind: str | None = None
    text: str | None = None
    risk_class: str | None = None
    tag: str | None = None


def objects_within(
    session: Session, actor: Actor, which: ObjectFilter = ObjectFilter(), *, reads_on: bool = False
) -> Select[InspectedObject]:
    """Select the objects that the actor may see, all or some of them, for a list by region; `reads_on` from a place in it."""
    few = _few(session, which)
    is_found = few is not None or _is_code(which.text or "")
    reach = found_within if is_found else read_on_within if reads_on else within
    query = select(InspectedObject).where(_visible(session, actor, reach), InspectedObject.active)
    if few is not None:
        query = query.where(InspectedObject.id.in_(few))
    if which.kind:
        query = query.where(InspectedObject.kind == which.kind)
    if which.risk_class:
        query = query.where(InspectedObject.risk_class == which.risk_class)
    if which.tag:
        quoted = json.dumps(which.tag, ensure_ascii=False)
        query = query.where(cast(InspectedObject.tags, String).contains(quoted, autoescape=True))
    if which.text:
        is_named = InspectedObject.name.contains(which.text, autoescape=True)
        query = query.where(InspectedObject.uscc == which.text if _is_code(which.text) else is_named)
    return query


def _is_code(text: str) -> bool:
    """Say which of both is meant, which can be seen of a text; each by itself is found within an index."""
    return len(text) == _CODE and text.isascii() and text.isalnum()


def _few(session: Session, which: ObjectFilter) -> list[UUID] | None:
    """Find the objects among which all are that were asked for, where it is seen at once that they are few."""
    few = None
    if which.text and not _is_code(which.text):
        few = few_named(session, ObjectTerm.object_id, which.text)
    if few is None and which.tag:
        few = few_labelled(session, ObjectTerm.object_id, [which.tag])
    return few


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


def _visible(session: Session, actor: Actor, reach: Reach = within) -> ColumnElement[bool]:
    """The one rule of sight: the jurisdiction, as `reach` filters to it, or for inspectors the objects of their own tasks."""
    require(actor, Permission.OBJECT_READ)
    if actor.sees_region(Permission.OBJECT_READ):
        return reach(actor, InspectedObject.region)
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


def _add(session: Session, actor: Actor, draft: ObjectDraft) -> InspectedObject:
    place = _Place(draft.region or actor.region)
    require(actor, Permission.OBJECT_WRITE, place)
    found = InspectedObject(id=uuid4(), region=place.region, organisation_id=actor.organisation_id)
    _fill(session, found, replace(draft, given=None))
    session.add(found)
    if draft.risk_class is not None:
        rate_first(session, actor, found, draft.risk_class, draft.risk_since, draft.risk_source)
    audit.append(session, actor, "object.added", ("object", found.id), {"name": found.name})
    return found


def _change(session: Session, actor: Actor, found: InspectedObject, draft: ObjectDraft) -> None:
    before = row_as_json(found)
    _fill(session, found, draft)
    since = draft.risk_since or clock.today()
    # Without a class, the one that is known stays.
    is_other = draft.risk_class is not None and draft.risk_class != found.risk_class
    if is_other and draft.risk_class != held_on(session, found, since):  # what begins later may be known, too
        note_rating(session, actor, found, draft.risk_class, since, draft.risk_source)
    after = row_as_json(found)
    if after != before:
        feed.touch(session, "object", found.id)
        changed = sorted(name for name in after if after[name] != before[name])
        details = {"name": found.name, "changed": changed}
        audit.append(session, actor, "object.changed", ("object", found.id), details)


def _fill(session: Session, found: InspectedObject, draft: ObjectDraft) -> None:
    checked = check_uscc(draft.uscc) if draft.uscc else None
    values = {name: getattr(draft, name) for name in _PLAIN} | {
        "kind": draft.kind.value,
        "uscc": checked.code if checked else None,
        "tags": list(draft.tags),
        "qualifications": list(draft.qualifications) or None,
        "experts": list(draft.experts) or None,
    }
    if draft.given is not None:
        values = {name: value for name, value in values.items() if name in draft.given}
    for name, value in values.items():
        setattr(found, name, value)
    if "uscc" in values:
        found.uscc_valid = checked.valid if checked else None
    if draft.owner:
        found.owner_id = _owner(session, found.region, draft.owner)
    elif draft.given is None or "owner" in draft.given:
        found.owner_id = None
    found.active = True


def _owner(session: Session, region: str, owner: str) -> UUID:
    query = select(InspectedObject.id).where(
        InspectedObject.region == region,
        InspectedObject.kind == ObjectKind.ENTERPRISE.value,
        or_(InspectedObject.name == owner, InspectedObject.uscc == owner),
    )
    found = session.scalar(query.order_by(InspectedObject.name).limit(1))
    if found is None:
        raise ObjectOwnerUnknown(owner)
    return found
