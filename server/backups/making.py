"""Taking a backup: the database in one snapshot, the media that it names, and a manifest that comes last."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import make_url, update
from sqlalchemy.orm import Session

from media import Store, open_store
from server import audit, clock
from server.backups import postgres_dump, sqlite_copy
from server.backups.manifest import BackupError, BackupFile, Manifest, name_after
from server.backups.objects import copy_objects
from server.backups.places import BucketPlace, FolderPlace, Place
from server.backups.snapshot import Snapshot, read_media_list
from server.backups.sqlite_copy import Told
from server.db import open_engine, open_sessions
from server.evidence.models import MediaObject
from server.installation import Installation, key_files, open_installation
from server.settings import Settings

MEDIA_LIST: Final = "media.txt"
_AT_ONCE: Final = 500
_PIECE: Final = 1024 * 1024
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Original:
    """What is backed up: an installation with its database, opened by `transaction`, and its store."""

    settings: Settings
    installation: Installation
    store: Store
    transaction: Transaction


@contextmanager
def opened_original(settings: Settings) -> Iterator[Original]:
    """Open what a command backs up, without serving it."""
    engine = open_engine(settings.database_url, pool_size=2)
    sessions, _ = open_sessions(engine)
    store = open_store(settings.store_url, reserve_bytes=settings.reserve_bytes)
    try:
        yield Original(settings, open_installation(settings), store, partial(audit.transaction, sessions))
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Finished:
    """A backup, and what it lacks: SHA-256 of media that could not be copied, with why."""

    manifest: Manifest
    failed: dict[str, str]


def make_backup(
    original: Original, place: Place, told: Told, *, keep: int | None = None, with_media: bool = True
) -> Finished | None:
    """Take a backup and check it by reading it back; None when another one is under way.

    Only when it is finished does the epoch guard learn how far it reaches, and only if this is the second copy that
    the operator named. With `keep` the oldest ones go until so many are left. Raises BackupError, StoreError.
    """
    _refuse_same_place(original.settings, place)
    epoch = original.installation.epoch
    with place.drafting() as draft:
        snapshot = _dump(original.settings.database_url, draft, told)
        if snapshot is None:
            return None
        failed = _copy_media(original, place, draft / MEDIA_LIST, told) if with_media else {}
        manifest = _describe(
            original, epoch, snapshot, draft, len(failed) if with_media else None, place.names()
        )
        place.keep(draft, manifest)
    try:
        place.check(manifest)
    except BackupError:
        place.remove(manifest.name)
        raise
    _vouch(original, manifest)
    place.sweep()
    for name in place.names()[: -keep if keep else 0]:
        place.remove(name)
    return Finished(manifest, failed)


def copy_keys(settings: Settings, folder: Path) -> None:
    """Copy the signing key, the secret and the organisation's key to a folder that nobody else can read.

    Whoever has them signs as we do and opens what phones keep. Of the organisation's key as much is copied as is here.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, key in key_files(settings).items():
        draft = folder / f".{name}.{uuid4().hex}"
        draft.touch(mode=0o600)
        shutil.copyfile(key, draft)
        draft.replace(folder / name)


def is_on_the_same_disk(settings: Settings, place: Place) -> bool:
    """Say whether one disk that breaks would take both."""
    return isinstance(place, FolderPlace) and place.root.stat().st_dev == settings.data.stat().st_dev


def _refuse_same_place(settings: Settings, place: Place) -> None:
    same = isinstance(place, BucketPlace) and place.is_bucket_of(settings.store_url)
    if isinstance(place, FolderPlace):
        same = Path(settings.store_url.removeprefix("file://")).resolve() == (place.root / "media").resolve()
    if same:
        raise BackupError("备份不能与原件同处 / a backup beside the originals is no second copy")


def _dump(database_url: str, draft: Path, told: Told) -> Snapshot | None:
    media_list = draft / MEDIA_LIST
    if database_url.startswith("sqlite"):
        return sqlite_copy.dump(Path(str(make_url(database_url).database)), draft, media_list, told)
    return postgres_dump.dump(database_url, draft, media_list, told)


def _copy_media(original: Original, place: Place, media_list: Path, told: Told) -> dict[str, str]:
    def settle(held: list[str]) -> None:
        for start in range(0, len(held), _AT_ONCE):
            _mark(original, held[start : start + _AT_ONCE], "stored", "durable")

    failed = copy_objects(original.store, place.store, read_media_list(media_list), told, settle).failed
    lacking = list(failed)
    for start in range(0, len(lacking), _AT_ONCE):  # an earlier backup may have had it
        _mark(original, lacking[start : start + _AT_ONCE], "durable", "stored")
    return failed


def _mark(original: Original, shas: list[str], before: str, now: str) -> None:
    """Write down how the media of a backup is held, if this is the second copy that the operator named."""
    if not original.installation.second_copy:
        return
    changing = MediaObject.sha256.in_(shas) & (MediaObject.state == before)
    with original.transaction() as session:
        session.execute(
            update(MediaObject).where(changing).values(state=now).execution_options(synchronize_session=False)
        )


def _describe(
    original: Original, epoch: str, snapshot: Snapshot, draft: Path, missing: int | None, names: list[str]
) -> Manifest:
    made_at = clock.now()
    kind = "sqlite" if original.settings.database_url.startswith("sqlite") else "postgresql"
    return Manifest(
        name=name_after(names, made_at, snapshot.seq),
        made_at=made_at,
        database=kind,
        epoch=epoch,
        seq=snapshot.seq,
        hash=snapshot.hash,
        migration=snapshot.migration,
        server_key=original.installation.key.key_id,
        files=tuple(_describe_file(path) for path in sorted(draft.iterdir())),
        counts=snapshot.counts,
        media=snapshot.counts["media_object"] if missing is not None else None,
        media_missing=missing,
    )


def _describe_file(path: Path) -> BackupFile:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return BackupFile(path.name, digest.hexdigest(), path.stat().st_size)


def _vouch(original: Original, manifest: Manifest) -> None:
    if original.settings.second_copy != "backup":
        return
    with original.transaction() as session:
        original.installation.remember_durable(session, manifest.epoch, manifest.seq, manifest.hash)
