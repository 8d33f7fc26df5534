"""Importing a plan from a workbook: read outside the database, entered in one go."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.planning.layouts import recognise
from server.planning.models import Plan, PlanKind, PlannedInspection, PlanState
from server.planning.numbering import missing_numbers
from server.planning.pages import assemble
from server.planning.reading import PlannedDraft, read_task
from server.planning.scan_faults import Finding
from server.problems import ImportRows, PlanPublished
from server.registry import service as registry
from server.workbook import RowError, read_workbook


@dataclass(frozen=True)
class PlanReading:
    """A plan as read from a workbook. `findings` are those of the whole table; rows hold their own."""

    kind: PlanKind
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


@dataclass
class PlanImport:
    """The outcome of importing a plan; `plan` is None after a dry run."""

    reading: PlanReading
    plan: Plan | None = None
    rows: list[PlannedInspection] = field(default_factory=list)


def read_plan(data: bytes, year: int, kind: PlanKind | None = None, name: str = "") -> PlanReading:
    """Read the plan of a year from an .xlsx; ImportUnreadable, ImportColumns.

    The layout is recognised by its headings; the name is what stands above them where none is given.
    """
    layout, table = recognise(read_workbook(data), kind)
    tasks, loose = assemble(table, layout)
    rows = tuple(read_task(task, number, year) for number, task in enumerate(tasks, 1))
    return PlanReading(
        kind=layout.kind,
        year=year,
        name=(name or table.title or table.sheet.name)[:200],
        source=f"sha256:{hashlib.sha256(data).hexdigest()} {table.sheet.name}",
        sheet=table.sheet.name,
        rows=rows,
        table_findings=(*loose, *missing_numbers(tasks)),
    )


def enter_plan(
    session: Session,
    actor: Actor,
    reading: PlanReading,
    *,
    number: str = "",
    take_good_rows: bool = False,
    dry_run: bool = False,
) -> PlanImport:
    """Enter a plan that was read; a draft of the same name and year is replaced.

    ImportRows when rows are wrong and not only the good ones are taken, or when none is left;
    PlanPublished when the plan stands already.
    """
    require(actor, Permission.PLAN_WRITE)
    good = [row for row in reading.rows if row.good]
    codes = registry.codes_by_text(session, {item for row in good for item in row.items})
    rows = [_planned(row, codes) for row in good]
    if dry_run:
        return PlanImport(reading, None, rows)
    if not good or (reading.errors and not take_good_rows):
        raise ImportRows(
            errors=[error.as_json() for error in reading.errors],
            findings=[finding.as_json() for finding in reading.findings],
        )
    plan = _plan_for(session, actor, reading)
    plan.number, plan.source, plan.imported_at = number, reading.source, clock.now()
    plan.findings = [finding.as_json() for finding in reading.findings]
    session.add(plan)
    session.flush()
    for row in rows:
        row.plan_id, row.region = plan.id, plan.region
    session.add_all(rows)
    session.flush()
    _note(session, actor, plan, rows, reading)
    return PlanImport(reading, plan, rows)


def _plan_for(session: Session, actor: Actor, reading: PlanReading) -> Plan:
    """Return a new plan, or the draft that the reading replaces, without its rows."""
    plan = session.scalar(
        select(Plan).where(
            Plan.organisation_id == actor.organisation_id,
            Plan.year == reading.year,
            Plan.kind == reading.kind.value,
            Plan.name == reading.name,
        )
    )
    if plan is None:
        return Plan(
            region=actor.region,
            organisation_id=actor.organisation_id,
            year=reading.year,
            kind=reading.kind.value,
            name=reading.name,
        )
    if plan.state == PlanState.PUBLISHED:
        raise PlanPublished()
    session.execute(delete(PlannedInspection).where(PlannedInspection.plan_id == plan.id))
    return plan


def _planned(row: PlannedDraft, codes: Mapping[str, tuple[str, ...]]) -> PlannedInspection:
    assert row.ratio is not None
    return PlannedInspection(
        row_no=row.number,
        plan_no=row.plan_no,
        plan_name=row.plan_name,
        task_no=row.task_no,
        name=row.name,
        sampling=list(row.sampling),
        items=list(row.items),
        item_codes=list(dict.fromkeys(code for item in row.items for code in codes.get(item, ()))),
        object_scope=row.object_scope,
        ratio=row.ratio.as_json(),
        ratio_text=row.ratio_text,
        risk_rule=row.risk_rule,
        windows=[window.as_json() for window in row.windows],
        window_text=row.window_text,
        initiator=row.initiator,
        lead=row.lead,
        cooperators=list(row.cooperators),
        inspecting_body=row.inspecting_body,
        notes=[finding.as_json() for finding in row.findings],
    )


def _note(
    session: Session, actor: Actor, plan: Plan, rows: Sequence[PlannedInspection], reading: PlanReading
) -> None:
    details = {
        "year": plan.year,
        "kind": plan.kind,
        "name": plan.name,
        "rows": len(rows),
        "left_out": len(reading.rows) - len(rows),
        "findings": len(reading.findings),
        "source": plan.source,
    }
    audit.append(session, actor, "plan.imported", ("plan", plan.id), details)
