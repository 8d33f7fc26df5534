"""Jobs that failed: what they were to do about which fact, and running one that was given up again.

Of an error only its kind is told: its text may hold anybody's data, and stands in the server's own log.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.audit import AuditEntry
from server.db import Json
from server.jobs import Job
from server.problems import JobNotFound
from server.trail import words

_MOST = 200


def failed_jobs(session: Session, actor: Actor) -> list[Json]:
    """List jobs that were given up and those that are tried again, the newest facts first, at most 200 of each."""
    require(actor, Permission.STATUS_READ)
    not_done = (
        select(Job, AuditEntry).join(AuditEntry, AuditEntry.seq == Job.seq).where(Job.done_at.is_(None))
    )
    dead = not_done.where(Job.dead_at.is_not(None))
    failing = not_done.where(Job.dead_at.is_(None), Job.error.is_not(None))
    rows = [
        (job, entry)
        for query in (dead, failing)
        for job, entry in session.execute(query.order_by(Job.seq.desc(), Job.reaction).limit(_MOST))
    ]
    return [_row(job, entry) for job, entry in rows]


def run_again(session: Session, actor: Actor, seq: int, reaction: str) -> Job:
    """Let a job that was given up be tried as if it were new. Reactions have one effect however often they run."""
    require(actor, Permission.JOB_RUN)
    job = session.get(Job, (seq, reaction), with_for_update=True)
    if job is None or job.dead_at is None:
        raise JobNotFound()
    tried = job.attempts
    job.dead_at, job.error, job.attempts, job.run_after = None, None, 0, clock.now()
    session.flush()
    told = {"seq": seq, "reaction": reaction, "attempts": tried}
    audit.append(session, actor, "job.run-again", ("job", str(seq)), told)
    return job


def _row(job: Job, entry: AuditEntry) -> Json:
    chinese, english = words.told(entry.action)
    return {
        "seq": job.seq,
        "reaction": job.reaction,
        "told": chinese,
        "told_en": english,
        "action": entry.action,
        "happened_at": entry.at,
        "attempts": job.attempts,
        "error": (job.error or "").partition(":")[0],
        "next_at": None if job.dead_at else job.run_after,
        "dead_at": job.dead_at,
    }
