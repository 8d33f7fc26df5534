"""Taking reports away as files: what is wanted, and how it is made. Rows are not held, however many."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor
from server.db import Json
from server.problems import ReportTooLarge
from server.reports.ledger import COLUMNS, Ledger, LedgerFilter, cells_of
from server.reports.ledger_book import sheets_of
from server.reports.models import ReportSnapshot
from server.reports.snapshots import find_snapshot
from server.workbook import BYTE_ORDER_MARK, XLSX, csv_lines, fill_workbook, save_workbook

AT_ONCE = 20_000
"""Lines that are written while somebody waits: six seconds of work."""
_BATCH = 500

Note = Callable[[int], None]


class FileKind(StrEnum):
    """What is made: a ledger as a workbook or as CSV."""

    LEDGER_XLSX = "ledger.xlsx"
    LEDGER_CSV = "ledger.csv"


MIME_TYPES = {FileKind.LEDGER_XLSX: XLSX, FileKind.LEDGER_CSV: "text/csv"}


@dataclass(frozen=True)
class Wanted:
    """A file that somebody wants: of which snapshot, which lines."""

    kind: FileKind
    snapshot_id: UUID
    chosen: LedgerFilter = field(default_factory=LedgerFilter)

    def as_json(self) -> Json:
        """Write it as the audit log keeps it."""
        chosen = {name: value for name, value in asdict(self.chosen).items() if value is not None}
        return {"kind": self.kind.value, "snapshot": str(self.snapshot_id), "filter": chosen}


@dataclass(frozen=True)
class Made:
    """A file that was made: whoever has it closes it."""

    content: BinaryIO
    name: str
    lines: int


def no_note(_: int) -> None:
    """Tell nobody how far it is."""


def count_lines(session: Session, actor: Actor, wanted: Wanted) -> int:
    """Count what a file will hold. ReportNotFound and ReportWithoutLedger as when it is made."""
    ledger = Ledger(find_snapshot(session, actor, wanted.snapshot_id))
    return session.scalar(select(func.count()).select_from(ledger.select(wanted.chosen).subquery())) or 0


def name_of(snapshot: ReportSnapshot, wanted: Wanted) -> str:
    """Name a file as it is saved."""
    place = Ledger(snapshot).region_name(snapshot.region)
    return f"台账-{place}-{snapshot.first}-{snapshot.last}.{wanted.kind.value.rpartition('.')[2]}"


def make_at_once(session: Session, actor: Actor, wanted: Wanted) -> Callable[[], Made]:
    """Make a file while somebody waits; ReportTooLarge when that would be long. See `make`."""
    lines = count_lines(session, actor, wanted)
    if lines > AT_ONCE:
        raise ReportTooLarge(lines=lines, most=AT_ONCE)
    return make(session, actor, wanted)


def make(session: Session, actor: Actor, wanted: Wanted, note: Note = no_note) -> Callable[[], Made]:
    """Read what a file needs; what is returned finishes it without the database. `note` hears how far it is."""
    snapshot = find_snapshot(session, actor, wanted.snapshot_id)
    ledger = Ledger(snapshot)
    name = name_of(snapshot, wanted)
    if wanted.kind is FileKind.LEDGER_CSV:
        made = _ledger_csv(session, ledger, wanted.chosen, name, note)
        return lambda: made
    lines = count_lines(session, actor, wanted)
    book = fill_workbook(sheets_of(session, ledger, wanted.chosen, note), snapshot.as_of)
    return lambda: Made(cast("BinaryIO", save_workbook(book)), name, lines)


def note_taken(session: Session, actor: Actor, wanted: Wanted, lines: int) -> None:
    """Write down who took what away."""
    told = {**wanted.as_json(), "lines": lines}
    audit.append(session, actor, "report.exported", ("report", wanted.snapshot_id), told)


def note_tables(session: Session, actor: Actor, snapshot_id: UUID) -> None:
    """Write down who took the tables of a snapshot away."""
    told = {"kind": "tables.xlsx", "snapshot": str(snapshot_id)}
    audit.append(session, actor, "report.exported", ("report", snapshot_id), told)


def note_picture(session: Session, actor: Actor, snapshot_id: UUID, told: Json) -> None:
    """Write down who took a picture of a snapshot away."""
    audit.append(session, actor, "report.drawn", ("report", snapshot_id), told)


def _ledger_csv(session: Session, ledger: Ledger, chosen: LedgerFilter, name: str, note: Note) -> Made:
    written = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    written.write(BYTE_ORDER_MARK + csv_lines([[column.heading for column in COLUMNS]]))
    count, batch = 0, []
    for line in ledger.lines(session, chosen):
        batch.append(cells_of(line))
        if len(batch) == _BATCH:
            written.write(csv_lines(batch))
            count, batch = count + len(batch), []
            note(count)
    written.write(csv_lines(batch))
    written.seek(0)
    return Made(cast("BinaryIO", written), name, count + len(batch))
