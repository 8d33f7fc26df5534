"""Writing an upload that grows as a multipart upload in a bucket."""

import io
import uuid
from contextlib import AbstractContextManager
from typing import Any

from media.bucket import Bucket, BucketObjects
from media.reading import Piece
from media.running_hash import RunningHash
from media.spool import Spool
from media.store import Progress, StoredObject, Writing, check_sha256, object_key
from media.store_refusals import DigestMismatch, ObjectUnknown, StoreError, UploadUnknown


def own_key(upload_id: str) -> str:
    """Where the bytes of an upload are that promised no hash, between their completion and their finish."""
    return f"uploads/{upload_id}"


def tail_key(upload_id: str, name: str) -> str:
    """Where the bytes are that do not fill a part yet. Every tail has a name of its own."""
    return f"tails/{upload_id}.{name}"


class PartsWriting(Writing):
    """A `Writing` of an `S3MultipartStore`, which says what the notes mean.

    What comes waits in `spool` until it fills a part; `progress` grows with every part that the bucket has, and at
    `flush`. `gate` bounds how many parts are in memory at once.
    """

    def __init__(
        self,
        bucket: Bucket,
        objects: BucketObjects,
        spool: Spool,
        gate: AbstractContextManager[Any],
        upload_id: str,
        progress: Progress,
        *,
        hold_back: bool,
    ) -> None:
        self._bucket, self._objects, self._spool, self._gate = bucket, objects, spool, gate
        self._upload_id, self._hold_back, self._counted = upload_id, hold_back, progress
        self._key, self._part_size = str(progress.notes["key"]), int(progress.notes["part"])
        self._parts_id: str | None = progress.notes.get("parts")
        self._tags: list[str] = list(progress.notes.get("tags", ()))
        self._sent = min(len(self._tags) * self._part_size, progress.offset)
        self._tail: dict[str, Any] | None = progress.notes.get("tail")
        self._size = progress.offset
        hashed = RunningHash.resume(progress.notes.get("sha256"), progress.offset)
        if hashed is None or self._size - self._sent != (self._tail["size"] if self._tail else 0):
            raise UploadUnknown(f"what is written down of upload {upload_id} does not fit together")
        self._hash = hashed

    @property
    def progress(self) -> Progress:
        """See `Writing.progress`."""
        return self._counted

    @property
    def size(self) -> int:
        """See `Writing.size`."""
        return self._size

    def write(self, piece: Piece) -> None:
        """See `Writing.write`."""
        self._fetch_tail()
        rest = memoryview(piece)
        while rest:
            taken = rest if self._hold_back else rest[: self._part_size - self._spool.size]
            while taken:
                count = self._spool.append(taken)
                self._hash.update(taken[:count])
                self._size += count
                taken, rest = taken[count:], rest[count:]
            if not self._hold_back and self._spool.size == self._part_size:
                self._send_part(self._part_size)
                self._count(tail=None)

    def flush(self) -> Progress:
        """See `Writing.flush`: whole parts as parts, and the rest as a tail."""
        if self._counted.offset == self._size:
            return self._counted
        while self._spool.size >= self._part_size:
            self._send_part(self._part_size)
        tail = None
        if self._spool.size:
            name, content = uuid.uuid4().hex, self._spool.peek(self._part_size)
            self._bucket.put(tail_key(self._upload_id, name), io.BytesIO(content), len(content))
            tail = {"name": name, "size": len(content)}
        return self._count(tail)

    def finish(self, sha256: str | None) -> StoredObject:
        """See `Writing.finish`. What fits into one part is put at once, under the hash it has."""
        if sha256 is not None:
            check_sha256(sha256)
        digest = self._hash.hexdigest()
        if sha256 not in {None, digest}:
            raise DigestMismatch(str(sha256), digest)
        if self._key not in {object_key(digest), own_key(self._upload_id)}:  # promised when it began
            raise DigestMismatch(self._key.rpartition("/")[2], digest)
        if not self._objects.exists(digest):
            self._fetch_tail()
            if self._tags or self._spool.size > self._part_size:
                self._complete(object_key(digest))
            else:
                content = self._spool.peek(self._part_size)
                self._bucket.put(object_key(digest), io.BytesIO(content), len(content))
        self._objects.check_what_is_stored(digest, self._size)
        return StoredObject(digest, self._size)

    def close(self) -> None:
        """See `Writing.close`."""
        self._spool.close()

    def _fetch_tail(self) -> None:
        """Bring back what did not fill a part; it is written on here, and the tail stays as it is."""
        if self._tail is None:
            return
        try:
            with self._bucket.open(tail_key(self._upload_id, self._tail["name"])) as reading:
                content = memoryview(b"".join(reading))
        except ObjectUnknown as error:
            raise UploadUnknown(f"the tail of upload {self._upload_id} is gone") from error
        if len(content) != self._tail["size"]:
            raise UploadUnknown(f"the tail of upload {self._upload_id} is another")
        try:
            while content:
                content = content[self._spool.append(content) :]
        except StoreError:
            self._spool.drop(self._spool.size)
            raise
        self._tail = None

    def _send_part(self, size: int) -> None:
        with self._gate:
            if self._parts_id is None:
                self._parts_id = self._bucket.begin_parts(self._key)
                notes = {**self._counted.notes, "parts": self._parts_id}
                self._counted = Progress(self._counted.offset, notes)
            content = self._spool.peek(size)
            number = len(self._tags) + 1
            self._tags.append(self._bucket.put_part(self._key, self._parts_id, number, content))
        self._spool.drop(size)

    def _count(self, tail: dict[str, Any] | None) -> Progress:
        notes = {"part": self._part_size, "key": self._key, "sha256": self._hash.note()}
        if self._parts_id is not None:
            notes |= {"parts": self._parts_id, "tags": list(self._tags)}
        if tail is not None:
            notes["tail"] = tail
        self._counted = Progress(self._size, notes)
        return self._counted

    def _complete(self, key: str) -> None:
        """Make the parts an object under `key`."""
        while self._spool.size:
            self._send_part(min(self._part_size, self._spool.size))
        try:
            self._bucket.complete_parts(self._key, str(self._parts_id), self._tags)
        except UploadUnknown:
            # Perhaps it was completed, and whoever did it died before writing that down.
            if not self._is_complete():
                raise
        if self._key != key:
            with self._bucket.open(self._key) as reading:
                self._bucket.put(key, reading, self._size)

    def _is_complete(self) -> bool:
        try:
            return self._bucket.size(self._key) == self._size
        except ObjectUnknown:
            return False
