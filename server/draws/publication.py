"""The file of a draw for everybody: what was promised, the frame, the secret, list and pairs; no names of people.

`docs/verify_draw.py` checks it. Before the secret is revealed it says what was promised until then.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Organisation
from server.draws.finding import frame_text
from server.draws.models import Ceremony
from server.draws.pairing import substitutions_of
from server.planning.models import PlannedInspection
from server.problems import CeremonyNotFound

FORMAT = "merestone-draw/1"


def published_ceremonies() -> Select[Ceremony]:
    """Select all ceremonies: each is public from its commitment on, also if it was abandoned or superseded."""
    return select(Ceremony)


def public_file(session: Session, ceremony_id: UUID) -> bytes:
    """Write the file of one ceremony as JSON; its frame is spelled as it was hashed."""
    ceremony = session.get(Ceremony, ceremony_id)
    if ceremony is None:
        raise CeremonyNotFound()
    head = public_heads(session, [ceremony])[0]
    outcome = ceremony.outcome or {"drawn": [], "visits": [], "unmatched": []}
    replacements = [
        {
            "object": str(each.object_id),
            "team": each.team,
            "out": each.out,
            "into": each.into,
            "cause": each.cause,
            "at": clock.iso(each.at),
        }
        for each in substitutions_of(session, ceremony.id)
    ]
    body = {
        **head,
        "secret": ceremony.secret,
        "randomness": ceremony.randomness,
        "seed": ceremony.seed,
        **outcome,
        "replacements": replacements,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    frame = frame_text(ceremony) if ceremony.frame else b"null"
    return text[:-1] + b',"frame":' + frame + b"}"


def public_heads(session: Session, ceremonies: Sequence[Ceremony]) -> list[dict[str, Any]]:
    """Say of each ceremony what a list of draws says: whose, for what, how far, and what is promised."""
    bureaus = _names(session, Organisation, {each.organisation_id for each in ceremonies})
    tasks = _names(session, PlannedInspection, {each.planned_id for each in ceremonies})
    followers = select(Ceremony.supersedes_id, Ceremony.id).where(
        Ceremony.supersedes_id.in_([each.id for each in ceremonies])
    )
    after = {row[0]: str(row[1]) for row in session.execute(followers)}
    return [
        {
            "format": FORMAT,
            "id": str(each.id),
            "number": each.number,
            "kind": each.kind,
            "state": each.state,
            "region": each.region,
            "bureau": bureaus[each.organisation_id],
            "task": tasks[each.planned_id],
            "opens_on": each.opens_on.isoformat(),
            "due_on": each.due_on.isoformat(),
            "commitment": each.commitment,
            "randomness_source": each.randomness_source,
            "frame_digest": each.frame_digest,
            "locked_by": each.locked_by_id and str(each.locked_by_id),
            "supersedes": each.supersedes_id and str(each.supersedes_id),
            "superseded_by": after.get(each.id),
            "reason": each.reason,
            **{
                name: moment and clock.iso(moment)
                for name, moment in (
                    ("committed_at", each.committed_at),
                    ("frozen_at", each.frozen_at),
                    ("revealed_at", each.revealed_at),
                    ("published_at", each.published_at),
                    ("ended_at", each.ended_at),
                )
            },
        }
        for each in ceremonies
    ]


def _names(
    session: Session, kind: type[Organisation] | type[PlannedInspection], ids: set[UUID]
) -> dict[UUID, str]:
    return {row[0]: row[1] for row in session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))}
