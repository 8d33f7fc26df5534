"""The signed adapter against the mock platform over a real socket: each answer, each fault."""

import pytest

from server import clock
from server.platform.adapters import Accepted, Rejected, SignedHttpAdapter, Unanswered, open_adapter
from server.platform.mock import Faults
from server.platform.signing import TOLERANCE, is_signed, key_in, signed_headers
from tests.actors.platform import APP_KEY, SECRET, running_platform
from tests.conftest import settings_for

KEY = "SX2023-001/91140522MA0KY0000X/BOUNDARY_MARKER/v1"
PAYLOAD = {
    "task_no": "SX2023-001",
    "object": {"code": "91140522MA0KY0000X"},
    "item": {"code": "BOUNDARY_MARKER"},
    "result": ["NO_PROBLEM"],
    "version": 1,
}


def test_a_delivery_is_taken_with_a_receipt_and_a_second_one_gets_the_same():
    with running_platform() as (platform, adapter):
        first, second = adapter.deliver(PAYLOAD, KEY), adapter.deliver(PAYLOAD, KEY)

    assert isinstance(first, Accepted)
    assert first.receipt["receipt_no"] == "SJ00000001"
    assert second == first
    assert platform.effects == [KEY]
    assert platform.held[KEY].arrivals == 2
    assert platform.held[KEY].payload == PAYLOAD


def test_what_the_platform_will_not_take_is_rejected_with_its_errors():
    with running_platform() as (platform, adapter):
        answer = adapter.deliver(PAYLOAD | {"result": []}, KEY)

    assert isinstance(answer, Rejected)
    assert answer.errors[0]["field"] == "result"
    assert platform.effects == []


def test_a_key_used_for_other_content_is_rejected():
    with running_platform() as (platform, adapter):
        adapter.deliver(PAYLOAD, KEY)
        answer = adapter.deliver(PAYLOAD | {"findings": "其他"}, KEY)

    assert isinstance(answer, Rejected)
    assert platform.held[KEY].payload == PAYLOAD


@pytest.mark.parametrize(
    ("faults", "effects"),
    [
        (Faults(lose_request=1), []),
        (Faults(lose_reply=1), [KEY]),
        (Faults(delay=1, delay_seconds=2), [KEY]),
    ],
)
def test_where_no_answer_comes_nobody_knows(faults, effects):
    with running_platform(faults, read_timeout=0.3) as (platform, adapter):
        answer = adapter.deliver(PAYLOAD, KEY)
        assert isinstance(answer, Unanswered)
        assert platform.effects == effects


def test_a_request_that_arrives_twice_has_one_effect_and_its_receipt():
    with running_platform(Faults(duplicate=1)) as (platform, adapter):
        answer = adapter.deliver(PAYLOAD, KEY)

    assert answer == Accepted(platform.held[KEY].receipt)
    assert platform.effects == [KEY]


def test_the_same_key_is_rejected_again_and_a_corrected_version_may_pass():
    keys = [f"T/{number}/v1" for number in range(40)]
    with running_platform(Faults(reject=0.5)) as (_, adapter):
        first = [type(adapter.deliver(PAYLOAD, key)) for key in keys]
        again = [type(adapter.deliver(PAYLOAD, key)) for key in keys]

    assert first == again
    assert {Accepted, Rejected} == set(first)


def test_a_wrong_secret_is_no_rejection_of_the_result():
    with running_platform() as (platform, adapter):
        stranger = SignedHttpAdapter(adapter.url, APP_KEY, "guessed")
        answer = stranger.deliver(PAYLOAD, KEY)

    assert isinstance(answer, Unanswered)
    assert "401" in answer.reason
    assert platform.held == {}


def test_a_platform_that_is_not_there_is_no_answer():
    with running_platform() as (_, adapter):
        pass
    assert isinstance(adapter.deliver(PAYLOAD, KEY), Unanswered)


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{" * 100_000),
        (200, b'{"a":"' + b"x" * 300_000 + b'"}'),
        (200, b"{}"),
        (201, b'{"receipt_no":null}'),
        (302, b"{}"),
        (409, b"{}"),
        (409, b'{"receipt":{}}'),
        (409, b'{"receipt":"SJ1"}'),
        (422, b'{"errors":"x"}'),
        (422, b'{"errors":[]}'),
        (429, b'{"errors":[{"message":"slow down"}]}'),
        (500, b'{"errors":[{"message":"broken"}]}'),
    ],
)
def test_a_reply_that_says_nothing_about_the_result_is_no_answer(status, reply):
    assert isinstance(SignedHttpAdapter._read(status, reply), Unanswered)


def test_a_plain_error_is_kept_as_a_message():
    assert SignedHttpAdapter._read(400, '{"errors":["对象不存在"]}'.encode()) == Rejected(
        [{"message": "对象不存在"}]
    )


def test_a_signature_binds_key_time_and_body():
    now = clock.now()
    key = "任务〔2023〕1号/v1"
    headers = signed_headers(APP_KEY, SECRET, now, key, b"body")

    assert key_in(headers) == key
    assert all(value.isascii() for value in headers.values())
    assert is_signed(headers, APP_KEY, SECRET, now, b"body")
    assert not is_signed(headers, APP_KEY, SECRET, now, b"other body")
    assert not is_signed(headers, APP_KEY, "other secret", now, b"body")
    assert not is_signed(headers, "other key", SECRET, now, b"body")
    assert not is_signed(headers, APP_KEY, SECRET, now + TOLERANCE * 2, b"body")
    assert not is_signed(headers | {"Idempotency-Key": "other"}, APP_KEY, SECRET, now, b"body")
    assert not is_signed(headers | {"X-Timestamp": "now"}, APP_KEY, SECRET, now, b"body")
    assert not is_signed({}, APP_KEY, SECRET, now, b"body")


def test_settings_open_an_adapter_or_none(tmp_path):
    url = "sqlite:///" + str(tmp_path / "x.sqlite3")
    assert open_adapter(settings_for(url, tmp_path)) is None
    named = settings_for(
        url,
        tmp_path,
        MERESTONE_PLATFORM_URL="http://127.0.0.1:9/results",
        MERESTONE_PLATFORM_APP_KEY=APP_KEY,
        MERESTONE_PLATFORM_SECRET=SECRET,
    )
    assert open_adapter(named) == SignedHttpAdapter("http://127.0.0.1:9/results", APP_KEY, SECRET)
