"""Entering a plan that was read, in one go: a draft of the same name and year is replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.planning.importing import PlanReading
from server.planning.launches import launched
from server.planning.models import Plan, PlannedInspection, PlanState
from server.planning.reading import PlannedDraft
from server.problems import ImportRows, PlanDrawn, PlanPublished, PlanStage
from server.registry import service as registry


@dataclass
class PlanImport:
    """The outcome of importing a plan; `plan` is None after a dry run."""

    reading: PlanReading
    plan: Plan | None = None
    rows: list[PlannedInspection] = field(default_factory=list)


def enter_plan(
    session: Session,
    actor: Actor,
    reading: PlanReading,
    *,
    number: str = "",
    section: str = "",
    take_good_rows: bool = False,
    dry_run: bool = False,
) -> PlanImport:
    """Enter a plan that was read, as the draft of a section.

    ImportRows when rows are wrong and not only the good ones are taken, or when none is left;
    PlanPublished when the plan stands already, PlanStage when it was aggregated.
    """
    require(actor, Permission.PLAN_WRITE)
    good = [row for row in reading.rows if row.good]
    codes = registry.codes_by_text(session, {item for row in good for item in row.items})
    rows = [PlannedInspection(**values_of(row, codes)) for row in good]
    if dry_run:
        return PlanImport(reading, None, rows)
    if not good or (reading.errors and not take_good_rows):
        raise ImportRows(
            errors=[error.as_json() for error in reading.errors],
            findings=[finding.as_json() for finding in reading.findings],
        )
    plan = _plan_for(session, actor, reading)
    plan.number, plan.section = number, section
    plan.source, plan.imported_at = reading.source, clock.now()
    plan.findings = [finding.as_json() for finding in reading.findings]
    session.add(plan)
    session.flush()
    for row in rows:
        row.plan_id, row.region = plan.id, plan.region
    session.add_all(rows)
    session.flush()
    _note(session, actor, plan, rows, reading)
    return PlanImport(reading, plan, rows)


def values_of(row: PlannedDraft, codes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the columns of a row that was read well."""
    assert row.ratio is not None
    plain = (
        "plan_no plan_name task_no name object_scope ratio_text risk_rule window_text chosen_time initiator lead"
        " inspecting_body particulars"
    )
    return {
        **{name: getattr(row, name) for name in plain.split()},
        "row_no": row.number,
        "sampling": list(row.sampling),
        "items": list(row.items),
        "item_codes": list(dict.fromkeys(code for item in row.items for code in codes.get(item, ()))),
        "ratio": row.ratio.as_json(),
        "windows": [window.as_json() for window in row.windows],
        "cooperators": list(row.cooperators),
        "notes": [finding.as_json() for finding in row.findings],
    }


def _plan_for(session: Session, actor: Actor, reading: PlanReading) -> Plan:
    """Return a new plan, or the draft that the reading replaces, without its rows."""
    known = select(Plan).where(
        Plan.organisation_id == actor.organisation_id,
        Plan.year == reading.year,
        Plan.kind == reading.kind.value,
        Plan.name == reading.name,
    )
    plan = session.scalar(known.with_for_update())  # so that it is not aggregated meanwhile
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
    if plan.state != PlanState.DRAFT:
        raise PlanStage(state=plan.state, allowed=[PlanState.DRAFT.value])
    drop_rows(session, plan)
    return plan


def drop_rows(session: Session, plan: Plan) -> None:
    """Take the rows out of a draft, for others in their place; PlanDrawn where something was drawn for one of them already."""
    rows = select(PlannedInspection.id).where(PlannedInspection.plan_id == plan.id)
    if launched(session, session.scalars(rows).all()):
        raise PlanDrawn(
            "计划中已有任务抽取，不能整份替换；请公布后提出计划调整",
            "something was drawn for it: publish it and propose an amendment",
        )
    session.execute(delete(PlannedInspection).where(PlannedInspection.plan_id == plan.id))


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
