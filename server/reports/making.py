"""Files of reports that are too large to wait for, made by the worker and forgotten after a week.

ask (`asking`) → claim → perform (writes the file line by line, tells how far it is) → settle. What is asked for is a small object of
the store, and the file is made from it (`Store.put_derivative`): so it can be forgotten, and made again.
"""

import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from media import Store
from server import audit, clock
from server.access import SYSTEM, Actor
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.evidence import taking as keeping
from server.evidence.taking import Kept
from server.problems import Problem
from server.reports import place_taking, taking
from server.reports.asking import order_of, standing, wanted_of
from server.reports.models import FileState, ReportFile
from server.reports.place_taking import WantedPlaces
from server.reports.taking import Made, Wanted

Transaction = Callable[[bool], AbstractContextManager[Session]]

KEPT: Final = timedelta(days=7)
LEASE: Final = timedelta(minutes=10)
#: Lines after which it is told how far a file is: about a second of work.
_TOLD_EVERY: Final = 2000
_MOST_ATTEMPTS: Final = 5


@dataclass(frozen=True)
class Work:
    """A file to make, or one to forget: then `wanted` is None."""

    id: UUID
    order_sha256: str
    kind: str
    wanted: Wanted | WantedPlaces | None = None
    asked_by: UUID | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the order and the file are stored, the file is forgotten, or why there is none."""

    order: Kept | None = None
    size: int = 0
    lines: int = 0
    problem: str | None = None


def claim(session: Session) -> Sequence[Work]:
    """Take a file whose week is over, else the oldest that nobody makes."""
    now = clock.now()
    over = and_(ReportFile.state == FileState.READY.value, ReportFile.expires_at <= now)
    expired = session.scalar(select(ReportFile).where(over).limit(1).with_for_update(skip_locked=True))
    if expired is not None:
        if standing(session, expired.order_sha256, now) is None:
            return [Work(expired.id, expired.order_sha256, expired.kind)]
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
    return [Work(file.id, file.order_sha256, file.kind, wanted_of(file), file.asked_by)]


@dataclass(frozen=True)
class Making:
    """What performs a claim. `transaction(writing)` opens one, for writing or for reading only."""

    store: Store
    transaction: Transaction

    def perform(self, work: Work) -> Outcome:
        """Write the file and store it. What can't be made is told; a store that is away is tried again later."""
        if work.wanted is None or work.asked_by is None:
            self.store.discard_derivative(work.order_sha256, work.kind)
            return Outcome()
        try:
            with self.transaction(False) as session:
                actor = actor_of(session.get_one(Person, work.asked_by))
                order = order_of(session, actor, work.wanted, work.id)
                finish = self._make(session, actor, work.id, work.wanted)
            made = finish()
        except Problem as problem:
            return Outcome(problem=" · ".join(problem.title))
        with made.content as content:
            kept = keeping.store_file(self.store, io.BytesIO(order), len(order))
            self.store.put_derivative(work.order_sha256, work.kind, content)
            return Outcome(kept, content.seek(0, io.SEEK_END), made.lines)

    def _make(
        self, session: Session, actor: Actor, file_id: UUID, wanted: Wanted | WantedPlaces
    ) -> Callable[[], Made]:
        def note(done: int) -> None:
            self._tell(file_id, done)

        if isinstance(wanted, Wanted):
            return taking.make(session, actor, wanted, note)
        made = place_taking.make(session, actor, wanted, note)
        return lambda: made

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
    file.state, file.size = FileState.READY.value, outcome.size
    file.done = file.total = outcome.lines  # places may have become more or fewer since they were asked for
    file.ready_at, file.expires_at = now, now + KEPT
    facts = keeping.enter_files(session, [(SYSTEM, outcome.order, {"report_file": str(file.id)})])
    _note_made(session, file)
    if facts:
        audit.seal(session)
        keeping.number_files(session, facts)


def _note_made(session: Session, file: ReportFile) -> None:
    told = {"file": str(file.id), "lines": file.total, "size": file.size}
    if file.snapshot_id is not None:
        audit.append(session, SYSTEM, "report.made", ("report", file.snapshot_id), told)
        return
    bureau = session.get_one(Person, file.asked_by).organisation_id
    audit.append(session, SYSTEM, "places.made", ("organisation", bureau), told)


def derivative_of(file: ReportFile) -> tuple[str, str]:
    """Tell where the store keeps a file: the order it is made from, and its name there."""
    return file.order_sha256, file.kind
