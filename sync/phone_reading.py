"""The reading half of a phone: pages, sweeps, and the daily check of what was read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync.digest import BUCKETS, digest
from sync.phone_effects import Ask, AskBucket, AskDigest, AskPull
from sync.phone_events import BucketReplied, DigestReplied, PageArrived
from sync.phone_state import DAY, PhoneState, milliseconds, unsure_of_files

STALE = 10 * 60 * 1000
"""Milliseconds of the server's time after which a check that met unread news is tried again."""
REPAIRS_A_DAY = 4


def begin_sweep(state: PhoneState) -> PhoneState:
    """Begin to read everything anew; until it is read, what was shown stays."""
    view = state.view.begin_sweep()
    return replace(state, cursor=None, need_sweep=True, view=view, to_repair=frozenset(), digest_due=None)


def take_page(state: PhoneState, event: PageArrived) -> tuple[PhoneState, tuple[Ask, ...]]:
    """Take items and cursor together (R6); the last page of a sweep ends it."""
    page = event.page
    before, view = state, state.view
    if page["items"]:
        view = view.apply(page["items"], before.busy)
    state = replace(
        state,
        cursor=page["next"],
        durable_seq=page.get("durable_seq", state.durable_seq),
        server_time=_server_time(page, state),
    )
    if page["more"]:
        return replace(state, view=view), (AskPull(event.epoch, state.cursor),)
    if state.need_sweep:
        view = view.swept(before.busy)
    if view.withdrawn:
        view = view.settled(before.busy)
    state = replace(state, view=view, need_sweep=False)
    if state.digest_due is None and state.server_time is not None:
        # Everything was told just now, or this phone has never been checked.
        state = replace(state, digest_due=state.server_time + DAY)
    return state, _checks(state)


def _server_time(page: Mapping[str, Any], state: PhoneState) -> int | None:
    told = page.get("server_time")
    return state.server_time if told is None else milliseconds(datetime.fromisoformat(told))


def _checks(state: PhoneState) -> tuple[Ask, ...]:
    """Say what of the daily check is to be asked now that everything is read."""
    if state.epoch is None or "digest" in state.waits:
        return ()
    if state.to_repair:
        return tuple(AskBucket(state.epoch, state.cursor, each) for each in sorted(state.to_repair))
    return (AskDigest(state.epoch, state.cursor),) if _is_due(state) else ()


def _is_due(state: PhoneState) -> bool:
    return (
        state.server_time is not None
        and state.digest_due is not None
        and state.server_time >= state.digest_due
    )


def take_digest(state: PhoneState, event: DigestReplied) -> tuple[PhoneState, tuple[Ask, ...]]:
    """Compare sums, and ask for some of the buckets that differ; never for everything at once.

    It counts only when nothing was read since it was asked for, and once a day of the server's time. Of the phone's own
    files the server is then asked, too: a store may lose what it had.
    """
    if event.request_cursor != state.cursor or not _is_due(state):
        return state, ()
    now = state.server_time or 0
    if event.reply["stale"]:
        pull = () if "pull" in state.waits else (AskPull(event.epoch, state.cursor),)
        return replace(state, digest_due=now + STALE), pull
    ours, theirs = digest(state.view.rows()), event.reply["buckets"]
    differing = [bucket for bucket in range(BUCKETS) if ours[bucket] != theirs[bucket]]
    # Another one is the first every day, so that buckets that never heal hold up no others.
    chosen = sorted(differing, key=lambda bucket: (bucket - state.repairs) % BUCKETS)[:REPAIRS_A_DAY]
    state = replace(unsure_of_files(state), digest_due=now + DAY, to_repair=frozenset(chosen))
    return state, _checks(state)


def take_bucket(state: PhoneState, event: BucketReplied) -> PhoneState:
    """Hold what the server says is in a bucket, and nothing else in it."""
    if event.bucket not in state.to_repair or event.request_cursor != state.cursor:
        return state
    view = state.view.with_bucket(event.bucket, event.reply["items"], state.busy)
    to_repair = state.to_repair - {event.bucket}
    return replace(state, view=view, to_repair=to_repair, repairs=state.repairs + 1)
