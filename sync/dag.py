"""A record's revisions as a graph, and the state that follows from it.

Concurrency is recorded, not resolved: two revisions with the same parent are two heads, and only a person
resolves them, by a signed revision that names them all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Known = Mapping[str, Collection[str]]
"""The parents of every revision of a record that the server holds."""


@dataclass(frozen=True)
class Grown:
    """The heads after a revision came, sorted; and which of its parents the server does not hold (yet)."""

    heads: tuple[str, ...]
    unknown_parents: tuple[str, ...] = ()


class RecordState(StrEnum):
    """Where a record stands between the inspector's phone and the result."""

    OPEN = "open"
    SIGNED = "signed"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    FINAL = "final"
    CONFLICTED = "conflicted"


@dataclass(frozen=True)
class Review:
    """The supervisor's last act on a record, and the revision it was about."""

    act: Literal["taken", "returned", "accepted"]
    rev: str


def add_revision(heads: Collection[str], known: Known, rev: str, parents: Collection[str]) -> Grown:
    """Add a revision to a record: it replaces those of its parents that are heads.

    The heads do not depend on the order in which revisions arrive: one that comes after its child is no
    head.
    """
    unknown = tuple(sorted(parent for parent in parents if parent not in known))
    if rev in known:
        return Grown(tuple(sorted(heads)), unknown)
    superseded = any(rev in named for named in known.values())
    grown = (set(heads) - set(parents)) | (set() if superseded else {rev})
    return Grown(tuple(sorted(grown)), unknown)


def nearest_common_ancestors(known: Known, one: str, other: str) -> tuple[str, ...]:
    """Return the revisions from which two heads parted, sorted: common ancestors that are no others' ancestors.

    Two heads that were each joined before from the same two revisions (criss-cross) have several. None where
    the heads have nothing in common, and where both lead to a revision that never came: that one could be nearer.
    """
    mine, theirs = _lineage(known, one), _lineage(known, other)
    common = mine & theirs
    if _leads_beyond(known, mine - common) and _leads_beyond(known, theirs - common):
        return ()
    # Whatever is an ancestor of a common ancestor is the parent of one.
    return tuple(sorted(common.difference(parent for rev in common for parent in known[rev])))


def _lineage(known: Known, rev: str) -> set[str]:
    """Return a revision and all its ancestors, as far as they came."""
    found: set[str] = set()
    waiting = [rev]
    while waiting:
        each = waiting.pop()
        if each in known and each not in found:
            found.add(each)
            waiting += known[each]
    return found


def _leads_beyond(known: Known, revs: Collection[str]) -> bool:
    return any(parent not in known for rev in revs for parent in known[rev])


def record_state(
    heads: Collection[str],
    *,
    required: Collection[str] = (),
    attested: Collection[str] = (),
    review: Review | None = None,
) -> RecordState:
    """Say where a record stands.

    `required` are the roles that must attest, `attested` those whose valid attestation names the only head;
    an attestation of an earlier revision does not count. A revision after acceptance is a late addendum:
    the record stays final. A revision after a return, or while under review, opens the record again.
    """
    if not heads:
        raise ValueError("a record without revisions has no state")
    if review is not None and review.act == "accepted":
        return RecordState.FINAL
    if len(set(heads)) > 1:
        return RecordState.CONFLICTED
    if review is not None and review.rev in heads:
        return RecordState.RETURNED if review.act == "returned" else RecordState.UNDER_REVIEW
    return RecordState.SIGNED if set(required) <= set(attested) else RecordState.OPEN
