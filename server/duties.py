"""The worker's duties: work with a slow middle, of every room that has some."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.orm import Session

from media import Listing
from server import audit, messages
from server.backups.returning import BackedUp
from server.documents import case_files
from server.evidence import copying, inspecting, sweeping
from server.evidence.finishing import Finishing
from server.evidence.losing import LostAndFound
from server.evidence.patrol import SHELVES, Found, ListedStore, Patrol
from server.http import App
from server.notary.authority import TimeStampAuthority, open_authority
from server.notary.service import Notary
from server.notary.stamping import Stamping
from server.openrosa.falling_silent import FallingSilent
from server.platform.adapters import PlatformAdapter, Telling
from server.platform.outbox import Delivering, Patience
from server.platform.reconciling import Reconciling
from server.registry import import_duty as import_duties
from server.registry import turning
from server.reports import making as report_files
from server.tombstones import Tombstones

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


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


def quick_duties(app: App, adapter: PlatformAdapter | None) -> list[Duty[Any, Any]]:
    """Make the duties that nothing has to wait for long; `adapter` stands for the platform, if there is one."""
    authority = open_authority(app.settings)
    first_wait = timedelta(seconds=app.settings.platform_retry_seconds)
    return [
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


def inspect_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that looks into what was stored."""
    perform = partial(inspecting.perform, app.store, app.looker)
    return Duty("inspect media", inspecting.claim, perform, inspecting.settle)


def _store_duties(app: App) -> list[Duty[Any, Any]]:
    store = app.store
    finishing = Finishing(store, partial(_transaction, app))
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
    perform = partial(case_files.perform, app.store, partial(_transaction, app))
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
    return Duty(
        "import libraries",
        import_duties.claim,
        import_duties.Importing(partial(_transaction, app)).perform,
        import_duties.settle,
    )


def _delivery_duty(adapter: PlatformAdapter, first_wait: timedelta) -> Duty[Any, Any]:
    delivering = Delivering(adapter, Patience(first_wait=first_wait))
    return Duty("deliver", delivering.claim, delivering.perform, delivering.settle)


def report_duty(app: App) -> Duty[Any, Any]:
    """Make the duty that writes large ledgers, which takes minutes, and forgets them after a week."""
    making = report_files.Making(app.store, partial(_transaction, app))
    return Duty("make report files", report_files.claim, making.perform, report_files.settle)


def _reconciliation_duty(app: App, adapter: PlatformAdapter) -> Duty[Any, Any]:
    assert isinstance(adapter, Telling)
    reconciling = Reconciling(adapter, adapter.target, app.readers.begin)
    return Duty("reconcile", reconciling.claim, reconciling.perform, reconciling.settle)


def _transaction(app: App, writing: bool = True) -> AbstractContextManager[Session]:
    return audit.transaction(app.sessions) if writing else app.readers.begin()
