"""Importing large workbooks, and undoing them, in the worker: batch by batch, with progress that can be asked for.

A batch and how far it brought the import are one transaction, so a worker that is killed goes on where it was. The
workbook is read without one. Where rows are wrong and not only the good ones were wanted, what was entered is taken
back.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from server import clock
from server.access import Actor
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.problems import Problem
from server.registry import imports
from server.registry.import_report import ImportReport, run_import
from server.registry.libraries import KEEPINGS
from server.registry.models import ImportState, Library, LibraryImport
from server.registry.undoing import undo_some
from server.workbook import LARGE, RowError, read_workbook

log = logging.getLogger("merestone.imports")

BATCH: Final = 200
LEASE: Final = timedelta(minutes=10)
_OPEN = (ImportState.WAITING.value, ImportState.RUNNING.value, ImportState.UNDOING.value)


def claim(session: Session) -> list[UUID]:
    """Claim the import that waits longest; a claim that is not renewed ends by itself."""
    query = select(LibraryImport).where(
        LibraryImport.state.in_(_OPEN),
        or_(LibraryImport.claimed_until.is_(None), LibraryImport.claimed_until < clock.now()),
    )
    found = session.scalar(query.order_by(LibraryImport.begun_at).limit(1).with_for_update(skip_locked=True))
    if found is None:
        return []
    found.claimed_until = clock.now() + LEASE
    return [found.id]


def settle(_session: Session, _import_id: UUID, _outcome: None) -> None:
    """Nothing is left: every batch was settled by itself."""


@dataclass(frozen=True)
class Importing:
    """What performs a claimed import. `transaction(writing)` opens one, for writing or for reading only."""

    transaction: Callable[[bool], AbstractContextManager[Session]]

    def perform(self, import_id: UUID) -> None:
        """Import a workbook to its end, or take an import back."""
        with self.transaction(False) as session:
            found = session.get_one(LibraryImport, import_id, options=[undefer(LibraryImport.data)])
            actor = actor_of(session.get_one(Person, found.person_id))
        if found.state == ImportState.UNDOING.value:
            self._undo(import_id, actor)
            return
        try:
            with self.transaction(False) as session:
                asked = KEEPINGS[Library(found.library)].ask(session, actor)
            sheets = read_workbook(found.data, LARGE)
            reading = imports.read_rows(
                Library(found.library), found.data, sheets, asked, dry_run=found.dry_run
            )
        except Problem as problem:
            self._refuse(import_id, actor, _of_the_whole(problem))
            return
        if reading.report.errors and not found.take_good_rows:
            self._refuse(import_id, actor, reading.report)
            return
        if found.state == ImportState.WAITING.value:
            self._begin(import_id, reading.report, len(reading.numbered))
        self._enter(import_id, actor, reading.numbered)

    def _begin(self, import_id: UUID, report: ImportReport, good_rows: int) -> None:
        with self.transaction(True) as session:
            found = _held(session, import_id)
            found.state, found.good_rows = ImportState.RUNNING.value, good_rows
            imports.tell(found, report)

    def _enter(self, import_id: UUID, actor: Actor, rows: Sequence[tuple[int, Any]]) -> None:
        """Enter what is left, batch by batch."""
        while True:
            with self.transaction(True) as session:
                found = _held(session, import_id)
                batch = rows[found.done : found.done + BATCH]
                if not batch:
                    _end(session, actor, found)
                    return
                report = _enter_batch(session, actor, found, batch)
                found.done += len(batch)
                imports.tell(found, report)
                if not found.dry_run:
                    imports.keep_entries(session, found, report.entries)
                if report.errors and not (found.take_good_rows or found.dry_run):
                    found.state = ImportState.UNDOING.value
                    found.done = imports.count_entries(session, found)
                    break
        self._undo(import_id, actor)

    def _undo(self, import_id: UUID, actor: Actor) -> None:
        """Take back what is left of an import, which was undone, or could not be imported whole."""
        while True:
            with self.transaction(True) as session:
                found = _held(session, import_id)
                if found.done:
                    undo_some(session, actor, found)
                elif found.ended_at is None:
                    _end(session, actor, found, ImportState.REFUSED)
                    return
                else:
                    imports.end_undoing(session, actor, found)
                    return

    def _refuse(self, import_id: UUID, actor: Actor, report: ImportReport) -> None:
        with self.transaction(True) as session:
            found = _held(session, import_id)
            imports.tell(found, report)
            _end(session, actor, found, ImportState.REFUSED)


def _held(session: Session, import_id: UUID) -> LibraryImport:
    """Return an import, locked, with its claim renewed."""
    found = session.get_one(LibraryImport, import_id, with_for_update=True, populate_existing=True)
    found.claimed_until = clock.now() + LEASE
    return found


def _enter_batch(
    session: Session, actor: Actor, found: LibraryImport, batch: Sequence[tuple[int, Any]]
) -> ImportReport:
    report = ImportReport(dry_run=found.dry_run, sheet=found.sheet)
    rows = imports.rows_of(session, actor, Library(found.library), batch)
    run_import(session, report, rows, take_good_rows=True)
    return report


def _end(session: Session, actor: Actor, found: LibraryImport, state: ImportState = ImportState.DONE) -> None:
    if not found.dry_run:
        KEEPINGS[Library(found.library)].finish(session, actor)
    found.state, found.ended_at = state.value, clock.now()
    session.flush()
    imports.note_import(session, actor, f"import.{state.value}", found)


def _of_the_whole(problem: Problem) -> ImportReport:
    """Tell why nothing of a workbook could be read."""
    texts = [(problem.title[0], problem.detail), (problem.title[1], problem.detail_en)]
    reason, reason_en = (" ".join(part for part in parts if part) for parts in texts)
    return ImportReport(errors=[RowError(0, "", reason, reason_en)])
