"""The queue behind the audit log: what reacts to a fact runs after its commit, once in effect.

The log is gap-free and in the order of commits, so one stored number says what has been dispatched already.
A job is one (fact, reaction); it is claimed, run and ended in one transaction, so a worker that is killed in the
middle leaves it as it was. Reactions may run in any order and must have one effect however often they run.
"""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from server import audit, clock
from server.audit import AuditEntry
from server.db import Base, Sessions, is_postgresql

log = logging.getLogger("merestone.jobs")

Reaction = Callable[[Session, AuditEntry], None]
Reactions = Mapping[str, Sequence[Reaction]]

MOST_ATTEMPTS = 8
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(hours=1)
_PAGE = 500


class Job(Base):
    """One reaction to one fact. `dead_at`: tried often enough; a person has to look at `error`."""

    __tablename__ = "job"

    seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("audit.seq"), primary_key=True)
    reaction: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    error: Mapped[str | None]

    __table_args__ = (Index("ix_job_done_at_dead_at_run_after", "done_at", "dead_at", "run_after"),)


class Dispatched(Base):
    """The number of the last fact whose jobs have been written: one row."""

    __tablename__ = "dispatched"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)


def wait_before(
    attempt: int, first: timedelta = _FIRST_WAIT, longest: timedelta = _LONGEST_WAIT
) -> timedelta:
    """Return how long to wait before the next attempt: doubled each time, with jitter of a quarter."""
    seconds = min(first.total_seconds() * 2 ** min(attempt - 1, 30), longest.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, guards nothing


def dispatch(session: Session, reactions: Reactions) -> int:
    """Write the jobs of facts that have none yet; return how many facts were read (0: up to date)."""
    upsert = postgresql.insert if is_postgresql(session) else sqlite.insert
    session.execute(upsert(Dispatched).values(id=1, seq=0).on_conflict_do_nothing())
    mark = session.get_one(Dispatched, 1, with_for_update=True)
    facts = session.execute(
        select(AuditEntry.seq, AuditEntry.action)
        .where(AuditEntry.seq > mark.seq)
        .order_by(AuditEntry.seq)
        .limit(_PAGE)
    ).all()
    for seq, action in facts:
        for reaction in reactions.get(action, ()):
            session.add(Job(seq=seq, reaction=name_of(reaction), run_after=clock.now()))
        mark.seq = seq
    session.flush()
    return len(facts)


def run_next(sessions: Sessions, reactions: Reactions) -> bool:
    """Run one job that is due, in one transaction; return False when none is.

    A reaction that raises leaves nothing but the error and the time of the next attempt.
    """
    with audit.transaction(sessions) as session:
        job = _claim(session)
        if job is None:
            return False
        job.attempts += 1
        try:
            with audit.savepoint(session):
                _find(reactions, job.reaction)(session, session.get_one(AuditEntry, job.seq))
                session.flush()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is kept, logged and tried again
            _postpone(job, error)
        else:
            job.done_at, job.error = clock.now(), None
    return True


def name_of(reaction: Reaction) -> str:
    """Name a reaction as the queue keeps it: room and function."""
    return f"{reaction.__module__.removeprefix('server.')}.{reaction.__qualname__}"


def all_of(reactions: Reactions) -> Iterator[Reaction]:
    """Go through every reaction."""
    for several in reactions.values():
        yield from several


def _claim(session: Session) -> Job | None:
    # Whoever holds the row runs it; other workers step over it. SQLite has one writer and needs no lock.
    return session.scalar(
        select(Job)
        .where(Job.done_at.is_(None), Job.dead_at.is_(None), Job.run_after <= clock.now())
        .order_by(Job.seq, Job.reaction)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _find(reactions: Reactions, name: str) -> Reaction:
    for reaction in all_of(reactions):
        if name_of(reaction) == name:
            return reaction
    raise LookupError(f"no reaction is called {name}")


def _postpone(job: Job, error: Exception) -> None:
    job.error = f"{type(error).__name__}: {error}"[:2000]
    if job.attempts >= MOST_ATTEMPTS:
        job.dead_at = clock.now()
    else:
        job.run_after = clock.now() + wait_before(job.attempts)
    log.error(
        "job failed",
        exc_info=error,
        extra={"seq": job.seq, "reaction": job.reaction, "attempts": job.attempts, "dead": bool(job.dead_at)},
    )
