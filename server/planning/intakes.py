"""Plans on their way in: the source as it came, read again with every correction that a person makes."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.lateness import too_late
from server.planning.completing import Correction
from server.planning.entering import PlanImport, enter_plan
from server.planning.importing import PlanReading, read_plan
from server.planning.models import PlanIntake, PlanKind
from server.problems import IntakeEntered, IntakeNotFound

MOST_CORRECTIONS = 2_000


def receive(
    session: Session, actor: Actor, data: bytes, reading: PlanReading, kind: PlanKind | None, name: str
) -> PlanIntake:
    """Keep a source that could be read, so that people can correct how it reads."""
    require(actor, Permission.PLAN_WRITE)
    intake = PlanIntake(
        region=actor.region,
        organisation_id=actor.organisation_id,
        year=reading.year,
        kind=kind.value if kind else None,
        layout=reading.layout,
        name=name,
        source=data,
        sha256=hashlib.sha256(data).hexdigest(),
        corrections=[],
        received_at=clock.now(),
        received_by=actor.person_id,
    )
    session.add(intake)
    session.flush()
    details = {"year": intake.year, "layout": intake.layout, "sha256": intake.sha256}
    audit.append(session, actor, "intake.received", ("intake", intake.id), details)
    return intake


def find_intake(session: Session, actor: Actor, intake_id: UUID, *, to_change: bool = False) -> PlanIntake:
    """Return an intake of the jurisdiction with its source, `to_change` it held until the transaction ends."""
    require(actor, Permission.PLAN_WRITE)
    query = select(PlanIntake).where(PlanIntake.id == intake_id, within(actor, PlanIntake.region))
    query = query.with_for_update() if to_change else query
    intake = session.scalar(query.options(undefer(PlanIntake.source)))
    if intake is None:
        raise IntakeNotFound()
    return intake


def read_intake(intake: PlanIntake, more: Sequence[Correction] = ()) -> PlanReading:
    """Read the source with all corrections made so far, and more; later ones of a cell win."""
    made = [Correction(each["row"], each["column"], each["text"]) for each in intake.corrections]
    kind = PlanKind(intake.kind) if intake.kind else None
    return read_plan(intake.source, intake.year, kind, intake.name, latest([*made, *more]))


def keep_corrections(
    session: Session, actor: Actor, intake_id: UUID, corrections: Sequence[Correction]
) -> PlanIntake:
    """Keep corrections that the source was read with; IntakeEntered once it is a plan."""
    intake = find_intake(session, actor, intake_id, to_change=True)
    if intake.plan_id is not None:
        raise too_late(IntakeEntered, intake, "intake")
    written = [{"row": each.row, "column": each.column, "text": each.text} for each in corrections]
    intake.corrections = [*intake.corrections, *written]
    session.flush()
    audit.append(session, actor, "intake.corrected", ("intake", intake.id), {"corrections": written})
    return intake


def enter_intake(
    session: Session,
    actor: Actor,
    intake_id: UUID,
    reading: PlanReading,
    *,
    number: str,
    section: str,
    take_good_rows: bool,
) -> PlanImport:
    """Enter what the source reads as now as a draft plan; as `enter_plan`, and IntakeEntered the second time."""
    intake = find_intake(session, actor, intake_id, to_change=True)
    if intake.plan_id is not None:
        raise too_late(IntakeEntered, intake, "intake")
    outcome = enter_plan(
        session, actor, reading, number=number, section=section, take_good_rows=take_good_rows
    )
    intake.plan_id = outcome.plan.id if outcome.plan else None
    session.flush()
    details = {"plan": str(intake.plan_id)}
    audit.append(session, actor, "intake.entered", ("intake", intake.id), details)
    return outcome


def latest(corrections: Sequence[Correction]) -> list[Correction]:
    """Keep the last correction of each cell; those for every row come last, where still nothing stands."""
    kept = {(each.row, each.column): each for each in corrections}
    return sorted(kept.values(), key=lambda each: each.row is None)
