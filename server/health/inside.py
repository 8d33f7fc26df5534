"""What is found in the database: one row or a count that ends, of each part."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from server import audit
from server.audit import AuditEntry
from server.db import is_postgresql
from server.health.findings import Finding
from server.health.judging import (
    Queue,
    Reach,
    judge_database,
    judge_jobs,
    judge_root,
    judge_second_copy,
    judge_stamp,
    judge_workers,
)
from server.health.models import WorkerBeat
from server.installation import Installation
from server.jobs import Dispatched, Job
from server.migrate import pending_revisions
from server.notary.models import AuditRoot
from server.notary.service import newest_root
from server.settings import Settings

MOST = 1000
"""A count ends here: what there is more is told as `1000+`."""


def up_to_most(session: Session, query: Select[Any]) -> int:
    """Count the rows of a query of one column, at most `MOST` of them."""
    return session.scalar(select(func.count()).select_from(query.limit(MOST).subquery())) or 0


def find_inside(
    session: Session, installation: Installation, settings: Settings, now: datetime, today: date
) -> list[Finding]:
    """Look at everything that the database tells."""
    seq, _ = audit.head(session)
    newest = newest_root(session)
    return [
        judge_database(_kind(session), pending_revisions(session.connection())),
        judge_workers(session.scalars(select(WorkerBeat)).all(), now),
        judge_jobs(queue_of(session, seq, now), now),
        judge_second_copy(_reach(session, installation, settings, seq), now),
        judge_root(newest, seq, today),
        judge_stamp(bool(settings.tsa_url), _newest_stamped(session), newest, now),
    ]


def queue_of(session: Session, seq: int, now: datetime) -> Queue:
    """Count the jobs that are not done."""
    open_jobs = select(Job.seq).where(Job.done_at.is_(None), Job.dead_at.is_(None))
    due_since = session.scalar(
        select(func.min(Job.run_after)).where(
            Job.done_at.is_(None), Job.dead_at.is_(None), Job.run_after <= now
        )
    )
    return Queue(
        waiting=up_to_most(session, open_jobs),
        failing=up_to_most(session, open_jobs.where(Job.error.is_not(None))),
        dead=up_to_most(session, select(Job.seq).where(Job.done_at.is_(None), Job.dead_at.is_not(None))),
        due_since=due_since,
        undispatched=seq - (session.scalar(select(Dispatched.seq)) or 0),
    )


def _reach(session: Session, installation: Installation, settings: Settings, seq: int) -> Reach:
    durable = installation.durable_seq
    since = session.scalar(select(AuditEntry.at).where(AuditEntry.seq == durable + 1))
    return Reach(settings.second_copy, durable, seq - durable, since)


def _newest_stamped(session: Session) -> AuditRoot | None:
    query = select(AuditRoot).where(AuditRoot.stamp.is_not(None))
    return session.scalar(query.order_by(AuditRoot.size.desc()).limit(1))


def _kind(session: Session) -> str:
    if is_postgresql(session):
        return f"PostgreSQL {session.scalar(text('show server_version'))}"
    return f"SQLite {session.scalar(text('select sqlite_version()'))}"
