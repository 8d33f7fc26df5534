"""Uploads while they grow: one file each in one folder of a local disk."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from media.store import Progress, check_sha256, check_upload_id, is_upload_id
from media.store_refusals import StoreError, StoreFull, StoreUnavailable

#: A disk, a quota or a file-size limit that is reached: for the phone they are one thing.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FILE: Final = "file"


@contextmanager
def disk_errors(missing: StoreError | None = None) -> Iterator[None]:
    """Turn errors of a disk into `StoreFull`, `StoreUnavailable`, or `missing` (no such file)."""
    try:
        yield
    except FileNotFoundError as error:
        raise missing or StoreUnavailable(str(error)) from error
    except OSError as error:
        kind = StoreFull if error.errno in _FULL else StoreUnavailable
        raise kind(str(error)) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_older(facts: os.stat_result, before: datetime) -> bool:
    """Say whether a file was last written before a moment (aware)."""
    return facts.st_mtime < before.timestamp()


class Staging:
    """The folder in which uploads grow: `begin`, `resume`, `tidy`, `discard` as `Store` promises them.

    An upload's file has its id for a name, and where it had to move to a copy a word behind it (`file` in its notes).
    `reserve_bytes` of the disk are left free for the database and the logs: a full disk must not stop those.
    """

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        with disk_errors():
            folder.mkdir(parents=True, exist_ok=True)

    def path(self, upload_id: str, notes: dict[str, Any]) -> Path:
        """Where the bytes of an upload are, or would be."""
        check_upload_id(upload_id)
        word = notes.get(_FILE)
        if word is None:
            return self._folder / upload_id
        check_upload_id(word)
        return self._folder / f"{upload_id}.{word}"

    def path_of_copy(self, upload_id: str) -> tuple[Path, dict[str, str]]:
        """A place that nobody else writes at, and the note that names it."""
        notes = {_FILE: uuid.uuid4().hex}
        return self.path(upload_id, notes), notes

    def begin(self, upload_id: str, sha256: str | None) -> Progress:
        """See `Store.begin`."""
        check_upload_id(upload_id)
        if sha256 is not None:
            check_sha256(sha256)
        self.require_room(1)
        return Progress()

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """See `Store.resume`."""
        path = self.path(upload_id, progress.notes)
        with disk_errors():
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                size = 0
        if size >= progress.offset:
            return progress
        return Progress(size, {_FILE: progress.notes[_FILE]} if size and _FILE in progress.notes else {})

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """See `Store.tidy`."""
        path = self.path(upload_id, before.notes)
        if path != self.path(upload_id, now.notes):
            with disk_errors():
                path.unlink(missing_ok=True)

    def discard(self, upload_id: str, progress: Progress) -> None:
        """See `Store.discard`."""
        path = self.path(upload_id, progress.notes)
        with disk_errors():
            path.unlink(missing_ok=True)

    def stale(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`."""
        with disk_errors(), os.scandir(self._folder) as entries:
            for entry in entries:
                upload_id = entry.name.partition(".")[0]
                with suppress(FileNotFoundError):  # finished meanwhile
                    if is_upload_id(upload_id) and is_older(entry.stat(), before):
                        yield upload_id

    def forget(self, upload_id: str) -> None:
        """See `Listing.forget_upload`: its file and every copy of it."""
        check_upload_id(upload_id)
        with disk_errors():
            for path in [self._folder / upload_id, *self._folder.glob(f"{upload_id}.*")]:
                path.unlink(missing_ok=True)

    def free_space(self) -> int:
        """See `Store.free_space`."""
        with disk_errors():
            return max(0, shutil.disk_usage(self._folder).free - self._reserve_bytes)

    def require_room(self, size: int) -> int:
        """The free space, which must be at least `size` bytes. Raises `StoreFull`."""
        free = self.free_space()
        if free < size:
            message = f"{size} bytes do not fit: {free} are free beside the reserve of {self._reserve_bytes}"
            raise StoreFull(message)
        return free
