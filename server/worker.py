"""The worker: reacts to what was committed, and does the duties that take their time.

Any number of workers may run beside each other on PostgreSQL; beside SQLite one is enough. Killed at any moment,
a worker loses nothing: jobs end with their transaction, and what a duty had claimed is claimed again.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server import audit, jobs
from server.backups.keeping import Keeping
from server.backups.making import Original
from server.duties import Duty, Outcome, Work, copy_duty, import_duty, quick_duties, report_duty
from server.gateway import Ringing, open_gateway
from server.health.heartbeat import Heartbeat
from server.http import App
from server.installation import guard_epoch
from server.jobs import Job
from server.platform.adapters import PlatformAdapter, open_adapter
from server.reactions import REACTIONS

log = logging.getLogger("merestone.worker")

POLL_SECONDS = 1.0
_JOBS_A_ROUND = 50


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
    return Worker(app, quick_duties(app, adapter or open_adapter(app.settings)))


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
