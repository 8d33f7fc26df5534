"""Files that come whole with something else, and not as uploads of their own: stored first, then given their rows.

store (no transaction) → enter (within the transaction that says what they belong to) → number (once it is sealed)
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy.orm import Session

from media import SNIFF_LENGTH, Kind, Progress, Readable, Store, StoredObject, StoreError, StoreFull, sniff
from server import audit
from server.db import Json
from server.evidence import uploads

_PIECE: Final = 256 * 1024


@dataclass(frozen=True)
class Kept:
    """A file that is in the store, and what its first bytes say that it is."""

    stored: StoredObject
    kind: Kind | None


def store_file(store: Store, source: Readable, size: int) -> Kept:
    """Store a file of `size` bytes. Whatever happens, nothing is left but the object. Raises `StoreError`."""
    if store.free_space() < size:
        raise StoreFull(f"{size} bytes do not fit")
    name = str(uuid4())
    progress = store.begin(name, size)
    head = b""
    try:
        with store.write(name, progress) as writing:
            while piece := source.read(_PIECE):
                head = head or piece[:SNIFF_LENGTH]
                writing.write(piece)
            stored = writing.finish(None)
            progress = writing.progress
    finally:
        _forget(store, name, progress)
    return Kept(stored, sniff(head))


def enter_files(
    session: Session, actor: audit.Acting, files: Sequence[Kept], origin: Json
) -> dict[str, audit.Fact]:
    """Give objects their rows where they have none; the facts, by hash, are to be numbered by `number_files`."""
    facts: dict[str, audit.Fact] = {}
    # In one order everywhere: two who bring the same files wait for each other, and never in a circle.
    for file in sorted(files, key=lambda each: each.stored.sha256):
        fact = uploads.enter(session, actor, file.stored, file.kind, origin)
        if fact is not None:
            facts[file.stored.sha256] = fact
    return facts


number_files = uploads.number


def _forget(store: Store, name: str, progress: Progress) -> None:
    # What is not forgotten now is found by the patrol.
    with suppress(StoreError):
        store.discard(name, progress)
