"""The worker: reacts to what was committed, and does the duties that take their time.

Any number of workers may run beside each other on PostgreSQL; beside SQLite one is enough. Killed at any moment,
a worker loses nothing: jobs end with their transaction, and what a duty had claimed is claimed again.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import Listing
from server import audit, jobs, messages
from server.backups.keeping import Keeping
from server.backups.making import Original
from server.backups.returning import BackedUp
from server.documents import case_files
from server.evidence import copying, inspecting, sweeping
from server.evidence.finishing import Finishing
from server.evidence.losing import LostAndFound
from server.evidence.patrol import SHELVES, Found, ListedStore, Patrol
from server.gateway import Ringing, open_gateway
from server.health.heartbeat import Heartbeat
from server.http import App
from server.installation import guard_epoch
from server.jobs import Job
from server.notary.authority import TimeStampAuthority, open_authority
from server.notary.service import Notary
from server.notary.stamping import Stamping
from server.openrosa.falling_silent import FallingSilent
from server.platform.adapters import PlatformAdapter, Telling, open_adapter
from server.platform.outbox import Delivering, Patience
from server.platform.reconciling import Reconciling
from server.reactions import REACTIONS
from server.registry import import_duty as import_duties
from server.registry import turning
from server.reports import making as report_files
from server.tombstones import Tombstones

log = logging.getLogger("merestone.worker")

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")

POLL_SECONDS = 1.0
_JOBS_A_ROUND = 50


@dataclass(frozen=True)
class Duty(Generic[Work, Outcome]):
    """Work with a slow middle, in three steps: claim and commit, perform without a transaction, settle.

    A claim that is never settled must end by itself; then the same work is claimed again, so performing it
    twice must have one effect. Nothing claimed: nothing to do now.
    """

    name: str
    claim: Callable[[Session], Sequence[Work]]
    perform: Callable[[Work], Outcome]
    settle: Callable[[Session, Work, Outcome], None]


@dataclass(frozen=True)
class Worker:
    """One worker over one application's database and store."""

    app: App
    duties: Sequence[Duty[Any, Any]]

    def dispatch(self) -> int:
        """Write the jobs of new facts; return how many facts there were."""
        with audit.transaction(self.app.sessions) as session:
            return jobs.dispatch(session, REACTIONS)

    def run_jobs(self, most: int = _JOBS_A_ROUND) -> int:
        """Run jobs that are due, at most so many; return how many."""
        done = 0
        while done < most and jobs.run_next(self.app.sessions, REACTIONS):
            done += 1
        return done

    def perform(self, duty: Duty[Work, Outcome]) -> int:
        """Do what a duty has to do now; return how many pieces. One that fails does not hold up the others."""
        with audit.transaction(self.app.sessions) as session:
            claimed = duty.claim(session)
        failed: Exception | None = None
        for work in claimed:
            try:
                outcome = duty.perform(work)
                with audit.transaction(self.app.sessions) as session:
                    duty.settle(session, work, outcome)
            except Exception as error:  # noqa: BLE001 - raised below, when the others are done
                failed = failed or error
        if failed is not None:
            raise failed
        return len(claimed)

    def remember_head(self) -> None:
        """Tell the epoch guard how far the audit log has come."""
        with self.app.readers() as session:
            self.app.installation.remember_head(session)

    def guard_epoch(self) -> None:
        """Tell the epoch guard how far the audit log has come; a database that was taken back begins an epoch."""
        with self.app.readers() as session:
            reason = guard_epoch(self.app.installation, session)
        if reason:
            log.critical("the database was taken back: a new epoch begins", extra={"reason": reason})
        self.remember_head()

    def work(self) -> bool:
        """Do one round; return whether there may be more to do at once. What fails is logged and waits."""
        busy = False
        with _logged("dispatch"):
            busy = bool(self.dispatch()) or busy
        with _logged("jobs"):
            busy = bool(self.run_jobs()) or busy
        busy = self.work_off() or busy
        with _logged("guard epoch"):
            self.guard_epoch()
        return busy

    def work_off(self) -> bool:
        """Do what the duties have to do now; return whether there may be more. What fails is logged and waits."""
        busy = False
        for duty in self.duties:
            with _logged(duty.name):
                busy = bool(self.perform(duty)) or busy
        return busy


class JobsFailedError(RuntimeError):
    """Jobs that failed, with their errors."""


def make_worker(app: App, adapter: PlatformAdapter | None = None) -> Worker:
    """Make a worker with every duty; `adapter` stands for the platform that settings name."""
    adapter = adapter or open_adapter(app.settings)
    authority = open_authority(app.settings)
    first_wait = timedelta(seconds=app.settings.platform_retry_seconds)
    duties = [
        *_store_duties(app),
        _root_duty(app),
        _tombstone_duty(app),
        _silence_duty(app),
        _case_file_duty(app),
        Duty("turn the day", turning.claim, turning.perform, turning.settle),
        Duty("end messages", messages.claim, messages.perform, messages.settle),
        *([_stamp_duty(authority)] if authority else []),
        *([_delivery_duty(adapter, first_wait)] if adapter else []),
        *([_reconciliation_duty(app, adapter)] if isinstance(adapter, Telling) else []),
    ]
    return Worker(app, duties)


def inspect_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that looks into what was stored."""
    perform = partial(inspecting.perform, app.store, app.looker)
    return Duty("inspect media", inspecting.claim, perform, inspecting.settle)


def _store_duties(app: App) -> list[Duty[Any, Any]]:
    store = app.store

    def transaction(writing: bool = True) -> AbstractContextManager[Session]:
        return audit.transaction(app.sessions) if writing else app.readers.begin()

    finishing = Finishing(store, transaction)
    duties: list[Duty[Any, Any]] = [
        inspect_duty(app),
        Duty("sweep uploads", sweeping.claim, partial(sweeping.perform, store), sweeping.settle),
        Duty("finish uploads", finishing.claim, finishing.perform, finishing.settle),
    ]
    if isinstance(store, Listing):
        patrol = _patrol_of(app, cast("ListedStore", store))
        duties.append(Duty("patrol store", patrol.claim, patrol.perform, patrol.settle))
    return duties


def _patrol_of(app: App, store: ListedStore, *, is_sure: bool = False, reads: bool = False) -> Patrol:
    second = BackedUp(app.settings, store).bring_back if app.settings.backup_to else None
    searching = LostAndFound(store, app.readers, second, is_sure=is_sure, reads=reads)
    return Patrol(store, app.readers, timedelta(days=app.settings.upload_days), searching)


def patrol_everything(app: App, *, is_sure: bool, reads: bool) -> Iterator[Found]:
    """Compare the whole store with its rows, a shelf at a time. `is_sure`, `reads`: see `LostAndFound`. Raises `StoreError`."""
    if not isinstance(app.store, Listing):
        return
    patrol = _patrol_of(app, cast("ListedStore", app.store), is_sure=is_sure, reads=reads)
    for shelf in SHELVES:
        found = patrol.perform(shelf)
        with audit.transaction(app.sessions) as session:
            patrol.settle(session, shelf, found)
        yield found


def _root_duty(app: App) -> Duty[Any, Any]:
    notary = Notary(app.installation.key, app.settings.zone)
    return Duty("sign root", notary.claim, notary.perform, notary.settle)


def _case_file_duty(app: App) -> Duty[Any, Any]:
    def transaction(writing: bool) -> AbstractContextManager[Session]:
        return audit.transaction(app.sessions) if writing else app.readers.begin()

    perform = partial(case_files.perform, app.store, transaction)
    return Duty("make case files", case_files.claim, perform, case_files.settle)


def _silence_duty(app: App) -> Duty[Any, Any]:
    silent = FallingSilent(app.installation)
    return Duty("take silent submissions", silent.claim, silent.perform, silent.settle)


def _tombstone_duty(app: App) -> Duty[Any, Any]:
    tombstones = Tombstones(timedelta(days=app.settings.tombstone_days))
    return Duty("purge tombstones", tombstones.claim, tombstones.perform, tombstones.settle)


def _stamp_duty(authority: TimeStampAuthority) -> Duty[Any, Any]:
    stamping = Stamping(authority)
    return Duty("stamp root", stamping.claim, stamping.perform, stamping.settle)


def copy_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that takes as long as recordings play."""
    return Duty("copy media", copying.claim, partial(copying.perform, app.store, app.copier), copying.settle)


def import_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that imports large workbooks, which takes minutes."""

    def transaction(writing: bool) -> AbstractContextManager[Session]:
        return audit.transaction(app.sessions) if writing else app.readers.begin()

    return Duty(
        "import libraries",
        import_duties.claim,
        import_duties.Importing(transaction).perform,
        import_duties.settle,
    )


def _delivery_duty(adapter: PlatformAdapter, first_wait: timedelta) -> Duty[Any, Any]:
    delivering = Delivering(adapter, Patience(first_wait=first_wait))
    return Duty("deliver", delivering.claim, delivering.perform, delivering.settle)


def report_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that writes large ledgers, which takes minutes, and forgets them after a week."""

    def transaction(writing: bool) -> AbstractContextManager[Session]:
        return audit.transaction(app.sessions) if writing else app.readers.begin()

    making = report_files.Making(app.store, transaction)
    return Duty("make report files", report_files.claim, making.perform, report_files.settle)


def _reconciliation_duty(app: App, adapter: PlatformAdapter) -> Duty[Any, Any]:
    assert isinstance(adapter, Telling)
    reconciling = Reconciling(adapter, adapter.target, app.readers.begin)
    return Duty("reconcile", reconciling.claim, reconciling.perform, reconciling.settle)


def run_worker(app: App, stop: threading.Event, once: bool = False) -> None:
    """Work until `stop` is set; with `once`, until nothing is due.

    Copies of recordings, imports, large ledgers and backups are made in threads of their own, so that nothing waits for them.
    """
    worker, copier = make_worker(app), Worker(app, [copy_duty(app)])
    importer, reporter = Worker(app, [import_duty(app)]), Worker(app, [report_duty(app)])
    keeping = keeping_of(app)
    slow = [
        copier.work_off,
        importer.work_off,
        reporter.work_off,
        *([keeping.work] if keeping.has_duties else []),
    ]
    heart = Heartbeat(app.sessions)

    def work_alive() -> bool:
        with _logged("heartbeat"):
            heart.beat()
        return worker.work()

    if once:
        for work in (work_alive, *slow):
            _repeat(work, stop, once)
        return
    threads = [threading.Thread(target=_repeat, args=(work, stop, once)) for work in slow]
    for thread in threads:
        thread.start()
    if gateway := open_gateway(app.settings):
        ringing = Ringing(app.readers, gateway)
        # A daemon: a gateway that hangs does not keep the worker from ending.
        threading.Thread(target=_repeat, args=(ringing.ring, stop, once), name="gateway", daemon=True).start()
    try:
        _repeat(work_alive, stop, once)
    finally:
        stop.set()
        with _logged("heartbeat"):
            heart.end()
        while any(thread.is_alive() for thread in threads):
            app.copier.close()  # a copy under way is given up, and made another time
            for thread in threads:
                thread.join(POLL_SECONDS)


def keeping_of(app: App) -> Keeping:
    """Make what keeps second copies of this installation."""
    original = Original(app.settings, app.installation, app.store, app.transaction)
    return Keeping(original, app.readers)


def _repeat(work: Callable[[], bool], stop: threading.Event, once: bool) -> None:
    while not stop.is_set():
        if work():
            continue
        if once:
            return
        stop.wait(POLL_SECONDS)


def drain(app: App, adapter: PlatformAdapter | None = None) -> None:
    """Do everything that is due now, in this thread. Raises JobsFailedError if a job failed."""
    worker = make_worker(app, adapter)
    worker = Worker(app, [*worker.duties, copy_duty(app), import_duty(app), report_duty(app)])
    while worker.dispatch() or worker.run_jobs() or any(worker.perform(duty) for duty in worker.duties):
        pass
    worker.remember_head()
    with app.readers() as session:
        failed = session.scalars(select(Job).where(Job.done_at.is_(None), Job.error.is_not(None))).all()
    if failed:
        raise JobsFailedError("; ".join(f"{job.seq} {job.reaction}: {job.error}" for job in failed))


@contextmanager
def _logged(part: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("worker failed", extra={"part": part})
