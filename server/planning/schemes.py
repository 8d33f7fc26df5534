"""Work schemes (抽查工作方案): how one planned inspection is carried out, published before it is (R34)."""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.db import Json, canonical_json
from server.planning.models import Plan, PlanState, WorkScheme
from server.planning.service import find_row
from server.problems import PlanStage, SchemeNotFound, SchemePublished


def write_scheme(session: Session, actor: Actor, planned_id: UUID, title: str, body: str) -> WorkScheme:
    """Write the scheme of a planned inspection: its draft, or a new version where the last one is published.

    PlanStage while the plan itself is not published: its rows may still be replaced.
    """
    planned = find_row(session, actor, planned_id)
    require(actor, Permission.PLAN_WRITE, planned)
    plan = session.get_one(Plan, planned.plan_id)
    if plan.state != PlanState.PUBLISHED:
        raise PlanStage(state=plan.state, allowed=[PlanState.PUBLISHED.value])
    scheme = _newest(session, planned_id)
    if scheme is None or scheme.published_at is not None:
        scheme = WorkScheme(
            planned_id=planned_id, number=scheme.number + 1 if scheme else 1, region=planned.region
        )
        session.add(scheme)
    scheme.title, scheme.body = title, body
    scheme.written_at, scheme.written_by = clock.now(), actor.person_id
    session.flush()
    _note(session, actor, "scheme.written", scheme, {"title": title})
    return scheme


def publish_scheme(session: Session, actor: Actor, planned_id: UUID) -> WorkScheme:
    """Publish the newest scheme of a planned inspection; SchemeNotFound, SchemePublished."""
    planned = find_row(session, actor, planned_id)
    require(actor, Permission.PLAN_PUBLISH, planned)
    scheme = _newest(session, planned_id)
    if scheme is None:
        raise SchemeNotFound()
    if scheme.published_at is not None:
        raise SchemePublished()
    scheme.published_at = clock.now()
    scheme.sha256 = hashlib.sha256(canonical_json(scheme_document(scheme))).hexdigest()
    session.flush()
    _note(session, actor, "scheme.published", scheme, {"sha256": scheme.sha256})
    return scheme


def schemes_of(session: Session, actor: Actor, planned_id: UUID) -> list[WorkScheme]:
    """Return all versions of the scheme of a planned inspection, the oldest first."""
    find_row(session, actor, planned_id)
    query = select(WorkScheme).where(WorkScheme.planned_id == planned_id)
    return list(session.scalars(query.order_by(WorkScheme.number)))


def find_published_scheme(session: Session, planned_id: UUID, number: int) -> WorkScheme:
    """Return a published scheme, for everybody; SchemeNotFound."""
    scheme = session.get(WorkScheme, (planned_id, number))
    if scheme is None or scheme.published_at is None:
        raise SchemeNotFound()
    return scheme


def scheme_document(scheme: WorkScheme) -> Json:
    """Write a scheme as it is hashed and published."""
    assert scheme.published_at is not None
    return {
        "planned": str(scheme.planned_id),
        "number": scheme.number,
        "title": scheme.title,
        "body": scheme.body,
        "published_at": clock.iso(scheme.published_at),
    }


def _newest(session: Session, planned_id: UUID) -> WorkScheme | None:
    query = select(WorkScheme).where(WorkScheme.planned_id == planned_id)
    return session.scalar(query.order_by(WorkScheme.number.desc()).limit(1))


def _note(session: Session, actor: Actor, action: str, scheme: WorkScheme, details: Json) -> None:
    subject = ("planned", scheme.planned_id)
    audit.append(session, actor, action, subject, {"number": scheme.number, **details})
