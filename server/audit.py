"""The audit log: hash-chained, gap-free, the sequencer of the feed and the queue of the worker.

Facts are noted during a transaction and numbered together at its end, under one append lock: SQLite's
`BEGIN IMMEDIATE` is that lock already, PostgreSQL takes `pg_advisory_xact_lock` in READ COMMITTED. So the
order of numbers is the order of commits, and a reader who has seen `seq` has seen everything below it.
A bare sequence, a timestamp or a look-back window lost rows when measured.
Nothing slow may happen between `seal` and the commit.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Table, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from server import clock, feed, locks
from server.db import Base, Json, Sessions, canonical_json, is_postgresql
from server.locks import Lock
from server.rows import insert_rows

GENESIS = "0" * 64
PROGRESS = 10_000


class AuditEntry(Base):
    """One fact: who did what to what, when, and the hash that ties it to the one before.

    `region` is that of whoever did it, null for the system: it says who may read the entry, and is not hashed.
    """

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    previous: Mapped[str]
    hash: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject: Mapped[str]
    # JSON, not JSONB: the text must come back as it was hashed.
    details: Mapped[Json] = mapped_column(JSON)
    region: Mapped[str | None]

    __table_args__ = (
        Index("ix_audit_actor_seq", "actor", "seq"),
        Index("ix_audit_region_seq", "region", "seq", "action"),
        Index("ix_audit_subject", "subject_kind", "subject"),
        Index("ix_audit_action", "action", "seq", "region"),
    )


class Acting(Protocol):
    """Whoever does something: a person, a worker, a platform."""

    @property
    def name(self) -> str:
        """Name the actor in the log."""


# Made once: building a statement costs more than running it.
_ENTRIES: Table = AuditEntry.__table__  # type: ignore[assignment]
_HEAD = select(_ENTRIES.c.seq, _ENTRIES.c.hash).order_by(_ENTRIES.c.seq.desc()).limit(1)


@dataclass
class Fact:
    """A noted fact with the feed changes it brings; `seq` and `hash` are known once sealed."""

    actor: str
    action: str
    subject_kind: str
    subject: str
    details: Json
    changes: list[feed.Change] = field(default_factory=list)
    region: str | None = None
    seq: int = 0
    hash: str = ""


def append(
    session: Session, actor: Acting, action: str, subject: tuple[str, UUID | str], details: Json | None = None
) -> Fact:
    """Note a fact, last in a verb: feed changes noted before it take its number.

    `action` is `noun.participle` ("record.returned"); `subject` is (kind, id); `details` is plain JSON and
    holds no secrets. Returns the fact, which gets `seq` and `hash` when the transaction is sealed.
    """
    region = getattr(actor, "region", None)
    fact = Fact(
        actor.name, action, subject[0], str(subject[1]), details or {}, feed.waiting(session)[:], region
    )
    feed.waiting(session).clear()
    _noted(session).append(fact)
    return fact


def seal(session: Session) -> list[Fact]:
    """Number and write everything noted since the last seal; the append lock is held until commit."""
    session.flush()
    facts = _noted(session)[:]
    if feed.waiting(session):
        raise RuntimeError(
            "a feed change without a fact: append to the audit log after grant, revoke or touch"
        )
    if not facts:
        return []
    feed.write_reasons(session, (change for fact in facts for change in fact.changes))
    if is_postgresql(session):
        locks.take(session, Lock.APPEND)
    seq, previous = head(session)
    at = clock.now()
    rows = []
    for fact in facts:
        seq += 1
        fact.seq, fact.hash = seq, entry_hash(previous, seq, at, fact)
        rows.append(
            {
                "seq": seq,
                "previous": previous,
                "hash": fact.hash,
                "at": at,
                "actor": fact.actor,
                "action": fact.action,
                "subject_kind": fact.subject_kind,
                "subject": fact.subject,
                "details": fact.details,
                "region": fact.region,
            }
        )
        previous = fact.hash
    insert_rows(session, _ENTRIES, rows)
    feed.number(session, ((fact.seq, change) for fact in facts for change in fact.changes))
    _noted(session).clear()
    return facts


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """Open the one transaction of a request or a job: sealed and committed if it ends well, else undone."""
    with sessions.begin() as session:
        yield session
        seal(session)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Run one item of a batch: if it raises, its rows, facts and feed changes are undone and it re-raises."""
    facts, changes = len(_noted(session)), len(feed.waiting(session))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del _noted(session)[facts:]
        del feed.waiting(session)[changes:]
        raise


def head(session: Session) -> tuple[int, str]:
    """Return number and hash of the newest entry; (0, GENESIS) when there is none."""
    last = session.connection().execute(_HEAD).first()
    return (last.seq, last.hash) if last else (0, GENESIS)


def number_at(session: Session, moment: datetime) -> int:
    """Return the number of the last entry that was written by a moment; 0 if none was.

    Halves the log until it is found: numbers are in the order of time, and no index of times is needed.
    """
    low, high = 0, head(session)[0]
    while low < high:
        middle = (low + high + 1) // 2
        at = session.scalar(select(AuditEntry.at).where(AuditEntry.seq == middle))
        low, high = (middle, high) if at is not None and at <= moment else (low, middle - 1)
    return low


def actions_there_are(session: Session) -> list[str]:
    """Name the events of the log in their order, hopping through the index from one to the next."""
    found: list[str] = []
    query = select(AuditEntry.action).order_by(AuditEntry.action).limit(1)
    while (
        action := session.scalar(query.where(AuditEntry.action > found[-1]) if found else query)
    ) is not None:
        found.append(action)
    return found


def entry_hash(previous: str, seq: int, at: datetime, fact: Fact | AuditEntry) -> str:
    """Hash one entry: SHA-256 over the previous hash and the entry's canonical JSON, in hex."""
    body: dict[str, Any] = {
        "seq": seq,
        "at": clock.iso(at),
        "actor": fact.actor,
        "action": fact.action,
        "subject_kind": fact.subject_kind,
        "subject": fact.subject,
        "details": fact.details,
    }
    return hashlib.sha256(previous.encode() + canonical_json(body)).hexdigest()


def verify_chain(
    session: Session,
    after: int = 0,
    told: Callable[[int], None] | None = None,
    until: int | None = None,
) -> int | None:
    """Recompute the chain behind entry `after`, to `until` or its end; return the first number that breaks, or None.

    `told` hears the number of every ten thousandth entry that holds.
    """
    previous = GENESIS
    if after:
        previous = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == after)) or GENESIS
    expected = after
    query = select(AuditEntry).where(AuditEntry.seq > after).order_by(AuditEntry.seq)
    if until is not None:
        query = query.where(AuditEntry.seq <= until)
    with closing(session.scalars(query.execution_options(yield_per=1000, populate_existing=True))) as entries:
        for entry in entries:
            expected += 1
            holds = entry_hash(previous, entry.seq, entry.at, entry) == entry.hash
            if entry.seq != expected or entry.previous != previous or not holds:
                return expected
            previous = entry.hash
            if told and entry.seq % PROGRESS == 0:
                told(entry.seq)
    return None if until is None or expected >= until else expected + 1


def entries_about(
    session: Session,
    subjects: Collection[tuple[str, str]],
    *,
    without: Collection[str],
    beside: Iterable[AuditEntry] = (),
) -> list[Json]:
    """Write the entries about some subjects as they were hashed, in their order; not those of actions `without`.

    `beside`: further entries that belong with them.
    """
    about = tuple_(AuditEntry.subject_kind, AuditEntry.subject).in_(sorted(subjects))
    query = select(AuditEntry).where(about, AuditEntry.action.not_in(without))
    found = {entry.seq: entry for entry in (*session.scalars(query), *beside)}
    return [_entry_json(found[seq]) for seq in sorted(found)]


def _entry_json(entry: AuditEntry) -> Json:
    return {
        "seq": entry.seq,
        "previous": entry.previous,
        "hash": entry.hash,
        "at": clock.iso(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject": entry.subject,
        "details": entry.details,
    }


def _noted(session: Session) -> list[Fact]:
    facts: list[Fact] = session.info.setdefault("audit_facts", [])
    return facts
