"""Comparing the store with its rows, both ways: what a crash left is adopted or forgotten, what is lost brought back.

A duty of the worker.

An object is whole, was hashed, and came from somebody who was signed in. Where no row names it, it is the database
that forgot, by a crash or by a backup brought back; so objects are adopted and never removed (decision 0018).
Forgotten is what can't become one any more: bytes of uploads that are over, and derivatives without an object.

claim (what is due) → perform (lists and reads) → settle (short transaction).
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import SNIFF_LENGTH, Kind, Listing, Store, StoredObject, sniff
from server import audit, clock
from server.access import SYSTEM
from server.db import Sessions
from server.evidence import losing, uploads
from server.evidence.losing import Losses, LostAndFound
from server.evidence.models import MediaObject, Upload

log = logging.getLogger("merestone.evidence")

#: One of 256 shelves at a time: all of a store in 21 hours.
EVERY: Final = timedelta(minutes=5)
#: What was written within a day may belong to somebody who is still at work.
GRACE: Final = timedelta(days=1)
SHELVES: Final = tuple(f"{number:02x}" for number in range(256))
_AT_ONCE: Final = 500
_Item = TypeVar("_Item")


class ListedStore(Store, Listing, Protocol):
    """A store that can be looked through."""


@dataclass(frozen=True)
class Found:
    """What one round found: objects that no row named, with their kind, how much was forgotten, and what was lost."""

    objects: list[tuple[StoredObject, Kind | None]]
    uploads: int
    derivatives: int
    losses: Losses


@dataclass
class Patrol:
    """The duty over one store. Uploads that nobody has begun anew for `lasting` have expired.

    `searching`: what looks for originals that are lost, None where nobody is to look for them.
    """

    store: ListedStore
    readers: Sessions
    lasting: timedelta
    searching: LostAndFound | None
    _round: int = field(default=-1, init=False)

    def claim(self, _session: Session) -> list[str]:
        """Tell the shelf whose time has come. Several workers may walk the same one: nothing is done twice."""
        current = int(clock.now().timestamp() // EVERY.total_seconds())
        if current == self._round:
            return []
        self._round = current
        return [SHELVES[current % len(SHELVES)]]

    def perform(self, shelf: str) -> Found:
        """Look through the shelf. Raises `StoreError`: then its turn comes again tomorrow."""
        over = self._over()
        for name in over:
            self.store.forget_upload(name)
        with self.readers.begin() as session:  # first: what has a row by now is in the listing that follows
            named = losing.originals(session, shelf)
        listed = list(self.store.objects(shelf))
        there = {each.sha256: each.size for each in listed}
        losses = self.searching.search(named, there) if self.searching else Losses([], {})
        derivatives = self.store.discard_orphans(shelf, clock.now() - GRACE)
        known = {each.sha256 for each in named}
        strange = [each for each in listed if each.sha256 not in known]
        return Found(list(self._unknown(strange)), len(over), derivatives, losses)

    def settle(self, session: Session, shelf: str, found: Found) -> None:
        """Give objects without a row the row they lack; say in the audit log what was found."""
        for stored, kind in found.objects:
            uploads.write_down(session, SYSTEM, stored, kind, {"adopted": True})
        if found.uploads or found.derivatives:
            counts = {"uploads": found.uploads, "derivatives": found.derivatives}
            audit.append(session, SYSTEM, "store.swept", ("shelf", shelf), counts)
        losing.settle(session, found.losses)

    def _over(self) -> list[str]:
        """Uploads whose bytes can't become an object: they have no row, or one that needs them no more.

        What has no row must be older than an upload may live: even the wrong database, asked by mistake, would
        say of none that it goes on.
        """
        stale = [
            name for name in self.store.stale_uploads(clock.now() - self.lasting - GRACE) if _is_ours(name)
        ]
        over = []
        for names in _batches(stale):
            rows = select(Upload.id, Upload.sha256, Upload.finished_at, Upload.ended_at)
            with self.readers.begin() as session:
                found = {
                    str(row.id): row for row in session.execute(rows.where(Upload.id.in_(map(UUID, names))))
                }
            for name in names:
                row = found.get(name)
                if row is None or row.ended_at or (row.finished_at and self.store.exists(row.sha256)):
                    over.append(name)
        return over

    def _unknown(self, strange: list[StoredObject]) -> Iterator[tuple[StoredObject, Kind | None]]:
        """Objects that no row names and whose bytes are what their name says; some may have got their row meanwhile."""
        for objects in _batches(strange):
            named = select(MediaObject.sha256).where(
                MediaObject.sha256.in_([each.sha256 for each in objects])
            )
            with self.readers.begin() as session:
                known = set(session.scalars(named))
            for stored in objects:
                if stored.sha256 not in known:
                    yield from self._examined(stored)

    def _examined(self, stored: StoredObject) -> Iterator[tuple[StoredObject, Kind | None]]:
        digest, head = hashlib.sha256(), b""
        with self.store.open(stored.sha256) as reading:
            for piece in reading:
                digest.update(piece)
                head += bytes(piece[: SNIFF_LENGTH - len(head)])
        if digest.hexdigest() == stored.sha256:
            yield stored, sniff(head)
        else:  # neither adopted nor removed: that is for a person to judge
            log.error("an object without a row is damaged", extra={"sha256": stored.sha256})


def _is_ours(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _batches(items: list[_Item]) -> Iterator[list[_Item]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
