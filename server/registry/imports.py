"""Imports: at once while somebody waits, by the worker where it takes long; and undone, where nothing stands on it.

What an import entered is kept with it, entry by entry, before and after (`ImportedEntry`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.db import Json
from server.problems import ImportBuiltUpon, ImportNotFound
from server.problems import ImportState as ImportStateProblem
from server.registry.import_report import ImportReport, Rows, run_import
from server.registry.libraries import KEEPINGS
from server.registry.models import ImportedEntry, ImportState, Library, LibraryImport
from server.registry.states import Entered
from server.registry.undoing import built_upon, undo_some
from server.workbook import Sheet

MOST_TOLD = 2_000
"""So many errors and findings are kept with an import."""
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Reading:
    """A workbook that was read: its rows with their numbers, and what was noticed and wrong."""

    library: Library
    data: bytes
    numbered: Sequence[tuple[int, Any]]
    report: ImportReport


def read_rows(
    library: Library, data: bytes, sheets: Sequence[Sheet], asked: object, *, dry_run: bool
) -> Reading:
    """Read a workbook with what `Keeping.ask` gave; no database is needed meanwhile, and no lock is held.

    Raises ImportColumns where there is no such table.
    """
    report = ImportReport(dry_run=dry_run)
    return Reading(library, data, KEEPINGS[library].read(sheets, asked, report), report)


def import_now(
    session: Session, actor: Actor, reading: Reading, *, take_good_rows: bool = False
) -> ImportReport:
    """Enter every row that was read, or bring what is there already up to date.

    Raises ImportRows where rows are wrong and not only the good ones are taken. `import_id` of the report names the
    import, which can be undone; a dry run has none.
    """
    library, report = reading.library, reading.report
    keeping = KEEPINGS[library]
    require(actor, keeping.write)
    rows = rows_of(session, actor, library, reading.numbered)
    run_import(session, report, rows, take_good_rows=take_good_rows)
    if report.dry_run:
        return report
    keeping.finish(session, actor)
    done = _new_import(session, actor, library, reading.data, take_good_rows=take_good_rows, dry_run=False)
    done.state, done.ended_at = ImportState.DONE.value, clock.now()
    done.good_rows = done.done = len(rows.numbered)
    tell(done, report)
    session.flush()
    keep_entries(session, done, report.entries)
    note_import(session, actor, "import.done", done)
    report.import_id = done.id
    return report


def rows_of(session: Session, actor: Actor, library: Library, numbered: Sequence[tuple[int, Any]]) -> Rows:
    """Say how rows that were read are entered into a library."""
    keeping = KEEPINGS[library]
    look_up = partial(keeping.look_up, session, actor)
    return Rows(numbered, look_up, partial(keeping.enter, session, actor))


def start_import(
    session: Session,
    actor: Actor,
    library: Library,
    data: bytes,
    *,
    take_good_rows: bool = False,
    dry_run: bool = False,
) -> LibraryImport:
    """Take a workbook for the worker to import; how far it is can be asked for.

    A dry run tries each batch of rows by itself: what a row needs of a much earlier one is not there yet.
    """
    require(actor, KEEPINGS[library].write)
    waiting = _new_import(session, actor, library, data, take_good_rows=take_good_rows, dry_run=dry_run)
    session.flush()
    note_import(session, actor, "import.begun", waiting)
    return waiting


def imports_within(actor: Actor) -> Select[LibraryImport]:
    """Select the imports of the jurisdiction into libraries that the actor keeps."""
    require(actor, Permission.LIST_READ)
    kept = [library.value for library, keeping in KEEPINGS.items() if actor.may(keeping.write)]
    return select(LibraryImport).where(within(actor, LibraryImport.region), LibraryImport.library.in_(kept))


def find_import(session: Session, actor: Actor, import_id: UUID) -> LibraryImport:
    """Return an import that the actor may see; others are not found."""
    found = session.scalar(imports_within(actor).where(LibraryImport.id == import_id))
    if found is None:
        raise ImportNotFound()
    return found


def undo_import(session: Session, actor: Actor, import_id: UUID, reason: str) -> LibraryImport:
    """Take back all that an import entered; a large one is taken back by the worker.

    ImportBuiltUpon lists the entries that something stands on: then nothing is taken back.
    """
    done = session.scalar(
        imports_within(actor).where(LibraryImport.id == import_id).with_for_update(of=LibraryImport)
    )
    if done is None:
        raise ImportNotFound()
    require(actor, KEEPINGS[Library(done.library)].write, done)
    if done.state != ImportState.DONE.value or done.dry_run:
        raise ImportStateProblem(state=done.state)
    done.done = count_entries(session, done)
    if obstacles := built_upon(session, done):
        raise ImportBuiltUpon(entries=obstacles)
    done.state, done.undone_because = ImportState.UNDOING.value, reason
    done.person_id, done.claimed_until = actor.person_id, None
    if done.done <= _AT_ONCE:
        while done.done:
            undo_some(session, actor, done)
        end_undoing(session, actor, done)
    session.flush()
    return done


def end_undoing(session: Session, actor: Actor, done: LibraryImport) -> None:
    """Say that an import was taken back."""
    KEEPINGS[Library(done.library)].finish(session, actor)
    done.state, done.undone_at = ImportState.UNDONE.value, clock.now()
    session.flush()
    note_import(session, actor, "import.undone", done)


def count_entries(session: Session, done: LibraryImport) -> int:
    """Count the entries that an import entered or changed."""
    query = select(func.count()).select_from(ImportedEntry).where(ImportedEntry.import_id == done.id)
    return session.scalar(query) or 0


def keep_entries(session: Session, done: LibraryImport, entries: Sequence[Entered]) -> None:
    """Keep what an import entered, entry by entry."""
    rows = [
        {
            "import_id": done.id,
            "subject": entry.subject,
            "name": entry.name,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in entries
    ]
    if rows:
        session.execute(insert(ImportedEntry), rows)


def tell(done: LibraryImport, report: ImportReport) -> None:
    """Add what came out of some rows to what is known of their import."""
    errors: list[Json] = report.errors_as_json()
    done.sheet, done.rows = report.sheet or done.sheet, max(done.rows, report.rows)
    done.added += report.added
    done.changed += report.changed
    done.unchanged += report.unchanged
    done.wrong_rows += len({(error["sheet"], error["row"]) for error in errors})
    done.errors = [*done.errors, *errors][:MOST_TOLD]
    done.findings = [*done.findings, *report.findings][:MOST_TOLD]


def note_import(session: Session, actor: Actor, action: str, done: LibraryImport) -> None:
    """Write into the audit log what became of an import."""
    details = {
        "library": done.library,
        "sha256": done.sha256,
        "added": done.added,
        "changed": done.changed,
        "wrong_rows": done.wrong_rows,
        "reason": done.undone_because,
        "left": done.left,
    }
    audit.append(session, actor, action, ("import", done.id), details)


def _new_import(
    session: Session, actor: Actor, library: Library, data: bytes, *, take_good_rows: bool, dry_run: bool
) -> LibraryImport:
    new = LibraryImport(
        library=library.value,
        organisation_id=actor.organisation_id,
        region=actor.region,
        person_id=actor.person_id,
        state=ImportState.WAITING.value,
        dry_run=dry_run,
        take_good_rows=take_good_rows,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        rows=0,
        good_rows=0,
        wrong_rows=0,
        done=0,
        added=0,
        changed=0,
        unchanged=0,
        left=0,
        findings=[],
        errors=[],
        begun_at=clock.now(),
    )
    session.add(new)
    return new
