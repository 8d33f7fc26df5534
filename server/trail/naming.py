"""What the things of some entries are called: one question for each kind, however many entries."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.accounts.models import Device, Organisation, Person, Region
from server.audit import AuditEntry
from server.draws.models import Ceremony, Draw
from server.inspections.models import Record, Task
from server.planning.models import Plan, PlannedInspection
from server.platform.models import Delivery, Difference
from server.registry.models import Expert, InspectedObject, InspectionItem, ListVersion
from server.results.models import Result

Attribute = InstrumentedAttribute[Any]

_NAMES: Final[dict[str, tuple[Attribute, Attribute]]] = {
    "ceremony": (Ceremony.id, Ceremony.number),
    "delivery": (Delivery.id, Delivery.key),
    "device": (Device.id, Device.name),
    "difference": (Difference.id, Difference.key),
    "draw": (Draw.id, Draw.number),
    "expert": (Expert.id, Expert.name),
    "item": (InspectionItem.code, InspectionItem.name),
    "list-version": (ListVersion.id, ListVersion.number),
    "object": (InspectedObject.id, InspectedObject.name),
    "organisation": (Organisation.id, Organisation.name),
    "person": (Person.id, Person.name),
    "plan": (Plan.id, Plan.name),
    "planned": (PlannedInspection.id, PlannedInspection.name),
    "region": (Region.code, Region.name),
    "task": (Task.id, Task.number),
}
_OF_TASKS: Final[dict[str, tuple[Attribute, Attribute]]] = {
    "record": (Record.id, Record.task_id),
    "result": (Result.id, Result.task_id),
}


def names_of(session: Session, entries: Iterable[AuditEntry]) -> dict[tuple[str, str], str]:
    """Name the things of entries by kind and id; what has no name here, or is gone, is left out."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        wanted[entry.subject_kind].add(entry.subject)
    found: dict[tuple[str, str], str] = {}
    for kind, subjects in wanted.items():
        if kind in _NAMES:
            its_id, name = _NAMES[kind]
            query = select(its_id, name).where(its_id.in_(_ids(its_id, subjects)))
        elif kind in _OF_TASKS:
            its_id, task_id = _OF_TASKS[kind]
            query = select(its_id, Task.number).join(Task, Task.id == task_id)
            query = query.where(its_id.in_(_ids(its_id, subjects)))
        else:
            continue
        found |= {(kind, str(row[0])): str(row[1]) for row in session.execute(query)}
    return found


def people_named(session: Session, usernames: Iterable[str]) -> dict[str, str]:
    """Give the names of people by their user names."""
    query = select(Person.username, Person.name).where(Person.username.in_(set(usernames)))
    return {row.username: row.name for row in session.execute(query)}


def _ids(its_id: Attribute, subjects: Iterable[str]) -> list[Any]:
    if its_id.type.python_type is not UUID:
        return sorted(subjects)
    return [UUID(each) for each in sorted(subjects) if _is_uuid(each)]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
