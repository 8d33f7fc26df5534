"""A phone as data: `step(state, event)` gives the next state and what to ask for next.

Pure and small, so that the scripted phone, the tests' cast and the simulator share it. A driver stores the
returned state in one transaction before it acts on the effects (R6). Rules R2 to R7 are those of
docs/protocol.md. `web/sync/phone.ts` is the same in the phone's own language.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from sync.phone_effects import (
    Ask,
    AskMedia,
    AskMediaStatus,
    AskPull,
    AskReoffer,
    AskStatus,
    DropMedia,
    Effect,
    Kind,
)
from sync.phone_events import (
    BucketReplied,
    DigestReplied,
    Event,
    Keeping,
    LoggedIn,
    PageArrived,
    PullReset,
    PushReplied,
    Refused,
    ReofferReplied,
    Reply,
    StatusReplied,
    Throttled,
    Woken,
)
from sync.phone_keeping import keep
from sync.phone_outbox import (
    TOO_LARGE,
    UNREADABLE,
    pushes,
    take_push_reply,
    take_refused_push,
    take_reoffer_reply,
    take_status_reply,
)
from sync.phone_reading import begin_sweep, take_bucket, take_digest, take_page
from sync.phone_state import (
    Blocked,
    Limits,
    PhoneState,
    has_durable_receipt,
    unsure_of_files,
    without_failures,
)

__all__ = ["PhoneState", "back_off", "step", "wishes"]

Step = tuple[PhoneState, tuple[Effect, ...]]

MAX_REOFFER = 1000
MAX_STATUS = 500
PATIENCE = 2 * 60 * 1000
"""Milliseconds after which a request without an answer counts as lost."""
MAX_WAIT = 60 * 60 * 1000
"""Milliseconds of the longest rest; one that reaches further is of a clock that jumped."""
_BLOCKED: Mapping[int, Blocked] = {401: "signed_out", 403: "device_blocked", 426: "app_too_old"}


def step(state: PhoneState, event: Event) -> Step:
    """Let one thing happen to a phone."""
    following, effects = _happen(state, event)
    answers: tuple[Kind, ...] = getattr(event, "answers", ())
    since = [following.asked[kind] for kind in answers if kind in following.asked]
    if not since:
        return following, effects
    # What was answered is no longer in flight; what it leads to is, as long as that has been.
    asked = {kind: when for kind, when in following.asked.items() if kind not in answers}
    for effect in effects:
        if not isinstance(effect, DropMedia | AskMedia):
            asked.setdefault(effect.kind, min(since))
    return replace(following, asked=asked), effects


def wishes(state: PhoneState) -> tuple[Ask, ...]:
    """Say what a phone would ask for if it were online now.

    A stuck push never holds up a pull, nor the reverse. What rests is not asked for; a phone that is blocked
    only tries whether it still is.
    """
    if state.epoch is None:
        return ()
    asks: list[Ask] = [AskPull(state.epoch, state.cursor)]
    if not state.blocked:
        asks = [*_offers(state, state.epoch), *pushes(state), *asks, *_about_media(state, state.epoch)]
        asks += _confirmations(state, state.epoch)
    return tuple(ask for ask in asks if ask.kind not in state.waits)


def _offers(state: PhoneState, epoch: str) -> tuple[Ask, ...]:
    return (AskReoffer(epoch, tuple(sorted(state.to_reoffer)[:MAX_REOFFER])),) if state.to_reoffer else ()


def _confirmations(state: PhoneState, epoch: str) -> tuple[Ask, ...]:
    """Ask for receipts of this epoch, once it is known what was lost."""
    if state.need_reoffer or not state.unconfirmed:
        return ()
    return (AskStatus(epoch, tuple(sorted(state.unconfirmed, key=str)[:MAX_STATUS])),)


def _about_media(state: PhoneState, epoch: str) -> tuple[Ask, ...]:
    """Upload what is wanted; ask for what is unsure, and for second copies that would let something go."""
    asks: list[Ask] = [AskMedia(tuple(sorted(state.media_wanted)))] if state.media_wanted else []
    receipted = [op for op in state.ops if has_durable_receipt(state, op.op)] if state.durable_seq else []
    copied = {sha256 for op in receipted for sha256 in op.media}
    asked = (state.media_unsure | copied) - state.media_durable - state.media_wanted
    return (*asks, AskMediaStatus(epoch, tuple(sorted(asked)))) if asked else tuple(asks)


def back_off(failures: int, randomness: float, retry_after: int = 0) -> int:
    """Give how many milliseconds to rest after so many failures in a row: full jitter, on top of Retry-After.

    `randomness` is from 0 up to, not including, 1; `retry_after` is in milliseconds. It is never more than the longest
    rest: one that reaches further would count as none.
    """
    ceiling = min(5 * 60 * 1000, 2000 << min(max(failures - 1, 0), 16))
    return min(MAX_WAIT, retry_after + math.floor(randomness * ceiling))


def _happen(state: PhoneState, event: Event) -> Step:
    if isinstance(event, Keeping):
        return keep(state, event)
    if isinstance(event, Reply | Refused):
        # R2: what was asked in an epoch that is over says nothing about this one.
        return _take_reply(state, event) if event.request_epoch == state.epoch else (state, ())
    match event:
        case Woken():
            return _wake(state, event.now)
        case LoggedIn():
            state = _log_in(state, event)
            return state, wishes(state)
        case Throttled():
            failures = {**state.failures, event.what: state.failures.get(event.what, 0) + 1}
            return replace(state, waits={**state.waits, event.what: event.until}, failures=failures), ()


def _wake(state: PhoneState, now: int | None) -> Step:
    """Begin to sync, without what is in flight already."""
    if now is None:
        return state, wishes(state)
    waits = {kind: until for kind, until in state.waits.items() if now < until <= now + MAX_WAIT}
    asked = {kind: when for kind, when in state.asked.items() if when <= now < when + PATIENCE}
    state = replace(state, waits=waits)
    asks = tuple(ask for ask in wishes(state) if ask.kind not in asked)
    # An upload takes as long as it takes, and who carries it out knows of it.
    asked |= {ask.kind: now for ask in asks if not isinstance(ask, AskMedia)}
    return replace(state, asked=asked), asks


def _take_reply(state: PhoneState, reply: Reply | Refused) -> Step:
    if isinstance(reply, Refused):
        return _take_refusal(state, reply)
    if reply.epoch != state.epoch:
        state = _enter_epoch(state, reply.epoch)
        return state, wishes(state)
    was_blocked = state.blocked is not None
    state, effects = _read_reply(without_failures(replace(state, blocked=None), reply.answers), reply)
    if was_blocked:
        given = {"pull", *(ask.kind for ask in effects)}
        effects += tuple(ask for ask in wishes(state) if ask.kind not in given)
    return state, effects


def _read_reply(state: PhoneState, reply: Reply) -> tuple[PhoneState, tuple[Ask, ...]]:
    effects: tuple[Ask, ...] = ()
    match reply:
        case PageArrived() if reply.request_cursor == state.cursor:  # R5
            state, effects = take_page(state, reply)
        case PullReset() if reply.request_cursor == state.cursor:
            state, effects = begin_sweep(state), (AskPull(reply.epoch, None),)
        case PushReplied():
            state, effects = take_push_reply(state, reply)
        case ReofferReplied():
            state = take_reoffer_reply(state, reply)
            effects = wishes(state)
        case StatusReplied():
            state = take_status_reply(state, reply)
            effects = pushes(state)
        case DigestReplied():
            state, effects = take_digest(state, reply)
        case BucketReplied():
            state = take_bucket(state, reply)
        case _:
            pass
    return state, effects


def _take_refusal(state: PhoneState, event: Refused) -> Step:
    if event.status in _BLOCKED:
        return replace(state, blocked=_BLOCKED[event.status]), ()
    if event.what == "push" and event.status in {UNREADABLE, TOO_LARGE}:
        return take_refused_push(state, event)
    return state, ()


def _log_in(state: PhoneState, event: LoggedIn) -> PhoneState:
    """Sign in: what was blocked or set aside is tried once more."""
    if state.user not in {None, event.user}:
        raise ValueError("each person keeps an own state on a shared phone")
    limits = state.limits if event.limits is None else Limits.from_json(event.limits)
    state = replace(state, user=event.user, limits=limits, blocked=None, stuck={}, suspects=(), asked={})
    if state.epoch is None:
        return replace(state, epoch=event.epoch)
    return state if state.epoch == event.epoch else _enter_epoch(state, event.epoch)


def _enter_epoch(state: PhoneState, epoch: str) -> PhoneState:
    """Begin to live in another epoch: offer again what was safe in the last one, and read everything anew.

    Duties are only ever added to (R3). Attestations are sent again unasked: they are few, and taken twice
    as once. Of what was pruned only a stub is left, and nothing to offer.
    """
    safe = [op for op in state.ops if op.op in state.receipts and op.kind == "revision"]
    state = replace(
        unsure_of_files(state),
        epoch=epoch,
        receipts={op.op: state.receipts[op.op] for op in safe},
        unconfirmed=frozenset(op.op for op in safe),
        to_reoffer=state.to_reoffer.union((op.rev for op in safe), state.held),
        durable_seq=0,
        blocked=None,
        stuck={},
        suspects=(),
    )
    return begin_sweep(state)
