"""The phone's rules R2 to R7, each as a story."""

import json
from dataclasses import replace
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import (
    AskMedia,
    AskPull,
    AskPush,
    AskReoffer,
    CacheEvicted,
    Drafted,
    EpochRefused,
    LoggedIn,
    MediaStored,
    Outcome,
    PageArrived,
    PhoneState,
    PullReset,
    PushReplied,
    ReofferReplied,
    Sealed,
    Woken,
    read_push,
    seal_attestation,
    seal_revision,
    step,
)
from tests.sync.sync_makers import KEY, REVISION, SPACE, TASK, op_of

A, B, C = op_of("a"), op_of("b"), op_of("c")


def after(state, *events):
    for event in events:
        state, _ = step(state, event)
    return state


def phone(*ops):
    """A phone that signed in and sealed some work."""
    return after(PhoneState(), LoggedIn("inspector1", "E1"), *(Sealed(op) for op in ops))


def put(name, n=1, kind="task", **more):
    return {"op": "put", "kind": kind, "id": str(name), "n": n, "body": {"is": n}, **more}


def drop(name, kind="task", **more):
    return {"op": "drop", "kind": kind, "id": str(name), "n": 9, "why": "reassigned", **more}


def page(*items, at=None, to="c1", more=False, epoch="E1", asked_in="E1"):
    return PageArrived(
        asked_in, at, {"epoch": epoch, "items": list(items), "next": to, "more": more, "durable_seq": 0}
    )


def answer(op, outcome="accepted", **more):
    return Outcome(op.op, outcome, op.content, op.rev, seq=1, hash="h", receipt="r", **more).as_json()


def reply(*answers, epoch="E1", asked_in="E1"):
    return PushReplied(asked_in, {"epoch": epoch, "items": list(answers)})


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
    ],
)
def test_r2_no_late_reply_of_a_dead_epoch_changes_anything(late):
    state = after(phone(A), reply(answer(A)), EpochRefused("E1", "E2"))
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


OPS = (A, B, C)
epochs = st.sampled_from(["E1", "E2", "E3"])
ops = st.sampled_from(OPS)
outcomes = st.sampled_from(["accepted", "accepted_late", "quarantined", "op_reuse", "retry"])
cursors = st.sampled_from([None, "c1", "c2"])
items = st.builds(put, st.sampled_from([TASK, "t2"]), st.integers(1, 3)) | st.builds(
    drop, st.sampled_from([TASK, "t2"])
)
revs = st.lists(st.sampled_from([op.rev for op in OPS]), unique=True).map(tuple)
events = st.one_of(
    st.just(Woken()),
    st.just(CacheEvicted()),
    st.builds(
        lambda these, at, to, more, e, asked: page(*these, at=at, to=to, more=more, epoch=e, asked_in=asked),
        st.lists(items, max_size=3),
        cursors,
        cursors,
        st.booleans(),
        epochs,
        epochs,
    ),
    st.builds(PullReset, epochs, cursors, epochs, st.sampled_from(["epoch", "horizon", "user"])),
    st.builds(
        lambda op, outcome, e, asked: reply(answer(op, outcome), epoch=e, asked_in=asked),
        ops,
        outcomes,
        epochs,
        epochs,
    ),
    st.builds(EpochRefused, epochs, epochs),
    st.builds(ReofferReplied, epochs, epochs, revs, revs),
    st.builds(MediaStored, st.sampled_from(A.media)),
)


@given(st.lists(events, max_size=25))
def test_no_schedule_of_replies_loses_sealed_work_or_a_duty(schedule):
    state = phone(*OPS)
    for event in schedule:
        following, effects = step(state, event)
        assert [op.content for op in following.ops] == [op.content for op in OPS]
        assert len({op.op for op in following.ops}) == len(OPS)
        newly_safe = set(following.receipts) - set(state.receipts)
        assert not newly_safe or (
            isinstance(event, PushReplied) and event.request_epoch == event.reply["epoch"] == state.epoch
        )
        lost_duties = state.to_reoffer - following.to_reoffer
        assert not lost_duties or (isinstance(event, ReofferReplied) and lost_duties <= set(event.offered))
        if following.epoch != state.epoch:
            assert following.to_reoffer >= {op.rev for op in state.ops if op.op in state.receipts}
        assert all(effect.epoch == following.epoch for effect in effects if not isinstance(effect, AskMedia))
        state = following
    json.dumps([op.item for op in state.outbox])
