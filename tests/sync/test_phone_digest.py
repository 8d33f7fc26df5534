"""The daily check: what differs is put right, bucket by bucket, and work on it stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import (
    BUCKETS,
    AskBucket,
    AskDigest,
    AskMedia,
    AskMediaStatus,
    AskPull,
    Drafted,
    MediaAbsent,
    MediaDurable,
    PullReset,
    Sealed,
    Throttled,
    View,
    bucket_of,
    digest,
    op_life,
    step,
    wishes,
)
from tests.sync.phone_makers import after, drop, page, phone, put
from tests.sync.phone_stories import CROWD, ONE, PHOTO, SEEN, A, bucket, digested, sums
from tests.sync.sync_makers import TASK

CHECKED = after(phone(), page(*SEEN, to="c1", days=0), page(at="c1", to="c2", days=1))
T1 = ("task", "t1")


def asked(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def in_bucket(items, number):
    return [each for each in items if bucket_of(each["kind"], each["id"]) == number]


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            lambda name, n, via, gone: (drop if gone else put)(name, n=n, **via),
            st.sampled_from("abcd"),
            st.integers(1, 9),
            st.sampled_from([{}, {"via": "north"}]),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_a_view_sums_each_feeds_own_number_whatever_order_the_feeds_are_told_in(items):
    growing = {
        via: iter(sorted(each["n"] for each in items if each.get("via") == via)) for via in (None, "north")
    }
    items = [{**item, "n": next(growing[item.get("via")])} for item in items]
    live = {}
    for item in items:
        key = (item.get("via", "me"), item["kind"], item["id"])
        live.pop(key, None)
        if item["op"] == "put":
            live[key] = item["n"]
    view = View().apply(items, frozenset())
    assert digest(view.rows()) == digest((*key, n) for key, n in live.items())


def test_the_sums_are_asked_for_once_a_day_when_everything_is_read():
    state = after(phone(), page(*SEEN, to="c1", days=0))
    assert step(state, page(at="c1", to="c2", days=0.99))[1] == ()
    assert step(state, page(at="c1", to="c2", more=True, days=1))[1] == (AskPull("E1", "c2"),)
    state, effects = step(state, page(at="c1", to="c2", days=1))
    assert effects == (AskDigest("E1", "c2"),)
    state, effects = step(state, digested(*SEEN))
    assert effects == ()
    assert step(state, page(at="c2", to="c3", days=1.9))[1] == ()
    assert step(state, page(at="c2", to="c3", days=2))[1] == (AskDigest("E1", "c3"),)


def test_with_the_sums_the_phone_asks_whether_its_files_are_still_there():
    state = after(CHECKED, Sealed(A), MediaDurable(PHOTO, "E1"))
    assert not asked(wishes(state), AskMediaStatus)
    state = after(state, digested(*SEEN))
    assert asked(wishes(state), AskMediaStatus) == [AskMediaStatus("E1", (PHOTO,))]
    assert op_life(state, A.op) != "durable", "nothing is deleted before the answer"
    assert not asked(wishes(after(state, MediaDurable(PHOTO, "E1"))), AskMediaStatus)
    assert asked(wishes(after(state, MediaAbsent(PHOTO, "E1"))), AskMedia) == [AskMedia((PHOTO,))]


def test_a_phone_that_never_heard_the_servers_time_asks_for_no_sums():
    assert step(after(phone(), page()), page(at="c1", to="c2"))[1] == ()


def test_a_phone_that_lags_behind_reads_first_and_is_checked_a_little_later():
    state, effects = step(CHECKED, digested(stale=True))
    assert effects == (AskPull("E1", "c2"),)
    state, effects = step(state, page(put("t9"), at="c2", to="c3", days=1))
    assert effects == ()
    assert step(state, page(at="c3", to="c4", days=1.01))[1] == (AskDigest("E1", "c4"),)


@pytest.mark.parametrize("late", [digested(at="c1"), digested(asked_in="E0"), digested(at=None)])
def test_sums_for_another_cursor_or_epoch_say_nothing(late):
    assert step(CHECKED, late) == (CHECKED, ())


def test_sums_say_nothing_while_everything_is_read_anew():
    state = after(CHECKED, PullReset("E1", "c2", "E1", "horizon"))
    assert step(state, digested(at=None)) == (state, ())


def test_a_bucket_that_differs_is_replaced_and_counted():
    state, effects = step(CHECKED, digested(SEEN[0], put("t1", 7), *SEEN[2:]))
    assert effects == (AskBucket("E1", "c2", ONE),)
    state = after(state, bucket(ONE, put("t1", 7), put("t1", 5, via="north")))
    assert (state.view.entities[T1].n, state.view.entities[T1].via) == (7, {"me": 7, "north": 5})
    assert (state.repairs, state.to_repair) == (1, frozenset())
    assert digest(state.view.rows()) == sums(SEEN[0], put("t1", 7), put("t1", 5, via="north"), *SEEN[2:])


def test_what_else_is_in_the_bucket_is_gone_even_if_it_is_newer_and_other_buckets_stay():
    state = after(CHECKED, digested(SEEN[0], *SEEN[2:]), bucket(ONE))
    assert T1 not in state.view.entities
    assert sorted(state.of_kind("task")) == ["t0", "t2", "t3", "t4", "t5"]


def test_what_a_bucket_says_of_other_buckets_is_ignored():
    stranger = next(each for each in CROWD if bucket_of("task", each["id"]) != ONE)
    state = after(CHECKED, digested(SEEN[0], *SEEN[2:]), bucket(ONE, stranger))
    assert stranger["id"] not in state.of_kind("task")


def test_work_on_what_a_bucket_lost_is_withdrawn_and_stays():
    state = after(phone(A), Drafted(A.record, TASK), page(put(TASK), to="c1", days=0))
    state = after(state, page(at="c1", to="c2", days=1), digested())
    state = after(state, bucket(bucket_of("task", str(TASK))))
    assert list(state.view.withdrawn) == [("task", str(TASK))]
    assert (state.outbox, state.of_kind("task")) == ((A,), {})


@pytest.mark.parametrize(
    "late",
    [bucket((ONE + 1) % 16), bucket(ONE, at="c1"), bucket(ONE, asked_in="E0")],
    ids=["never asked for", "another cursor", "another epoch"],
)
def test_a_bucket_that_was_not_asked_for_now_changes_nothing(late):
    state = after(CHECKED, digested(SEEN[0], *SEEN[2:]))
    assert step(state, late) == (state, ())


def test_a_bucket_whose_answer_was_lost_is_asked_for_after_the_next_pull():
    state = after(CHECKED, digested(SEEN[0], *SEEN[2:]))
    _, effects = step(state, page(at="c2", to="c3", days=1))
    assert effects == (AskBucket("E1", "c3", ONE),)


def test_four_buckets_a_day_and_all_of_them_in_the_end():
    state, effects = step(CHECKED, digested(*CROWD))
    days, cursor = 1, "c2"
    wrong = [number for number, sum_ in enumerate(sums(*CROWD)) if digest(state.view.rows())[number] != sum_]
    assert len(wrong) > 12
    while effects:
        assert 1 <= len(effects) <= 4
        for ask in asked(effects, AskBucket):
            state = after(state, bucket(ask.bucket, *in_bucket(CROWD, ask.bucket), at=cursor))
        assert step(state, digested(*CROWD, at=cursor)) == (state, ()), "twice a day"
        days, cursor = days + 1, f"d{days}"
        state, effects = step(state, page(at=state.cursor, to=cursor, days=days))
        assert effects == (AskDigest("E1", cursor),)
        state, effects = step(state, digested(*CROWD, at=cursor))
    assert digest(state.view.rows()) == sums(*CROWD)
    assert state.repairs == len(wrong) <= BUCKETS


def test_a_bucket_that_never_heals_holds_up_no_other():
    healed, state, cursor = set(), CHECKED, "c2"
    for day in range(2, 8):
        state, effects = step(state, digested(*CROWD, at=cursor))
        for ask in asked(effects, AskBucket):
            healed.add(ask.bucket)
            state = after(state, bucket(ask.bucket, put(f"odd{day}"), at=cursor))
        cursor = f"d{day}"
        state = after(state, page(at=state.cursor, to=cursor, days=day))
    assert healed == set(range(BUCKETS))


def test_sums_rest_when_the_server_says_so():
    state = after(phone(), page(*SEEN, to="c1", days=0), Throttled("digest", 5000))
    assert step(state, page(at="c1", to="c2", days=1))[1] == ()
