"""What a phone takes into keeping, and what it may let go of again."""

from dataclasses import replace
from uuid import uuid5

from sync.phone_effects import DropMedia, Kind
from sync.phone_events import (
    CacheEvicted,
    Drafted,
    Held,
    Keeping,
    MediaAbsent,
    MediaDurable,
    MediaNews,
    Pruned,
    Released,
    Sealed,
)
from sync.phone_reading import begin_sweep
from sync.phone_state import HeldItem, PhoneState, Stub, may_release, safe_to_delete, without_failures
from sync.sealing import SealedOp

MEDIA: tuple[Kind, ...] = ("media", "media_status")
"""Kinds of requests that news of a file answers."""


def keep(state: PhoneState, event: Keeping) -> tuple[PhoneState, tuple[DropMedia, ...]]:
    """Let something happen on the phone itself, or to a file."""
    effects: tuple[DropMedia, ...] = ()
    match event:
        case Drafted():
            state = replace(state, drafts={**state.drafts, event.record: event.task})
        case Sealed():
            state = _seal(state, event.op)
        case Held():
            state = _hold(state, event)
        case Released():
            state = _release(state, event.rev)
        case Pruned():
            state, effects = _prune(state, event)
        case CacheEvicted():
            state = begin_sweep(replace(state, view=replace(state.view, entities={})))
        case _:
            state = _hear_of_media(state, event)
    return state, effects


def _seal(state: PhoneState, op: SealedOp) -> PhoneState:
    """Take work into the outbox; told twice it is there once, and an id never stands for two things."""
    # What was brought may be here under another id: the server had refused its first one.
    known: tuple[SealedOp | Stub, ...] = (*state.ops, *state.stubs.values())
    contents = [
        each.content for each in known if each.op == op.op or (each.content == op.content and not op.ours)
    ]
    if op.content in contents:
        return state if op.ours else _take_files(state, op)
    if contents:
        op = op.under(uuid5(op.op, op.content))
    wanted = state.media_wanted.union(op.media) - state.media_durable
    state = replace(state, ops=(*state.ops, op), media_wanted=wanted)
    if op.kind != "revision":
        return state
    # What was held of it is whole here now: given back beside this it would be there twice.
    state = replace(state, held={rev: held for rev, held in state.held.items() if rev != op.rev})
    if not op.ours:  # what was brought is none of this phone's own numbers
        return state
    drafts = {record: task for record, task in state.drafts.items() if record != op.record}
    return replace(state, drafts=drafts, dev_seq=state.dev_seq + 1, last_rev=op.rev)


def _take_files(state: PhoneState, brought: SealedOp) -> PhoneState:
    """Let a revision that is here take along the files that it is brought with: it may have come without them."""
    here = next((op for op in state.ops if op.content == brought.content), None)
    more = () if here is None else tuple(sha256 for sha256 in brought.media if sha256 not in here.media)
    if here is None or not more:
        return state
    ops = tuple(replace(op, media=(*op.media, *more)) if op is here else op for op in state.ops)
    return replace(state, ops=ops, media_wanted=state.media_wanted.union(more) - state.media_durable)


def _hear_of_media(state: PhoneState, news: MediaNews) -> PhoneState:
    if news.request_epoch not in {None, state.epoch}:
        return state
    one = frozenset({news.sha256})
    state = without_failures(state, MEDIA)
    absent, durable = isinstance(news, MediaAbsent), isinstance(news, MediaDurable)
    return replace(
        state,
        media_wanted=state.media_wanted | one if absent else state.media_wanted - one,
        media_unsure=state.media_unsure - one,
        media_durable=state.media_durable | one if durable else state.media_durable - one,
    )


def _release(state: PhoneState, rev: str) -> PhoneState:
    if not may_release(state, rev):
        return state
    return replace(state, held={each: held for each, held in state.held.items() if each != rev})


def _prune(state: PhoneState, event: Pruned) -> tuple[PhoneState, tuple[DropMedia, ...]]:
    """Leave stubs of what is safe to delete; anything else stays whole."""
    if not safe_to_delete(state, event.name, event.now):
        return state, ()
    gone = {op.op: op for op in state.ops if event.name in {op.op, op.record}}
    ops = tuple(op for op in state.ops if op.op not in gone)
    stubs = {name: Stub.of(op, state.receipts[name]) for name, op in gone.items()}
    needed = {sha256 for op in ops for sha256 in op.media}
    files = {sha256 for op in gone.values() for sha256 in op.media} - needed
    state = replace(
        state,
        ops=ops,
        receipts={name: receipt for name, receipt in state.receipts.items() if name not in gone},
        stubs={**state.stubs, **stubs},
        media_durable=state.media_durable - files,
    )
    return state, ((DropMedia(tuple(sorted(files))),) if files else ())


def _hold(state: PhoneState, event: Held) -> PhoneState:
    """Keep somebody else's revision, unless it is here already; one that comes late is offered at once."""
    rev = event.item["rev"]
    if rev in state.held or any(op.rev == rev and op.kind == "revision" for op in state.ops):
        return state
    late = {rev} if event.request_epoch != state.epoch else set[str]()
    held = {**state.held, rev: HeldItem(event.record, event.item)}
    return replace(state, held=held, to_reoffer=state.to_reoffer | late)
