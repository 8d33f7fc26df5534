"""What an import gives back: what was entered, what was noticed, what was wrong; and how it is undone."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from server import audit
from server.problems import ImportRows, Problem
from server.workbook import RowError


@dataclass
class ImportReport:
    """The outcome of one import. `errors` are rows left out, `findings` what was noticed in good rows.

    `rows` counts the rows of the main table, which stands in `sheet`.
    """

    dry_run: bool = False
    sheet: str = ""
    rows: int = 0
    added: int = 0
    changed: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


class _Undone(Exception):
    """Ends a dry run: what it entered is rolled back."""


def run_import(
    session: Session,
    report: ImportReport,
    rows: Iterable[tuple[int, Callable[[], bool]]],
    *,
    take_good_rows: bool,
) -> ImportReport:
    """Enter rows, each in a savepoint; a refusal of one is an error of that row.

    `rows` are (row number, entering it: True when it was new). With errors nothing stays unless
    `take_good_rows`: ImportRows lists them. A dry run does everything and undoes it.
    """
    with suppress(_Undone), audit.savepoint(session):
        for number, enter in rows:
            try:
                with audit.savepoint(session):
                    is_new = enter()
            except Problem as problem:
                report.errors.append(_as_error(number, problem, report.sheet))
            else:
                report.added += is_new
                report.changed += not is_new
        if report.dry_run:
            raise _Undone
        if report.errors and not take_good_rows:
            report.errors.sort(key=lambda error: (error.sheet, error.row))
            raise ImportRows(errors=[error.as_json() for error in report.errors], findings=report.findings)
    report.errors.sort(key=lambda error: (error.sheet, error.row))
    return report


def _as_error(number: int, problem: Problem, sheet: str) -> RowError:
    return RowError(
        number,
        "",
        "：".join(part for part in (problem.title[0], problem.detail) if part),
        ": ".join(part for part in (problem.title[1].rstrip("."), problem.detail_en) if part),
        sheet,
    )
