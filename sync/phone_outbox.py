"""The sending half of a phone: what goes into a push, and what each answer makes of the outbox."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from sync.outcome import SAFE, Outcome
from sync.phone_effects import AskPush
from sync.phone_events import PushReplied, Refused, ReofferReplied, StatusReplied
from sync.phone_state import HeldItem, PhoneState
from sync.push import ENVELOPE
from sync.sealing import SealedOp

UNREADABLE, TOO_LARGE = 400, 413
_HOLDERS = UUID("0a7c2e54-9d1b-4f86-8a63-5be1d20f7c39")
"""Namespace of the operations under which a phone pushes what it holds of others."""


def pushes(state: PhoneState) -> tuple[AskPush, ...]:
    """Ask for the next push, if there is anything to push and nothing to offer first.

    After an unreadable push, half of what was in it, and so on until the operation is found.
    """
    sendable = state.sendable
    if state.epoch is None or state.need_reoffer or "push" in state.waits or not sendable:
        return ()
    suspects = [op for op in sendable if op.op in state.suspects] if state.suspects else []
    if suspects:
        sendable = tuple(suspects[: max(1, len(suspects) // 2)])
    return (AskPush(state.epoch, _batch(state, sendable)),)


def _batch(state: PhoneState, sendable: tuple[SealedOp, ...]) -> tuple[SealedOp, ...]:
    """Take as much as one push may carry, at least one operation."""
    size, count = 0, 0
    for op in sendable[: _width(state)]:
        size += op.size
        if count and size > state.limits.push_bytes - ENVELOPE:
            break
        count += 1
    return sendable[:count]


def _width(state: PhoneState) -> int:
    most = max(1, state.limits.push_items)
    return most if state.width is None else min(state.width, most)


def take_push_reply(state: PhoneState, event: PushReplied) -> tuple[PhoneState, tuple[AskPush, ...]]:
    """Take the answers to a push, and push on if any of them made something safe."""
    following = _acknowledge(state, event.reply["items"])
    progress = len(following.receipts) > len(state.receipts)
    return following, (pushes(following) if progress else ())


def _acknowledge(state: PhoneState, answers: Iterable[Mapping[str, Any]]) -> PhoneState:
    """Take answers; each speaks only of the operation whose content it names (R7)."""
    waiting = {str(op.op): op for op in state.outbox}
    read: set[UUID] = set()
    renamed: dict[UUID, SealedOp] = {}
    receipts: dict[UUID, Outcome] = {}
    missing: set[str] = set()
    for answer in answers:
        op = waiting.get(answer["op"])
        if op is None or answer["content"] != op.content:
            continue
        read.add(op.op)
        if answer["outcome"] == "retry":
            continue
        del waiting[answer["op"]]
        if answer["outcome"] == "op_reuse":
            # The id is spent on other content: the same work goes under another one.
            renamed[op.op] = op.under(uuid5(op.op, op.content))
        elif answer["outcome"] in SAFE:
            receipts[op.op] = Outcome.from_json(answer)
            named = {name.removeprefix("sha256:") for name in answer["media_missing"]}
            # Of others' files only those are on this phone that came with their work.
            missing |= named if op.ours else named.intersection(op.media)
    if not read:
        return state
    return replace(
        state,
        ops=tuple(renamed.get(op.op, op) for op in state.ops) if renamed else state.ops,
        receipts={**state.receipts, **receipts},
        media_wanted=state.media_wanted | missing,
        media_unsure=state.media_unsure - missing,
        media_durable=state.media_durable - missing,
        stuck={op: status for op, status in state.stuck.items() if op not in read},
        suspects=tuple(op for op in state.suspects if op not in read),
        width=_wider(state),
    )


def _wider(state: PhoneState) -> int | None:
    """Let one more into a push again, after one that went through."""
    return None if state.width is None or state.width >= state.limits.push_items else state.width + 1


def take_refused_push(state: PhoneState, event: Refused) -> tuple[PhoneState, tuple[AskPush, ...]]:
    """Make the push smaller after 400 or 413; one operation that is refused alone is set aside.

    What is set aside stays in the outbox and is shown; the others go on.
    """
    sent = tuple(op.op for op in state.sendable if op.op in event.ops)
    if not sent:
        return state, ()
    if len(event.ops) == 1:
        suspects = tuple(op for op in state.suspects if op not in sent)
        state = replace(state, stuck={**state.stuck, sent[0]: event.status}, suspects=suspects)
    elif event.status == TOO_LARGE:
        state = replace(state, width=max(1, len(event.ops) // 2))
    else:
        state = replace(state, suspects=sent)
    return state, pushes(state)


def take_reoffer_reply(state: PhoneState, event: ReofferReplied) -> PhoneState:
    """Put what the server lost into the outbox again: others' work first, own work where it was."""
    missing = state.to_reoffer.intersection(event.missing)
    lost = {op.op for op in state.ops if op.rev in missing}
    back = [given_back(state, rev, held) for rev, held in state.held.items() if rev in missing]
    # What was given back once and pruned since has its bytes again.
    whole = {op.op for op in back}
    return replace(
        state,
        ops=(*back, *state.ops),
        stubs={op: stub for op, stub in state.stubs.items() if op not in whole} if whole else state.stubs,
        receipts={op: outcome for op, outcome in state.receipts.items() if op not in lost},
        unconfirmed=state.unconfirmed - lost,
        held={rev: held for rev, held in state.held.items() if rev not in missing},
        to_reoffer=state.to_reoffer - set(event.offered),
    )


def given_back(state: PhoneState, rev: str, held: HeldItem, media: tuple[str, ...] = ()) -> SealedOp:
    """Write somebody else's revision as this phone's person sends it, with those of its files that came with it."""
    op = uuid5(uuid5(_HOLDERS, state.user or ""), rev)
    item = {"op": str(op), **held.item}
    return SealedOp(op, "revision", rev, rev, item, held.record, media=media, ours=False)


def take_status_reply(state: PhoneState, event: StatusReplied) -> PhoneState:
    """Take what the server knows in this epoch of operations whose receipts are of an earlier one.

    An operation it does not know goes out again: somebody else gave its bytes back.
    """
    ops = {str(op.op): op for op in state.ops if op.op in state.unconfirmed}
    receipts, told = dict(state.receipts), set[UUID]()
    for answer in event.reply["items"]:
        op = ops.get(answer["op"])
        if op is None:
            continue
        told.add(op.op)
        if answer["outcome"] in SAFE and answer["content"] == op.content:
            receipts[op.op] = Outcome.from_json(answer)
        else:
            receipts.pop(op.op, None)
    return replace(state, receipts=receipts, unconfirmed=state.unconfirmed - told) if told else state
