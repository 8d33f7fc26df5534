"""What refusals, rests and restores make of a phone's outbox."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import (
    AskMediaStatus,
    AskPull,
    AskPush,
    AskReoffer,
    AskStatus,
    EpochRefused,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaStored,
    PhoneState,
    Refused,
    ReofferReplied,
    Sealed,
    StatusReplied,
    Throttled,
    Woken,
    back_off,
    read_push,
    step,
)
from tests.sync.phone_makers import after, answer, attested, held, page, phone, put, reply, unknown
from tests.sync.phone_stories import MANY, OTHERS, PHOTO, A, B, C


def pushes(effects):
    return [tuple(op.op for op in effect.ops) for effect in effects if isinstance(effect, AskPush)]


def names(*ops):
    return tuple(op.op for op in ops)


def refused(status, *ops, what="push"):
    return Refused("E1", what, status, names(*ops))


def driven(state, *, unreadable, largest=99):
    """Push until the phone rests, to a server that reads no push with certain operations; how often it was asked."""
    asks, requests = list(step(state, Woken())[1]), 0
    while asks:
        ask = asks.pop(0)
        if not isinstance(ask, AskPush):
            continue
        requests += 1
        if len(ask.ops) > largest:
            event = refused(413, *ask.ops)
        elif unreadable & {op.op for op in ask.ops}:
            event = refused(400, *ask.ops)
        else:
            event = reply(*map(answer, ask.ops))
        state, more = step(state, event)
        asks += more
    return state, requests


@settings(deadline=None, max_examples=60)
@given(st.sets(st.integers(0, len(MANY) - 1), max_size=4), st.integers(1, 9))
def test_whatever_is_unreadable_is_found_and_everything_else_goes(numbers, largest):
    bad = [MANY[number] for number in sorted(numbers)]
    state, requests = driven(phone(*MANY), unreadable=set(names(*bad)), largest=largest)
    assert set(state.stuck) == set(names(*bad))
    assert state.outbox == tuple(bad)
    assert requests <= 3 * len(MANY) + 9 * len(bad)


def test_a_push_that_is_too_large_is_halved_and_grows_again_by_one():
    state, effects = step(phone(*MANY), refused(413, *MANY))
    assert pushes(effects) == [names(*MANY[:4])]
    state, effects = step(state, reply(*map(answer, MANY[:4])))
    assert pushes(effects) == [names(*MANY[4:])]
    assert state.width == 5
    assert after(state, *[reply(answer(op)) for op in MANY[4:]]).width == 10


def test_one_operation_that_is_too_large_alone_is_set_aside_and_holds_up_nothing():
    state, effects = step(phone(A, B), refused(413, A))
    assert (dict(state.stuck), state.outbox, pushes(effects)) == ({A.op: 413}, (A, B), [names(B)])


def test_what_is_set_aside_is_tried_again_after_signing_in_and_in_a_new_epoch():
    stuck = after(phone(A), refused(400, A))
    assert pushes(step(stuck, Woken())[1]) == []
    assert pushes(step(stuck, LoggedIn("inspector1", "E1"))[1]) == [names(A)]
    assert after(stuck, EpochRefused("E1", "E2")).stuck == {}


def test_a_refusal_of_what_was_answered_since_says_nothing():
    state = after(phone(A, B), reply(answer(A), answer(B)))
    assert step(state, refused(400, A, B)) == (state, ())
    assert after(phone(A, B), reply(answer(A)), refused(400, A, B)).stuck == {}


def test_a_suspect_is_not_set_aside_before_it_was_refused_alone():
    state, effects = step(after(phone(A, B), reply(answer(A))), refused(400, A, B))
    assert (state.stuck, pushes(effects)) == ({}, [names(B)])


@pytest.mark.parametrize(
    ("status", "says"), [(401, "signed_out"), (403, "device_blocked"), (426, "app_too_old")]
)
@pytest.mark.parametrize("what", ["push", "pull"])
def test_a_phone_that_is_blocked_keeps_everything_says_so_and_only_tries_whether_it_still_is(
    status, says, what
):
    before = after(phone(A), page(put("t1")))
    state, effects = step(before, refused(status, what=what))
    assert (state, effects) == (replace(before, blocked=says), ())
    assert step(state, Woken())[1] == (AskPull("E1", "c1"),)
    state, effects = step(state, page(at="c1", to="c2"))
    assert state.blocked is None
    assert pushes(effects) == [names(A)]


def test_a_push_that_rests_never_holds_up_a_pull_nor_the_reverse():
    state = after(phone(A), Throttled("push", 5000))
    assert isinstance(step(state, Woken(4999))[1][0], AskPull)
    assert pushes(step(state, Woken(5000))[1]) == [names(A)]
    state = after(phone(A), Throttled("pull", 5000))
    assert AskPull not in {type(ask) for ask in step(state, Woken(1))[1]}
    assert pushes(step(state, Woken(1))[1]) == [names(A)]


def test_nothing_that_rests_is_asked_for_by_whatever_else_happens():
    state = after(phone(A), reply(answer(A)), Sealed(B), Throttled("push", 5000), Throttled("reoffer", 5000))
    _, effects = step(state, EpochRefused("E1", "E2"))
    assert not {AskPush, AskReoffer} & {type(effect) for effect in effects}


def test_a_wait_of_a_clock_that_jumped_is_no_wait():
    state = after(phone(A), Throttled("push", 10**12))
    assert pushes(step(state, Woken(1))[1]) == [names(A)]


def test_failures_in_a_row_are_counted_until_an_answer():
    state = after(phone(A), Throttled("push", 1), Woken(5), Throttled("push", 9), Throttled("pull", 9))
    assert state.failures == {"push": 2, "pull": 1}
    state = after(state, reply(answer(A, "retry")))
    assert (state.failures, state.waits) == ({"pull": 1}, {"pull": 9})


def test_news_of_a_file_ends_the_rest_of_uploads():
    state = after(phone(A), Throttled("media", 9), Throttled("media_status", 9), Throttled("pull", 9))
    state = after(state, MediaStored(PHOTO, "E1"))
    assert (state.failures, state.waits) == ({"pull": 1}, {"pull": 9})


def test_rests_grow_up_to_five_minutes_with_full_jitter_on_top_of_what_the_server_asks():
    assert [back_off(failures, 0.999_999) // 1000 for failures in range(1, 11)] == [
        1, 3, 7, 15, 31, 63, 127, 255, 299, 299,
    ]  # fmt: skip
    assert back_off(1, 0) == 0
    assert back_off(10**6, 0.5, retry_after=7000) == 157_000


def test_one_sync_is_in_flight_until_it_is_answered_refused_or_lost():
    state, first = step(phone(A), Woken(1000))
    assert {AskPush, AskPull} <= {type(ask) for ask in first}
    assert {type(ask) for ask in step(state, Woken(2000))[1]} == {type(first[-1])}
    assert pushes(step(after(state, Throttled("push", 1500)), Woken(2000))[1]) == [names(A)]
    assert pushes(step(after(state, refused(401)), Woken(2000))[1]) == []
    assert AskPull in {type(ask) for ask in step(after(state, page()), Woken(2000))[1]}
    assert pushes(step(state, Woken(1000 + 120_000))[1]) == [names(A)]


def test_work_of_others_is_offered_after_a_restore_and_given_back_when_it_is_missing():
    state = after(phone(A), reply(answer(A)), held(OTHERS))
    state, effects = step(state, EpochRefused("E1", "E2"))
    assert effects[0] == AskReoffer("E2", tuple(sorted((A.rev, OTHERS.rev))))
    state, effects = step(state, ReofferReplied("E2", "E2", (A.rev, OTHERS.rev), (OTHERS.rev,)))
    [ask, *_] = effects
    [given] = ask.ops
    assert (given.content, given.ours, dict(state.held)) == (OTHERS.content, False, {})
    assert given.op.version == 5
    [item] = read_push({"epoch": "E2", "batch": str(UUID(int=1)), "items": [given.item]}).items
    assert (item.defect, item.content, item.op) == (None, OTHERS.content, given.op)
    told = answer(given, media_missing=("sha256:" + PHOTO,))
    state = after(state, reply(told, epoch="E2", asked_in="E2"))
    assert (state.outbox, PHOTO in state.media_wanted - set(A.media)) == ((), False)


def test_two_people_give_the_same_work_back_under_two_ids():
    ids = set()
    for person in ("inspector1", "inspector3"):
        state = after(PhoneState(), LoggedIn(person, "E1"), held(OTHERS), EpochRefused("E1", "E2"))
        state = after(state, ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)))
        ids.add(state.outbox[0].op)
    assert len(ids) == 2


def test_work_of_others_that_was_asked_for_before_the_restore_is_offered_too():
    state = after(phone(), EpochRefused("E1", "E2"), held(OTHERS, asked_in="E1"))
    assert state.to_reoffer == {OTHERS.rev}


def test_receipts_of_an_earlier_epoch_are_asked_for_once_it_is_known_what_was_lost():
    state = after(phone(A, B, C), reply(answer(A), answer(B), answer(C)), EpochRefused("E1", "E2"))
    state, effects = step(state, ReofferReplied("E2", "E2", (A.rev, B.rev, C.rev), (C.rev,)))
    [ask] = [effect for effect in effects if isinstance(effect, AskStatus)]
    assert set(ask.ops) == set(names(A, B))
    state, effects = step(
        state, StatusReplied("E2", {"epoch": "E2", "items": [answer(A, seq=4), unknown(B)]})
    )
    assert (state.receipts[A.op].seq, state.unconfirmed) == (4, frozenset())
    assert pushes(effects) == [names(B, C)]


def test_a_rest_that_is_asked_for_until_tomorrow_is_kept_for_an_hour():
    now = 1_800_000_000_000
    told = Throttled("digest", now + back_off(1, 0.5, retry_after=20 * 60 * 60 * 1000))
    state = after(phone(), told)
    assert "digest" in after(state, Woken(now + 59 * 60 * 1000)).waits
    assert "digest" not in after(state, Woken(now + 61 * 60 * 1000)).waits


def test_an_answer_about_files_is_heard_and_they_may_be_asked_about_again_at_once():
    state = after(phone(), Sealed(A), reply(answer(A)), MediaStored(PHOTO), EpochRefused("E1", "E2"))
    now = 1_800_000_000_000
    state, asked = step(state, Woken(now))
    assert AskMediaStatus("E2", (PHOTO,)) in asked
    assert AskMediaStatus("E2", (PHOTO,)) not in step(state, Woken(now + 1))[1]

    for news in (MediaStored, MediaDurable, MediaAbsent):
        assert "media_status" not in step(state, news(PHOTO, "E2"))[0].asked


def test_files_are_asked_about_after_a_restore_and_sent_again_when_they_are_lost():
    state = after(phone(A), reply(answer(A)), MediaStored(PHOTO), EpochRefused("E1", "E2"))
    assert AskMediaStatus("E2", (PHOTO,)) in step(state, Woken())[1]
    assert after(state, MediaAbsent(PHOTO, "E2")).media_wanted == {PHOTO}
    state = after(state, MediaStored(PHOTO, "E2"))
    assert (state.media_wanted, state.media_unsure) == (frozenset(), frozenset())


def test_an_attestation_is_sent_again_in_a_new_epoch_under_its_own_id():
    signed = attested(A.rev)
    state = after(phone(A, signed), reply(answer(A), answer(signed)), EpochRefused("E1", "E2"))
    assert state.outbox == (signed,)
