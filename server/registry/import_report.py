"""What an import gives back: what was entered, what was noticed, what was wrong; and how it is tried only."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit
from server.problems import ImportRows, Problem
from server.registry.states import Entered
from server.workbook import RowError

_TOGETHER: Final = 100


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


Enter = Callable[[Any, Any], Entered]


@dataclass(frozen=True)
class Rows:
    """Rows that were read, with their numbers: how all of some are looked up, and how one is entered, given that."""

    numbered: Sequence[tuple[int, Any]]
    look_up: Callable[[Sequence[Any]], Any]
    enter: Enter


def run_import(session: Session, report: ImportReport, rows: Rows, *, take_good_rows: bool) -> ImportReport:
    """Enter rows; a refusal of one is an error of that row.

    Many go together: only where one of them is refused each gets a savepoint of its own. With errors nothing stays
    unless `take_good_rows`: ImportRows lists them. A dry run does everything and undoes it.
    """
    with suppress(_Undone), audit.savepoint(session):
        for start in range(0, len(rows.numbered), _TOGETHER):
            some = rows.numbered[start : start + _TOGETHER]
            try:
                with audit.savepoint(session):
                    entries = _enter_all(rows, some)
                    session.flush()
            except Problem:
                _enter_each(session, report, rows, some)
            else:
                for entered in entries:
                    _count(report, entered)
        if report.dry_run:
            raise _Undone
        if report.errors and not take_good_rows:
            raise ImportRows(errors=report.errors_as_json(), findings=report.findings)
    report.errors_as_json()
    return report


def _enter_all(rows: Rows, some: Sequence[tuple[int, Any]]) -> list[Entered]:
    known = rows.look_up([row for _, row in some])
    return [rows.enter(row, known) for _, row in some]


def _enter_each(session: Session, report: ImportReport, rows: Rows, some: Sequence[tuple[int, Any]]) -> None:
    for number, row in some:
        try:
            with audit.savepoint(session):
                (entered,) = _enter_all(rows, [(number, row)])
                session.flush()
        except Problem as problem:
            report.errors.append(_as_error(number, problem, report.sheet))
        else:
            _count(report, entered)


def _count(report: ImportReport, entered: Entered) -> None:
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
