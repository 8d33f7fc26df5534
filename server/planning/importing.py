"""Reading a plan from a workbook or a text, outside the database: layout, pages, corrections, rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from server.planning.completing import Correction, complete, correct
from server.planning.layouts import is_heading, recognise
from server.planning.models import PlanKind
from server.planning.numbering import missing_numbers
from server.planning.pages import assemble
from server.planning.reading import PlannedDraft, read_task
from server.planning.scan_faults import Finding
from server.planning.text_tables import read_text_tables
from server.workbook import RowError, read_workbook


@dataclass(frozen=True)
class PlanReading:
    """A plan as read from a workbook. `findings` are those of the whole table; rows hold their own."""

    kind: PlanKind
    layout: str
    year: int
    name: str
    source: str
    sheet: str
    rows: tuple[PlannedDraft, ...]
    table_findings: tuple[Finding, ...]

    @property
    def findings(self) -> list[Finding]:
        """Everything noticed that is no error, in the order of the table."""
        found = [*self.table_findings, *(finding for row in self.rows for finding in row.findings)]
        return sorted((each for each in found if each.severity != "error"), key=lambda each: each.row)

    @property
    def errors(self) -> list[RowError]:
        """What makes rows unusable."""
        return [
            RowError(each.row, each.column, each.message, each.message_en, self.sheet)
            for row in self.rows
            for each in row.findings
            if each.severity == "error"
        ]


_WORKBOOK = b"PK"


def read_plan(
    data: bytes,
    year: int,
    kind: PlanKind | None = None,
    name: str = "",
    corrections: Sequence[Correction] = (),
) -> PlanReading:
    """Read the plan of a year from an .xlsx or a text with tables; ImportUnreadable, ImportColumns.

    The layout is recognised by its headings; the name is what stands above them where none is given. Corrections
    stand in the place of what is written.
    """
    sheets = read_workbook(data) if data.startswith(_WORKBOOK) else read_text_tables(data, is_heading)
    layout, table = recognise(sheets, kind)
    tasks, loose = assemble(table, layout)
    missing = list(missing_numbers(tasks))
    correct(tasks, corrections)
    complete(tasks, layout)
    rows = tuple(read_task(task, number, year) for number, task in enumerate(tasks, 1))
    return PlanReading(
        kind=layout.kind,
        layout=layout.name,
        year=year,
        name=(name or table.title or table.sheet.name)[:200],
        source=f"sha256:{hashlib.sha256(data).hexdigest()} {table.sheet.name}",
        sheet=table.sheet.name,
        rows=rows,
        table_findings=(*loose, *missing),
    )
