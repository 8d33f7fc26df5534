"""Reconciliation (对账): each day, and when somebody asks, what was delivered is compared with what the platform holds.

ask → claim → perform (asks the platform, no transaction open) → settle. A run that gets no answer is tried again; the next
day's run goes back to the last one that was answered, so no day is left out.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM, Actor, Permission, require
from server.accounts.models import Organisation
from server.audit import Acting
from server.jobs import wait_before
from server.platform import differences
from server.platform.adapters import Telling, Unanswered
from server.platform.comparing import Compared, compare
from server.platform.delivered import Period
from server.platform.models import Delivery, Reconciliation, RunSource, RunState
from server.problems import ReconciliationPeriodWrong

MOST_DAYS: Final = 31
_DUE: Final = time(1, 0)
"""In China; by then what was sent before midnight has its answer."""
_CLAIM: Final = timedelta(minutes=10)
_MOST_ATTEMPTS: Final = 10
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)
_OPEN: Final = (RunState.WAITING.value, RunState.COMPARING.value)
_DAILY: Final = UUID("5f5b7a3e-6d0c-4b0e-9a7e-4b1f8f0f2c11")

Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Work:
    """A run in a worker's hands, on its n-th attempt."""

    run_id: UUID
    period: Period
    attempt: int


def ask(session: Session, actor: Actor, target: str, first: date, last: date) -> Reconciliation:
    """Ask for a run over one's region; the one that is on its way over the same days, if there is one."""
    require(actor, Permission.DELIVERY_MANAGE)
    check_days(first, last)
    query = select(Reconciliation).where(
        Reconciliation.state.in_(_OPEN),
        Reconciliation.target == target,
        Reconciliation.region == actor.region,
        Reconciliation.first == first,
        Reconciliation.last == last,
    )
    under_way = session.scalar(query.limit(1))
    if under_way is not None:
        return under_way
    run = new_run(RunSource.ASKED, actor.region, target, first, last, actor.person_id)
    session.add(run)
    session.flush()
    audit.append(session, actor, "reconciliation.asked", ("reconciliation", run.id), _days(run))
    return run


def check_days(first: date, last: date) -> None:
    """Refuse days that are none, that are to come, or that are too many at once."""
    if not (first <= last <= clock.today()) or (last - first).days >= MOST_DAYS:
        raise ReconciliationPeriodWrong(most_days=MOST_DAYS)


def new_run(
    source: RunSource, region: str, target: str, first: date, last: date, asked_by: UUID | None
) -> Reconciliation:
    """Make a run that waits for the worker."""
    now = clock.now()
    return Reconciliation(
        region=region,
        target=target,
        source=source.value,
        first=first,
        last=last,
        next_at=now,
        asked_by=asked_by,
        asked_at=now,
        found={},
    )


def finish(
    session: Session, run: Reconciliation, period: Period, compared: Compared, actor: Acting = SYSTEM
) -> None:
    """Write down what a run found."""
    differences.enter(session, run, period, compared)
    run.state, run.ended_at, run.problem = RunState.DONE.value, clock.now(), None
    run.here, run.there, run.agreed = compared.here, compared.there, len(compared.agreed)
    run.found = compared.counts()
    session.flush()
    told = {**_days(run), "here": run.here, "there": run.there, "agreed": run.agreed, "found": run.found}
    audit.append(session, actor, "reconciliation.done", ("reconciliation", run.id), told)


@dataclass
class Reconciling:
    """The duty of the worker that compares with one platform, which can be asked what it holds."""

    adapter: Telling
    target: str
    reading: Reading
    _looked: date | None = field(default=None, init=False)
    """The last day for which it is known that its run was begun."""

    def claim(self, session: Session) -> Sequence[Work]:
        """Begin the day's run when it is due, and take the run that waits longest."""
        self._begin_day(session)
        now = clock.now()
        query = select(Reconciliation).where(
            Reconciliation.state.in_(_OPEN),
            Reconciliation.next_at <= now,
            Reconciliation.target == self.target,
        )
        run = session.scalar(
            query.order_by(Reconciliation.next_at, Reconciliation.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if run is None:
            return []
        if run.attempts >= _MOST_ATTEMPTS:
            # Whoever had it each time died of it.
            self._give_up(session, run, run.problem or "对账多次中断 · it was broken off each time")
            return []
        run.attempts += 1
        run.state, run.next_at = RunState.COMPARING.value, now + _CLAIM
        return [Work(run.id, Period.of(run.target, run.region, run.first, run.last, now), run.attempts)]

    def perform(self, work: Work) -> Compared | Unanswered:
        """Ask the platform, compare, and ask once more for what it did not name."""
        told = self.adapter.held_between(work.period.since, work.period.until)
        if isinstance(told, Unanswered):
            return told
        with self.reading() as session:
            compared = compare(session, work.period, told)
        left = self.adapter.held_under(list(compared.waiting))
        if isinstance(left, Unanswered):
            return left
        compared.close(work.period, left)
        return compared

    def settle(self, session: Session, work: Work, outcome: Compared | Unanswered) -> None:
        """Write down what was found; without an answer, when it is tried again."""
        run = session.get_one(Reconciliation, work.run_id, with_for_update=True)
        if run.state not in _OPEN or run.attempts != work.attempt:
            return
        if isinstance(outcome, Compared):
            finish(session, run, work.period, outcome)
            return
        run.state, run.problem = RunState.WAITING.value, outcome.reason
        run.next_at = clock.now() + wait_before(run.attempts, _FIRST_WAIT, _LONGEST_WAIT)
        if run.attempts >= _MOST_ATTEMPTS:
            self._give_up(session, run, outcome.reason)

    @staticmethod
    def _give_up(session: Session, run: Reconciliation, reason: str) -> None:
        run.state, run.ended_at, run.problem = RunState.FAILED.value, clock.now(), reason
        session.flush()
        told = {**_days(run), "reason": reason}
        audit.append(session, SYSTEM, "reconciliation.failed", ("reconciliation", run.id), told)

    def _begin_day(self, session: Session) -> None:
        """Begin the run over all days up to yesterday that none was answered for; its id says which, so there is one."""
        local = clock.now().astimezone(clock.CHINA)
        yesterday = local.date() - timedelta(days=1)
        if self._looked == yesterday or local.time() < _DUE:
            return
        self._looked = yesterday
        run_id = uuid5(_DAILY, f"{self.target}/{yesterday}")
        if session.get(Reconciliation, run_id, with_for_update=True) is not None:
            return
        first = self._first_day(session, yesterday)
        if first is None:
            return
        run = new_run(RunSource.DAILY, _whole_region(session), self.target, first, yesterday, None)
        run.id = run_id
        session.add(run)

    def _first_day(self, session: Session, yesterday: date) -> date | None:
        """The day behind the last run that was answered, else the day of the first delivery; a month back at most."""
        answered = session.scalar(
            select(func.max(Reconciliation.last)).where(
                Reconciliation.source == RunSource.DAILY.value,
                Reconciliation.target == self.target,
                Reconciliation.state == RunState.DONE.value,
            )
        )
        if answered is not None:
            first: date = answered + timedelta(days=1)
        else:
            queued = session.scalar(
                select(func.min(Delivery.queued_at)).where(Delivery.target == self.target)
            )
            if queued is None:
                return None
            first = clock.day_of(queued)
        return max(first, yesterday - timedelta(days=MOST_DAYS - 1)) if first <= yesterday else None


def _whole_region(session: Session) -> str:
    """The smallest region that holds every bureau of this installation."""
    codes = session.scalars(select(Organisation.region).distinct()).all()
    for length in (6, 4, 2):
        heads = {code[:length] for code in codes}
        if len(heads) == 1:
            return heads.pop().ljust(6, "0")
    return "000000"


def _days(run: Reconciliation) -> dict[str, object]:
    return {"source": run.source, "first": run.first.isoformat(), "last": run.last.isoformat()}
