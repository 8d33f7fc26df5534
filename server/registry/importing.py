"""Importing inspected objects with their licences and markers from a workbook.

An object is known by region, kind and name, a licence by its number: importing a workbook twice changes nothing more.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from server.access import Actor
from server.db import Json
from server.registry.drafts import ImportedObject
from server.registry.import_report import ImportReport
from server.registry.labels import spellings_of_labels
from server.registry.licences import enter_licence, enter_markers
from server.registry.object_reading import read_objects
from server.registry.object_states import object_state
from server.registry.objects import KnownObjects, enter_object, known_objects
from server.registry.states import Entered
from server.workbook import Sheet


def ask(session: Session, actor: Actor) -> tuple[Mapping[str, str], str]:
    """Ask what reading needs: which labels the spellings of tags mean, and where objects lie of which nobody says it."""
    return spellings_of_labels(session), actor.region


def read(
    sheets: Sequence[Sheet], asked: tuple[Mapping[str, str], str], report: ImportReport
) -> list[tuple[int, ImportedObject]]:
    """Read the rows of objects, with what belongs to each."""
    imported = read_objects(sheets, report, *asked)
    return [(each.row, each) for each in imported]


def look_up(session: Session, actor: Actor, rows: Sequence[ImportedObject]) -> KnownObjects:
    """Find what is entered already of some rows, for all of them at once."""
    return known_objects(session, actor, [row.draft for row in rows])


def enter(session: Session, actor: Actor, imported: ImportedObject, known: KnownObjects) -> Entered:
    """Enter an object with its licence and its markers, or bring them up to date."""
    licence_no = imported.licence.licence_no if imported.licence else None
    licences: Json = object_state(session, None, licence_no)
    found, row = enter_object(session, actor, imported.draft, known)
    before = {"object": row, **licences} if row else {}
    if imported.licence:
        session.flush()
        licence, _ = enter_licence(session, actor, found.id, imported.licence)
        if imported.markers:
            enter_markers(session, actor, licence.id, imported.markers)
    entered = Entered(str(found.id), found.name, before, object_state(session, found, licence_no))
    known[found.region, found.kind, found.name] = found
    return entered
