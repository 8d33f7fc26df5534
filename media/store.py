"""Where bytes live: the contract every store keeps, and what it raises.

A store holds three things and nothing about what they mean:

* **Uploads** grow under an id of the caller's choosing (letters, digits, `-` and `_`, at most 128).
* **Objects** are finished, never change, and are named by the SHA-256 of their bytes (lower-case hex).
* **Derivatives** are made from an object (a thumbnail), can be made again, and live apart from the originals.

Callers see to it that one upload id has one caller at a time; different ids, and everything about objects and
derivatives, may be called from any number of threads and processes at once.
"""

import io
import os
import re
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from media.reading import Reading, Source
from media.store_refusals import WrongRange

_UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DERIVATIVE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?:\.[a-z0-9]{1,8})?")


@dataclass(frozen=True)
class StoredObject:
    """A finished object: SHA-256 in lower-case hex, and size in bytes."""

    sha256: str
    size: int


class Store(Protocol):
    """A place for bytes. Ids, hashes and names of the wrong form raise `ValueError`, nothing touched.

    Any method may raise `StoreUnavailable`.
    """

    def begin(self, upload_id: str) -> None:
        """Start an upload of no bytes. Raises `UploadExists`, `StoreFull`."""

    def append(self, upload_id: str, offset: int, source: Source, limit: int) -> int:
        """Write what `source` brings at `offset`, at most `limit` bytes, and return how many were written.

        `source` is an iterable of pieces or has `read(size)`, which gives `b""` at the end. Each piece is
        written before the next is asked for. When `source` raises, the exception passes through and what came
        before it is kept: `size` tells how much. What the source has beyond `limit` is not written; its end
        before `limit` is no error.

        `offset` is what the caller has on record. Bytes past it come from a writer that never said so, and
        are cut off first. Nothing is made durable before `finish`.
        Raises `UploadUnknown`, `WrongOffset` when fewer than `offset` bytes are there (nothing is written),
        `StoreFull` at any byte (what was written is kept).
        """

    def size(self, upload_id: str) -> int:
        """Bytes of an upload that are there now. Raises `UploadUnknown`.

        After a loss of power this may be less than what was once acknowledged: the smaller of the two counts.
        """

    def finish(self, upload_id: str, sha256: str) -> StoredObject:
        """Make an upload an object: check its hash, make it durable, and only then give it its name.

        When this returns, object and name survive a loss of power. The same bytes are stored once, whoever
        comes first, and an existing object is never written again. May be repeated after a crash: when the
        upload is gone and the object is there, it answers the object.
        Raises `UploadUnknown`, `DigestMismatch` (the upload stays as it is), `StoreFull`.
        """

    def discard(self, upload_id: str) -> None:
        """Forget an upload and its bytes; no error when there is none. Objects are not touched."""

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """Read the bytes from `start` up to but without `end` (`None`, or past the end: up to the end).

        The result is an iterator of pieces with `length` and `close()`; it gives exactly `length` bytes or
        raises `StoreUnavailable`. Raises `ObjectUnknown`, and `WrongRange` unless 0 <= start <= end and
        start <= size, here and not at the first piece.
        """

    def exists(self, sha256: str) -> bool:
        """Whether the object is stored."""

    def stat(self, sha256: str) -> StoredObject:
        """Name and size of an object. Raises `ObjectUnknown`."""

    def free_space(self) -> int:
        """Bytes a new upload could still take, 0 when there is no room: an estimate, shared by all."""

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """Keep something made from an object, in place of an older one of that name, all of it or nothing.

        `name` is like `thumbnail.jpg`; a file is read from its beginning to its end. Raises `ObjectUnknown` when
        the original is not there, `StoreFull`.
        """

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """Read a derivative, or a part of it as `open` does. Raises `ObjectUnknown`: then it can be made again."""

    def discard_derivative(self, sha256: str, name: str) -> None:
        """Forget a derivative; no error when there is none."""


@runtime_checkable
class KeepsFiles(Protocol):
    """A store whose objects are files of this machine: whoever needs a file need not copy one."""

    def open_file(self, sha256: str) -> BinaryIO:
        """Open an object as a file, for reading only. Raises `ObjectUnknown`, `StoreUnavailable`."""


def as_file(content: bytes | BinaryIO) -> tuple[BinaryIO, int]:
    """Give content as a file at its beginning, and its length in bytes."""
    if isinstance(content, bytes):
        return io.BytesIO(content), len(content)
    length = content.seek(0, os.SEEK_END)
    content.seek(0)
    return content, length


def check_upload_id(upload_id: str) -> None:
    """Raise `ValueError` unless this may name an upload: it becomes part of a file name."""
    if not _UPLOAD_ID.fullmatch(upload_id):
        message = f"not an upload id: {upload_id!r}"
        raise ValueError(message)


def check_sha256(sha256: str) -> None:
    """Raise `ValueError` unless this is a SHA-256 in lower-case hex."""
    if not _SHA256.fullmatch(sha256):
        message = f"not a SHA-256 in lower-case hex: {sha256!r}"
        raise ValueError(message)


def check_derivative_name(name: str) -> None:
    """Raise `ValueError` unless this may name a derivative: it becomes part of a file name."""
    if not _DERIVATIVE_NAME.fullmatch(name):
        message = f"not a derivative's name: {name!r}"
        raise ValueError(message)


def clamp_range(start: int, end: int | None, size: int) -> tuple[int, int]:
    """The part of `size` bytes that [start, end) means. Raises `WrongRange`."""
    last = size if end is None else min(end, size)
    if not 0 <= start <= last:
        raise WrongRange(size)
    return start, last


def object_key(sha256: str) -> str:
    """Path of an object below a store's root, `objects/ab/cd/abcd…`: at most 65 536 folders."""
    check_sha256(sha256)
    return f"objects/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def derivative_key(sha256: str, name: str) -> str:
    """Path of a derivative below a store's root, `derivatives/ab/cd/abcd…/name`."""
    check_sha256(sha256)
    check_derivative_name(name)
    return f"derivatives/{sha256[:2]}/{sha256[2:4]}/{sha256}/{name}"
