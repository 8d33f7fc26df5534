"""What changed in a library, from the audit log: every change of an entry is a fact there, with who and when.

The log is read between two of its numbers, by action; the cost grows with what changed, never with what is kept.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import region_bounds
from server.accounts.models import Person
from server.audit import AuditEntry
from server.db import Json
from server.registry.models import Expert, InspectedObject, InspectionItem, Library

_CHUNK: Final = 500
_ACTIONS = {
    Library.ITEMS: ("item.added", "item.changed", "item.claimed", "item.released"),
    Library.OBJECTS: (
        "object.added", "object.changed", "object.removed", "licence.entered", "licence.ended", "licence.resumed",
        "markers.entered",
        "key-listing.entered", "key-listing.ended",
    ),
    Library.INSPECTORS: (
        "person.added", "person.changed", "certificate.entered", "inspector.entered", "exam.entered",
        "inspector.lent", "inspector.returned", "inspector.removed",
    ),
    Library.EXPERTS: ("expert.added", "expert.changed", "expert.removed"),
}  # fmt: skip
ADDED = frozenset({"item.added", "item.claimed", "object.added", "person.added", "expert.added"})
REMOVED = frozenset({"item.released", "object.removed", "expert.removed", "inspector.removed"})


@dataclass(frozen=True)
class LibraryChange:
    """One change of one entry: the number of the fact, when, who, what, of which entry."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    name: str
    details: Json


def changes_between(
    session: Session, library: Library, region: str, after: int, until: int
) -> Iterator[LibraryChange]:
    """Go through the changes of a region's entries behind one number of the log up to another, in their order."""
    while after < until:
        query = select(AuditEntry).where(
            AuditEntry.action.in_(_ACTIONS[library]), AuditEntry.seq > after, AuditEntry.seq <= until
        )
        facts = session.scalars(query.order_by(AuditEntry.seq).limit(_CHUNK)).all()
        if not facts:
            return
        names = _NAMES[library](session, region, {_entry_of(fact) for fact in facts})
        for fact in facts:
            subject = _entry_of(fact)
            if subject in names:
                yield LibraryChange(
                    fact.seq, fact.at, fact.actor, fact.action, subject, names[subject], fact.details
                )
        after = facts[-1].seq


def count_changes(changes: Iterator[LibraryChange]) -> tuple[int, int, int]:
    """Count the entries that were added, changed and removed; each counts once, as what befell it last but change."""
    last: dict[str, str] = {}
    for change in changes:
        what = "added" if change.action in ADDED else "removed" if change.action in REMOVED else "changed"
        if what != "changed" or change.subject not in last:
            last[change.subject] = what
    kinds = list(last.values())
    return kinds.count("added"), kinds.count("changed"), kinds.count("removed")


def _entry_of(fact: AuditEntry) -> str:
    """Name the entry that a fact is about: of a licence and its markers, the object."""
    return str(fact.details["object"]) if fact.subject_kind == "licence" else fact.subject


def _objects(session: Session, region: str, subjects: Collection[str]) -> dict[str, str]:
    first, last = region_bounds(region)
    query = select(InspectedObject.id, InspectedObject.name).where(
        InspectedObject.id.in_(_ids(subjects)), InspectedObject.region.between(first, last)
    )
    return {str(row[0]): row[1] for row in session.execute(query)}


def _people(session: Session, region: str, subjects: Collection[str]) -> dict[str, str]:
    first, last = region_bounds(region)
    query = select(Person.id, Person.name).where(
        Person.id.in_(_ids(subjects)), Person.region.between(first, last)
    )
    return {str(row[0]): row[1] for row in session.execute(query)}


def _experts(session: Session, region: str, subjects: Collection[str]) -> dict[str, str]:
    first, last = region_bounds(region)
    query = select(Expert.id, Expert.name).where(
        Expert.id.in_(_ids(subjects)), Expert.region.between(first, last)
    )
    return {str(row[0]): row[1] for row in session.execute(query)}


def _items(session: Session, _region: str, subjects: Collection[str]) -> dict[str, str]:
    query = select(InspectionItem.code, InspectionItem.name).where(InspectionItem.code.in_(subjects))
    return {row[0]: row[1] for row in session.execute(query)}


def _ids(subjects: Collection[str]) -> Sequence[UUID]:
    return [UUID(subject) for subject in subjects]


_NAMES: dict[Library, Callable[[Session, str, Collection[str]], dict[str, str]]] = {
    Library.ITEMS: _items,
    Library.OBJECTS: _objects,
    Library.INSPECTORS: _people,
    Library.EXPERTS: _experts,
}
