"""Originals that have a row and that the store has lost: getting them back, or asking whoever may still hold them.

Without its row a file is told as `absent` and counts as missing: a phone that still holds it sends it again, and a record
that is not finished waits for it. Its links stay, and so does what the audit log tells of it.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from media import DigestMismatch, Listing, ObjectUnknown, Store, StoredObject, StoreError, StoreUnavailable
from server import audit, clock
from server.access import SYSTEM
from server.audit import AuditEntry
from server.db import Sessions
from server.evidence import rebuilding
from server.evidence.models import MediaLink, MediaObject, Upload

log = logging.getLogger("merestone.evidence")

#: Copies an original into the store from a second place. Raises `ObjectUnknown` or `DigestMismatch` when that has none that
#: is whole, `StoreError` when it can't say.
Second = Callable[[StoredObject], None]

#: So many originals, from all over the store, tell whether it is there at all.
_SAMPLES: Final = 16


@dataclass(frozen=True)
class Losses:
    """What a store has lost: what came back from the second place, and what did not, by SHA-256 with why."""

    restored: list[str]
    lost: dict[str, str]


def originals(session: Session, shelf: str) -> list[StoredObject]:
    """Tell which originals the database knows on a shelf."""
    # Behind two hexadecimal digits comes another one: `g` is behind all of them.
    named = select(MediaObject.sha256, MediaObject.size).where(
        MediaObject.sha256 >= shelf, MediaObject.sha256 < f"{shelf}g"
    )
    return [StoredObject(sha256, size) for sha256, size in session.execute(named)]


def samples(session: Session) -> set[str]:
    """Name some originals from all over the store."""
    found = set()
    for number in range(_SAMPLES):
        next_one = select(MediaObject.sha256).where(MediaObject.sha256 >= f"{number:x}")
        found.add(session.scalar(next_one.order_by(MediaObject.sha256).limit(1)))
    return {each for each in found if each is not None}


def seems_away(store: Store, some: Collection[str]) -> bool:
    """Say whether a store has none of some originals: it is another one, or its disk is not mounted.

    One alone may as well be lost. To be asked outside of a transaction: a bucket may be slow.
    """
    return len(some) > 1 and not any(store.exists(each) for each in some)


def is_whole(store: Store, stored: StoredObject) -> bool:
    """Read an object and say whether its bytes are those of its name. Raises `StoreError`."""
    digest = hashlib.sha256()
    with store.open(stored.sha256) as reading:
        for piece in reading:
            digest.update(piece)
    return digest.hexdigest() == stored.sha256


def who_may_hold(session: Session, shas: Collection[str]) -> Iterator[tuple[str, UUID, UUID | None]]:
    """Tell of lost originals the records that name them, and who sealed these: by SHA-256."""
    named = select(MediaLink.sha256, MediaLink.record_id, MediaLink.author_id).distinct()
    yield from session.execute(named.where(MediaLink.sha256.in_(shas)).order_by(MediaLink.sha256))


def lost_now(session: Session, most: int | None = None) -> list[str]:
    """Name lost originals that nobody has given back yet, at most so many."""
    back = select(MediaObject.sha256).where(MediaObject.sha256 == AuditEntry.subject).exists()
    told = select(AuditEntry.subject).where(AuditEntry.action == "media.lost", ~back)
    return list(session.scalars(told.distinct().limit(most)))


class LostAndFound:
    """What the patrol does about originals that the store has lost.

    `second`: from where they come back, if there is such a place. `is_sure`: a person says that this is the right store,
    however little is in it. `reads`: every original is read, too, and one whose bytes are others is as good as lost.
    """

    def __init__(
        self,
        store: Store,
        readers: Sessions,
        second: Second | None,
        *,
        is_sure: bool = False,
        reads: bool = False,
    ) -> None:
        self._store, self._readers, self._second = store, readers, second
        self._is_sure, self._reads = is_sure, reads

    def search(self, named: Iterable[StoredObject], there: Mapping[str, int]) -> Losses:
        """Bring back what rows name and the store lacks; `there` is what was listed after the rows were read.

        Raises `StoreUnavailable` when it is the whole store that is not there.
        """
        found = Losses([], {})
        missing = list(self._missing(named, there))
        if not missing:
            return found
        with self._readers.begin() as session:
            some = samples(session)
        if not self._is_sure and seems_away(self._store, some):
            raise StoreUnavailable("the store has nothing of what the database knows: is it the right one?")
        for each, is_damaged in missing:
            log.error("an original is lost", extra={"sha256": each.sha256, "damaged": is_damaged})
            if is_damaged and isinstance(self._store, Listing):
                self._store.set_aside(each.sha256)  # it would keep the right bytes out
            self._bring_back(each, found)
        return found

    def _missing(
        self, named: Iterable[StoredObject], there: Mapping[str, int]
    ) -> Iterator[tuple[StoredObject, bool]]:
        for each in named:
            if there.get(each.sha256) == each.size:
                # Read twice before it is believed: what is wrong may be on the way.
                if self._reads and not (is_whole(self._store, each) or is_whole(self._store, each)):
                    yield each, True
                continue
            try:  # a listing may miss what comes meanwhile
                size = self._store.stat(each.sha256).size
            except ObjectUnknown:
                yield each, False
            else:
                if size != each.size:
                    yield each, True

    def _bring_back(self, wanted: StoredObject, found: Losses) -> None:
        if self._second is None:
            found.lost[wanted.sha256] = "no second copy is known"
            return
        try:
            self._second(wanted)
        except (ObjectUnknown, DigestMismatch) as error:
            found.lost[wanted.sha256] = f"{type(error).__name__}: {error}"
        except StoreError as error:  # its row stays, and the patrol comes again
            log.warning(
                "the second copy can't be asked", extra={"sha256": wanted.sha256, "reason": str(error)[:300]}
            )
        else:
            found.restored.append(wanted.sha256)


def settle(session: Session, found: Losses) -> None:
    """Write down what came back and what is lost."""
    if found.restored:
        rebuilding.make_anew(session, found.restored)
        for sha256 in found.restored:
            audit.append(session, SYSTEM, "media.restored", ("media", sha256))
    give_up(session, found.lost)


def give_up(session: Session, lost: Mapping[str, str]) -> None:
    """Forget the rows of originals that nobody here has, by SHA-256 with why, so that phones are asked for them."""
    if not lost:
        return
    known = select(MediaObject.sha256, MediaObject.size, MediaObject.sm3).where(MediaObject.sha256.in_(lost))
    rows = session.execute(known.order_by(MediaObject.sha256)).all()
    session.execute(delete(MediaObject).where(MediaObject.sha256.in_(lost)))
    # Asked about its old upload a phone would hear that all is here.
    session.execute(
        update(Upload)
        .where(Upload.sha256.in_(lost), Upload.finished_at.is_not(None), Upload.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    for sha256, size, sm3 in rows:
        told = {"why": lost[sha256][:500], "size": size, "sm3": sm3}
        audit.append(session, SYSTEM, "media.lost", ("media", sha256), told)
