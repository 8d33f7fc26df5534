"""When a phone may let go of what it holds, and what stays."""

from dataclasses import replace

import pytest

from sync import (
    Drafted,
    DropMedia,
    EpochRefused,
    LoggedIn,
    MediaDurable,
    MediaStored,
    PhoneState,
    Pruned,
    Released,
    ReofferReplied,
    Sealed,
    StatusReplied,
    op_life,
    safe_to_delete,
    step,
)
from tests.sync.phone_makers import after, answer, held, milliseconds, page, phone, put, reply
from tests.sync.phone_stories import BACK, BROUGHT, OTHERS, PHOTO, STORIES, VIDEO, A, B, D, short
from tests.sync.sync_makers import TASK

PUSHED = after(phone(A), reply(answer(A, seq=5)))
COPIED = MediaDurable(PHOTO, "E1")
LATE = milliseconds(40)


def days(count, durable=5, at=None, to="c1", epoch="E1"):
    """A page so many days after the receipt."""
    return page(durable=durable, days=count, at=at, to=to, epoch=epoch, asked_in=epoch)


def test_an_operation_goes_from_sealed_to_pruned():
    lives, state = [], phone(A)
    for event in (
        reply(answer(A, seq=5)),
        MediaStored(PHOTO, "E1"),
        COPIED,
        days(30, durable=5),
        Pruned(A.op, LATE),
    ):
        lives.append(op_life(state, A.op))
        state = after(state, event)
    assert [*lives, op_life(state, A.op)] == [
        "sealed",
        "receipted",
        "receipted",
        "media_ok",
        "durable",
        "pruned",
    ]
    with pytest.raises(KeyError):
        op_life(state, B.op)


@pytest.mark.parametrize(
    ("why", "state"),
    [
        ("no receipt", after(phone(A), COPIED, days(99))),
        ("only answered with retry", after(phone(A), reply(answer(A, "retry")), COPIED, days(99))),
        ("the log has no second copy there", after(PUSHED, COPIED, days(99, durable=4))),
        ("the file has no second copy", after(PUSHED, MediaStored(PHOTO, "E1"), days(99))),
        ("the file is not there after all", after(PUSHED, COPIED, MediaStored(PHOTO, "E1"), days(99))),
        ("the time to keep has not passed", after(PUSHED, COPIED, days(29.99))),
        ("the server's time is unknown", after(PUSHED, COPIED, page(durable=9))),
        ("somebody corrects the record", after(PUSHED, COPIED, days(99), Drafted(A.record, TASK))),
        ("a correction is not safe", after(PUSHED, COPIED, days(99), Sealed(short("a2", record=A.record)))),
        ("another epoch", after(PUSHED, COPIED, days(99), EpochRefused("E1", "E2"))),
        (
            "the receipt is of an earlier epoch",
            after(
                PUSHED,
                EpochRefused("E1", "E2"),
                ReofferReplied("E2", "E2", (A.rev,), ()),
                MediaDurable(PHOTO, "E2"),
                days(99, durable=9, epoch="E2"),
            ),
        ),
        (
            "the second copies are of the last epoch",
            after(
                PUSHED,
                COPIED,
                EpochRefused("E1", "E2"),
                ReofferReplied("E2", "E2", (A.rev,), ()),
                StatusReplied("E2", {"epoch": "E2", "items": [answer(A, seq=5)]}),
                days(99, durable=9, epoch="E2"),
            ),
        ),
    ],
)
def test_nothing_is_deleted_while(why, state):
    assert not safe_to_delete(state, A.op, milliseconds(99)), why
    assert not safe_to_delete(state, A.record, milliseconds(99)), why
    assert step(state, Pruned(A.op, milliseconds(99))) == (state, ()), why
    assert step(state, Pruned(A.record, milliseconds(99))) == (state, ()), why


def test_a_phones_clock_that_runs_ahead_deletes_nothing_early_and_one_behind_only_later():
    state = after(PUSHED, COPIED, days(30))
    assert safe_to_delete(state, A.op, milliseconds(9999))
    assert not safe_to_delete(state, A.op, milliseconds(29))
    assert not safe_to_delete(after(PUSHED, COPIED, days(29)), A.op, milliseconds(9999))


def test_the_time_to_keep_is_the_servers_to_tell():
    state = after(PUSHED, COPIED, LoggedIn("inspector1", "E1", {"retention_days": 90}), days(89))
    assert not safe_to_delete(state, A.op, milliseconds(99))
    assert safe_to_delete(after(state, days(90, at="c1", to="c2")), A.op, milliseconds(99))


def test_a_receipt_that_tells_no_moment_lets_nothing_go():
    state = after(phone(B), reply(answer(B, seq=5) | {"receipt": "r"}), days(99))
    assert op_life(state, B.op) == "durable"
    assert not safe_to_delete(state, B.op, milliseconds(99))


def test_a_receipt_that_the_restored_server_confirms_lets_go_again():
    state = after(
        PUSHED,
        EpochRefused("E1", "E2"),
        ReofferReplied("E2", "E2", (A.rev,), ()),
        StatusReplied("E2", {"epoch": "E2", "items": [answer(A, seq=3)]}),
        MediaDurable(PHOTO, "E2"),
        days(31, durable=3, epoch="E2"),
    )
    assert safe_to_delete(state, A.op, LATE)


def test_a_stub_stays_and_a_file_goes_when_nothing_needs_it():
    state, effects = step(after(PUSHED, COPIED, days(31)), Pruned(A.op, LATE))
    assert effects == (DropMedia((PHOTO,)),)
    stub = state.stubs[A.op]
    assert (stub.rev, stub.record, stub.task, stub.media, stub.receipt.seq) == (
        A.rev,
        A.record,
        A.task,
        A.media,
        5,
    )
    assert (state.ops, state.receipts) == ((), {})
    state, effects = step(after(PUSHED, COPIED, days(31), Sealed(D)), Pruned(A.op, LATE))
    assert effects == ()
    assert PHOTO in state.media_durable


def test_a_stub_is_not_offered_after_a_restore_and_the_rest_is():
    state = after(PUSHED, COPIED, days(31), Pruned(A.op, LATE), Sealed(B), reply(answer(B)))
    assert after(state, EpochRefused("E1", "E2")).to_reoffer == {B.rev}


def test_a_late_answer_for_a_stub_changes_nothing():
    state = after(PUSHED, COPIED, days(31), Pruned(A.op, LATE))
    assert step(state, reply(answer(A))) == (state, ())


def test_a_record_goes_as_a_whole_or_not_at_all():
    later = short("a2", record=A.record)
    state = after(PUSHED, Sealed(later), reply(answer(later, seq=6)), COPIED, days(31, durable=5))
    assert safe_to_delete(state, A.op, LATE)
    assert not safe_to_delete(state, A.record, LATE)
    state = after(state, days(31, durable=6, at="c1", to="c2"), Pruned(A.record, LATE))
    assert set(state.stubs) == {A.op, later.op}


def test_work_of_others_is_released_when_it_is_durable_or_its_record_left():
    shown = after(phone(), page(put(OTHERS.record, 8, "record"), durable=7), held(OTHERS))
    assert after(shown, Released(OTHERS.rev)).held
    assert not after(shown, page(at="c1", to="c2", durable=8), Released(OTHERS.rev)).held
    left = after(phone(), page(durable=7), held(OTHERS))
    assert not after(left, Released(OTHERS.rev)).held
    offered = after(left, EpochRefused("E1", "E2"), page(epoch="E2", asked_in="E2"), Released(OTHERS.rev))
    assert offered.held


def test_work_of_others_that_was_given_back_and_pruned_can_be_given_back_again():
    events = STORIES["others' work that is given back twice"]
    state = after(PhoneState(), *events[:-1])
    assert list(state.stubs) == [BACK.op]
    state = after(state, events[-1])
    assert (state.outbox, state.stubs, state.held) == ((BACK,), {}, {})


def test_work_that_is_sealed_twice_is_there_once_and_an_id_is_never_two_things():
    state = after(phone(A), Sealed(A), Sealed(replace(B, op=A.op)))
    assert [op.content for op in state.ops] == [A.content, B.content]
    assert len({op.op for op in state.ops}) == 2


def test_what_is_brought_and_was_held_goes_back_once_after_a_restore():
    state = after(phone(), held(OTHERS), Sealed(BROUGHT))
    assert (state.held, [op.op for op in state.ops]) == ({}, [BROUGHT.op])
    state = after(state, EpochRefused("E1", "E2"), ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)))
    assert [(op.op, op.media) for op in state.ops] == [(BROUGHT.op, (VIDEO,))]


def test_what_was_given_back_without_files_takes_those_along_that_it_is_brought_with():
    state = after(
        phone(A),
        held(OTHERS),
        EpochRefused("E1", "E2"),
        ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)),
    )
    back = next(op for op in state.ops if op.rev == OTHERS.rev)
    assert back.media == ()
    state = after(state, reply(answer(back, seq=5), epoch="E2", asked_in="E2"), Sealed(BROUGHT))
    assert [(op.op, op.media) for op in state.ops if op.rev == OTHERS.rev] == [(back.op, (VIDEO,))]
    assert (VIDEO in state.media_wanted, back.op in state.receipts) == (True, True)
    state = after(state, MediaDurable(VIDEO, "E2"), EpochRefused("E2", "E3"))
    assert VIDEO in state.media_unsure, "it is asked about again after the next restore"
    assert after(state, Sealed(BROUGHT)) == state


def test_what_was_brought_is_asked_about_again_with_its_files_and_has_no_number_of_this_phone():
    before = phone(A)
    missing = ("sha256:" + VIDEO, "sha256:" + "33" * 32)
    state = after(before, Sealed(BROUGHT), reply(answer(BROUGHT, seq=5, media_missing=missing)))
    assert (state.dev_seq, state.last_rev) == (before.dev_seq, before.last_rev)
    assert state.media_wanted == {PHOTO, VIDEO}, "what did not come along can't be sent"
    state = after(state, MediaStored(VIDEO, "E1"), EpochRefused("E1", "E2"))
    assert BROUGHT.rev in state.to_reoffer
    assert VIDEO in state.media_unsure
