"""Where bytes live: the contract every store keeps, and what it raises.

A store holds three things and nothing about what they mean:

* **Uploads** grow under an id of the caller's choosing (letters, digits, `-` and `_`, at most 128).
* **Objects** are finished, never change, and are named by the SHA-256 of their bytes (lower-case hex).
* **Derivatives** are made from an object (a thumbnail), can be made again, and live apart from the originals.

What a store must remember about an upload it hands out as `Progress`, and is handed back whenever the upload goes on:
the caller keeps it where a crash can not reach it (a row of a database), and whoever has it can go on, on any machine
that opens the same store. An upload goes through a caller's hands like this:

    progress = store.begin(upload_id, most)                  # and write it down
    progress = store.resume(upload_id, progress)             # later, elsewhere: what of it is really there
    with store.write(upload_id, progress) as writing:
        # here make sure, after this and before the first byte, that nobody has taken the upload over
        writing.write(piece)
        now = writing.flush()                                # write `now` down, and only then
        store.tidy(upload_id, progress, now)                 # forget what only the older one needs
        stored = writing.finish(sha256)                      # write that down, and only then
    store.discard(upload_id, writing.progress)               # forget the upload; the object stays

Callers see to it that one upload has one caller at a time. Should two have it all the same (one was asleep, and another
took over), no acknowledged byte of the later one and no object may be harmed by the earlier one: its bytes do not
count, or the later one is told that the upload is lost. Different uploads, and everything about objects and
derivatives, may be called from any number of threads and processes at once.
"""

import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, runtime_checkable
from uuid import uuid4

from media.reading import Piece, Reading
from media.store_refusals import WrongRange

_UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHELF = re.compile(r"[0-9a-f]{2}")
_DERIVATIVE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?:\.[a-z0-9]{1,8})?")


@dataclass(frozen=True)
class StoredObject:
    """A finished object: SHA-256 in lower-case hex, and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Progress:
    """How far an upload has come: `offset` bytes are there and may be acknowledged.

    `notes` is JSON of the store's own, at most some hundred kilobytes; others keep it and do not look inside.
    """

    offset: int = 0
    notes: dict[str, Any] = field(default_factory=dict)


class Writing(Protocol):
    """An upload in the hands of one writer, until it is closed; leaving a `with` block closes it. To be inherited."""

    @property
    def progress(self) -> Progress:
        """What is there and may be written down now. It grows while bytes are written, or only at `flush`."""

    @property
    def size(self) -> int:
        """Bytes that have come, those that are not in `progress` yet among them."""

    def write(self, piece: Piece) -> None:
        """Take the next bytes; the piece is the caller's again when this returns.

        Raises `StoreFull` at any byte, `UploadUnknown` when what came before is lost. Then what counts is `progress`,
        and a `flush` may find room for the rest.
        """

    def flush(self) -> Progress:
        """Put all that has come into `progress`. Raises `StoreFull`, `UploadUnknown`.

        It need not survive a loss of power before `finish`, if `resume` then finds out.
        """

    def finish(self, sha256: str | None) -> StoredObject:
        """Make all that has come an object: check its hash, make it durable, and only then give it its name.

        None takes whatever hash the bytes have. The hash is that of the bytes which are stored, not of what was
        meant to be. When this returns, object and name survive a loss of power. The same bytes are stored once,
        whoever comes first, and an existing object is never written again. The upload stays until it is
        discarded, so this may be repeated after a crash, from a progress that holds all of the bytes. One
        that holds fewer may be lost by then: so write down what is whole before, unless nothing was so far.
        Raises `DigestMismatch` (the upload stays as it is), `StoreFull`, `UploadUnknown` when bytes are lost.
        """

    def close(self) -> None:
        """Let the upload go; may be called twice. Bytes that are not in `progress` are forgotten."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Store(Protocol):
    """A place for bytes. Ids, hashes and names of the wrong form raise `ValueError`, nothing touched.

    Any method may raise `StoreUnavailable`.
    """

    def begin(self, upload_id: str, most: int, sha256: str | None = None) -> Progress:
        """Start an upload that will have at most `most` bytes, and that promises to have this hash.

        An upload that is lost may begin again under its id. Raises `StoreFull`.
        """

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """Say what is really there: `progress`, or less of it when a loss of power or of a disk took some.

        Notes of a store of another kind are those of an upload of which nothing is there.
        """

    def write(self, upload_id: str, progress: Progress, *, hold_back: bool = False) -> Writing:
        """Go on at `progress.offset`. Bytes past it come from a writer that never wrote them down: they are cut off.

        Opening alone changes nothing that is there. From then until it is closed no earlier writer can touch what
        this one writes. With `hold_back` nothing counts before `flush`, and closing without it leaves no trace.
        Raises `UploadUnknown`, and `WrongOffset` when fewer bytes are there than `progress` says.
        """

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """Forget what `before` needs and `now` does not. To be called when `now` is written down, or never."""

    def discard(self, upload_id: str, progress: Progress) -> None:
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


@runtime_checkable
class FinishesTogether(Protocol):
    """A store to which several uploads that end at once cost less than one after the other."""

    def finish_together(self, writings: Sequence[Writing]) -> list[StoredObject]:
        """Make objects of uploads of this store as `Writing.finish(None)` of each would, in their order.

        When this returns, all of them survive a loss of power. Raises what that raises: then each may be an object, or not.
        """


def finish_together(store: Store, writings: Sequence[Writing]) -> list[StoredObject]:
    """Make objects of uploads of which no hash was promised, in the cheapest way that a store has for it.

    Raises what `Writing.finish` raises: then each may be an object, or not, and may be finished again.
    """
    if isinstance(store, FinishesTogether):
        return store.finish_together(writings)
    return [writing.finish(None) for writing in writings]


def as_file(content: bytes | BinaryIO) -> tuple[BinaryIO, int]:
    """Give content as a file at its beginning, and its length in bytes."""
    if isinstance(content, bytes):
        return io.BytesIO(content), len(content)
    length = content.seek(0, os.SEEK_END)
    content.seek(0)
    return content, length


def is_upload_id(name: str) -> bool:
    """Say whether this may name an upload."""
    return _UPLOAD_ID.fullmatch(name) is not None


def check_upload_id(upload_id: str) -> None:
    """Raise `ValueError` unless this may name an upload: it becomes part of a file name."""
    if not is_upload_id(upload_id):
        message = f"not an upload id: {upload_id!r}"
        raise ValueError(message)


def check_sha256(sha256: str) -> None:
    """Raise `ValueError` unless this is a SHA-256 in lower-case hex."""
    if not _SHA256.fullmatch(sha256):
        message = f"not a SHA-256 in lower-case hex: {sha256!r}"
        raise ValueError(message)


def check_shelf(shelf: str) -> None:
    """Raise `ValueError` unless this is two hexadecimal digits in lower case: it becomes part of a path."""
    if not _SHELF.fullmatch(shelf):
        message = f"not a shelf: {shelf!r}"
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


def damaged_key(sha256: str) -> str:
    """A new path, below a store's root, for bytes that lay under an object's name and are others."""
    check_sha256(sha256)
    return f"damaged/{sha256}.{uuid4().hex}"


def object_at(key: str) -> str | None:
    """The hash of the object whose path this is; None for what somebody else put into the store's folders."""
    name = key.rpartition("/")[2]
    return name if _SHA256.fullmatch(name) and key == object_key(name) else None


def original_at(key: str) -> str | None:
    """The hash of the object from which was made what lies at this path; None for what somebody else put there."""
    return object_at(key.rpartition("/")[0].replace("derivatives/", "objects/", 1))


def derivative_key(sha256: str, name: str) -> str:
    """Path of a derivative below a store's root, `derivatives/ab/cd/abcd…/name`."""
    check_sha256(sha256)
    check_derivative_name(name)
    return f"derivatives/{sha256[:2]}/{sha256[2:4]}/{sha256}/{name}"
