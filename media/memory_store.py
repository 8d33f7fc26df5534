"""A store that forgets everything at the end: the fake for tests of the rooms above."""

import hashlib
import io
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

from media.reading import Piece, Reading
from media.store import (
    Progress,
    StoredObject,
    Writing,
    as_file,
    check_sha256,
    check_shelf,
    check_upload_id,
    clamp_range,
    damaged_key,
    derivative_key,
    object_key,
)
from media.store_refusals import DigestMismatch, ObjectUnknown, StoreFull, UploadUnknown, WrongOffset

_COPY: Final = "copy"


class MemoryStore:
    """A `Store` in memory, for one process, that is full at `capacity` bytes.

    Notes: `copy`, the name of the copy in which an upload goes on that another writer still had open.
    """

    def __init__(self, capacity: int = 64 * 1024 * 1024) -> None:
        self._capacity = capacity
        self.uploads: dict[tuple[str, str], bytearray] = {}
        self.being_written: set[tuple[str, str]] = set()
        self.contents: dict[str, bytes] = {}
        self.written_at: dict[tuple[str, str] | str, datetime] = {}  # of uploads and derivatives
        self.lock = threading.RLock()

    def begin(self, upload_id: str, most: int, sha256: str | None = None) -> Progress:  # noqa: ARG002
        """See `Store.begin`."""
        check_upload_id(upload_id)
        if sha256 is not None:
            check_sha256(sha256)
        self.require_room(1)
        return Progress()

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """See `Store.resume`."""
        check_upload_id(upload_id)
        there = len(self.uploads.get((upload_id, progress.notes.get(_COPY, "")), b""))
        return progress if there >= progress.offset else Progress(there, progress.notes if there else {})

    def write(self, upload_id: str, progress: Progress, *, hold_back: bool = False) -> "_MemoryWriting":
        """See `Store.write`."""
        check_upload_id(upload_id)
        return _MemoryWriting(self, upload_id, progress, hold_back=hold_back)

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """See `Store.tidy`."""
        check_upload_id(upload_id)
        if before.notes.get(_COPY) != now.notes.get(_COPY):
            self.discard(upload_id, before)

    def discard(self, upload_id: str, progress: Progress) -> None:
        """See `Store.discard`."""
        check_upload_id(upload_id)
        with self.lock:
            self.uploads.pop((upload_id, progress.notes.get(_COPY, "")), None)

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        content = self._content(object_key(sha256))
        first, last = clamp_range(start, end, len(content))
        return _read(content[first:last])

    def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        return object_key(sha256) in self.contents

    def stat(self, sha256: str) -> StoredObject:
        """See `Store.stat`."""
        return StoredObject(sha256, len(self._content(object_key(sha256))))

    def free_space(self) -> int:
        """See `Store.free_space`."""
        with self.lock:
            used = sum(map(len, self.uploads.values())) + sum(map(len, self.contents.values()))
        return max(0, self._capacity - used)

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """See `Store.put_derivative`."""
        key = derivative_key(sha256, name)
        source, length = as_file(content)
        with self.lock:
            self._content(object_key(sha256))
            self.require_room(length)
            self.contents[key] = source.read()
            self.written_at[key] = datetime.now(UTC)

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open_derivative`."""
        content = self._content(derivative_key(sha256, name))
        first, last = clamp_range(start, end, len(content))
        return _read(content[first:last])

    def discard_derivative(self, sha256: str, name: str) -> None:
        """See `Store.discard_derivative`."""
        with self.lock:
            self.contents.pop(derivative_key(sha256, name), None)

    def stale_uploads(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`."""
        with self.lock:
            return iter([key[0] for key in self.uploads if self.written_at[key] < before])

    def forget_upload(self, upload_id: str) -> None:
        """See `Listing.forget_upload`."""
        check_upload_id(upload_id)
        with self.lock:
            for key in [key for key in self.uploads if key[0] == upload_id]:
                del self.uploads[key]

    def objects(self, shelf: str) -> Iterator[StoredObject]:
        """See `Listing.objects`."""
        check_shelf(shelf)
        with self.lock:
            held = [key for key in self.contents if key.startswith(f"objects/{shelf}/")]
        return iter([StoredObject(key.rpartition("/")[2], len(self.contents[key])) for key in held])

    def set_aside(self, sha256: str) -> None:
        """See `Listing.set_aside`."""
        with self.lock:
            if (content := self.contents.pop(object_key(sha256), None)) is not None:
                self.contents[damaged_key(sha256)] = content

    def discard_orphans(self, shelf: str, before: datetime) -> int:
        """See `Listing.discard_orphans`."""
        check_shelf(shelf)
        with self.lock:
            held = [key for key in self.contents if key.startswith(f"derivatives/{shelf}/")]
            orphans = [key for key in held if not self.exists(key.split("/")[3])]
            orphans = [key for key in orphans if self.written_at[key] < before]
            for key in orphans:
                del self.contents[key], self.written_at[key]
        return len(orphans)

    def _content(self, key: str) -> bytes:
        try:
            return self.contents[key]
        except KeyError:
            raise ObjectUnknown(key) from None

    def require_room(self, size: int) -> None:
        """Raise `StoreFull` when so many bytes more do not fit."""
        free = self.free_space()
        if free < size:
            message = f"{size} bytes do not fit: {free} of {self._capacity} are free"
            raise StoreFull(message)


class _MemoryWriting(Writing):
    """A `Writing` of a `MemoryStore`: in place, or in a copy of its own while another has the upload open."""

    def __init__(self, store: MemoryStore, upload_id: str, progress: Progress, *, hold_back: bool) -> None:
        self._store, self._hold_back, self._counted = store, hold_back, progress
        self._size, self._notes = progress.offset, progress.notes
        self._key = upload_id, progress.notes.get(_COPY, "")
        with store.lock:
            there = store.uploads.get(self._key)
            if there is None and progress.offset:
                raise UploadUnknown(upload_id)
            if there is not None and len(there) < progress.offset:
                raise WrongOffset(progress.offset, len(there))
            self._is_shared = self._key in store.being_written
            self._content: bytearray | None = None
            if not self._is_shared:
                store.being_written.add(self._key)

    @property
    def progress(self) -> Progress:
        return self._counted if self._hold_back else self.flush()

    @property
    def size(self) -> int:
        return self._size

    def write(self, piece: Piece) -> None:
        with self._store.lock:
            content = self._own_content()
            self._store.require_room(len(piece))
            content += piece
            self._store.written_at[self._key] = datetime.now(UTC)
            self._size += len(piece)

    def flush(self) -> Progress:
        if self._counted.offset != self._size:
            self._counted = Progress(self._size, self._notes)
        return self._counted

    def finish(self, sha256: str | None) -> StoredObject:
        if sha256 is not None:
            check_sha256(sha256)
        with self._store.lock:
            content = bytes(self._own_content())
            digest = hashlib.sha256(content).hexdigest()
            if sha256 not in {None, digest}:
                raise DigestMismatch(str(sha256), digest)
            self._store.contents.setdefault(object_key(digest), content)
            self.flush()
        return StoredObject(digest, len(content))

    def close(self) -> None:
        with self._store.lock:
            if self._hold_back and self._content is not None:
                del self._content[self._counted.offset :]
            if not self._is_shared:
                self._store.being_written.discard(self._key)
                self._is_shared = True

    def _own_content(self) -> bytearray:
        """What nobody else writes, up to where this writing stands."""
        if self._content is None:
            content = self._store.uploads.setdefault(self._key, bytearray())
            if self._is_shared:
                self._notes = {_COPY: uuid.uuid4().hex}
                self._key = self._key[0], self._notes[_COPY]
                self._store.being_written.add(self._key)
                self._is_shared = False
                content = self._store.uploads[self._key] = content[: self._size]
                self._counted = Progress(self._counted.offset, self._notes)
            del content[self._size :]
            self._store.written_at[self._key] = datetime.now(UTC)
            self._content = content
        return self._content


def _read(content: bytes) -> Reading:
    file = io.BytesIO(content)
    return Reading(file, len(content), file.close)
