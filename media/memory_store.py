"""A store that forgets everything at the end: the fake for tests of the rooms above."""

import hashlib
import io
import threading
from typing import BinaryIO

from media.reading import Reading, Source, take_pieces
from media.store import (
    StoredObject,
    as_file,
    check_upload_id,
    clamp_range,
    derivative_key,
    object_key,
)
from media.store_refusals import (
    DigestMismatch,
    ObjectUnknown,
    StoreFull,
    UploadExists,
    UploadUnknown,
    WrongOffset,
)


class MemoryStore:
    """A `Store` in memory, for one process, that is full at `capacity` bytes."""

    def __init__(self, capacity: int = 64 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._uploads: dict[str, bytearray] = {}
        self._contents: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def begin(self, upload_id: str) -> None:
        """See `Store.begin`."""
        check_upload_id(upload_id)
        with self._lock:
            self._require_room(1)
            if upload_id in self._uploads:
                raise UploadExists(upload_id)
            self._uploads[upload_id] = bytearray()

    def append(self, upload_id: str, offset: int, source: Source, limit: int) -> int:
        """See `Store.append`."""
        upload = self._upload(upload_id)
        if not 0 <= offset <= len(upload):
            raise WrongOffset(offset, len(upload))
        del upload[offset:]
        for piece in take_pieces(source, limit):
            with self._lock:
                self._require_room(len(piece))
                upload += piece
        return len(upload) - offset

    def size(self, upload_id: str) -> int:
        """See `Store.size`."""
        return len(self._upload(upload_id))

    def finish(self, upload_id: str, sha256: str) -> StoredObject:
        """See `Store.finish`."""
        key = object_key(sha256)
        with self._lock:
            if upload_id not in self._uploads and key in self._contents:
                return self.stat(sha256)
            content = bytes(self._upload(upload_id))
            digest = hashlib.sha256(content).hexdigest()
            if digest != sha256:
                raise DigestMismatch(sha256, digest)
            self._contents.setdefault(key, content)
            del self._uploads[upload_id]
            return StoredObject(sha256, len(content))

    def discard(self, upload_id: str) -> None:
        """See `Store.discard`."""
        check_upload_id(upload_id)
        with self._lock:
            self._uploads.pop(upload_id, None)

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        content = self._content(object_key(sha256))
        first, last = clamp_range(start, end, len(content))
        return _read(content[first:last])

    def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        return object_key(sha256) in self._contents

    def stat(self, sha256: str) -> StoredObject:
        """See `Store.stat`."""
        return StoredObject(sha256, len(self._content(object_key(sha256))))

    def free_space(self) -> int:
        """See `Store.free_space`."""
        with self._lock:
            used = sum(map(len, self._uploads.values())) + sum(map(len, self._contents.values()))
        return max(0, self._capacity - used)

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """See `Store.put_derivative`."""
        key = derivative_key(sha256, name)
        source, length = as_file(content)
        with self._lock:
            self._content(object_key(sha256))
            self._require_room(length)
            self._contents[key] = source.read()

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open_derivative`."""
        content = self._content(derivative_key(sha256, name))
        first, last = clamp_range(start, end, len(content))
        return _read(content[first:last])

    def discard_derivative(self, sha256: str, name: str) -> None:
        """See `Store.discard_derivative`."""
        with self._lock:
            self._contents.pop(derivative_key(sha256, name), None)

    def _upload(self, upload_id: str) -> bytearray:
        check_upload_id(upload_id)
        try:
            return self._uploads[upload_id]
        except KeyError:
            raise UploadUnknown(upload_id) from None

    def _content(self, key: str) -> bytes:
        try:
            return self._contents[key]
        except KeyError:
            raise ObjectUnknown(key) from None

    def _require_room(self, size: int) -> None:
        free = self.free_space()
        if free < size:
            message = f"{size} bytes do not fit: {free} of {self._capacity} are free"
            raise StoreFull(message)


def _read(content: bytes) -> Reading:
    file = io.BytesIO(content)
    return Reading(file, len(content), file.close)
