"""All that a phone must not forget, and what follows from it."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from sync import base64url
from sync.fields import BadField, Fields
from sync.outcome import Outcome
from sync.phone_effects import Kind
from sync.push import MAX_BODY, MAX_ITEMS
from sync.sealing import SealedOp
from sync.strict_json import NotJson, read_object
from sync.view import Entity, Key, View

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""

OpLife = Literal["sealed", "receipted", "media_ok", "durable", "pruned"]
Blocked = Literal["signed_out", "device_blocked", "app_too_old"]


@dataclass(frozen=True)
class Limits:
    """What the server asks phones to keep to, as told at sign-in."""

    push_items: int = MAX_ITEMS
    push_bytes: int = MAX_BODY
    pull_items: int = 200
    retention_days: int = 30

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Limits":
        """Read limits; what is not told stands at its default."""
        return cls(**{name: body[name] for name in cls.__dataclass_fields__ if name in body})


@dataclass(frozen=True)
class HeldItem:
    """Somebody else's revision, kept to give it back after a restore: its push item without `op`."""

    record: UUID
    item: Mapping[str, Any]


@dataclass(frozen=True)
class Stub:
    """What stays of an operation when its bytes are gone from the phone."""

    op: UUID
    kind: str
    rev: str
    content: str
    record: UUID | None
    task: UUID | None
    media: tuple[str, ...]
    receipt: Outcome

    @classmethod
    def of(cls, op: SealedOp, receipt: Outcome) -> "Stub":
        """Keep what an operation was."""
        return cls(op.op, op.kind, op.rev, op.content, op.record, op.task, op.media, receipt)


@dataclass(frozen=True)
class PhoneState:
    """A phone.

    `ops` are the sealed operations with their bytes in order of sealing and `receipts` the answers that made
    them safe: what has none is the outbox. `unconfirmed` are those whose receipt is of an earlier epoch,
    `stubs` what is left of pruned ones, `stuck` those the server can't read, with the status it answered.
    `held` are revisions of others by their id. `drafts` are the records begun and not sealed, with their tasks.

    Files go by SHA-256: `media_wanted` the server lacks, of `media_unsure` it must be asked, of
    `media_durable` it has two copies. `to_reoffer` and `need_sweep` are two independent duties (R4).

    `suspects` hold an operation that made a push unreadable; `width` is how many fit into one. `waits` say
    until when a kind of request rests, `failures` how often in a row it failed, `asked` when it went out.
    `server_time` (milliseconds of Unix time) is the server's at the last page; `digest_due` and
    `retention_days` are measured with it, because a phone's own clock is never believed. `to_repair` are
    buckets that differ, `repairs` counts those that were put right. `extra` is what a later app wrote.
    """

    user: str | None = None
    epoch: str | None = None
    cursor: str | None = None
    view: View = field(default_factory=View)
    drafts: Mapping[UUID, UUID] = field(default_factory=dict)
    ops: tuple[SealedOp, ...] = ()
    receipts: Mapping[UUID, Outcome] = field(default_factory=dict)
    unconfirmed: frozenset[UUID] = frozenset()
    stubs: Mapping[UUID, Stub] = field(default_factory=dict)
    stuck: Mapping[UUID, int] = field(default_factory=dict)
    held: Mapping[str, HeldItem] = field(default_factory=dict)
    media_wanted: frozenset[str] = frozenset()
    media_unsure: frozenset[str] = frozenset()
    media_durable: frozenset[str] = frozenset()
    to_reoffer: frozenset[str] = frozenset()
    need_sweep: bool = False
    dev_seq: int = 0
    last_rev: str | None = None
    durable_seq: int = 0
    limits: Limits = field(default_factory=Limits)
    blocked: Blocked | None = None
    suspects: tuple[UUID, ...] = ()
    width: int | None = None
    waits: Mapping[Kind, int] = field(default_factory=dict)
    failures: Mapping[Kind, int] = field(default_factory=dict)
    asked: Mapping[Kind, int] = field(default_factory=dict)
    server_time: int | None = None
    digest_due: int | None = None
    to_repair: frozenset[int] = frozenset()
    repairs: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def outbox(self) -> tuple[SealedOp, ...]:
        """Operations that are not known to be safe, oldest first."""
        return tuple(op for op in self.ops if op.op not in self.receipts)

    @property
    def sendable(self) -> tuple[SealedOp, ...]:
        """Give what of the outbox is not set aside."""
        return tuple(op for op in self.outbox if op.op not in self.stuck) if self.stuck else self.outbox

    @property
    def need_reoffer(self) -> bool:
        """Whether the server must still be asked what it lost."""
        return bool(self.to_reoffer)

    @cached_property
    def busy(self) -> frozenset[Key]:
        """The tasks and records on which there is work that is not safe yet."""
        pairs = [*self.drafts.items(), *((op.record, op.task) for op in self.outbox)]
        return frozenset(
            (kind, str(name))
            for record, task in pairs
            for kind, name in (("record", record), ("task", task))
            if name is not None
        )

    def of_kind(self, kind: str) -> dict[str, Entity]:
        """Give what is visible of a kind (task, record, object, form, list, message) by id."""
        return {key[1]: entity for key, entity in self.view.entities.items() if key[0] == kind}

    def is_busy(self, key: Key) -> bool:
        """Tell whether work that is not safe yet depends on a task or a record."""
        return key in self.busy


def without_failures(state: PhoneState, kinds: Container[Kind]) -> PhoneState:
    """Forget what kept these kinds of requests from being answered."""
    if not state.failures and not state.waits:
        return state
    waits = {kind: until for kind, until in state.waits.items() if kind not in kinds}
    failures = {kind: count for kind, count in state.failures.items() if kind not in kinds}
    return replace(state, waits=waits, failures=failures)


def unsure_of_files(state: PhoneState) -> PhoneState:
    """Be sure of no file: the server is asked for each that is not to be uploaded anyway."""
    files = frozenset(sha256 for op in state.ops for sha256 in op.media)
    return replace(state, media_unsure=files - state.media_wanted, media_durable=frozenset())


def op_life(state: PhoneState, op: UUID) -> OpLife:
    """Tell how far an operation has come. Raises KeyError when there is none of that id."""
    if op in state.stubs:
        return "pruned"
    sealed = next((each for each in state.ops if each.op == op), None)
    if sealed is None:
        raise KeyError(op)
    if op not in state.receipts:
        return "sealed"
    if not state.media_durable.issuperset(sealed.media):
        return "receipted"
    return "durable" if has_durable_receipt(state, op) else "media_ok"


def has_durable_receipt(state: PhoneState, op: UUID) -> bool:
    """Tell whether a receipt of this epoch stands where a second copy of the log is known to reach."""
    receipt = state.receipts.get(op)
    if receipt is None or receipt.seq is None or op in state.unconfirmed:
        return False
    return receipt.seq <= state.durable_seq


def safe_to_delete(state: PhoneState, name: UUID, now: int) -> bool:
    """Tell whether an operation, or a record with all its operations, may be deleted from the phone.

    `now` is milliseconds of Unix time, and counts only as far as the server's own clock was heard to go. Nobody
    may be at work on the record, every receipt must be durable and so must every file, and the server's time to
    keep must have passed since the receipt.
    """
    ops = [op for op in state.ops if name in {op.op, op.record}]
    return bool(ops) and all(_may_go(state, op, now) for op in ops)


def may_release(state: PhoneState, rev: str) -> bool:
    """Tell whether somebody else's revision need not be kept.

    It need not when its record is no longer shown here, or is durable in its newest state.
    """
    held = state.held.get(rev)
    if held is None:
        return False
    if state.need_sweep or rev in state.to_reoffer:
        return False
    record = state.view.entities.get(("record", str(held.record)))
    return record is None or record.n <= state.durable_seq


def _may_go(state: PhoneState, op: SealedOp, now: int) -> bool:
    if op_life(state, op.op) != "durable" or state.server_time is None:
        return False
    received = receipt_moment(state.receipts[op.op].receipt)
    busy = op.record is not None and ("record", str(op.record)) in state.busy
    if received is None or busy:
        return False
    return min(now, state.server_time) >= received + state.limits.retention_days * DAY


def receipt_moment(token: str | None) -> int | None:
    """Read when a receipt was signed, in milliseconds of Unix time; its signature was checked when it came."""
    try:
        body = read_object(base64url.decode((token or "").split(".")[0]))
        return milliseconds(Fields(body).moment("at"))
    except (ValueError, NotJson, BadField):
        return None


def milliseconds(moment: datetime) -> int:
    """Write a moment as milliseconds of Unix time."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
