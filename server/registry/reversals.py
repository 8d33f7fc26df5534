"""Taking back what an import entered, for each library: a reversal that is a fact of its own, nothing is erased.

An entry that was changed is as before again. One that was new is taken out of its library: an object or an expert is
retired, an item is in force no more, an inspector's account is closed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server import audit, clock, feed
from server.access import Actor
from server.accounts.models import Person
from server.db import Base, Json
from server.registry.inspector_importing import inspector_state
from server.registry.item_list import find_item, item_as_json
from server.registry.licence_versions import forget_versions, note_version
from server.registry.models import (
    BoundaryMarker,
    Certificate,
    Expert,
    ImportedEntry,
    InspectedObject,
    InspectionItem,
    InspectorProfile,
    Library,
    Licence,
    TrainingExam,
)
from server.registry.object_states import object_state
from server.registry.risk import note_rating
from server.registry.states import fill_row, row_as_json


@dataclass(frozen=True)
class Reversal:
    """How the entries of a library are taken back.

    `key` is what others refer to an entry by, in tables that are not its `own`; `state` says how an entry stands now,
    in the shape of the import's `after`; `write` makes it as a state says, of one that was new without any. Rows of
    `table` are loaded for many entries at once.
    """

    table: type[Base]
    key: InstrumentedAttribute[Any]
    own: frozenset[str]
    state: Callable[[Session, ImportedEntry], Json]
    write: Callable[[Session, Actor, ImportedEntry], None]


def _object_state(session: Session, entry: ImportedEntry) -> Json:
    found = session.get_one(InspectedObject, UUID(entry.subject))
    return object_state(session, found, entry.after.get("licence_no"))


def _write_object(session: Session, actor: Actor, entry: ImportedEntry) -> None:
    found = session.get_one(InspectedObject, UUID(entry.subject))
    if "licence_no" in entry.after:
        _write_licence(session, actor, entry)
    if not entry.before:
        found.active = False
    else:
        former = dict(entry.before["object"])
        risk_class = former.pop("risk_class")
        fill_row(found, former)
        if risk_class != found.risk_class:
            note_rating(session, actor, found, risk_class, clock.today(), "撤销导入")
    feed.touch(session, "object", found.id)
    action = "object.changed" if entry.before else "object.removed"
    _note(session, actor, action, ("object", found.id), entry)


def _write_licence(session: Session, actor: Actor, entry: ImportedEntry) -> None:
    """Make a licence and its markers as before; one that was new is gone."""
    query = select(Licence).where(Licence.licence_no == entry.after["licence_no"])
    licence = session.scalars(query).one()
    session.execute(delete(BoundaryMarker).where(BoundaryMarker.licence_id == licence.id))
    if not entry.before.get("licence"):
        forget_versions(session, licence)
        session.delete(licence)
        session.flush()
        return
    fill_row(licence, entry.before["licence"])
    _add_rows(session, BoundaryMarker, entry.before["markers"])
    session.flush()
    for state, after in (
        (row_as_json(licence), entry.after["licence"]),
        ({"markers": entry.before["markers"]}, {"markers": entry.after["markers"]}),
    ):
        if any(state[name] != value for name, value in after.items()):
            note_version(session, actor, licence, state, after, source="撤销导入")


def _inspector_state(session: Session, entry: ImportedEntry) -> Json:
    return inspector_state(session, session.get_one(Person, UUID(entry.subject)))


def _write_inspector(session: Session, actor: Actor, entry: ImportedEntry) -> None:
    person = session.get_one(Person, UUID(entry.subject))
    for table in (InspectorProfile, Certificate, TrainingExam):
        session.execute(delete(table).where(table.person_id == person.id))
    if not entry.before:
        person.active = False
    else:
        fill_row(person, entry.before["person"])
        _add_rows(session, InspectorProfile, [entry.before["page"]] if entry.before["page"] else [])
        _add_rows(session, Certificate, entry.before["certificates"])
        _add_rows(session, TrainingExam, entry.before["exams"])
    session.flush()
    _note(session, actor, "person.changed", ("person", person.id), entry)


def _expert_state(session: Session, entry: ImportedEntry) -> Json:
    return row_as_json(session.get_one(Expert, UUID(entry.subject)))


def _write_expert(session: Session, actor: Actor, entry: ImportedEntry) -> None:
    expert = session.get_one(Expert, UUID(entry.subject))
    if entry.before:
        fill_row(expert, entry.before)
    else:
        expert.active = False
    session.flush()
    _note(
        session, actor, "expert.changed" if entry.before else "expert.removed", ("expert", expert.id), entry
    )


def _item_state(session: Session, entry: ImportedEntry) -> Json:
    return item_as_json(find_item(session, entry.subject))


def _write_item(session: Session, actor: Actor, entry: ImportedEntry) -> None:
    item = find_item(session, entry.subject)
    if entry.before:
        fill_row(item, entry.before)
    else:
        item.valid_to = clock.today() - timedelta(days=1)
    session.flush()
    _note(session, actor, "item.changed", ("item", item.code), entry)


def _add_rows(session: Session, table: type[Base], states: Sequence[Json]) -> None:
    for state in states:
        row = table()
        fill_row(row, state)
        session.add(row)


def _note(
    session: Session, actor: Actor, action: str, subject: tuple[str, UUID | str], entry: ImportedEntry
) -> None:
    details = {"name": entry.name, "undone": str(entry.import_id)}
    audit.append(session, actor, action, subject, details)


REVERSALS = {
    Library.OBJECTS: Reversal(
        InspectedObject,
        InspectedObject.id,
        frozenset({"licence", "object_term", "risk_class"}),
        _object_state,
        _write_object,
    ),
    Library.INSPECTORS: Reversal(
        Person,
        Person.id,
        frozenset({"certificate", "inspector_profile", "person_term", "training_exam"}),
        _inspector_state,
        _write_inspector,
    ),
    Library.EXPERTS: Reversal(Expert, Expert.id, frozenset(), _expert_state, _write_expert),
    Library.ITEMS: Reversal(InspectionItem, InspectionItem.code, frozenset(), _item_state, _write_item),
}
