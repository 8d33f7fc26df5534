"""The phone in Python and the phone in TypeScript are one phone."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import PhoneState, state_as_json
from tests.sync.mirror import Mirror
from tests.sync.phone_json import as_json, run
from tests.sync.phone_schedules import NOWS, schedules
from tests.sync.phone_vectors import FILE, text

KEPT = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mirror():
    mirror = Mirror()
    yield mirror
    mirror.close()


def test_the_kept_vectors_are_what_the_phone_does():
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m tests.sync.phone_vectors`"


@pytest.mark.parametrize("story", KEPT["stories"], ids=[story["name"] for story in KEPT["stories"]])
def test_the_mirror_tells_each_story_alike(mirror, story):
    told = mirror.ask(start=story["start"], events=story["events"], now=story["now"])
    for number, (step, expected) in enumerate(zip(told["steps"], story["steps"], strict=True)):
        assert step == expected, (number, story["events"][number])
    assert told["facts"] == story["facts"]


def test_the_mirror_backs_off_alike(mirror):
    rests = mirror.ask(rests=[each["asked"] for each in KEPT["rests"]])
    assert rests == [each["rest"] for each in KEPT["rests"]]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_happens_both_do_the_same(mirror, data):
    events, now = data.draw(schedules), data.draw(NOWS)
    ours = json.loads(json.dumps(run(PhoneState(), events, now)))
    theirs = mirror.ask(start=state_as_json(PhoneState()), events=as_json(events), now=now)
    for number, (step, expected) in enumerate(zip(theirs["steps"], ours["steps"], strict=True)):
        assert step == expected, (number, events[number])
    assert theirs["facts"] == ours["facts"]
