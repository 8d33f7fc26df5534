"""The phone's rules R2 to R7, each as a story."""

from dataclasses import replace
from uuid import uuid5

import pytest
from hypothesis import given, settings

from sync import (
    AskMedia,
    AskMediaStatus,
    AskPull,
    AskPush,
    AskReoffer,
    CacheEvicted,
    Drafted,
    EpochRefused,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaStored,
    PageArrived,
    PhoneState,
    Pruned,
    PullReset,
    PushReplied,
    Released,
    ReofferReplied,
    Sealed,
    StatusReplied,
    Woken,
    bucket_of,
    digest,
    may_release,
    read_push,
    safe_to_delete,
    seal_attestation,
    seal_revision,
    step,
)
from tests.sync.phone_makers import after, answer, drop, page, phone, put, reply
from tests.sync.phone_schedules import schedules
from tests.sync.sync_makers import KEY, REVISION, SPACE, TASK, op_of

A, B, C = op_of("a"), op_of("b"), op_of("c")


def tasks(state):
    return sorted(state.of_kind("task"))


def test_a_phone_that_never_signed_in_asks_for_nothing():
    assert step(PhoneState(), Woken()) == (PhoneState(), ())


def test_a_phone_that_wakes_pushes_pulls_and_uploads():
    _, effects = step(phone(A, B), Woken())
    assert effects == (AskPush("E1", (A, B)), AskPull("E1", None), AskMedia(A.media))


def test_a_push_carries_no_more_than_the_envelope_may():
    many = [op_of(str(number)) for number in range(60)]
    [ask, *_] = step(phone(*many), Woken())[1]
    assert ask.ops == tuple(many[:50])
    large = [seal_revision(replace_xml(number), KEY) for number in range(3)]
    [ask, *_] = step(phone(*large), Woken())[1]
    assert ask.ops == (large[0],)


def replace_xml(number):
    return replace(REVISION, dev_seq=number, xml="x" * 500_000)


def test_sealing_counts_the_device_and_ends_the_draft():
    state = after(phone(), Drafted(A.record, TASK), Sealed(A), Sealed(B))
    assert (state.drafts, state.dev_seq, state.last_rev, state.outbox) == ({}, 2, B.rev, (A, B))
    state = after(state, Sealed(seal_attestation(A.rev, "lead", KEY)))
    assert (state.dev_seq, state.last_rev) == (2, B.rev)


def test_r2_a_push_reply_of_a_dead_epoch_marks_nothing_as_safe():
    state = after(phone(A), EpochRefused("E1", "E2"))
    assert step(state, reply(answer(A))) == (state, ())
    assert state.outbox == (A,)


@pytest.mark.parametrize(
    "late",
    [
        page(put("t1")),
        PullReset("E1", None, "E1", "horizon"),
        PullReset("E1", None, "E0", "epoch"),
        EpochRefused("E1", "E0"),
        ReofferReplied("E1", "E1", (A.rev,), ()),
        StatusReplied("E1", {"epoch": "E1", "items": [answer(A)]}),
        MediaStored(A.media[0], "E1"),
        MediaDurable(A.media[0], "E1"),
    ],
)
def test_r2_no_late_reply_of_a_dead_epoch_changes_anything(late):
    state = after(phone(A), reply(answer(A)), MediaStored(A.media[0]), EpochRefused("E1", "E2"))
    assert step(state, late) == (state, ())


def test_a_page_of_another_epoch_is_not_applied_and_begins_that_epoch():
    state = after(phone(A), page(put("t1")), reply(answer(A)))
    state = after(state, page(put("t2"), at="c1", to="c2", epoch="E2"))
    assert (state.epoch, state.cursor, tasks(state)) == ("E2", None, ["t1"])
    assert state.need_reoffer
    assert state.need_sweep


@pytest.mark.parametrize("reset", ["horizon", "epoch", "user"])
def test_r3_a_reset_does_not_overwrite_the_duty_to_reoffer(reset):
    state = after(phone(A), reply(answer(A)), EpochRefused("E1", "E2"), PullReset("E2", None, "E2", reset))
    assert (state.need_reoffer, state.need_sweep) == (True, True)


def test_r3_a_second_epoch_adds_to_what_is_to_be_offered():
    state = after(phone(A, B), reply(answer(A), answer(B, "retry")), EpochRefused("E1", "E2"))
    state = after(state, reply(answer(B), asked_in="E2", epoch="E2"), EpochRefused("E2", "E3"))
    assert state.to_reoffer == {A.rev, B.rev}


def test_r4_losing_the_cache_adds_a_duty_and_loses_no_work():
    state = after(phone(A, B), page(put("t1")), reply(answer(A)), EpochRefused("E1", "E2"))
    evicted = after(state, CacheEvicted())
    assert (tasks(evicted), evicted.cursor, evicted.need_sweep) == ([], None, True)
    assert evicted.to_reoffer == state.to_reoffer == {A.rev}
    assert evicted.ops == (A, B)


def test_r5_a_page_asked_from_another_cursor_is_not_applied():
    state = after(phone(), page(put("t1"), to="c1"), page(put("t2"), at="c1", to="c2"))
    assert step(state, page(drop("t2"), put("t0"), at="c1", to="c0")) == (state, ())


def test_a_late_reset_for_an_older_cursor_is_ignored():
    state = after(phone(), page(put("t1"), to="c1"))
    assert step(state, PullReset("E1", None, "E1", "horizon")) == (state, ())


def test_r6_items_and_cursor_change_together():
    state, effects = step(phone(), page(put("t1"), put("f", kind="form"), to="c1", more=True))
    assert (tasks(state), sorted(state.of_kind("form")), state.cursor) == (["t1"], ["f"], "c1")
    assert effects == (AskPull("E1", "c1"),)


def test_r6_a_receipt_and_the_outbox_change_together():
    state, effects = step(phone(A, B), reply(answer(A), answer(B, "retry")))
    assert (list(state.receipts), state.outbox) == ([A.op], (B,))
    assert effects == (AskPush("E1", (B,)),)


def test_a_push_that_only_says_retry_is_not_repeated_at_once():
    assert step(phone(A), reply(answer(A, "retry"))) == (phone(A), ())


def test_r7_an_answer_speaks_only_of_the_content_it_names():
    other = op_of("a", dev_seq=9)
    assert other.op == A.op
    assert after(phone(A), reply(answer(other))).outbox == (A,)


@pytest.mark.parametrize("outcome", ["accepted", "accepted_late", "quarantined"])
def test_every_outcome_that_keeps_the_bytes_is_safe(outcome):
    assert after(phone(A), reply(answer(A, outcome))).outbox == ()


def test_a_spent_op_id_is_replaced_and_the_same_work_sent():
    state = after(phone(A, B), reply(answer(A, "op_reuse")))
    [again, b] = state.outbox
    assert (b, again.content, again.rev) == (B, A.content, A.rev)
    assert again.op != A.op
    assert read_push({"epoch": "E1", "batch": str(A.op), "items": [again.item]}).items[0].op == again.op
    assert after(state, reply(answer(again))).outbox == (B,)


def test_of_two_answers_for_one_operation_the_first_counts():
    state = after(phone(A, B), reply(answer(A, "op_reuse"), answer(A), answer(B), answer(B, "op_reuse")))
    assert [op.content for op in state.outbox] == [A.content]
    assert state.receipts.keys() == {B.op}


def test_an_answer_to_nothing_known_is_ignored():
    assert after(phone(A), reply(answer(B))) == phone(A)


def test_missing_media_are_wanted_until_they_are_stored():
    sha = "77" * 32
    state = after(phone(A), reply(answer(A, media_missing=("sha256:" + sha,))))
    assert state.media_wanted == {sha, *A.media}
    assert after(state, MediaStored(sha)).media_wanted == set(A.media)


def test_a_new_epoch_offers_first_and_pushes_what_was_lost_ahead_of_the_rest():
    attest = seal_attestation(A.rev, "lead", KEY)
    state = after(phone(A, attest, B), reply(answer(B), answer(A), answer(attest)), Sealed(C))
    state, effects = step(state, EpochRefused("E1", "E2"))
    assert effects[:2] == (AskReoffer("E2", tuple(sorted({A.rev, B.rev}))), AskPull("E2", None))
    state, effects = step(state, ReofferReplied("E2", "E2", (A.rev, B.rev), (A.rev,)))
    assert not state.need_reoffer
    assert effects[0] == AskPush("E2", (A, attest, C))


def test_a_new_epoch_sends_attestations_again_though_their_revision_was_not_lost():
    attest = seal_attestation(A.rev, "lead", KEY)
    state = after(phone(A, attest), reply(answer(A), answer(attest)), EpochRefused("E1", "E2"))
    assert after(state, ReofferReplied("E2", "E2", (A.rev,), ())).outbox == (attest,)


def test_a_second_reply_to_one_offer_takes_nothing_back():
    state = after(phone(A), reply(answer(A)), EpochRefused("E1", "E2"))
    lost = ReofferReplied("E2", "E2", (A.rev,), (A.rev,))
    state = after(state, lost, reply(answer(A), asked_in="E2", epoch="E2"))
    assert after(state, lost) == state


def test_signing_in_to_a_restored_server_begins_its_epoch():
    state = after(phone(A), reply(answer(A)), LoggedIn("inspector1", "E2"))
    assert (state.epoch, state.need_reoffer, state.need_sweep) == ("E2", True, True)


def test_another_person_gets_another_state():
    with pytest.raises(ValueError):
        step(phone(), LoggedIn("inspector2", "E1"))


def test_a_sweep_keeps_what_it_met_and_drops_the_rest():
    state = after(phone(), page(put("t1"), put("t2"), to="c1"), PullReset("E1", "c1", "E1", "horizon"))
    assert tasks(state) == ["t1", "t2"]
    state = after(state, page(put("t2"), to="d1", more=True))
    assert (tasks(state), state.need_sweep) == (["t1", "t2"], True)
    state = after(state, page(put("t3"), at="d1", to="d2"))
    assert (tasks(state), state.need_sweep) == (["t2", "t3"], False)


def test_older_news_is_ignored_unless_a_sweep_tells_everything_anew():
    state = after(phone(), page(put("t1", n=5), to="c1"), page(put("t1", n=4), at="c1", to="c2"))
    assert state.of_kind("task")["t1"].n == 5
    state = after(state, PullReset("E1", "c2", "E1", "epoch"), page(put("t1", n=2)))
    assert state.of_kind("task")["t1"].n == 2


def test_a_state_newer_than_everything_told_differs_in_the_daily_sums_until_its_bucket_is_repaired():
    state = after(phone(), page(put("t1", n=5), to="c1"), page(put("t1", n=4), at="c1", to="c2"))
    told = digest([("me", "task", "t1", 4)])
    assert digest(state.view.rows()) != told
    healed = state.view.with_bucket(bucket_of("task", "t1"), [put("t1", n=4)], frozenset())
    assert (healed.entities["task", "t1"].n, digest(healed.rows())) == (4, told)


def test_a_state_told_through_a_feed_that_ended_is_as_new_as_what_the_others_told():
    told = [put("t1", n=4, via="north"), put("t1", n=5, via="south")]
    state = after(phone(), page(*told, to="c1"), page(drop("t1", via="south"), at="c1", to="c2"))
    assert digest(state.view.rows()) == digest([("north", "task", "t1", 4)])


def test_a_drop_with_work_on_it_is_withdrawn_and_the_work_stays():
    state = after(
        phone(A), page(put(TASK), put("t2"), to="c1"), page(drop(TASK), drop("t2"), at="c1", to="c2")
    )
    assert tasks(state) == []
    assert list(state.view.withdrawn) == [("task", str(TASK))]
    assert state.outbox == (A,)
    assert tasks(after(state, page(put(TASK), at="c2", to="c3"))) == [str(TASK)]


def test_a_draft_counts_as_work():
    state = after(
        phone(),
        Drafted(uuid5(SPACE, "draft"), TASK),
        page(put(TASK), to="c1"),
        page(drop(TASK), at="c1", to="c2"),
    )
    assert list(state.view.withdrawn) == [("task", str(TASK))]


def test_what_is_visible_twice_is_dropped_only_when_both_are_gone():
    state = after(
        phone(), page(put("f", kind="form", via="north"), put("f", kind="form", via="south"), to="c1")
    )
    state = after(state, page(drop("north", kind="channel"), at="c1", to="c2"))
    assert sorted(state.of_kind("form")) == ["f"]
    state = after(state, page(drop("f", kind="form", via="south"), at="c2", to="c3"))
    assert state.of_kind("form") == {}


@settings(deadline=None)
@given(schedules)
def test_no_schedule_loses_sealed_work_or_a_duty(schedule):
    state = PhoneState()
    for event in schedule:
        try:
            following, effects = step(state, event)
        except ValueError:
            assert isinstance(event, LoggedIn)
            continue
        keeps_all_work(state, event, following)
        keeps_its_duties(state, event, following)
        assert all(getattr(effect, "epoch", following.epoch) == following.epoch for effect in effects)
        state = following


def keeps_all_work(before, event, after):
    for state in (before, after):
        assert len({op.op for op in state.ops}) == len(state.ops)
        assert not state.stubs.keys() & {op.op for op in state.ops}
        assert state.receipts.keys() <= {op.op for op in state.ops}
    gone = contents(before) - contents(after)
    assert not gone, "work is nowhere"
    for op in after.stubs.keys() - before.stubs.keys():
        assert isinstance(event, Pruned)
        assert safe_to_delete(before, op, event.now)
        assert after.stubs[op].receipt.seq <= before.durable_seq
    newly_safe = after.receipts.keys() - before.receipts.keys()
    assert not newly_safe or (
        isinstance(event, PushReplied) and event.request_epoch == event.reply["epoch"] == before.epoch
    )
    lost_media = before.media_wanted - after.media_wanted
    assert not lost_media or isinstance(event, MediaStored | MediaDurable)
    held = before.held.keys() - after.held.keys() - {op.rev for op in after.ops}
    assert not held or (isinstance(event, Released) and may_release(before, event.rev))


def keeps_its_duties(before, event, after):
    done = before.to_reoffer - after.to_reoffer
    assert not done or (isinstance(event, ReofferReplied) and done <= set(event.offered))
    if before.need_sweep and not after.need_sweep:
        assert isinstance(event, PageArrived)
        assert (event.request_cursor, event.page["more"]) == (before.cursor, False)
    if after.epoch != before.epoch and before.epoch is not None:
        safe = {op.rev for op in before.ops if op.op in before.receipts and op.kind == "revision"}
        assert after.to_reoffer >= safe | before.held.keys()
        assert after.unconfirmed == after.receipts.keys()


def contents(state):
    return {op.content for op in state.ops} | {stub.content for stub in state.stubs.values()}


@settings(deadline=None)
@given(schedules)
def test_whatever_happened_an_honest_server_gets_everything(schedule):
    state = PhoneState()
    for event in schedule:
        try:
            state, _ = step(state, event)
        except ValueError:
            continue
    state = healed(state)
    assert (state.outbox, state.to_reoffer, state.need_sweep, state.unconfirmed) == (
        (),
        frozenset(),
        False,
        frozenset(),
    )
    assert not state.media_wanted
    assert (tasks(state), state.blocked, dict(state.waits)) == (["t1"], None, {})


def healed(state):
    """Sign in again, with a server that has nothing yet, answers everything and shows one task."""
    state = after(state, LoggedIn("inspector1", "E9"))
    for round_ in range(9):
        state, asks = step(state, Woken((round_ + 1) * 10**9))
        asks = list(asks)
        while asks:
            for event in honest(asks.pop(0)):
                state, more = step(state, event)
                asks += more
    return state


def honest(ask):
    match ask:
        case AskPush():
            yield reply(*(answer(op) for op in ask.ops), epoch=ask.epoch, asked_in=ask.epoch)
        case AskPull(cursor=None):
            yield page(put("t1"), epoch=ask.epoch, asked_in=ask.epoch, days=50)
        case AskPull():
            yield page(at=ask.cursor, to=ask.cursor, epoch=ask.epoch, asked_in=ask.epoch, days=50)
        case AskReoffer():
            yield ReofferReplied(ask.epoch, ask.epoch, ask.revs, ask.revs)
        case AskMedia():
            yield from map(MediaStored, ask.sha256s)
        case AskMediaStatus():
            yield from (MediaAbsent(sha256, ask.epoch) for sha256 in ask.sha256s)
