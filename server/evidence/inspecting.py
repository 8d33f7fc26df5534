"""Looking into what is stored: its SM3, what the device wrote, the small things that show it. A duty of the worker.

claim (short transaction) → perform (none) → settle (short transaction).
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    Kind,
    Likeness,
    Look,
    Looker,
    LookingInterrupted,
    Store,
    StoreError,
    UnreadableMedia,
    derivatives,
    original_file,
    sm3,
    sniff,
)
from server import audit, clock
from server.access import SYSTEM
from server.db import Json
from server.evidence import resembling, service
from server.evidence.models import MediaObject
from server.jobs import wait_before

log = logging.getLogger("merestone.evidence")

#: After so long a file that was claimed and never settled is claimed again.
LEASE: Final = timedelta(minutes=15)
#: What could not be tried is tried so often, with waits from a minute to six hours: for about a day.
MOST_ATTEMPTS: Final = 12
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_NO_KIND: Final = "不是可识别的照片、录音或录像。No photo, recording or video of a kind we know."
_GIVEN_UP: Final = "多次尝试后仍无法处理。It could not be looked into, though it was tried many times: "


@dataclass(frozen=True)
class Inspection:
    """One file to look into. `attempt`: 1 for the first."""

    sha256: str
    restricted: bool = False
    attempt: int = 1


@dataclass(frozen=True)
class Finding:
    """What came of looking into a file: a look at what it shows, or why there is none.

    `interrupted`: why it could not be tried now.
    """

    sm3: str | None = None
    look: Look = field(default_factory=lambda: Look({}))
    interrupted: str | None = None


def claim(session: Session, limit: int = 4) -> list[Inspection]:
    """Take the files that have waited longest, the new ones first; other workers pass them by until the lease is over."""
    now = clock.now()
    waiting = session.scalars(
        select(MediaObject)
        .where(MediaObject.inspect_after <= now)
        .order_by(MediaObject.recipe.is_not(None), MediaObject.inspect_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for each in waiting:
        each.inspect_after = now + LEASE
        each.attempts += 1
    restricted = service.restricted_among(session, [each.sha256 for each in waiting])
    return [Inspection(each.sha256, each.sha256 in restricted, each.attempts) for each in waiting]


def perform(store: Store, looker: Looker, work: Inspection) -> Finding:
    """Read a file's facts and keep what shows it, but nothing of a restricted form's files."""
    if work.attempt > MOST_ATTEMPTS:  # what was found could never be written down
        return Finding(interrupted="not settled")
    try:
        if work.restricted:
            forget_derivatives(store, work.sha256)
        with original_file(store, work.sha256, looker.folder) as file:
            digest = sm3(file)
            kind = sniff(file.read(SNIFF_LENGTH))
            look = _look(looker, file, kind, derive=not work.restricted)
        for name, content in look.made.items():
            store.put_derivative(work.sha256, name, content)
    except (StoreError, LookingInterrupted) as error:
        log.warning("not looked into", extra={"sha256": work.sha256, "reason": str(error)[:300]})
        return Finding(interrupted=str(error)[:500])
    return Finding(digest, look)


def settle(session: Session, work: Inspection, finding: Finding) -> None:
    """Write down what was found, a photo's fingerprint apart. What could not be tried waits, or is given up in the end."""
    found = session.get_one(MediaObject, work.sha256, with_for_update=True)
    now = clock.now()
    if finding.interrupted is not None and work.attempt < MOST_ATTEMPTS:
        found.inspect_after = now + wait_after(work.attempt)
        return
    found.inspect_after, found.attempts = None, 0
    if finding.interrupted is not None:
        found.facts = {"unreadable": given_up(finding.interrupted)}
        _note(session, found)
        return
    # Asked only now that the row is locked: a restricted record may have named the file since it was claimed.
    restricted = service.is_restricted(session, work.sha256)
    if restricted and not work.restricted:
        found.inspect_after = now  # what was made of it must go
    likeness = finding.look.facts.pop("likeness", None)
    if likeness is not None and not restricted:
        resembling.keep(session, work.sha256, Likeness.read(likeness))
    found.sm3, found.facts, found.recipe = finding.sm3, finding.look.facts, derivatives.RECIPE
    found.derivatives = _kept(found.derivatives, finding.look)
    found.copy_after = now if finding.look.needs_copy else None
    _note(session, found)


def wait_after(attempt: int) -> timedelta:
    """Return how long what could not be tried waits."""
    return wait_before(attempt, _FIRST_WAIT, _LONGEST_WAIT)


def given_up(reason: str) -> str:
    """Say that it was tried often enough."""
    return f"{_GIVEN_UP}{reason}"


def forget_derivatives(store: Store, sha256: str) -> None:
    """Remove everything that was made of a file."""
    for name in derivatives.MEDIA_TYPES:
        store.discard_derivative(sha256, name)


def entry(name: str, size: int) -> Json:
    """Describe a derivative that was made, as `MediaObject.derivatives` has it."""
    return {"name": name, "size": size, "recipe": derivatives.RECIPE}


def role(name: str) -> str:
    """Say what a derivative is for, from its name."""
    return name.partition(".")[0]


def _look(looker: Looker, file: BinaryIO, kind: Kind | None, *, derive: bool) -> Look:
    if kind is None:
        return Look({"unreadable": _NO_KIND})
    if kind.family == "document":
        return Look({})
    try:
        return looker.look(file, kind, derive)
    except UnreadableMedia as error:
        return Look({"unreadable": error.reason})


def _kept(before: Json, look: Look) -> Json:
    """What there is of a file now; an older copy is shown until its successor is made."""
    made = {role(name): entry(name, len(content)) for name, content in look.made.items()}
    unmade = {name: {"unavailable": reason} for name, reason in look.unmade.items()}
    older = {"playable": before["playable"]} if look.needs_copy and "playable" in before else {}
    return {**older, **made, **unmade}


def _note(session: Session, found: MediaObject) -> None:
    facts: Json = {"readable": "unreadable" not in found.facts}
    if not facts["readable"]:
        facts["reason"] = found.facts["unreadable"]
    audit.append(session, SYSTEM, "media.inspected", ("media", found.sha256), facts)
