"""What the life of a key means for evidence under it, moment by moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import KeyLife, endorsement_bytes, generate_device_key, public_jwk, sign, verify

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DEVICE = UUID("e81154a6-9f76-572d-a2a8-a12fba863906")
moments = st.integers(-3, 3).map(lambda minutes: NOON + timedelta(minutes=minutes))


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("life", "received", "doubts"),
    [
        (KeyLife(), later(9), ()),
        (KeyLife(ended_at=NOON), later(-1), ()),
        (KeyLife(ended_at=NOON), NOON, ()),
        (KeyLife(ended_at=NOON), later(1), ("key_ended",)),
        (KeyLife(revoked_since=NOON), later(-1), ()),
        (KeyLife(revoked_since=NOON), NOON, ("key_revoked",)),
        (KeyLife(ended_at=NOON, revoked_since=later(2)), later(1), ("key_ended",)),
        (KeyLife(ended_at=NOON, revoked_since=later(-2)), later(-1), ("key_revoked",)),
        (KeyLife(ended_at=NOON, revoked_since=NOON), later(1), ("key_ended", "key_revoked")),
    ],
)
def test_what_came_before_stands_and_what_came_after_is_a_question(life, received, doubts):
    assert life.doubts(received) == doubts


def test_only_a_moment_that_the_server_told_after_the_end_is_impossible():
    ended = KeyLife(ended_at=NOON)
    assert ended.is_outlived_by(later(1))
    assert not ended.is_outlived_by(NOON)
    assert not ended.is_outlived_by(None)  # nobody knows: kept, and flagged by when it came
    assert not KeyLife(revoked_since=NOON).is_outlived_by(later(1))


@given(st.none() | moments, st.none() | moments, moments, moments)
def test_what_stands_goes_on_standing_when_the_same_came_earlier(ended, revoked, received, other):
    life = KeyLife(ended, revoked)
    early, late = sorted([received, other])
    assert set(life.doubts(early)) <= set(life.doubts(late))


def test_an_endorsement_is_for_one_key_on_one_device():
    old = generate_device_key()
    signature = sign(old, endorsement_bytes("k:new", DEVICE))
    assert verify(public_jwk(old), endorsement_bytes("k:new", DEVICE), signature)
    assert not verify(public_jwk(old), endorsement_bytes("k:other", DEVICE), signature)
    assert not verify(public_jwk(old), endorsement_bytes("k:new", UUID(int=7)), signature)
