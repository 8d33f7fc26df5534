"""Where backups are kept: a folder, or a bucket.

Both hold `backups/<name>/` with the files of one backup and its manifest, and the media of all of them, once, as a
store does. A backup without a manifest is none: a folder gets its name, and a bucket its manifest, last.
"""

import hashlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from media import LocalStore, ObjectUnknown, Reading, S3MultipartStore, open_bucket
from server import clock
from server.backups.manifest import NAME, BackupError, Manifest, read_manifest

_BACKUPS: Final = "backups"
_DRAFT: Final = ".draft-"
#: What a crash left of a backup; younger ones may be under way.
_GRACE: Final = timedelta(days=1)


class Place(ABC):
    """Somewhere that backups are kept."""

    store: LocalStore | S3MultipartStore

    def __init__(self, description: str) -> None:
        self.description = description

    @abstractmethod
    def drafting(self) -> AbstractContextManager[Path]:
        """Give a folder for a backup's files; what is not kept goes away when it is left."""

    @abstractmethod
    def keep(self, draft: Path, manifest: Manifest) -> None:
        """Make a backup of a draft, all of it or nothing, so that it survives a loss of power."""

    @abstractmethod
    def names(self) -> list[str]:
        """Name the backups that are finished, the oldest first."""

    @abstractmethod
    def open(self, name: str, file: str) -> Reading:
        """Read a file of a backup. Raises ObjectUnknown."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a backup, its manifest first; media stays."""

    @abstractmethod
    def sweep(self) -> None:
        """Remove what was never finished and is older than a day."""

    def manifest(self, name: str) -> Manifest:
        """Read what a backup says of itself. Raises BackupError."""
        try:
            with self.open(name, NAME) as reading:
                return read_manifest(b"".join(reading))
        except ObjectUnknown as error:
            raise BackupError(f"没有备份 {name} / there is no backup {name}") from error

    def newest(self) -> Manifest | None:
        """Read the newest backup's manifest; None when there is no backup."""
        names = self.names()
        return self.manifest(names[-1]) if names else None

    def check(self, manifest: Manifest, into: Path | None = None) -> None:
        """Read every file of a backup and compare its hash; with `into` also keep it there. Raises BackupError."""
        for file in manifest.files:
            digest, size = hashlib.sha256(), 0
            target = (into / file.name).open("xb") if into else None
            try:
                with self.open(manifest.name, file.name) as reading:
                    for piece in reading:
                        digest.update(piece)
                        size += len(piece)
                        if target:
                            target.write(piece)
                if target:
                    target.flush()
                    os.fsync(target.fileno())
            except ObjectUnknown as error:
                raise BackupError(f"备份缺少 {file.name} / the backup lacks {file.name}") from error
            finally:
                if target:
                    target.close()
            if (digest.hexdigest(), size) != (file.sha256, file.size):
                raise BackupError(f"备份已损坏：{file.name} / the backup is damaged: {file.name}")


class FolderPlace(Place):
    """Backups in a folder, best on another disk."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.root = root
        self._backups = root / _BACKUPS
        self._backups.mkdir(parents=True, exist_ok=True)
        self.store = LocalStore(root / "media", reserve_bytes=0)

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """See `Place.drafting`: beside the backups, so that it only has to be renamed."""
        draft = self._backups / f"{_DRAFT}{uuid4().hex}"
        draft.mkdir(mode=0o700)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def keep(self, draft: Path, manifest: Manifest) -> None:
        """See `Place.keep`."""
        (draft / NAME).write_bytes(manifest.as_bytes())
        for path in [*draft.iterdir(), draft]:
            _sync(path)
        draft.rename(self._backups / manifest.name)
        _sync(self._backups)

    def names(self) -> list[str]:
        """See `Place.names`."""
        return sorted(path.parent.name for path in self._backups.glob(f"[!.]*/{NAME}"))

    def open(self, name: str, file: str) -> Reading:
        """See `Place.open`."""
        path = self._backups / name / file
        try:
            source = path.open("rb")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ObjectUnknown(str(path)) from error
        return Reading(source, path.stat().st_size, source.close)

    def remove(self, name: str) -> None:
        """See `Place.remove`."""
        gone = self._backups / f"{_DRAFT}{uuid4().hex}"
        (self._backups / name).rename(gone)
        shutil.rmtree(gone)

    def sweep(self) -> None:
        """See `Place.sweep`."""
        before = (clock.now() - _GRACE).timestamp()
        for path in self._backups.glob(f"{_DRAFT}*"):
            if path.stat().st_mtime < before:
                shutil.rmtree(path, ignore_errors=True)


class BucketPlace(Place):
    """Backups in a bucket of an S3-compatible service."""

    def __init__(self, url: str, drafts: Path | None = None) -> None:
        self._bucket, self._drafts = open_bucket(url), drafts
        super().__init__("s3://{}{}".format(*_host_and_bucket(url)))
        self.store = S3MultipartStore(self._bucket, reserve_bytes=0)
        self._where = _host_and_bucket(url)

    def is_bucket_of(self, store_url: str) -> bool:
        """Say whether a store is in this very bucket."""
        return store_url.startswith("s3://") and _host_and_bucket(store_url) == self._where

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """See `Place.drafting`: on a disk of this machine, which has to have room for a copy of the database."""
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=self._drafts) as folder:
            yield Path(folder)

    def keep(self, draft: Path, manifest: Manifest) -> None:
        """See `Place.keep`."""
        (draft / NAME).write_bytes(manifest.as_bytes())
        for name in [*(file.name for file in manifest.files), NAME]:
            path = draft / name
            with path.open("rb") as file:
                self._bucket.put(f"{_BACKUPS}/{manifest.name}/{name}", file, path.stat().st_size)

    def names(self) -> list[str]:
        """See `Place.names`."""
        return sorted(key.split("/")[1] for key, _ in self._keys() if key.endswith(f"/{NAME}"))

    def open(self, name: str, file: str) -> Reading:
        """See `Place.open`."""
        return self._bucket.open(f"{_BACKUPS}/{name}/{file}")

    def remove(self, name: str) -> None:
        """See `Place.remove`."""
        keys = [key for key, _ in self._keys() if key.split("/")[1] == name]
        for key in sorted(keys, key=lambda key: not key.endswith(f"/{NAME}")):
            self._bucket.remove(key)

    def sweep(self) -> None:
        """See `Place.sweep`."""
        finished = set(self.names())
        for key, written_at in list(self._keys()):
            if key.split("/")[1] not in finished and written_at < clock.now() - _GRACE:
                self._bucket.remove(key)

    def _keys(self) -> Iterator[tuple[str, datetime]]:
        return ((key, written_at) for key, _, written_at in self._bucket.list(f"{_BACKUPS}/"))


def open_place(where: str, drafts: Path | None = None) -> Place:
    """Open the place that a setting or an argument names, `/folder` or `s3://…`. Raises StoreUrlError.

    `drafts`: where a backup to a bucket is put together, the system's temporary folder unless given.
    """
    return BucketPlace(where, drafts) if where.startswith("s3://") else FolderPlace(Path(where).resolve())


def _host_and_bucket(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2], parts.path.rstrip("/")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
