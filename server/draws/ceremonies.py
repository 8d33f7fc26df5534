"""The steps of a ceremony after its commitment: freeze, reveal; or abandon. Each is in the audit log with its time.

Nobody knows the secret between its commitment and its revelation, not even who runs the ceremony: a frame can't be
made to suit it. What was once revealed stays public, also when it is drawn anew.
"""

import zlib
from collections import Counter
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from server import clock, locks
from server.access import Actor
from server.db import is_postgresql
from server.draws import frame as frames
from server.draws import lottery
from server.draws.finding import at_step, frame_of, note
from server.draws.frame import Frame
from server.draws.framing import build_frame
from server.draws.history import over_cap
from server.draws.models import Ceremony, CeremonyKind, CeremonyState, LockedObject
from server.draws.planned import row_of
from server.draws.sealing import open_secret
from server.draws.selection import Selection
from server.planning.models import PlannedInspection
from server.problems import CeremonyOutOfOrder, CeremonyOverCap, CeremonyRandomness

EXAMPLES = 100
"""Objects that a preview names."""


def preview(session: Session, actor: Actor, ceremony_id: UUID, selection: Selection) -> dict[str, Any]:
    """Tell what a frame would hold, and which objects nobody could visit; nothing is kept."""
    ceremony = at_step(session, actor, ceremony_id, CeremonyState.COMMITTED)
    planned = session.get_one(PlannedInspection, ceremony.planned_id)
    frame = build_frame(session, ceremony, planned, selection).frame
    hopeless = lottery.unmatchable(frame)
    out = Counter(each["out"] for each in frame["objects"] if each["out"])
    return {
        "objects": len(frame["objects"]),
        "out": dict(out),
        "strata": frame["strata"],
        "arithmetic": frame["about"]["arithmetic"],
        "people": dict(Counter(each["team"] for each in frame["people"])),
        "people_out": frame["about"]["people_out"],
        "unmatchable": len(hopeless),
        "examples": hopeless[:EXAMPLES],
    }


def freeze(session: Session, actor: Actor, ceremony_id: UUID, selection: Selection) -> Ceremony:
    """Build the frame, freeze it and publish its digest: who is in, who is out and why, how many, from whom."""
    ceremony = at_step(session, actor, ceremony_id, CeremonyState.COMMITTED)
    planned = row_of(session, ceremony)
    built = build_frame(session, ceremony, planned, selection)
    frames.check(built.frame)
    spelling = frames.canonical(built.frame)
    ceremony.frame_digest = frames.digest(spelling)
    ceremony.frame, ceremony.people = zlib.compress(spelling), built.people
    ceremony.state, ceremony.frozen_at = CeremonyState.FROZEN.value, clock.now()
    session.flush()
    details = {
        "digest": ceremony.frame_digest,
        "objects": len(built.frame["objects"]),
        "out": sum(bool(each["out"]) for each in built.frame["objects"]),
        "people": len(built.frame["people"]),
    }
    note(session, actor, ceremony, "ceremony.frozen", details)
    return ceremony


def reveal(session: Session, actor: Actor, key: bytes, ceremony_id: UUID, randomness: str = "") -> Ceremony:
    """Reveal the secret and draw: from now on the list stands, and its objects are locked.

    CeremonyRandomness unless public randomness is given exactly when it was announced; DrawUnusable where the plan was
    amended since the frame was frozen; CeremonyOverCap where something in the frame was drawn elsewhere since, so that
    it could be visited more often than the bureau allows: a frozen frame never changes, so a new one is announced.
    """
    ceremony = at_step(session, actor, ceremony_id, CeremonyState.FROZEN)
    if bool(ceremony.randomness_source) != bool(randomness):
        raise CeremonyRandomness()
    row_of(session, ceremony)
    frame = frame_of(ceremony)
    _refuse_over_cap(session, ceremony, frame)
    ceremony.secret = open_secret(key, ceremony.id, ceremony.sealed_secret or b"")
    ceremony.sealed_secret, ceremony.randomness = None, randomness
    ceremony.seed = lottery.seed_of(ceremony.secret, ceremony.frame_digest, randomness)
    outcome = lottery.draw(frame, ceremony.seed)
    ceremony.outcome = cast("dict[str, Any]", outcome)
    ceremony.state, ceremony.revealed_at = CeremonyState.REVEALED.value, clock.now()
    session.flush()
    _lock(session, ceremony, frame, outcome)
    details = {
        "seed": ceremony.seed,
        "drawn": len(outcome["drawn"]),
        "visits": len(outcome["visits"]),
        "unmatched": len(outcome["unmatched"]),
    }
    note(session, actor, ceremony, "ceremony.revealed", details)
    return ceremony


def abandon(session: Session, actor: Actor, ceremony_id: UUID, reason: str) -> Ceremony:
    """Give a ceremony up, with a reason that everybody can read.

    That is before anything was revealed; afterwards only where the plan was changed so that nothing can be drawn for its
    row again. What was revealed stays public.
    """
    steps = [CeremonyState.COMMITTED, CeremonyState.FROZEN, CeremonyState.REVEALED]
    ceremony = at_step(session, actor, ceremony_id, *steps)
    planned = session.get_one(PlannedInspection, ceremony.planned_id)
    if ceremony.state == CeremonyState.REVEALED and planned.withdrawn_at is None:
        raise CeremonyOutOfOrder(state=ceremony.state)
    ceremony.state, ceremony.ended_at = CeremonyState.ABANDONED.value, clock.now()
    ceremony.reason, ceremony.sealed_secret = reason, None
    session.flush()
    note(session, actor, ceremony, "ceremony.abandoned", {"reason": reason})
    return ceremony


def _refuse_over_cap(session: Session, ceremony: Ceremony, frame: Frame) -> None:
    """Two that draw at once see each other: one waits for the other."""
    if is_postgresql(session):
        locks.take(session, locks.Lock.DRAW)
    over = over_cap(session, ceremony, frame)
    if over:
        named = [{"id": each["id"], "name": each["name"]} for each in over[:EXAMPLES]]
        raise CeremonyOverCap(count=len(over), objects=named)


def _lock(session: Session, ceremony: Ceremony, frame: Frame, outcome: lottery.Outcome) -> None:
    visited = {each["object"] for each in outcome["visits"]}
    if ceremony.kind == CeremonyKind.MATCH:
        matched = update(LockedObject).where(
            LockedObject.ceremony_id == ceremony.locked_by_id,
            LockedObject.object_id.in_([UUID(each) for each in visited]),
        )
        session.execute(matched.values(matched_id=ceremony.id))
        return
    regions = {each["id"]: each["region"] for each in frame["objects"]}
    rows = [
        {
            "ceremony_id": ceremony.id,
            "object_id": UUID(found),
            "region": regions[found],
            "matched_id": ceremony.id if found in visited else None,
        }
        for found in outcome["drawn"]
    ]
    session.execute(insert(LockedObject), rows)
