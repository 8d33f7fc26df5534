"""A plan as everybody may read it: one document for each publication, hashed, never changed."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Organisation
from server.db import Json, canonical_json
from server.planning.models import Plan, PlannedInspection, PlanVersion, WorkScheme
from server.planning.service import rows_of
from server.planning.wording import said_by
from server.problems import PlanNotFound


def publish_version(session: Session, plan: Plan, reason: str) -> PlanVersion:
    """Write down the plan as it stands now as its next version; `reason` is empty for the first one."""
    session.flush()
    plan.version += 1
    at = clock.now()
    document = _document(session, plan, clock.iso(at), reason)
    version = PlanVersion(
        plan_id=plan.id,
        number=plan.version,
        published_at=at,
        reason=reason,
        sha256=hashlib.sha256(canonical_json(document)).hexdigest(),
        document=document,
    )
    session.add(version)
    session.flush()
    return version


def published_versions(year: int | None = None, region: str | None = None) -> Select[PlanVersion]:
    """Select the newest version of every published plan; no jurisdiction: they are public."""
    newest = select(Plan.id, Plan.version).where(Plan.version > 0)
    newest = newest.where(Plan.year == year) if year else newest
    newest = newest.where(Plan.region == region) if region else newest
    return select(PlanVersion).where(tuple_(PlanVersion.plan_id, PlanVersion.number).in_(newest))


def find_version(session: Session, plan_id: UUID, number: int | None = None) -> PlanVersion:
    """Return a published version of a plan, the newest where none is named; PlanNotFound."""
    query = select(PlanVersion).where(PlanVersion.plan_id == plan_id)
    query = query.where(PlanVersion.number == number) if number else query
    version = session.scalar(query.order_by(PlanVersion.number.desc()).limit(1))
    if version is None:
        raise PlanNotFound()
    return version


def versions_of(session: Session, plan_id: UUID) -> list[PlanVersion]:
    """Return all published versions of a plan, the oldest first."""
    query = select(PlanVersion).where(PlanVersion.plan_id == plan_id)
    return list(session.scalars(query.order_by(PlanVersion.number)))


def published_schemes(session: Session, plan_id: UUID) -> list[WorkScheme]:
    """Return the published work schemes of a plan's rows, in their order."""
    query = (
        select(WorkScheme)
        .join(PlannedInspection, PlannedInspection.id == WorkScheme.planned_id)
        .where(PlannedInspection.plan_id == plan_id, WorkScheme.published_at.is_not(None))
    )
    return list(session.scalars(query.order_by(PlannedInspection.row_no, WorkScheme.number)))


def _document(session: Session, plan: Plan, at: str, reason: str) -> Json:
    bureau = session.get_one(Organisation, plan.organisation_id)
    rows = rows_of(session, [plan.id])
    return {
        "plan": str(plan.id),
        "version": plan.version,
        "year": plan.year,
        "kind": plan.kind,
        "number": plan.number,
        "name": plan.name,
        "bureau": bureau.name,
        "region": plan.region,
        "approval_no": plan.approval_no,
        "published_at": at,
        "reason": reason,
        "rows": [_public_row(row) for row in rows if row.withdrawn_at is None],
        "withdrawn": _names(row for row in rows if row.withdrawn_at is not None),
    }


def _public_row(row: PlannedInspection) -> Json:
    return {"id": str(row.id), **said_by(row)}


def _names(rows: Iterable[PlannedInspection]) -> list[Json]:
    return [{"id": str(row.id), "row_no": row.row_no, "name": row.name} for row in rows]
