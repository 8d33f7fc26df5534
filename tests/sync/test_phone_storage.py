"""A phone outlives the app that wrote it down."""

import json
from uuid import UUID

import pytest
from hypothesis import given, settings

from sync import (
    PhoneState,
    Refused,
    UnreadableState,
    Woken,
    export_outbox,
    read_push,
    state_as_json,
    state_from_json,
    step,
)
from tests.sync.phone_makers import after, answer, page, phone, put, reply
from tests.sync.phone_schedules import schedules
from tests.sync.phone_stories import LATER, MANY, OLD, A


@settings(deadline=None)
@given(schedules)
def test_whatever_happened_a_phone_is_read_as_it_was_written(schedule):
    state = PhoneState()
    for event in schedule:
        try:
            state, _ = step(state, event)
        except ValueError:
            continue
    assert state_from_json(json.loads(json.dumps(state_as_json(state)))) == state


def test_an_update_of_the_app_loses_nothing_of_a_full_outbox():
    state = state_from_json(OLD)
    assert state.outbox == (A,)
    assert state.view.entities["task", "t1"].via == {"me": 2}
    assert step(state, Woken())[1][0].ops == (A,)


def test_what_a_later_app_wrote_is_kept_by_this_one():
    state = after(state_from_json(LATER), reply(answer(A)), page(put("t1")))
    assert state_as_json(state)["colour"] == {"of": ["the", "sky"]}
    assert state_as_json(state)["format"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"format": "2"},
        {"format": 0},
        {"format": 4},
        {"format": 2, "ops": [{}]},
        {"format": 2, "view": None},
    ],
)
def test_what_is_no_phone_of_this_time_is_not_taken_for_one(body):
    with pytest.raises(UnreadableState):
        state_from_json(body)


def test_the_file_of_last_resort_holds_everything_that_is_not_safe_and_can_be_pushed():
    state = after(phone(*MANY), reply(answer(MANY[0])), Refused("E1", "push", 400, (MANY[3].op,)))
    assert state.stuck
    lines = export_outbox(state).splitlines()
    items = read_push({"epoch": "E1", "batch": str(UUID(int=1)), "items": list(map(json.loads, lines))}).items
    assert [item.op for item in items] == [op.op for op in MANY[1:]]
    assert {item.defect for item in items} == {None}
    assert [item.content for item in items] == [op.content for op in MANY[1:]]
