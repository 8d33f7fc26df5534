"""A draw for readers, out of its public file and nothing else: steps, strata, list in drawn order, pairs, replacements."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import Json
from server.draws.publication import public_file
from server.publicity.models import Disclosure, DisclosureState
from server.registry.uscc import check_uscc, public_code

STEPS = (
    ("Promise", "committed_at"),
    ("Frame frozen", "frozen_at"),
    ("Revealed and drawn", "revealed_at"),
    ("Publication", "published_at"),
)
STATES: Mapping[str, str] = {
    "committed": "announced",
    "frozen": "frame frozen",
    "revealed": "drawn",
    "published": "published",
    "abandoned": "given up",
    "superseded": "drawn anew",
}
KINDS: Mapping[str, str] = {
    "full": "objects and inspectors",
    "objects": "objects",
    "match": "inspectors for locked objects",
}
OUT: Mapping[str, str] = {
    "drawn_before": "drawn earlier this year",
    "frequency_cap": "inspected often enough this year",
    "cancelled": "cancelled or revoked",
    "suspended": "out of business for now",
    "case_open": "under investigation",
    "other": "other reasons",
}
CAUSES: Mapping[str, str] = {
    "unavailable": "can't go",
    "recusal": "has an interest (recusal)",
    "unqualified": "certificate not valid",
}
WHY: Mapping[str, str] = {
    "region": "too few inspectors in the region",
    "recusal": "too few without an interest",
    "lead": "nobody who may lead",
    "load": "everybody has enough visits",
}


@dataclass(frozen=True)
class StratumShown:
    """A class: what is in the frame, what is out of the urn and why, how many are drawn."""

    name: str
    all: int
    out: int
    count: int


@dataclass(frozen=True)
class DrawnShown:
    """An object that was drawn; `code` only where it is nobody's identity number. `teams`: people by their hashes."""

    id: str
    name: str
    code: str
    stratum: str
    teams: Mapping[str, Sequence[str]]
    unmatched: str


@dataclass(frozen=True)
class ReadDraw:
    """A draw as it is read; `file` is what anybody downloads and checks."""

    file: Json
    strata: Sequence[StratumShown]
    out: Mapping[str, int]
    drawn: Sequence[DrawnShown]
    names: Mapping[str, str]


def read_draw(session: Session, ceremony_id: UUID) -> ReadDraw:
    """Read a draw; CeremonyNotFound."""
    file: Json = json.loads(public_file(session, ceremony_id))
    frame = file["frame"] or {"strata": [], "objects": []}
    objects = {each["id"]: each for each in frame["objects"]}
    everything = Counter(each["stratum"] for each in frame["objects"])
    left_out = [each for each in frame["objects"] if each["out"]]
    out_of = Counter(each["stratum"] for each in left_out)
    strata = [
        StratumShown(each["name"], everything[each["name"]], out_of[each["name"]], each["count"])
        for each in frame["strata"]
    ]
    # Behind a reason may stand words; they are in the file, which is the bureau's own spelling.
    reasons = Counter(each["out"].partition(":")[0] for each in left_out)
    return ReadDraw(file, strata, reasons, _drawn(file, objects), _names(objects))


def with_results(session: Session, objects: Sequence[str]) -> set[str]:
    """Say of some objects which have public results, in one question."""
    query = select(Disclosure.object_id).where(
        Disclosure.object_id.in_([UUID(each) for each in objects]),
        Disclosure.state == DisclosureState.PUBLIC.value,
    )
    return {str(each) for each in session.scalars(query.distinct())}


def _drawn(file: Json, objects: Mapping[str, Json]) -> list[DrawnShown]:
    teams = {each["object"]: each["teams"] for each in file["visits"]}
    unmatched = {each["object"]: each["why"] for each in file["unmatched"]}
    return [
        DrawnShown(
            each,
            objects[each]["name"],
            _code(objects[each]["code"]),
            objects[each]["stratum"],
            teams.get(each, {}),
            unmatched.get(each, ""),
        )
        for each in file["drawn"]
    ]


def _names(objects: Mapping[str, Json]) -> dict[str, str]:
    return {place: each["name"] for place, each in objects.items()}


def _code(code: str | None) -> str:
    # Files of older draws hold codes as registers wrote them.
    return public_code(code, valid=check_uscc(code).valid) or "" if code else ""
