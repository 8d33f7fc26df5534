"""A store on a local disk (or a file system that behaves like one: hard links, atomic rename, fsync)."""

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from media.reading import PIECE_SIZE, Reading
from media.staged_uploads import StagedUploads
from media.staged_writing import StagedWriting, Whole
from media.staging import Staging, disk_errors, is_older, sync_folder
from media.store import (
    StoredObject,
    Writing,
    as_file,
    check_shelf,
    clamp_range,
    damaged_key,
    derivative_key,
    object_at,
    object_key,
    original_at,
)
from media.store_refusals import ObjectUnknown, StoreUnavailable

#: Left free on the disk unless told otherwise.
DEFAULT_RESERVE_BYTES: Final = 512 * 1024 * 1024


class LocalStore(StagedUploads):
    """A `Store` in a folder: `uploads/`, `objects/ab/cd/`, `derivatives/ab/cd/`, all on one file system.

    May be shared by any number of processes of one machine.
    """

    def __init__(self, root: Path, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> None:
        self._root = root
        super().__init__(Staging(root / "uploads", reserve_bytes))
        self._durable_folders: set[Path] = set()

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        return self._open(object_key(sha256), start, end)

    def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        path = self._root / object_key(sha256)
        with disk_errors():
            return path.is_file()

    def stat(self, sha256: str) -> StoredObject:
        """See `Store.stat`."""
        path = self._root / object_key(sha256)
        with disk_errors(missing=ObjectUnknown(sha256)):
            return StoredObject(sha256, path.stat().st_size)

    def open_file(self, sha256: str) -> BinaryIO:
        """See `KeepsFiles.open_file`."""
        with disk_errors(missing=ObjectUnknown(sha256)):
            return (self._root / object_key(sha256)).open("rb")

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """See `Store.put_derivative`."""
        target = self._root / derivative_key(sha256, name)
        if not self.exists(sha256):
            raise ObjectUnknown(sha256)
        source, length = as_file(content)
        self._staging.require_room(length)
        draft = target.with_name(f".{uuid.uuid4().hex}")
        with disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write_durably(draft, source)
                draft.replace(target)
            finally:
                draft.unlink(missing_ok=True)

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open_derivative`."""
        return self._open(derivative_key(sha256, name), start, end)

    def discard_derivative(self, sha256: str, name: str) -> None:
        """See `Store.discard_derivative`."""
        with disk_errors():
            (self._root / derivative_key(sha256, name)).unlink(missing_ok=True)

    def objects(self, shelf: str) -> Iterator[StoredObject]:
        """See `Listing.objects`."""
        check_shelf(shelf)
        with disk_errors():
            for path in (self._root / "objects" / shelf).glob("*/*"):
                if object_at(path.relative_to(self._root).as_posix()):
                    yield StoredObject(path.name, path.stat().st_size)

    def set_aside(self, sha256: str) -> None:
        """See `Listing.set_aside`."""
        aside = self._root / damaged_key(sha256)
        with disk_errors(), suppress(FileNotFoundError):
            aside.parent.mkdir(parents=True, exist_ok=True)
            (self._root / object_key(sha256)).rename(aside)

    def discard_orphans(self, shelf: str, before: datetime) -> int:
        """See `Listing.discard_orphans`."""
        check_shelf(shelf)
        discarded = 0
        with disk_errors():
            for path in list((self._root / "derivatives" / shelf).glob("*/*/*")):
                original = original_at(path.relative_to(self._root).as_posix())
                is_needed = original is None or (not path.name.startswith(".") and self.exists(original))
                with suppress(FileNotFoundError):  # a draft that has got its name meanwhile
                    if not is_needed and is_older(path.stat(), before):
                        path.unlink()
                        discarded += 1
        return discarded

    def _open(self, key: str, start: int, end: int | None) -> Reading:
        with disk_errors(missing=ObjectUnknown(key)):
            file = (self._root / key).open("rb", buffering=0)
        try:
            first, last = clamp_range(start, end, os.fstat(file.fileno()).st_size)
            file.seek(first)
        except Exception:
            file.close()
            raise
        return Reading(file, last - first, file.close)

    def place(self, whole: Whole) -> None:
        """See `StagedUploads.place`."""
        self._place([whole])

    def finish_together(self, writings: Sequence[Writing]) -> list[StoredObject]:
        """See `FinishesTogether.finish_together`."""
        wholes = [writing.whole(None) for writing in writings if isinstance(writing, StagedWriting)]
        if len(wholes) != len(writings):
            raise ValueError("an upload of another store")
        with disk_errors():
            for whole in wholes:  # all begin to be written before one is waited for
                os.posix_fadvise(whole.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            self._place(wholes)
        return [StoredObject(whole.sha256, whole.size) for whole in wholes]

    def _place(self, wholes: Sequence[Whole]) -> None:
        """Bytes first, then the names, then the folders that hold them: in this order nothing is ever torn."""
        for whole in wholes:
            os.fsync(whole.descriptor)
        folders: dict[Path, None] = {}
        made: set[Path] = set()
        for whole in wholes:
            target = self._root / object_key(whole.sha256)
            self._make_folder(target.parent, folders, made)
            with suppress(FileExistsError):  # the same bytes came before
                target.hardlink_to(whole.path)
            folders[target.parent] = None
            if target.stat().st_size != whole.size:
                message = (
                    f"object {whole.sha256} is damaged, it should have {whole.size} bytes; the upload is kept"
                )
                raise StoreUnavailable(message)
        for folder in reversed(folders):
            sync_folder(folder)
        self._durable_folders |= made

    def _make_folder(self, folder: Path, unsure: dict[Path, None], made: set[Path]) -> None:
        """Make a folder. `unsure`: those that have to be synchronised for its own name to survive a loss of power.

        Asked of each folder once per process; `made` are those that are asked now.
        """
        if folder in self._durable_folders or folder in made:
            return
        if folder != self._root:
            self._make_folder(folder.parent, unsure, made)
            folder.mkdir(exist_ok=True)
            unsure[folder.parent] = None
        made.add(folder)


def _write_durably(path: Path, source: BinaryIO) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, PIECE_SIZE)
        file.flush()
        os.fsync(file.fileno())
