"""Uploads while they grow: one file each in one folder of a local disk."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from media.reading import Source, take_pieces
from media.store import check_upload_id, is_upload_id
from media.store_refusals import (
    StoreError,
    StoreFull,
    StoreUnavailable,
    UploadExists,
    UploadUnknown,
    WrongOffset,
)

#: Bytes written between two looks at the free space.
_BYTES_PER_LOOK: Final = 8 * 1024 * 1024
#: A disk, a quota or a file-size limit that is reached: for the phone they are one thing.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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
    """The growing half of a store: `begin`, `append`, `size`, `discard` as `Store` promises them.

    `reserve_bytes` of the disk are left free for the database and the logs: a full disk must not stop those.
    """

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        with disk_errors():
            folder.mkdir(parents=True, exist_ok=True)

    def path(self, upload_id: str) -> Path:
        """Where the bytes of an upload are, or would be."""
        check_upload_id(upload_id)
        return self._folder / upload_id

    def begin(self, upload_id: str) -> None:
        """See `Store.begin`."""
        path = self.path(upload_id)
        self.require_room(1)
        with disk_errors():
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                raise UploadExists(upload_id) from None

    def append(self, upload_id: str, offset: int, source: Source, limit: int) -> int:
        """See `Store.append`."""
        descriptor = self._open_to_write(upload_id)
        try:
            self._cut_off_after(descriptor, offset)
            return self._write(descriptor, offset, source, limit)
        finally:
            os.close(descriptor)

    def size(self, upload_id: str) -> int:
        """See `Store.size`."""
        path = self.path(upload_id)
        with disk_errors(missing=UploadUnknown(upload_id)):
            return path.stat().st_size

    def discard(self, upload_id: str) -> None:
        """See `Store.discard`."""
        path = self.path(upload_id)
        with disk_errors():
            path.unlink(missing_ok=True)
            path.with_name(f"{upload_id}.copy").unlink(missing_ok=True)

    def stale(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`."""
        with disk_errors(), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # finished meanwhile
                    if is_upload_id(entry.name) and is_older(entry.stat(), before):
                        yield entry.name

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

    def digest(self, upload_id: str) -> str:
        """SHA-256 of all bytes of an upload, in hex. Raises `UploadUnknown`."""
        path = self.path(upload_id)
        with disk_errors(missing=UploadUnknown(upload_id)), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _open_to_write(self, upload_id: str) -> int:
        path = self.path(upload_id)
        with disk_errors(missing=UploadUnknown(upload_id)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        if os.fstat(descriptor).st_nlink == 1:
            return descriptor
        # A crash between naming the object and forgetting the upload leaves one file under two names. Objects
        # are never written again: the upload goes on in a copy of its own.
        os.close(descriptor)
        copy = path.with_name(f"{upload_id}.copy")
        with disk_errors():
            shutil.copyfile(path, copy)
            copy.replace(path)
            return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)

    def _cut_off_after(self, descriptor: int, offset: int) -> None:
        size = os.fstat(descriptor).st_size
        if not 0 <= offset <= size:
            raise WrongOffset(offset, size)
        if offset < size:
            with disk_errors():
                os.ftruncate(descriptor, offset)

    def _write(self, descriptor: int, offset: int, source: Source, limit: int) -> int:
        position = offset
        room = 0
        for piece in take_pieces(source, limit):
            if len(piece) > room:
                room = max(len(piece), min(self.require_room(len(piece)), _BYTES_PER_LOOK))
            rest = piece
            while rest:
                with disk_errors():
                    written = os.pwrite(descriptor, rest, position)
                position += written
                rest = rest[written:]
            room -= len(piece)
        return position - offset
