"""Seeded bugs. Each must be found, or the simulator could not find such a bug of ours either.

Some are switches of the modelled server (`world.errs(name)`), the others wrap a production function or what drives
it. `focus` names the features that a bug needs to show itself; mutants run with those switched on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sync import PhoneState
from sync.outcome import SAFE
from sync.phone_effects import AskMedia, AskPush
from sync.phone_events import (
    BucketReplied,
    CacheEvicted,
    EpochRefused,
    PageArrived,
    Pruned,
    PullReset,
    PushReplied,
    Refused,
    ReofferReplied,
)

Step = Callable[[PhoneState, Any], tuple[PhoneState, tuple[Any, ...]]]


@dataclass(frozen=True)
class Mutant:
    name: str
    what: str
    focus: tuple[str, ...] = ()
    around: str | None = None
    wrap: Callable[[Any], Any] | None = None
    half_stored: Callable[[PhoneState, PhoneState, Any], PhoneState] | None = None
    sent: Callable[[PhoneState, Any], PhoneState] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


# Of the phone: around `step`


def _after(change: Callable[[PhoneState, PhoneState, Any], PhoneState]) -> Callable[[Step], Step]:
    """Change what came of an event."""

    def wrap(step: Step) -> Step:
        def wrapped(state: PhoneState, event: Any) -> tuple[PhoneState, tuple[Any, ...]]:
            following, effects = step(state, event)
            return change(state, following, event), effects

        return wrapped

    return wrap


def _before(change: Callable[[PhoneState, Any], Any]) -> Callable[[Step], Step]:
    """Change an event before it happens."""

    def wrap(step: Step) -> Step:
        return lambda state, event: step(state, change(state, event))

    return wrap


def _without(state: PhoneState, gone: set[Any]) -> PhoneState:
    return replace(state, ops=tuple(op for op in state.ops if op.op not in gone))


def _duty_forgotten(state: PhoneState) -> PhoneState:
    """Forget to offer again and, because one is the other's shield, to ask for receipts of this epoch."""
    return replace(state, to_reoffer=frozenset(), unconfirmed=frozenset())


def _late_acknowledgement(state: PhoneState, event: Any) -> Any:
    if not isinstance(event, PushReplied) or state.epoch is None:
        return event
    return replace(event, request_epoch=state.epoch, reply={**event.reply, "epoch": state.epoch})


def _late_reset(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    is_late = isinstance(event, PullReset | EpochRefused) and event.request_epoch != before.epoch
    return replace(_duty_forgotten(after), cursor=None, need_sweep=True) if is_late else after


def _eviction(_before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    return _duty_forgotten(after) if isinstance(event, CacheEvicted) else after


def _stale_page(state: PhoneState, event: Any) -> Any:
    return replace(event, request_cursor=state.cursor) if isinstance(event, PageArrived) else event


def _drop_deletes_outbox(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, PageArrived) or after is before:
        return after
    dropped = {item["id"] for item in event.page["items"] if item["op"] == "drop"}
    return _without(after, {op.op for op in after.outbox if str(op.task) in dropped})


def _dirty_flag(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, PushReplied) or event.request_epoch != before.epoch:
        return after
    safe = {answer["op"] for answer in event.reply["items"] if answer["outcome"] in SAFE}
    records = {op.record for op in before.ops if str(op.op) in safe and op.record}
    return _without(after, {op.op for op in after.outbox if op.record in records})


def _reuse_is_safe(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, PushReplied) or event.request_epoch != before.epoch:
        return after
    spent = {(each["op"], each["content"]) for each in event.reply["items"] if each["outcome"] == "op_reuse"}
    gone = {op.content for op in before.outbox if (str(op.op), op.content) in spent}
    return replace(after, ops=tuple(op for op in after.ops if op.content not in gone))


def _content_ignored(state: PhoneState, event: Any) -> Any:
    if not isinstance(event, PushReplied):
        return event
    contents = {str(op.op): op.content for op in state.outbox}
    items = [{**each, "content": contents.get(each["op"], each["content"])} for each in event.reply["items"]]
    return replace(event, reply={**event.reply, "items": items})


def _reoffer_forgotten(before: PhoneState, after: PhoneState, _event: Any) -> PhoneState:
    entered = before.epoch is not None and after.epoch != before.epoch
    return _duty_forgotten(after) if entered else after


def _no_sweep(before: PhoneState, after: PhoneState, _event: Any) -> PhoneState:
    if not after.need_sweep or before.need_sweep:
        return after
    return replace(after, need_sweep=False, view=replace(after.view, seen=None))


def _missing_ignored(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, ReofferReplied) or event.request_epoch != before.epoch:
        return after
    return replace(after, receipts=before.receipts, unconfirmed=frozenset())


def _offer_is_all(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, ReofferReplied) or event.request_epoch != before.epoch:
        return after
    return _duty_forgotten(after)


def _pruned_early(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, Pruned):
        return after
    return _without(after, {op for op in before.receipts if op in vars(event).values()})


def _repair_deletes_work(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    if not isinstance(event, BucketReplied):
        return after
    gone = {name for _, name in before.view.entities.keys() - after.view.entities.keys()}
    return _without(after, {op.op for op in after.outbox if {str(op.task), str(op.record)} & gone})


def _never_repaired(step: Step) -> Step:
    def wrapped(state: PhoneState, event: Any) -> tuple[PhoneState, tuple[Any, ...]]:
        return (state, ()) if isinstance(event, BucketReplied) else step(state, event)

    return wrapped


def _unreadable_dropped(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    return _without(after, set(after.stuck) - set(before.stuck)) if isinstance(event, Refused) else after


def _signed_out_wipes(_before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    wipes = isinstance(event, Refused) and event.status == 401
    return _without(after, {op.op for op in after.outbox}) if wipes else after


def _files_believed(before: PhoneState, after: PhoneState, _event: Any) -> PhoneState:
    entered = before.epoch is not None and after.epoch != before.epoch
    return replace(after, media_unsure=frozenset()) if entered else after


def _held_not_offered(before: PhoneState, after: PhoneState, _event: Any) -> PhoneState:
    entered = before.epoch is not None and after.epoch != before.epoch
    return replace(after, to_reoffer=after.to_reoffer - frozenset(after.held)) if entered else after


def _files_forgotten(state: PhoneState, effect: Any) -> PhoneState:
    return replace(state, media_wanted=frozenset()) if isinstance(effect, AskMedia) else state


def _deleted_when_sent(state: PhoneState, effect: Any) -> PhoneState:
    return _without(state, {op.op for op in effect.ops}) if isinstance(effect, AskPush) else state


def _cursor_first(before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
    return replace(before, cursor=after.cursor) if isinstance(event, PageArrived) else before


# Of the feed: around `read_page`


def _split_page(read_page: Any) -> Any:
    def wrapped(source: Any, reader: Any, cursor: Any, limit: int) -> Any:
        page = read_page(source, reader, cursor, limit)
        own = [row for row in page.rows if row.recipient.startswith("user:")]
        if len(own) <= limit:
            return page
        channels = {} if cursor is None else dict(cursor.channels)
        stop = replace(page.next_cursor, position=own[limit - 1].seq, channels=channels)
        return replace(page, rows=tuple(own[:limit]), left=(), next_cursor=stop, more=True)

    return wrapped


def _skip_to_head(read_page: Any) -> Any:
    def wrapped(source: Any, reader: Any, cursor: Any, limit: int) -> Any:
        page = read_page(source, reader, cursor, limit)
        return replace(page, next_cursor=replace(page.next_cursor, position=reader.head), more=False)

    return wrapped


def _channel_from_head(read_page: Any) -> Any:
    def wrapped(source: Any, reader: Any, cursor: Any, limit: int) -> Any:
        if cursor is not None:
            joined = {name: reader.head for name in reader.channels if name not in cursor.channels}
            cursor = replace(cursor, channels={**cursor.channels, **joined})
        return read_page(source, reader, cursor, limit)

    return wrapped


def _drops_are_nothing(says_nothing_new: Any) -> Any:
    def wrapped(page: Any, cursor: Any, reader: Any, may_lag: int) -> bool:
        live = tuple(row for row in page.rows if row.live)
        return says_nothing_new(replace(page, rows=live), cursor, reader, may_lag)

    return wrapped


RESTORES = ("restore", "backup", "hold")

MUTANTS: dict[str, Mutant] = {
    each.name: each
    for each in (
        # the phone
        Mutant("cursor_first", "the cursor is stored before the page", ("crash_while_storing",), half_stored=_cursor_first),
        Mutant("stale_page", "a page is applied whatever cursor it was asked with", ("hold", "duplicate", "reassign"), "step", _before(_stale_page)),
        Mutant("deleted_when_sent", "work is deleted when it is sent", ("drop",), sent=_deleted_when_sent),
        Mutant("drop_deletes_outbox", "a withdrawn task takes its unsent work along", ("reassign", "withdraw"), "step", _after(_drop_deletes_outbox)),
        Mutant("dirty_flag", "an answer marks the whole record as sent", (), "step", _after(_dirty_flag)),
        Mutant("content_ignored", "an answer is taken for whatever has its operation id", ("storage_rolled_back", "hold", "duplicate"), "step", _before(_content_ignored), settings={"counted_ops": True}),
        Mutant("reuse_taken_as_safe", "a spent operation id counts as safe", ("storage_rolled_back",), "step", _after(_reuse_is_safe), settings={"counted_ops": True}),
        Mutant("late_acknowledgement", "an answer from before a restore marks work as safe", (*RESTORES, "drop", "server_busy"), "step", _before(_late_acknowledgement)),
        Mutant("late_reset_overwrites_duty", "a late 409 or 410 overwrites the duty to offer again", (*RESTORES, "duplicate"), "step", _after(_late_reset)),
        Mutant("eviction_overwrites_duty", "losing the cache overwrites the duty to offer again", (*RESTORES, "cache_evicted"), "step", _after(_eviction)),
        Mutant("reoffer_forgotten", "a new epoch brings no offer", RESTORES, "step", _after(_reoffer_forgotten)),
        Mutant("missing_ignored", "what a restored server lacks is not sent again", RESTORES, "step", _after(_missing_ignored)),
        Mutant("offer_taken_as_all", "one answer ends an offer of many parts", RESTORES, "step", _after(_offer_is_all), settings={"reoffer": 1}),
        Mutant("reset_without_sweep", "a reset reads from zero and sweeps nothing", ("purge", "reassign", "partition"), "step", _after(_no_sweep)),
        Mutant("files_forgotten", "a file is no longer wanted once it is sent", ("drop",), sent=_files_forgotten),
        Mutant("pruned_before_durable", "work is let go of when it has a receipt, before a second copy is known", ("prune", *RESTORES), "step", _after(_pruned_early)),
        Mutant("repair_deletes_busy_work", "the repair of a bucket takes unsent work along", ("view_damaged", "night", "reassign", "withdraw"), "step", _after(_repair_deletes_work)),
        Mutant("never_repaired", "a bucket that differs stays as it is", ("view_damaged", "night"), "step", _never_repaired),
        Mutant("unreadable_dropped", "an operation that was refused alone is dropped", ("cut",), "step", _after(_unreadable_dropped)),
        Mutant("signed_out_wipes", "a token that ran out wipes the outbox", ("token_expired",), "step", _after(_signed_out_wipes)),
        Mutant("files_believed", "after a restore the files are believed to be there", RESTORES, "step", _after(_files_believed), settings={"files_restored": True, "photos": 0.9}),
        Mutant("held_not_offered", "what a phone holds of others is not offered after a restore", (*RESTORES, "hold_others", "storage_rolled_back"), "step", _after(_held_not_offered)),
        # the feed
        Mutant("split_page", "changes of one number are split over pages", ("reassign",), "read_page", _split_page, settings={"page": 1}),
        Mutant("page_skips_to_head", "a page that is cut goes on from the head", (), "read_page", _skip_to_head, settings={"page": 1}),
        Mutant("channel_from_head", "who enters a channel reads it from its end", ("move_person", "change_list"), "read_page", _channel_from_head),
        Mutant("drops_told_as_nothing_new", "what only left a person's sight counts as nothing new", ("reassign", "withdraw"), "says_nothing_new", _drops_are_nothing),
        Mutant("left_channel_not_told", "who leaves a channel is not told", ("move_person",)),
        Mutant("tombstone_lost", "what leaves a person's sight leaves no tombstone", ("reassign", "withdraw")),
        Mutant("reasons_not_counted", "one of two reasons taken away ends the sight", ("reassign", "withdraw")),
        Mutant("horizon_ignored", "cursors below the horizon go on", ("purge", "reassign", "withdraw", "partition")),
        Mutant("purged_at_once", "tombstones are purged while a pull reads", ("purge", "reassign", "withdraw"), settings={"one_writer": False, "interleaving": 0.9}),
        Mutant("number_without_lock", "numbers come from a bare sequence", (), settings={"one_writer": False}),
        # the server
        Mutant("chain_forks", "the hash of the entry before is read before the append lock", (), settings={"one_writer": False}),
        Mutant("push_locks_no_task", "a push chooses its recipients without the task's lock (R1)", ("reassign",), settings={"one_writer": False}),
        Mutant("push_locks_no_record", "a push does not lock the records that it changes", (), settings={"one_writer": False, "interleaving": 0.9}),
        Mutant("office_locks_no_task", "a reassignment does not lock its task (R1)", ("reassign",), settings={"one_writer": False}),
        Mutant("receipt_in_a_transaction_of_its_own", "the receipt is written after the commit of the effect", ("server_crash",)),
        Mutant("answered_before_commit", "the answer is sent before the commit", ("server_crash",)),
        Mutant("claims_do_not_wait", "two pushes of one operation do not wait for each other", ("duplicate",), settings={"one_writer": False}),
        Mutant("content_not_compared", "an operation is told by its id alone", ("storage_rolled_back",), settings={"counted_ops": True}),
        Mutant("savepoint_leaks", "an item that fails is not undone", ("poison",)),
        Mutant("withdrawn_work_refused", "work on a withdrawn task is answered and thrown away", ("withdraw",)),
        Mutant("last_writer_wins", "of two heads the one with the later clock stays", ()),
        Mutant("second_head_hidden", "of two heads only one is kept", ()),
        Mutant("no_epoch_after_restore", "a restored server keeps its epoch", RESTORES),
        Mutant("trace_ignored", "a database put back and written on passes for the one that phones have read", ("restore", "backup")),
        Mutant("files_not_checked", "neither the offset of a piece nor the hash of a file is checked", ("duplicate", "drop", "hold")),
    )
}  # fmt: skip
