"""Published plans for readers: rows, what an amendment changed, and the work schemes of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from server.accounts.models import Organisation
from server.db import Json
from server.noticeboard.comparing import Change, compare
from server.planning.models import Plan, PlannedInspection, PlanVersion, WorkScheme
from server.planning.versions import find_version, published_versions

ROW_FIELDS: Mapping[str, str] = {
    "row_no": "No.",
    "task_no": "Task number",
    "name": "Task",
    "sampling": "Sampling",
    "items": "Matters",
    "object_scope": "Objects",
    "ratio_text": "Share",
    "risk_rule": "Credit-risk rule",
    "window_text": "Period",
    "initiator": "Initiator",
    "lead": "Lead section",
    "cooperators": "Cooperating departments",
    "inspecting_body": "Inspecting body",
}
"""What of a row is shown: what the law wants of a plan. What layouts tell beside stays in the JSON of the plan."""

_WORDS = {"targeted": "定向", "untargeted": "不定向"}


@dataclass(frozen=True)
class ReadPlan:
    """A published version of a plan as it is read. `changes` is None for the first one."""

    version: PlanVersion
    is_newest: bool
    versions: Sequence[Any]
    rows: Sequence[Json]
    changes: Sequence[Change] | None
    schemes: Sequence[Any]


@dataclass(frozen=True)
class PlanHead:
    """What a list of plans says of one."""

    name: str
    year: int
    kind: str
    number: str
    bureau: str


def read_plan(session: Session, plan_id: UUID, number: int | None = None) -> ReadPlan:
    """Read a version of a plan, the newest where none is named, beside the one before it; PlanNotFound."""
    version = find_version(session, plan_id, number)
    rows = [row_in_words(each) for each in version.document["rows"]]
    changes = None
    if version.number > 1:
        before = find_version(session, plan_id, version.number - 1)
        changes = compare([row_in_words(each) for each in before.document["rows"]], rows, "id", ROW_FIELDS)
    publications = session.execute(
        select(PlanVersion.number, PlanVersion.published_at, PlanVersion.reason, PlanVersion.sha256)
        .where(PlanVersion.plan_id == plan_id)
        .order_by(PlanVersion.number.desc())
    ).all()
    is_newest = version.number == publications[0].number
    return ReadPlan(version, is_newest, publications, rows, changes, _schemes_of(session, plan_id))


def row_in_words(row: Json) -> Json:
    """Keep the public fields of a row, with its sampling in the words of plans."""
    shown = {name: row.get(name) for name in ROW_FIELDS}
    shown["sampling"] = [_WORDS.get(str(each), str(each)) for each in row.get("sampling") or ()]
    return {"id": row["id"], **shown}


def newest_plans(year: int | None, region: str | None) -> Select[PlanVersion]:
    """Select the published plans as they stand, without their rows."""
    return published_versions(year, region).options(defer(PlanVersion.document))


def heads_of(session: Session, plans: set[UUID]) -> dict[UUID, PlanHead]:
    """Say of some plans what a list of them says."""
    query = (
        select(Plan.id, Plan.name, Plan.year, Plan.kind, Plan.number, Organisation.name)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .where(Plan.id.in_(plans))
    )
    return {row[0]: PlanHead(*row[1:]) for row in session.execute(query)}


def published_schemes() -> Select[WorkScheme]:
    """Select every published work scheme, without its text."""
    return select(WorkScheme).where(WorkScheme.published_at.is_not(None)).options(defer(WorkScheme.body))


@dataclass(frozen=True)
class SchemeOf:
    """Which planned inspection a scheme is for, and whose plan that is in."""

    task: str
    plan_id: UUID
    plan: str
    bureau: str


def tasks_of(session: Session, planned: set[UUID]) -> dict[UUID, SchemeOf]:
    """Say of some planned inspections what a page of their schemes says."""
    query = (
        select(PlannedInspection.id, PlannedInspection.name, Plan.id, Plan.name, Organisation.name)
        .join(Plan, Plan.id == PlannedInspection.plan_id)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .where(PlannedInspection.id.in_(planned))
    )
    return {row[0]: SchemeOf(*row[1:]) for row in session.execute(query)}


def years_of_plans(session: Session) -> Sequence[int]:
    """Return the years that plans are published for, the newest first."""
    query = select(Plan.year).where(Plan.version > 0).distinct().order_by(Plan.year.desc())
    return session.scalars(query).all()


def _schemes_of(session: Session, plan_id: UUID) -> Sequence[tuple[UUID, int, str, datetime]]:
    query = (
        select(WorkScheme.planned_id, WorkScheme.number, WorkScheme.title, WorkScheme.published_at)
        .join(PlannedInspection, PlannedInspection.id == WorkScheme.planned_id)
        .where(PlannedInspection.plan_id == plan_id, WorkScheme.published_at.is_not(None))
        .order_by(PlannedInspection.row_no, WorkScheme.number)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query) if row[3] is not None]
