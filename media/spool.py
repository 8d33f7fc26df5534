"""Bytes that wait on this machine's disk until there are enough of them."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from media.reading import Piece
from media.staging import disk_errors
from media.store_refusals import StoreFull


class Spool:
    """A queue of bytes in a file without a name: it is gone with its process.

    `reserve_bytes` of the disk are left free. Raises `StoreFull`, `StoreUnavailable`.
    """

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._file: IO[bytes] | None = None
        self._first = 0
        self._end = 0

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._end - self._first

    def append(self, piece: Piece) -> int:
        """Take some of the bytes, at least one, and answer how many."""
        with disk_errors():
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
            if shutil.disk_usage(self._folder).free < self._reserve_bytes + len(piece):
                raise StoreFull(f"{len(piece)} bytes do not fit beside the reserve of {self._reserve_bytes}")
            written = os.pwrite(self._file.fileno(), piece, self._end)
        self._end += written
        return written

    def peek(self, count: int) -> bytes:
        """The first bytes that wait, at most `count`; they go on waiting."""
        if self._file is None:
            return b""
        with disk_errors():
            return os.pread(self._file.fileno(), min(count, self.size), self._first)

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes."""
        self._first += count
        if self._file is not None and self._first == self._end:
            with disk_errors():
                os.ftruncate(self._file.fileno(), 0)
            self._first = self._end = 0

    def close(self) -> None:
        """Forget everything; may be called twice."""
        if self._file is not None:
            self._file.close()
        self._file, self._first, self._end = None, 0, 0
