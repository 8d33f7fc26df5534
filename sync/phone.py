"""A phone as data: `step(state, event)` gives the next state and what to ask for next.

Pure and small, so that the scripted phone, the tests' cast and the simulator share it. A driver stores the
returned state in one transaction before it acts on the effects (R6). Rules R2 to R7 are those of
docs/protocol.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from sync.outcome import SAFE, Outcome
from sync.phone_events import (
    AskMedia,
    AskPull,
    AskPush,
    AskReoffer,
    CacheEvicted,
    Drafted,
    Effect,
    EpochRefused,
    Event,
    LoggedIn,
    MediaStored,
    PageArrived,
    PullReset,
    PushReplied,
    ReofferReplied,
    Sealed,
    Woken,
)
from sync.push import ENVELOPE, MAX_BODY, MAX_ITEMS
from sync.sealing import SealedOp
from sync.view import Entity, Key, View

MAX_REOFFER = 1000


@dataclass(frozen=True)
class PhoneState:
    """All that a phone must not forget.

    `ops` are all sealed operations in order of sealing and `receipts` the answers that made them safe: what
    has none is the outbox. `need_reoffer` and `need_sweep` are two independent duties (R4). `drafts` are
    the records begun and not sealed, with their tasks; `media_wanted` the files the server lacks, by
    SHA-256.
    """

    user: str | None = None
    epoch: str | None = None
    cursor: str | None = None
    view: View = field(default_factory=View)
    drafts: Mapping[UUID, UUID] = field(default_factory=dict)
    ops: tuple[SealedOp, ...] = ()
    receipts: Mapping[UUID, Outcome] = field(default_factory=dict)
    media_wanted: frozenset[str] = frozenset()
    to_reoffer: frozenset[str] = frozenset()
    need_sweep: bool = False
    dev_seq: int = 0
    last_rev: str | None = None
    durable_seq: int = 0

    @property
    def outbox(self) -> tuple[SealedOp, ...]:
        """Operations that are not known to be safe, oldest first."""
        return tuple(op for op in self.ops if op.op not in self.receipts)

    @property
    def need_reoffer(self) -> bool:
        """Whether the server must still be asked what it lost."""
        return bool(self.to_reoffer)

    def of_kind(self, kind: str) -> dict[str, Entity]:
        """Give what is visible of a kind (task, record, object, form, list, message) by id."""
        return {key[1]: entity for key, entity in self.view.entities.items() if key[0] == kind}

    def is_busy(self, key: Key) -> bool:
        """Tell whether work that is not safe yet depends on a task or a record."""
        kind, name = key
        pairs = [*self.drafts.items(), *((op.record, op.task) for op in self.outbox)]
        return any(name == str(record if kind == "record" else task) for record, task in pairs)


def step(state: PhoneState, event: Event) -> tuple[PhoneState, tuple[Effect, ...]]:
    """Let one thing happen to a phone."""
    match event:
        case LoggedIn() | Woken():
            state = _log_in(state, event) if isinstance(event, LoggedIn) else state
            return state, wishes(state)
        case PageArrived() | PullReset() | PushReplied() | EpochRefused() | ReofferReplied():
            # R2: what was asked in an epoch that is over says nothing about this one.
            return _take_reply(state, event) if event.request_epoch == state.epoch else (state, ())
        case Drafted():
            return replace(state, drafts={**state.drafts, event.record: event.task}), ()
        case Sealed():
            return _seal(state, event.op), ()
        case MediaStored():
            return replace(state, media_wanted=state.media_wanted - {event.sha256}), ()
        case CacheEvicted():
            return _begin_sweep(replace(state, view=replace(state.view, entities={}))), ()


def wishes(state: PhoneState) -> tuple[Effect, ...]:
    """Say what a phone would ask for if it were online now.

    A stuck push never holds up a pull, nor the reverse.
    """
    if state.epoch is None:
        return ()
    effects: list[Effect] = []
    if state.need_reoffer:
        effects.append(AskReoffer(state.epoch, tuple(sorted(state.to_reoffer)[:MAX_REOFFER])))
    elif state.outbox:
        effects.append(AskPush(state.epoch, _batch(state.outbox)))
    effects.append(AskPull(state.epoch, state.cursor))
    if state.media_wanted:
        effects.append(AskMedia(tuple(sorted(state.media_wanted))))
    return tuple(effects)


def _batch(outbox: tuple[SealedOp, ...]) -> tuple[SealedOp, ...]:
    """Take as much of the outbox as one push may carry, at least one operation."""
    size, count = 0, 0
    for op in outbox[:MAX_ITEMS]:
        size += op.size
        if count and size > MAX_BODY - ENVELOPE:
            break
        count += 1
    return outbox[:count]


def _take_reply(
    state: PhoneState, reply: PageArrived | PullReset | PushReplied | EpochRefused | ReofferReplied
) -> tuple[PhoneState, tuple[Effect, ...]]:
    epoch = _epoch_of(reply)
    if epoch != state.epoch:
        state = _enter_epoch(state, epoch)
        return state, wishes(state)
    match reply:
        case PageArrived() if reply.request_cursor == state.cursor:  # R5
            state = _apply_page(state, reply.page)
            return state, ((AskPull(epoch, state.cursor),) if reply.page["more"] else ())
        case PullReset() if reply.request_cursor == state.cursor:
            return _begin_sweep(state), (AskPull(epoch, None),)
        case PushReplied():
            before = len(state.receipts)
            for answer in reply.reply["items"]:
                state = _acknowledge(state, answer)
            progress = len(state.receipts) > before and state.outbox and not state.need_reoffer
            return state, ((AskPush(epoch, _batch(state.outbox)),) if progress else ())
        case ReofferReplied():
            missing = state.to_reoffer.intersection(reply.missing)
            lost = {op.op for op in state.ops if op.rev in missing}
            receipts = {op: outcome for op, outcome in state.receipts.items() if op not in lost}
            state = replace(state, receipts=receipts, to_reoffer=state.to_reoffer - set(reply.offered))
            return state, wishes(state)
        case _:
            return state, ()


def _epoch_of(reply: PageArrived | PullReset | PushReplied | EpochRefused | ReofferReplied) -> str:
    match reply:
        case PageArrived():
            return str(reply.page["epoch"])
        case PushReplied():
            return str(reply.reply["epoch"])
        case _:
            return reply.epoch


def _log_in(state: PhoneState, event: LoggedIn) -> PhoneState:
    if state.user not in {None, event.user}:
        raise ValueError("each person keeps an own state on a shared phone")
    state = replace(state, user=event.user)
    if state.epoch is None:
        return replace(state, epoch=event.epoch)
    return state if state.epoch == event.epoch else _enter_epoch(state, event.epoch)


def _enter_epoch(state: PhoneState, epoch: str) -> PhoneState:
    """Begin to live in another epoch: offer again what was safe in the last one, and read everything anew.

    Duties are only ever added to (R3). Attestations are sent again unasked: they are few, and taken twice
    as once.
    """
    safe = [op for op in state.ops if op.op in state.receipts]
    receipts = {op.op: state.receipts[op.op] for op in safe if op.kind == "revision"}
    to_reoffer = state.to_reoffer | {op.rev for op in safe if op.kind == "revision"}
    return _begin_sweep(replace(state, epoch=epoch, receipts=receipts, to_reoffer=to_reoffer, durable_seq=0))


def _begin_sweep(state: PhoneState) -> PhoneState:
    return replace(state, cursor=None, need_sweep=True, view=state.view.begin_sweep())


def _apply_page(state: PhoneState, page: Mapping[str, Any]) -> PhoneState:
    """Take items and cursor together (R6); the last page of a sweep ends it."""
    view = state.view.apply(page["items"], state.is_busy)
    ends = state.need_sweep and not page["more"]
    return replace(
        state,
        view=view.swept(state.is_busy) if ends else view,
        cursor=page["next"],
        need_sweep=state.need_sweep and not ends,
        durable_seq=page.get("durable_seq", state.durable_seq),
    )


def _seal(state: PhoneState, op: SealedOp) -> PhoneState:
    state = replace(state, ops=(*state.ops, op), media_wanted=state.media_wanted | set(op.media))
    if op.kind != "revision":
        return state
    drafts = {record: task for record, task in state.drafts.items() if record != op.record}
    return replace(state, drafts=drafts, dev_seq=state.dev_seq + 1, last_rev=op.rev)


def _acknowledge(state: PhoneState, answer: Mapping[str, Any]) -> PhoneState:
    """Take one answer of a push; it speaks only of the operation whose content it names (R7)."""
    op = next((op for op in state.outbox if str(op.op) == answer["op"]), None)
    if op is None or answer["content"] != op.content:
        return state
    if answer["outcome"] == "op_reuse":
        # The id is spent on other content: the same work goes under another one.
        return replace(state, ops=tuple(_renamed(each) if each is op else each for each in state.ops))
    if answer["outcome"] not in SAFE:
        return state
    wanted = {name.removeprefix("sha256:") for name in answer["media_missing"]}
    receipts = {**state.receipts, op.op: Outcome.from_json(answer)}
    return replace(state, receipts=receipts, media_wanted=state.media_wanted | wanted)


def _renamed(op: SealedOp) -> SealedOp:
    name = uuid5(op.op, op.content)
    return replace(op, op=name, item={**op.item, "op": str(name)})
