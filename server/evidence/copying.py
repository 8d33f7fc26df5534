"""Making copies of recordings that browsers play (AMR, HEVC and the like). A duty of the worker, in its own time.

claim (short transaction) → perform (none) → settle (short transaction). One takes about as long as it plays, so it
must not stand in the way of anything else.
"""

import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    Kind,
    Looker,
    LookingInterrupted,
    Store,
    StoreError,
    UnreadableMedia,
    original_file,
    sniff,
)
from server import audit, clock
from server.access import SYSTEM
from server.db import Json
from server.evidence import inspecting, service
from server.evidence.models import MediaObject

log = logging.getLogger("merestone.evidence")

#: Longer than a copy may take; see `media.looker`.
LEASE: Final = timedelta(minutes=75)
_PLAYABLE: Final = "playable"


@dataclass(frozen=True)
class Copying:
    """One recording to copy. `attempt`: 1 for the first."""

    sha256: str
    attempt: int = 1


@dataclass(frozen=True)
class Copied:
    """What became of it: an entry of `MediaObject.derivatives`, or why it could not be tried now."""

    entry: Json
    interrupted: str | None = None


def claim(session: Session) -> list[Copying]:
    """Take the recording that has waited longest; other workers pass it by until the lease is over."""
    now = clock.now()
    waiting = session.scalars(
        select(MediaObject)
        .where(MediaObject.copy_after <= now)
        .order_by(MediaObject.copy_after)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).all()
    for each in waiting:
        each.copy_after = now + LEASE
        each.attempts += 1
    return [Copying(each.sha256, each.attempts) for each in waiting]


def perform(store: Store, looker: Looker, work: Copying) -> Copied:
    """Make the copy and keep it."""
    if work.attempt > inspecting.MOST_ATTEMPTS:
        return Copied({}, "not settled")
    try:
        with original_file(store, work.sha256, looker.folder) as file, looker.draft() as draft:
            # It was looked into, so it is of a kind that is known.
            name = looker.copy(file, cast("Kind", sniff(file.read(SNIFF_LENGTH))), draft)
            size = draft.seek(0, os.SEEK_END)
            store.put_derivative(work.sha256, name, draft)
    except UnreadableMedia as error:
        return Copied({"unavailable": error.reason})
    except (StoreError, LookingInterrupted) as error:
        log.warning("not copied", extra={"sha256": work.sha256, "reason": str(error)[:300]})
        return Copied({}, str(error)[:500])
    return Copied(inspecting.entry(name, size))


def settle(session: Session, work: Copying, copied: Copied) -> None:
    """Write down what was made. What could not be tried waits, or is given up in the end."""
    found = session.get_one(MediaObject, work.sha256, with_for_update=True)
    now = clock.now()
    if copied.interrupted is not None and work.attempt < inspecting.MOST_ATTEMPTS:
        found.copy_after = now + inspecting.wait_after(work.attempt)
        return
    found.copy_after, found.attempts = None, 0
    if service.is_restricted(session, work.sha256):
        found.inspect_after = now  # it became so meanwhile: what was made of it must go
        return
    made = copied.entry or {"unavailable": inspecting.given_up(copied.interrupted or "")}
    found.derivatives = {**found.derivatives, _PLAYABLE: made}
    facts: Json = {"playable": "unavailable" not in made}
    if not facts["playable"]:
        facts["reason"] = made["unavailable"]
    audit.append(session, SYSTEM, "media.copied", ("media", work.sha256), facts)
