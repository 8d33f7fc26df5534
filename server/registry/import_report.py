"""What an import gives back: what was entered, what was noticed, what was wrong; and how it is tried only."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit
from server.problems import ImportRows, Problem
from server.registry.states import Entered
from server.workbook import RowError


@dataclass
class ImportReport:
    """The outcome of one import. `errors` are rows left out, `findings` what was noticed in good rows.

    `rows` counts the rows of the main table, which stands in `sheet`. `entries` are those that were entered;
    `import_id` names the import where it can be undone.
    """

    dry_run: bool = False
    sheet: str = ""
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    entries: list[Entered] = field(default_factory=list)
    import_id: UUID | None = None

    def errors_as_json(self) -> list[dict[str, Any]]:
        """Write the errors as the wire shows them, in the order of the sheets' rows."""
        self.errors.sort(key=lambda error: (error.sheet, error.row))
        return [error.as_json() for error in self.errors]


class _Undone(Exception):
    """Ends a dry run: what it entered is rolled back."""


def run_import(
    session: Session,
    report: ImportReport,
    rows: Iterable[tuple[int, Callable[[], Entered]]],
    *,
    take_good_rows: bool,
) -> ImportReport:
    """Enter rows, each in a savepoint; a refusal of one is an error of that row.

    `rows` are (row number, entering it). With errors nothing stays unless `take_good_rows`: ImportRows lists them.
    A dry run does everything and undoes it.
    """
    with suppress(_Undone), audit.savepoint(session):
        for number, enter in rows:
            try:
                with audit.savepoint(session):
                    entered = enter()
            except Problem as problem:
                report.errors.append(_as_error(number, problem, report.sheet))
            else:
                count(report, entered)
        if report.dry_run:
            raise _Undone
        if report.errors and not take_good_rows:
            raise ImportRows(errors=report.errors_as_json(), findings=report.findings)
    report.errors_as_json()
    return report


def count(report: ImportReport, entered: Entered) -> None:
    """Count an entry, and keep it where something is different now."""
    report.added += entered.is_new
    report.changed += entered.is_changed and not entered.is_new
    report.unchanged += not entered.is_changed
    if entered.is_changed:
        report.entries.append(entered)


def _as_error(number: int, problem: Problem, sheet: str) -> RowError:
    return RowError(
        number,
        "",
        "：".join(part for part in (problem.title[0], problem.detail) if part),
        ": ".join(part for part in (problem.title[1].rstrip("."), problem.detail_en) if part),
        sheet,
    )
