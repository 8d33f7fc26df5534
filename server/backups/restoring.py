"""Bringing a backup back: checked first, in the place of what is there, under a new epoch. Nothing is deleted.

The epoch begins before the database changes: broken off at any step, phones are asked again for what they hold,
and the command can be repeated.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, cast
from uuid import uuid4

from sqlalchemy import inspect, make_url, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from media import StoredObject, open_store
from server import audit, clock
from server.access import SYSTEM
from server.accounts.models import SignInSession
from server.backups import postgres_dump, sqlite_copy
from server.backups.manifest import BackupError, Manifest
from server.backups.objects import copy_objects
from server.backups.places import Place
from server.backups.sqlite_copy import Told
from server.db import Sessions, open_engine, open_sessions
from server.evidence import losing, rebuilding
from server.evidence.models import MediaObject
from server.evidence.patrol import SHELVES, ListedStore, Patrol
from server.installation import open_installation
from server.migrate import is_known, migrate
from server.settings import Settings

_AT_ONCE: Final = 500


@dataclass
class Restored:
    """What came of a restore. `set_aside`: where the database that was there is now, if there was one.

    `media_lost`: SHA-256 of media that neither the store nor the backup has; phones are asked for it again.
    `media_failed`: with why, of what the backup has and could not be copied; the command may be repeated.
    `media_adopted`: what came after the backup and is in the store still; nobody has to send it again.
    """

    manifest: Manifest
    epoch: str
    set_aside: str | None
    media_copied: int = 0
    media_lost: list[str] = field(default_factory=list)
    media_adopted: int = 0
    media_failed: dict[str, str] = field(default_factory=dict)


def restore(settings: Settings, place: Place, manifest: Manifest, told: Told, *, replace: bool) -> Restored:
    """Bring a backup back. Raises BackupError before anything is changed, StoreError while media is copied.

    Without `replace` only where nothing is yet. Nobody else may be connected to the database.
    """
    _refuse_other_kind(settings, manifest)
    _refuse_newer(manifest)
    settings.data.mkdir(parents=True, exist_ok=True)
    with _fetched(settings, place, manifest, told) as folder:
        _refuse_occupied(settings, replace=replace)
        installation = open_installation(settings)
        epoch = installation.begin_epoch(manifest.seq, manifest.hash)
        aside = _replace_database(settings, folder)
    restored = Restored(manifest, epoch, aside)
    engine = open_engine(settings.database_url, pool_size=2)
    try:
        migrate(engine)
        sessions, readers = open_sessions(engine)
        with audit.transaction(sessions) as session:
            _begin_anew(session, restored)
        store = cast("ListedStore", open_store(settings.store_url, reserve_bytes=settings.reserve_bytes))
        _bring_media_back(sessions, readers, store, place, restored, told)
        restored.media_adopted = _adopt(settings, sessions, readers, store)
        with readers() as session:
            installation.remember_head(session)
    finally:
        engine.dispose()
    return restored


def is_empty(settings: Settings) -> bool:
    """Say whether nothing was ever written to this installation's database; one that is damaged held something."""
    if settings.database_url.startswith("sqlite") and not _path(settings).exists():
        return True
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(audit.AuditEntry.__tablename__):
                return True
            return connection.scalar(select(audit.AuditEntry.seq).limit(1)) is None
    except DatabaseError:
        if settings.database_url.startswith("sqlite"):
            return False
        raise
    finally:
        engine.dispose()


def _refuse_other_kind(settings: Settings, manifest: Manifest) -> None:
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if kind != manifest.database:
        raise BackupError(
            f"备份是 {manifest.database} 的，本机用的是 {kind} / the backup is of {manifest.database}, this is {kind}"
        )


def _refuse_newer(manifest: Manifest) -> None:
    if not is_known(manifest.migration):
        raise BackupError(
            f"备份来自更新的版本（{manifest.migration}），请先升级本机程序 / the backup is of a newer version "
            f"({manifest.migration}): install that first"
        )


@contextmanager
def _fetched(settings: Settings, place: Place, manifest: Manifest, told: Told) -> Iterator[Path]:
    """Fetch the backup's files beside the data, hashes compared."""
    folder = settings.data / f".restore-{uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        told(f"核对备份 checking the backup: {manifest.name}")
        place.check(manifest, into=folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_occupied(settings: Settings, *, replace: bool) -> None:
    if not replace and not is_empty(settings):
        raise BackupError(
            "这里已有数据库；确要替换请加 --replace，原有的会另行保留 / "
            "there is a database here already; --replace sets it aside and keeps it"
        )
    sqlite = settings.database_url.startswith("sqlite")
    if sqlite and not _path(settings).exists():
        return
    if sqlite_copy.is_used(_path(settings)) if sqlite else postgres_dump.is_used(settings.database_url):
        raise BackupError(
            "数据库正在使用，请先停止 web 和 worker / the database is in use: stop web and worker first"
        )


def _replace_database(settings: Settings, folder: Path) -> str | None:
    """Put the fetched database in its place; return where the one that was there has gone."""
    name = f"{postgres_dump.SET_ASIDE}{clock.now():%Y%m%d_%H%M%S_%f}"
    if settings.database_url.startswith("sqlite"):
        return _replace_sqlite(_path(settings), folder / sqlite_copy.FILE, name)
    postgres_dump.set_aside(settings.database_url, name)
    try:
        postgres_dump.load(settings.database_url, folder / postgres_dump.FILE)
    except BackupError:
        postgres_dump.put_back(settings.database_url, name)
        raise
    return f"schema {name}"


def _replace_sqlite(database: Path, fetched: Path, name: str) -> str | None:
    aside = None
    draft = database.with_name(f".{database.name}.{uuid4().hex}")
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(fetched, draft)  # first: where the disk is full, the database that is here stays
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        if database.exists():
            aside = database.with_name(f"{database.name}.{name}")
            database.rename(aside)
            for suffix in ("-wal", "-shm"):  # left where it is damaged; they would spoil the other database
                beside = database.with_name(database.name + suffix)
                if beside.exists():
                    beside.rename(f"{aside}{suffix}")
        draft.replace(database)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(database.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return str(aside) if aside else None


def _begin_anew(session: Session, restored: Restored) -> None:
    """End every session, because those that were ended since would live again, and say what happened."""
    session.execute(
        update(SignInSession).where(SignInSession.ended_at.is_(None)).values(ended_at=clock.now())
    )
    session.execute(
        update(MediaObject)
        .where(MediaObject.state == "durable")
        .values(state="stored")
        .execution_options(synchronize_session=False)
    )
    manifest = restored.manifest
    audit.append(
        session,
        SYSTEM,
        "installation.restored",
        ("backup", manifest.name),
        {
            "seq": manifest.seq,
            "hash": manifest.hash,
            "made_at": clock.iso(manifest.made_at),
            "epoch_before": manifest.epoch,
            "epoch": restored.epoch,
        },
    )


def _bring_media_back(
    sessions: Sessions, readers: Sessions, store: ListedStore, place: Place, restored: Restored, told: Told
) -> None:
    """Copy what the store lacks; forget the rows of what nobody has, so that phones are asked for it.

    What later backups brought there comes along, though this one knows nothing of it: phones may have been told that it is
    safe. It is adopted. What was made of a file (previews, copies) is in no backup: the worker makes it anew.
    """
    with readers() as session:
        rows = session.execute(
            select(MediaObject.sha256, MediaObject.size).order_by(MediaObject.sha256)
        ).all()
    wanted = [StoredObject(sha256, size) for sha256, size in rows]
    done = copy_objects(place.store, store, wanted, told)
    later = copy_objects(place.store, store, _unnamed(place, {each.sha256 for each in wanted}), told)
    restored.media_copied, restored.media_lost = len(done.copied) + len(later.copied), sorted(done.lost)
    failed = {**done.failed, **later.failed}
    restored.media_failed = {sha256: why for sha256, why in failed.items() if sha256 not in done.lost}
    for copied in _batches(done.copied):
        with audit.transaction(sessions) as session:
            rebuilding.make_anew(session, copied)
    for lost in _batches(restored.media_lost):
        with audit.transaction(sessions) as session:
            losing.give_up(session, {sha256: done.failed[sha256] for sha256 in lost})


def _unnamed(place: Place, named: set[str]) -> Iterator[StoredObject]:
    """What the place has and this backup does not name."""
    for shelf in SHELVES:
        yield from (each for each in place.store.objects(shelf) if each.sha256 not in named)


def _batches(shas: list[str]) -> Iterator[list[str]]:
    return (shas[start : start + _AT_ONCE] for start in range(0, len(shas), _AT_ONCE))


def _adopt(settings: Settings, sessions: Sessions, readers: Sessions, store: ListedStore) -> int:
    """Give what the store has and the database has forgotten its rows at once: the worker's patrol takes a day."""
    # What could not be copied just now is not lost: the command may be repeated.
    patrol = Patrol(store, readers, timedelta(days=settings.upload_days), None)
    adopted = 0
    for shelf in SHELVES:
        found = patrol.perform(shelf)
        if found.objects:
            with audit.transaction(sessions) as session:
                patrol.settle(session, shelf, found)
        adopted += len(found.objects)
    return adopted


def _path(settings: Settings) -> Path:
    return Path(str(make_url(settings.database_url).database))
