"""Files that come whole with something else, and not as uploads of their own: stored first, then given their rows.

store (no transaction) → enter (within the transaction that says what they belong to) → number (once it is sealed)
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    Kind,
    Piece,
    Readable,
    Store,
    StoredObject,
    StoreError,
    StoreFull,
    Writing,
    finish_together,
    sniff,
)
from server import audit
from server.access import Actor
from server.db import Json
from server.evidence import possession, uploads

_PIECE: Final = 256 * 1024
#: So many files that come together are open at once.
OPEN_FILES: Final = 16


@dataclass(frozen=True)
class Kept:
    """A file that is in the store, and what its first bytes say that it is."""

    stored: StoredObject
    kind: Kind | None


class Coming:
    """A file that goes to the store as it comes; to be discarded whatever becomes of it, the object stays.

    Its bytes are hashed and written once, as they come. `size`: so many have come.
    """

    def __init__(self, store: Store, most: int) -> None:
        """Begin a file of at most `most` bytes. Raises `StoreError`."""
        self.size = 0
        self._store = store
        self._name = str(uuid4())
        self._head = b""
        self._progress = store.begin(self._name, most)
        self._writing: Writing | None = store.write(self._name, self._progress)

    def write(self, piece: Piece) -> None:
        """Take the next bytes; the piece is the caller's again when this returns. Raises `StoreError`."""
        if len(self._head) < SNIFF_LENGTH:
            self._head += bytes(piece[: SNIFF_LENGTH - len(self._head)])
        self.open().write(piece)
        self.size += len(piece)

    def rest(self) -> None:
        """Let go of what the system lends (a file): what has come is there, and it goes on when it is asked to."""
        if self._writing is not None:
            self._progress = self._writing.flush()
            self._writing.close()
            self._writing = None

    def open(self) -> Writing:
        """Take up again what was laid to rest. Raises `StoreError`."""
        if self._writing is None:
            self._writing = self._store.write(self._name, self._progress)
        return self._writing

    def as_kept(self, stored: StoredObject) -> Kept:
        """Say what the object that it became is."""
        return Kept(stored, sniff(self._head))

    def discard(self) -> None:
        """Forget it; what can't be forgotten now is found by the patrol."""
        with suppress(StoreError):
            if self._writing is not None:
                self._progress = self._writing.progress
                self._writing.close()
            self._store.discard(self._name, self._progress)


def finish_files(store: Store, files: Sequence[Coming]) -> list[Kept]:
    """Make objects of files that are whole, together; of very many not all at once. Raises `StoreError`."""
    kept: list[Kept] = []
    for start in range(0, len(files), OPEN_FILES):
        some = files[start : start + OPEN_FILES]
        stored = finish_together(store, [each.open() for each in some])
        kept += [coming.as_kept(each) for coming, each in zip(some, stored, strict=True)]
        if len(files) > OPEN_FILES:
            for coming in some:
                coming.rest()
    return kept


def store_file(store: Store, source: Readable, size: int) -> Kept:
    """Store a file of `size` bytes. Whatever happens, nothing is left but the object. Raises `StoreError`."""
    if store.free_space() < size:
        raise StoreFull(f"{size} bytes do not fit")
    coming = Coming(store, size)
    try:
        while piece := source.read(_PIECE):
            coming.write(piece)
        [kept] = finish_files(store, [coming])
        return kept
    finally:
        coming.discard()


def enter_files(session: Session, files: Sequence[tuple[audit.Acting, Kept, Json]]) -> dict[str, audit.Fact]:
    """Give objects their rows where they have none; the facts, by hash, are to be numbered by `number_files`.

    Of each file who brought it, and its origin as the audit log tells it.
    """
    brought = [(actor, kept.stored, kept.kind, origin) for actor, kept, origin in files]
    possession.note_brought(
        session,
        [(actor.person_id, kept.stored.sha256) for actor, kept, _ in files if isinstance(actor, Actor)],
    )
    return uploads.enter_all(session, brought)


number_files = uploads.number
