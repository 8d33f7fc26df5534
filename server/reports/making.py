"""Files of reports that are too large to wait for, made by the worker: asked for, watched, taken away, forgotten after a week.

ask → claim → perform (writes the file line by line, tells how far it is) → settle. Of the same lines of the same snapshot there is
one file at a time, whoever asks: it would be the same bytes. What is asked for is a small object of the store, and the file is
made from it (`Store.put_derivative`): so it can be forgotten, and made again.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from media import Store
from server import audit, clock
from server.access import SYSTEM, Actor, Permission, require, within
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.db import canonical_json
from server.evidence import taking as keeping
from server.evidence.taking import Kept
from server.problems import Problem, ReportFileNotFound, ReportFileNotReady
from server.reports import taking
from server.reports.ledger import LedgerFilter
from server.reports.models import FileState, ReportFile, ReportSnapshot
from server.reports.snapshots import find_snapshot
from server.reports.taking import Wanted

Transaction = Callable[[bool], AbstractContextManager[Session]]

KEPT: Final = timedelta(days=7)
LEASE: Final = timedelta(minutes=10)
#: Lines after which it is told how far a file is: about a second of work.
_TOLD_EVERY: Final = 2000
_MOST_ATTEMPTS: Final = 5
_UNDER_WAY: Final = (FileState.WAITING.value, FileState.MAKING.value)


@dataclass(frozen=True)
class Work:
    """A file to make, or one to forget: then `wanted` is None."""

    id: UUID
    order_sha256: str
    name: str
    wanted: Wanted | None = None
    asked_by: UUID | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the order and the file are stored, the file is forgotten, or why there is none."""

    order: Kept | None = None
    size: int = 0
    problem: str | None = None


def ask(session: Session, actor: Actor, wanted: Wanted) -> ReportFile:
    """Ask for a file; the one that is there, or on its way, if there is one."""
    lines = taking.count_lines(session, actor, wanted)
    snapshot = session.get_one(ReportSnapshot, wanted.snapshot_id, with_for_update=True)
    order = hashlib.sha256(_order(snapshot, wanted)).hexdigest()
    standing = _standing(session, order, clock.now())
    if standing is not None:
        return standing
    file = ReportFile(
        snapshot_id=snapshot.id,
        region=snapshot.region,
        kind=wanted.kind.value,
        chosen=wanted.as_json()["filter"],
        order_sha256=order,
        name=taking.name_of(snapshot, wanted),
        total=lines,
        asked_by=actor.person_id,
        asked_at=clock.now(),
    )
    session.add(file)
    session.flush()
    told = {**wanted.as_json(), "file": str(file.id), "lines": lines}
    audit.append(session, actor, "report.asked", ("report", snapshot.id), told)
    return file


def files_within(actor: Actor, snapshot_id: UUID | None = None) -> Select[ReportFile]:
    """Select the files of the jurisdiction's snapshots that are not forgotten."""
    require(actor, Permission.REPORT_READ)
    query = select(ReportFile).where(
        within(actor, ReportFile.region), ReportFile.state != FileState.EXPIRED.value
    )
    return query.where(ReportFile.snapshot_id == snapshot_id) if snapshot_id else query


def find(session: Session, actor: Actor, file_id: UUID) -> ReportFile:
    """Return a file of the jurisdiction; others are not found, and neither is one that was forgotten."""
    file = session.scalar(files_within(actor).where(ReportFile.id == file_id))
    if file is None:
        raise ReportFileNotFound()
    return file


def ready(session: Session, actor: Actor, file_id: UUID) -> ReportFile:
    """Return a file that is there to be sent."""
    file = find(session, actor, file_id)
    if file.state != FileState.READY:
        raise ReportFileNotReady(state=file.state).with_headers(Retry_After="2")
    return file


def wanted_of(file: ReportFile) -> Wanted:
    """Tell what a file holds, as it was asked for."""
    return Wanted(taking.FileKind(file.kind), file.snapshot_id, LedgerFilter(**file.chosen))


def claim(session: Session) -> Sequence[Work]:
    """Take a file whose week is over, else the oldest that nobody makes."""
    now = clock.now()
    over = and_(ReportFile.state == FileState.READY.value, ReportFile.expires_at <= now)
    expired = session.scalar(select(ReportFile).where(over).limit(1).with_for_update(skip_locked=True))
    if expired is not None:
        if _standing(session, expired.order_sha256, now) is None:
            return [Work(expired.id, expired.order_sha256, expired.name)]
        expired.state = FileState.EXPIRED.value  # asked for anew: the other one's bytes lie in the same place
    waiting = or_(
        ReportFile.state == FileState.WAITING.value,
        and_(ReportFile.state == FileState.MAKING.value, ReportFile.held_until < now),
    )
    query = select(ReportFile).where(waiting).order_by(ReportFile.asked_at, ReportFile.id).limit(1)
    file = session.scalar(query.with_for_update(skip_locked=True))
    if file is None:
        return []
    file.attempts += 1
    if file.attempts > _MOST_ATTEMPTS:
        file.state, file.problem = FileState.FAILED.value, "多次中断 · interrupted too often"
        return []
    file.state, file.held_until, file.done = FileState.MAKING.value, now + LEASE, 0
    return [Work(file.id, file.order_sha256, file.name, wanted_of(file), file.asked_by)]


def _standing(session: Session, order: str, now: datetime) -> ReportFile | None:
    """The file of an order that is there, or on its way."""
    stands = or_(
        ReportFile.state.in_(_UNDER_WAY),
        and_(ReportFile.state == FileState.READY.value, ReportFile.expires_at > now),
    )
    query = select(ReportFile).where(ReportFile.order_sha256 == order, stands)
    return session.scalar(query.order_by(ReportFile.asked_at.desc()).limit(1))


@dataclass(frozen=True)
class Making:
    """What performs a claim. `transaction(writing)` opens one, for writing or for reading only."""

    store: Store
    transaction: Transaction

    def perform(self, work: Work) -> Outcome:
        """Write the file and store it. What can't be made is told; a store that is away is tried again later."""
        if work.wanted is None or work.asked_by is None:
            self.store.discard_derivative(work.order_sha256, _file_of(work.name))
            return Outcome()
        try:
            with self.transaction(False) as session:
                actor = actor_of(session.get_one(Person, work.asked_by))
                order = _order(find_snapshot(session, actor, work.wanted.snapshot_id), work.wanted)
                finish = taking.make(session, actor, work.wanted, lambda done: self._tell(work.id, done))
            made = finish()
        except Problem as problem:
            return Outcome(problem=" · ".join(problem.title))
        with made.content as content:
            kept = keeping.store_file(self.store, io.BytesIO(order), len(order))
            self.store.put_derivative(work.order_sha256, _file_of(work.name), content)
            return Outcome(kept, content.seek(0, io.SEEK_END))

    def _tell(self, file_id: UUID, done: int) -> None:
        """Tell how far it is, and that somebody is still at it."""
        if done % _TOLD_EVERY:
            return
        with self.transaction(True) as session:
            file = session.get_one(ReportFile, file_id, with_for_update=True)
            file.done, file.held_until = done, clock.now() + LEASE


def settle(session: Session, work: Work, outcome: Outcome) -> None:
    """Write down what came of it."""
    file = session.get_one(ReportFile, work.id, with_for_update=True)
    file.held_until = None
    if outcome.problem is not None:
        file.state, file.problem = FileState.FAILED.value, outcome.problem
        return
    if outcome.order is None:
        file.state = FileState.EXPIRED.value
        return
    now = clock.now()
    file.state, file.done, file.size = FileState.READY.value, file.total, outcome.size
    file.ready_at, file.expires_at = now, now + KEPT
    facts = keeping.enter_files(session, [(SYSTEM, outcome.order, {"report_file": str(file.id)})])
    told = {"file": str(file.id), "lines": file.total, "size": file.size}
    audit.append(session, SYSTEM, "report.made", ("report", file.snapshot_id), told)
    if facts:
        audit.seal(session)
        keeping.number_files(session, facts)


def derivative_of(file: ReportFile) -> tuple[str, str]:
    """Tell where the store keeps a file: the order it is made from, and its name there."""
    return file.order_sha256, _file_of(file.name)


def _order(snapshot: ReportSnapshot, wanted: Wanted) -> bytes:
    """What is asked for, in one spelling; the same order gives the same bytes."""
    return canonical_json({**wanted.as_json(), "sha256": snapshot.sha256})


def _file_of(name: str) -> str:
    return f"ledger.{name.rpartition('.')[2]}"
