"""Heads of a record, and the state that follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import RecordState, Review, add_revision, record_state


def grow(*revisions):
    heads, known = (), {}
    for rev, parents in revisions:
        heads = add_revision(heads, known, rev, parents).heads
        known[rev] = parents
    return heads


def test_the_first_revision_is_the_head():
    assert grow(("a", [])) == ("a",)


def test_a_child_replaces_its_parent():
    assert grow(("a", []), ("b", ["a"])) == ("b",)


def test_siblings_are_two_heads():
    assert grow(("a", []), ("b", ["a"]), ("c", ["a"])) == ("b", "c")


def test_a_revision_naming_all_heads_resolves_them():
    assert grow(("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"])) == ("d",)


def test_a_revision_naming_some_heads_leaves_the_others():
    assert grow(("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["a"]), ("e", ["b", "c"])) == ("d", "e")


def test_a_parent_that_never_came_is_flagged():
    assert add_revision((), {}, "b", ["a"]).unknown_parents == ("a",)
    assert add_revision(("a",), {"a": []}, "b", ["a"]).unknown_parents == ()


def test_a_parent_that_comes_after_its_child_is_no_head():
    assert grow(("b", ["a"]), ("a", [])) == ("b",)


def test_a_revision_known_already_changes_nothing():
    assert grow(("a", []), ("b", ["a"]), ("a", []), ("b", ["a"])) == ("b",)


@st.composite
def arrivals(draw):
    """A graph of revisions, and an order for them to arrive in."""
    count = draw(st.integers(1, 8))
    graph = [
        (
            str(n),
            draw(st.lists(st.sampled_from([str(m) for m in range(n)]), max_size=3, unique=True)) if n else [],
        )
        for n in range(count)
    ]
    return graph, draw(st.permutations(graph))


@given(arrivals())
def test_the_heads_are_what_no_other_revision_names_in_whatever_order_they_came(drawn):
    graph, order = drawn
    named = {parent for _, parents in graph for parent in parents}
    assert grow(*order) == tuple(sorted(rev for rev, _ in graph if rev not in named))


@pytest.mark.parametrize(
    ("heads", "facts", "state"),
    [
        (["a"], {}, "signed"),
        (["a"], {"required": ["lead", "co_inspector"], "attested": ["lead"]}, "open"),
        (["a"], {"required": ["lead"], "attested": ["lead", "witness"]}, "signed"),
        (["a", "b"], {"attested": ["lead"]}, "conflicted"),
        (["a", "b"], {"review": Review("taken", "a")}, "conflicted"),
        (["a"], {"review": Review("taken", "a")}, "under_review"),
        (["b"], {"review": Review("taken", "a"), "required": ["lead"]}, "open"),
        (["a"], {"review": Review("returned", "a")}, "returned"),
        (["b"], {"review": Review("returned", "a"), "required": ["lead"]}, "open"),
        (["b"], {"review": Review("returned", "a"), "required": ["lead"], "attested": ["lead"]}, "signed"),
        (["a"], {"review": Review("accepted", "a")}, "final"),
        (["b"], {"review": Review("accepted", "a")}, "final"),
        (["a", "b"], {"review": Review("accepted", "a")}, "final"),
    ],
)
def test_a_record_stands_where_its_facts_put_it(heads, facts, state):
    assert record_state(heads, **facts) is RecordState(state)


def test_a_record_without_revisions_has_no_state():
    with pytest.raises(ValueError):
        record_state([])
