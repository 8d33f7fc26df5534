"""The cursor comes back as it was sealed, or not at all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import BadCursor, Cursor, seal, unseal
from tests.sync.sync_makers import integers, names

SECRET = b"s" * 32
plain = st.builds(Cursor, names, names, integers, st.dictionaries(names, integers, max_size=5), integers)
traces = st.text("0123456789abcdef", min_size=8, max_size=8)
cursors = plain | st.builds(
    lambda cursor, seen, trace: replace(cursor, seen=seen, trace=trace), plain, integers, traces
)


@given(cursors)
def test_a_cursor_comes_back_as_it_was_sealed(cursor):
    assert unseal(seal(cursor, SECRET), SECRET) == cursor


@given(cursors)
def test_a_cursor_is_fit_for_a_query_string(cursor):
    assert set(seal(cursor, SECRET)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    )


@given(cursors, st.data())
def test_a_cursor_changed_in_any_character_is_refused(cursor, draw):
    text = seal(cursor, SECRET)
    place = draw.draw(st.integers(0, len(text) - 1))
    letter = draw.draw(st.sampled_from("AZaz09-_.=é").filter(lambda one: one != text[place]))
    with pytest.raises(BadCursor):
        unseal(text[:place] + letter + text[place + 1 :], SECRET)


@given(cursors)
def test_a_cursor_of_another_secret_is_refused(cursor):
    with pytest.raises(BadCursor):
        unseal(seal(cursor, b"other"), SECRET)


@given(st.text(max_size=60))
def test_garbage_is_no_cursor(text):
    with pytest.raises(BadCursor):
        unseal(text, SECRET)


def test_an_endless_cursor_is_not_even_decoded():
    with pytest.raises(BadCursor):
        unseal("A" * 10_000_000 + ".AA", SECRET)


def test_a_cursor_of_the_version_before_is_still_read():
    old = (
        "eyJ2IjoxLCJlcG9jaCI6IjAxTThBQ005QUs0SlRHU0RXRTIyUUQyRVBUIiwidXNlciI6IjNmMjUwNGUwLTRmODktNDFkMy05YTBjLTAzMDVl"
        "ODJjMzMwMSIsInAiOjgxMjAxLCJjIjp7ImZvcm1zIjoxNywicmVnaW9uOjE0MDUyMiI6ODEwMDB9LCJiIjo4MDAwMH0"
        ".nNQLuDGTz4BqHkxfN189aldnCSBrPgdtQTXRY7vVncU"
    )
    user = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    channels = {"forms": 17, "region:140522": 81000}
    assert unseal(old, SECRET) == Cursor("01M8ACM9AK4JTGSDWE22QD2EPT", user, 81201, channels, 80000)


def test_a_cursor_of_a_year_and_three_channels_takes_half_the_room_it_took():
    user, head = "3f2504e0-4f89-41d3-9a0c-0305e82c3301", 36_500_000
    channels = {"forms": head, "lists": head, "region:140522": head}
    assert len(seal(Cursor("01M8ACM9AK4JTGSDWE22QD2EPT", user, head, channels, 30_000_000), SECRET)) <= 140


def test_a_cursor_from_before_there_were_traces_is_still_read():
    old = (
        "AhswMU04QUNNOUFLNEpUR1NEV0UyMlFEMkVQVAA_JQTgT4lB05oMAwXoLDMBsfoE4hIGZm9ybXPA9AkO"
        "cmVnaW9uOjE0MDUyMpIDH2nb8IpiNOZtHaye1cQcXA"
    )
    user = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    channels = {"forms": 17, "region:140522": 81000}
    assert unseal(old, SECRET) == Cursor("01M8ACM9AK4JTGSDWE22QD2EPT", user, 81201, channels, 80000)
