"""Writing an upload that grows in a file.

Two writers of one upload must never share a file: what the earlier one writes after it has lost the upload would
change bytes that the later one has hashed, or even an object. So a writer locks its file for as long as it is open
(`flock`), and one that finds it locked goes on in a copy of its own. The lock comes before the question whether
the upload is still one's own, and so: whoever takes it over afterwards finds the lock, and whoever took it over
before makes the answer no.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from media.reading import Piece
from media.running_hash import RunningHash
from media.staging import Staging, disk_errors
from media.store import Progress, StoredObject, Writing, check_sha256
from media.store_refusals import DigestMismatch, StoreUnavailable, UploadUnknown, WrongOffset

#: Bytes written between two looks at the free space.
_BYTES_PER_LOOK: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Whole:
    """A file that holds all bytes of an upload: a descriptor that is open to read it, the hash of its bytes, their number."""

    path: Path
    descriptor: int
    sha256: str
    size: int


#: Makes an object of a file.
Place = Callable[[Whole], None]


def _boot() -> str:
    """What changes when this machine starts anew; a loss of power can not go by unnoticed."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return os.urandom(16).hex()


_BOOT: Final = _boot()


class StagedWriting(Writing):
    """A `Writing` in a file of `staging`; `place` makes the object of a whole one.

    Notes: `file` as `Staging` has it, `sha256` where the hash stands, and `boot`, the start of the machine since
    when it holds. What was written before a machine stopped may not be on its disk: then the hash
    counts for nothing, and the file is read again at its finish.
    """

    def __init__(
        self, staging: Staging, upload_id: str, progress: Progress, place: Place, *, hold_back: bool
    ) -> None:
        self._staging = staging
        self._upload_id = upload_id
        self._place = place
        self._hold_back = hold_back
        self._file = {name: note for name, note in progress.notes.items() if name == "file"}
        self._path = staging.path(upload_id, progress.notes)
        self._counted = progress
        self._size = progress.offset
        carried = progress.notes.get("sha256") if progress.notes.get("boot") == _BOOT else None
        self._hash = RunningHash.resume(carried, progress.offset)
        self._room = 0
        self._is_ready = False
        self._descriptor, self._is_locked = self._open(progress.offset)

    @property
    def progress(self) -> Progress:
        """See `Writing.progress`."""
        if not self._hold_back and self._counted.offset != self._size:
            self._counted = self._progress_now()
        return self._counted

    @property
    def size(self) -> int:
        """See `Writing.size`."""
        return self._size

    def write(self, piece: Piece) -> None:
        """See `Writing.write`."""
        self._make_ready()
        rest = memoryview(piece)
        if len(rest) > self._room:
            room = self._staging.require_room(len(rest))
            self._room = max(len(rest), min(room, _BYTES_PER_LOOK))
        self._room -= len(rest)
        while rest:
            with disk_errors():
                written = os.pwrite(self._descriptor, rest, self._size)
            if self._hash:
                self._hash.update(rest[:written])
            self._size += written
            rest = rest[written:]

    def flush(self) -> Progress:
        """See `Writing.flush`; nothing is made durable before `finish`."""
        if self._counted.offset != self._size:
            self._counted = self._progress_now()
        return self._counted

    def finish(self, sha256: str | None) -> StoredObject:
        """See `Writing.finish`."""
        whole = self.whole(sha256)
        with disk_errors():
            self._place(whole)
        return StoredObject(whole.sha256, whole.size)

    def whole(self, sha256: str | None) -> Whole:
        """Check the hash of all that has come, before it gets its name. Raises `DigestMismatch`."""
        if sha256 is not None:
            check_sha256(sha256)
        if not self._is_locked or os.fstat(self._descriptor).st_size != self._size:
            self._make_ready()
        self.flush()
        digest = self._hash.hexdigest() if self._hash else self._read_digest()
        if sha256 not in {None, digest}:
            digest = self._read_digest()  # so much hangs on it that only the disk itself is believed
            if sha256 != digest:
                raise DigestMismatch(str(sha256), digest)
        return Whole(self._path, self._descriptor, digest, self._size)

    def close(self) -> None:
        """See `Writing.close`."""
        if self._descriptor < 0:
            return
        with suppress(OSError):
            if self._is_ready and self._counted.offset != self._size and self._hold_back:
                os.ftruncate(self._descriptor, self._counted.offset)
        os.close(self._descriptor)
        self._descriptor = -1

    def _open(self, offset: int) -> tuple[int, bool]:
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if offset == 0 else 0)
        with disk_errors(missing=UploadUnknown(self._upload_id)):
            descriptor = os.open(self._path, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_locked = True
        except BlockingIOError:
            is_locked = False
        except OSError as error:
            os.close(descriptor)
            raise StoreUnavailable(f"the folder of uploads has no locks: {error}") from error
        size = os.fstat(descriptor).st_size
        if size < offset:
            os.close(descriptor)
            raise WrongOffset(offset, size)
        return descriptor, is_locked

    def _make_ready(self) -> None:
        """Have a file of one's own that ends where the upload does."""
        if self._is_ready:
            return
        # A crash between naming an object and forgetting its upload leaves one file under two names. Objects are
        # never written again.
        if not self._is_locked or os.fstat(self._descriptor).st_nlink > 1:
            self._move_to_copy()
        with disk_errors():
            os.ftruncate(self._descriptor, self._size)
        self._is_ready = True

    def _move_to_copy(self) -> None:
        path, note = self._staging.path_of_copy(self._upload_id)
        self._staging.require_room(self._size)
        with disk_errors():
            copy = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                fcntl.flock(copy, fcntl.LOCK_EX)
                self._copy_to(copy)
            except BaseException:
                os.close(copy)
                path.unlink()
                raise
            os.close(self._descriptor)
        self._descriptor, self._path, self._file, self._is_locked = copy, path, note, True
        self._counted = Progress(self._counted.offset, {**self._counted.notes, **note})

    def _copy_to(self, copy: int) -> None:
        copied = 0
        while copied < self._size:
            count = os.sendfile(copy, self._descriptor, copied, self._size - copied)
            if count == 0:
                raise WrongOffset(self._size, copied)
            copied += count

    def _progress_now(self) -> Progress:
        carried = self._hash.note() if self._hash else None
        notes = {**self._file, **({"sha256": carried, "boot": _BOOT} if carried else {})}
        return Progress(self._size, notes)

    def _read_digest(self) -> str:
        with disk_errors(), os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
