"""The rows of the modelled database, as far as the protocol rests on them."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sync import Outcome


class Task(NamedTuple):
    state: str
    object: str
    attested: bool
    """Whether its records need a co-signature before they are complete."""


class Record(NamedTuple):
    task: UUID
    state: str
    heads: tuple[str, ...]
    form_version: str
    act: str | None = None
    act_rev: str | None = None
    final: str | None = None


class Rev(NamedTuple):
    """A revision: the exact bytes, and what became of them (received, accepted, late, quarantined)."""

    data: bytes
    author: str
    status: str = "received"
    reason: str | None = None
    record: UUID | None = None
    task: UUID | None = None
    parents: tuple[str, ...] = ()
    wall: float = 0.0
    media: tuple[str, ...] = ()
    sig: str | None = None
    """Who signed it: in the model a signature is its author's name."""


class Op(NamedTuple):
    """The ledger's row of one operation; `reply` None while it is claimed only."""

    person: str
    content: str
    reply: Outcome | None


class Seen(NamedTuple):
    """The feed's row of one entity in one recipient's view."""

    seq: int
    live: bool
    why: str | None


class Entry(NamedTuple):
    """One entry of the audit log."""

    previous: str
    hash: str
    action: str
    subject: str
    op: str | None
    at: float


class Change(NamedTuple):
    """A change of the feed that waits for its number, as in `server.feed`."""

    how: str
    kind: str
    entity: str
    recipient: str = ""
    reason: str = ""
    why: str | None = None


Body = Mapping[str, Any]
