"""The cursor comes back as it was sealed, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import BadCursor, Cursor, seal, unseal
from tests.sync.sync_makers import integers, names

SECRET = b"s" * 32
cursors = st.builds(Cursor, names, names, integers, st.dictionaries(names, integers, max_size=5), integers)


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
