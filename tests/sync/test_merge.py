"""The three-way merge: what is automatic, what clashes, and that nothing drops out unseen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import bases_of, nearest_common_ancestors, propose
from sync.merge import Automatic, ChangeKind, Clash, ClashKind, Content, Taken

FORK = {"r": [], "a": ["r"], "b": ["r"]}
CRISS_CROSS = {"r": [], "x": ["r"], "y": ["r"], "a": ["x", "y"], "b": ["x", "y"]}


def says(**leaves):
    """What a revision says where there are no rows."""
    return Content(leaves)


def fork(was, mine, theirs):
    """Two heads of one revision."""
    return propose({"a": mine, "b": theirs}, {"r": was}, FORK)


# Ancestors


@pytest.mark.parametrize(
    ("known", "nearest"),
    [
        (FORK, ("r",)),
        (CRISS_CROSS, ("x", "y")),
        ({"q": [], "r": ["q"], "a": ["r", "q"], "b": ["r"]}, ("r",)),
        ({"a": [], "b": []}, ()),
        ({"r": [], "m": ["r"], "a": ["m"], "b": ["r"]}, ("r",)),
        ({"r": [], "a": ["r"], "b": ["a"]}, ("a",)),
    ],
)
def test_two_heads_part_from_the_nearest_revisions_they_have_in_common(known, nearest):
    assert nearest_common_ancestors(known, "a", "b") == nearest
    assert nearest_common_ancestors(known, "b", "a") == nearest


def test_an_ancestor_that_never_came_and_could_be_nearer_leaves_no_base():
    one_sided = {"r": [], "a": ["r", "lost"], "b": ["r"]}
    below = {"r": ["lost"], "a": ["r"], "b": ["r"]}
    both = {"r": [], "a": ["r", "lost"], "b": ["r", "gone"]}

    assert nearest_common_ancestors(one_sided, "a", "b") == ("r",)
    assert nearest_common_ancestors(below, "a", "b") == ("r",)
    assert nearest_common_ancestors(both, "a", "b") == ()


def test_several_heads_have_the_bases_of_all_their_pairs():
    known = {"r": [], "m": ["r"], "a": ["r"], "b": ["m"], "c": ["m"]}

    assert bases_of(known, ["c", "a", "b"]) == ("m", "r")


# Values


@pytest.mark.parametrize(
    ("was", "mine", "theirs", "expected"),
    [
        (1, 2, 1, ("a",)),
        (1, 1, 2, ("b",)),
        (1, 2, 2, ("a", "b")),
        (1, None, 1, ("a",)),
        (None, 2, None, ("a",)),
        (None, 2, 2, ("a", "b")),
        (1, None, None, ("a", "b")),
    ],
)
def test_what_one_side_changed_or_both_alike_is_automatic(was, mine, theirs, expected):
    merged = fork(*(Content({} if each is None else {"p": each}) for each in (was, mine, theirs)))

    assert merged.automatic == (Automatic("p", ChangeKind.CHANGED, expected),)
    assert merged.clashes == ()


@pytest.mark.parametrize(("was", "mine", "theirs"), [(1, 2, 3), (None, 2, 3), (1, None, 3)])
def test_what_both_changed_differently_clashes_with_both_values(was, mine, theirs):
    merged = fork(*(Content({} if each is None else {"p": each}) for each in (was, mine, theirs)))

    assert merged.automatic == ()
    assert merged.clashes == (Clash("p", ClashKind.BOTH_CHANGED, ("a", "b")),)
    assert merged.resolve({"p": "a"}).leaves.get("p") == mine
    assert merged.resolve({"p": "b"}).leaves.get("p") == theirs


def test_a_clash_is_never_resolved_unchosen():
    merged = fork(says(p=1), says(p=2), says(p=3))

    for choices in ({}, {"p": "r"}, {"q": "a"}):
        with pytest.raises(ValueError, match="p"):
            merged.resolve(choices)


def test_without_a_base_whatever_differs_clashes_and_what_is_the_same_does_not():
    merged = propose({"a": says(p=1, q=1), "b": says(p=1, q=2, s=3)}, {}, {"a": [], "b": []})

    assert merged.automatic == ()
    assert merged.clashes == tuple(Clash(p, ClashKind.NO_BASE, ("a", "b")) for p in "qs")


# Rows


def row(name, **leaves):
    """One row of m with values."""
    path = f"m[{name}]"
    return {f"{path}/{leaf}": value for leaf, value in leaves.items()}, {path}


def rows(*each):
    return Content(
        {path: value for leaves, _ in each for path, value in leaves.items()},
        frozenset().union(*(paths for _, paths in each)),
    )


def test_rows_that_each_side_added_come_both():
    merged = fork(rows(), rows(row("J1", s=1)), rows(row("J2", s=2)))

    assert merged.clashes == ()
    assert merged.resolve({}) == rows(row("J1", s=1), row("J2", s=2))
    assert Automatic("m[J2]", ChangeKind.ROW_ADDED, ("b",)) in merged.automatic


def test_a_row_that_both_added_differs_only_where_it_differs():
    merged = fork(rows(), rows(row("J1", s=1, t=1)), rows(row("J1", s=1, t=2, u=3)))

    assert [clash.path for clash in merged.clashes] == ["m[J1]/t"]
    assert merged.resolve({"m[J1]/t": "a"}) == rows(row("J1", s=1, t=1, u=3))


def test_a_row_that_one_side_deleted_and_the_other_left_alone_goes():
    was = rows(row("J1", s=1), row("J2", s=1))
    merged = fork(was, rows(row("J2", s=1)), rows(row("J1", s=1), row("J2", s=5)))

    assert merged.clashes == ()
    assert merged.resolve({}) == rows(row("J2", s=5))


def test_an_edit_against_a_delete_clashes_as_a_whole_row():
    merged = fork(rows(row("J1", s=1, t=1)), rows(), rows(row("J1", s=2, t=1)))

    assert merged.clashes == (Clash("m[J1]", ClashKind.EDIT_AGAINST_DELETE, ("a", "b"), row=True),)
    assert merged.resolve({"m[J1]": "a"}) == rows()
    assert merged.resolve({"m[J1]": "b"}) == rows(row("J1", s=2, t=1))


def test_a_row_added_inside_a_row_that_the_other_deleted_is_an_edit():
    outer = rows(row("J1", s=1))
    inner = Content({**outer.leaves, "m[J1]/r[1]/d": 4}, outer.rows | {"m[J1]/r[1]"})
    merged = fork(outer, rows(), inner)

    assert [clash.kind for clash in merged.clashes] == [ClashKind.EDIT_AGAINST_DELETE]
    assert merged.resolve({"m[J1]": "b"}) == inner


def test_the_name_of_one_row_is_no_part_of_another():
    merged = fork(
        rows(row("J1", s=1), row("J10", s=1)), rows(row("J10", s=1)), rows(row("J1", s=1), row("J10", s=2))
    )

    assert merged.resolve({}) == rows(row("J10", s=2))


# Several heads, several bases


def test_three_heads_with_edits_apart_come_together():
    known = {"r": [], "a": ["r"], "b": ["r"], "c": ["r"]}
    was = says(p=1, q=1, s=1)
    heads = {"a": says(p=2, q=1, s=1), "b": says(p=1, q=2, s=1), "c": says(p=1, q=1, s=2)}

    merged = propose(heads, {"r": was}, known)

    assert merged.clashes == ()
    assert merged.resolve({}) == says(p=2, q=2, s=2)


def test_three_heads_that_say_three_things_show_all_three():
    known = {"r": [], "a": ["r"], "b": ["r"], "c": ["r"]}
    merged = propose({"a": says(p=2), "b": says(p=3), "c": says(p=4)}, {"r": says(p=1)}, known)

    assert merged.clashes == (Clash("p", ClashKind.BOTH_CHANGED, ("a", "b", "c")),)


def test_a_change_that_somebody_took_back_on_purpose_clashes_with_it():
    known = {"r": [], "m": ["r"], "a": ["r"], "b": ["m"], "c": ["m"]}
    heads = {"a": says(p=1, q=1), "b": says(p=1, q=2), "c": says(p=2, q=2)}

    merged = propose(heads, {"r": says(p=1, q=1), "m": says(p=2, q=2)}, known)

    assert [clash.path for clash in merged.clashes] == ["p"]
    assert merged.resolve({"p": "b"}) == says(p=1, q=2)


def test_after_a_criss_cross_a_path_is_automatic_only_if_it_is_so_against_every_base():
    bases = {"x": says(p=1, q=1, s=1), "y": says(p=2, q=1, s=1)}
    heads = {"a": says(p=1, q=1, s=3), "b": says(p=2, q=4, s=1)}

    merged = propose(heads, bases, CRISS_CROSS)

    assert [clash.path for clash in merged.clashes] == ["p"]
    assert merged.resolve({"p": "b"}) == says(p=2, q=4, s=3)


def test_a_base_that_cannot_be_read_is_no_base():
    merged = propose({"a": says(p=1), "b": says(p=2)}, {"x": says(p=1)}, CRISS_CROSS)

    assert [clash.kind for clash in merged.clashes] == [ClashKind.NO_BASE]


# What a resolution took from whom


def test_a_resolution_tells_whose_each_answer_is_and_what_is_new():
    merged = fork(says(p=1, q=1, s=1, t=1), says(p=2, q=2, s=1, t=1), says(p=3, q=1, s=1, t=1))

    told = merged.taken(says(p=3, q=2, s=9, t=1))

    assert told == (Taken("p", False, ("b",)), Taken("q", False, ("a",)), Taken("s", False, ()))


def test_a_row_that_no_head_has_is_told_as_new():
    merged = fork(rows(), rows(), rows(row("J1", s=1)))

    told = {each.path: each.heads for each in merged.taken(rows(row("J2", s=1)))}

    assert told["m[J1]"] == ("a",)
    assert told["m[J2]"] == ()


# Whatever happens

few = settings(max_examples=25, deadline=None)

names = st.sampled_from(["J1", "J2", "J3"])
values = st.integers(0, 2)


@st.composite
def contents(draw):
    """A record with two questions, and rows that have two more and rows of their own."""
    leaves = draw(st.dictionaries(st.sampled_from(["p", "q"]), values))
    found = set()
    for name in draw(st.sets(names)):
        path = f"m[{name}]"
        found.add(path)
        leaves |= {
            f"{path}/{leaf}": v for leaf, v in draw(st.dictionaries(st.sampled_from("st"), values)).items()
        }
        for inner in draw(st.sets(st.sampled_from(["1", "2"]))):
            found.add(f"{path}/n[{inner}]")
            leaves |= {f"{path}/n[{inner}]/d": v for v in draw(st.lists(values, max_size=1))}
    return Content(leaves, frozenset(found))


@st.composite
def histories(draw):
    """Up to seven revisions that grew from one, with what each says."""
    known = {"0": []}
    for n in range(1, draw(st.integers(2, 7))):
        known[str(n)] = draw(
            st.lists(st.sampled_from([str(m) for m in range(n)]), min_size=1, max_size=2, unique=True)
        )
    return known, {rev: draw(contents()) for rev in known}


def merge_of(known, said):
    named = {parent for parents in known.values() for parent in parents}
    heads = sorted(known.keys() - named)
    return propose(
        {each: said[each] for each in heads}, {each: said[each] for each in bases_of(known, heads)}, known
    )


def chosen(merged, which):
    return {clash.path: which(clash.heads) for clash in merged.clashes}


@few
@given(contents(), contents(), contents())
def test_sides_may_be_swapped(was, mine, theirs):
    one, other = fork(was, mine, theirs), fork(was, theirs, mine)
    swap = {"a": "b", "b": "a"}

    def swapped(each):
        return {"path": each.path, "heads": sorted(swap[head] for head in each.heads), "row": each.row}

    def plain(each):
        return {"path": each.path, "heads": list(each.heads), "row": each.row}

    assert [swapped(each) for each in other.automatic] == [plain(each) for each in one.automatic]
    assert [swapped(each) for each in other.clashes] == [plain(each) for each in one.clashes]
    for head in "ab":
        flipped = dict.fromkeys(chosen(other, max), swap[head])
        assert other.resolve(flipped) == one.resolve(dict.fromkeys(chosen(one, max), head))


@few
@given(contents(), contents())
def test_two_that_say_the_same_have_nothing_to_choose(was, same):
    merged = fork(was, same, same)

    assert merged.clashes == ()
    assert merged.resolve({}) == same
    assert fork(same, same, same).automatic == ()


@few
@given(contents(), contents())
def test_against_an_unchanged_side_the_other_is_taken_whole(was, mine):
    assert fork(was, mine, was).resolve({}) == mine
    assert fork(was, was, mine).resolve({}) == mine


@few
@given(
    contents(), st.dictionaries(st.sampled_from("pq"), values), st.dictionaries(st.sampled_from("st"), values)
)
def test_edits_at_other_places_never_clash(was, mine, theirs):
    inside = {f"{path}/{leaf}": v for path in was.rows if path.count("[") == 1 for leaf, v in theirs.items()}
    merged = fork(was, Content({**was.leaves, **mine}, was.rows), Content({**was.leaves, **inside}, was.rows))

    assert merged.clashes == ()
    assert merged.resolve({}) == Content({**was.leaves, **mine, **inside}, was.rows)


@few
@given(contents(), contents(), contents(), st.sampled_from("ab"))
def test_choosing_one_side_everywhere_reproduces_it_where_they_clash(was, mine, theirs, head):
    merged = fork(was, mine, theirs)
    result = merged.resolve(dict.fromkeys(chosen(merged, max), head))

    said = merged.contents[head]
    for clash in merged.clashes:
        if clash.row:
            assert result.at(clash.path) == said.at(clash.path)
        else:
            assert result.leaves.get(clash.path) == said.leaves.get(clash.path)


@few
@given(histories())
def test_every_answer_of_every_head_is_in_the_result_or_told(drawn):
    merged = merge_of(*drawn)
    result = merged.resolve(chosen(merged, min))

    told = {each.path for each in (*merged.automatic, *merged.clashes)}
    for head in merged.heads:
        for path, value in merged.contents[head].leaves.items():
            around = {path[:n] for n, letter in enumerate(path) if letter == "/"} | {path}
            assert result.leaves.get(path) == value or told & around, path
        for path in merged.contents[head].rows - result.rows:
            around = {path[:n] for n, letter in enumerate(path) if letter == "/"} | {path}
            assert told & around, path


@few
@given(histories())
def test_every_answer_of_a_result_is_some_heads_and_a_resolution_tells_whose(drawn):
    merged = merge_of(*drawn)
    choices = chosen(merged, max)
    result = merged.resolve(choices)
    taken = {each.path: each.heads for each in merged.taken(result)}

    for path, value in result.leaves.items():
        assert value in {merged.contents[head].leaves.get(path) for head in merged.heads}
    for path, head in choices.items():
        assert head in taken[path]


@few
@given(histories())
def test_a_resolution_merged_again_with_what_it_came_from_stays_as_it_is(drawn):
    known, said = drawn
    merged = merge_of(known, said)
    result = merged.resolve(chosen(merged, min))

    for head in merged.heads:
        again = propose(
            {head: said[head], "z": result}, {head: said[head]}, {**known, "z": list(merged.heads)}
        )
        assert again.clashes == ()
        assert again.resolve({}) == result


@few
@given(histories(), st.randoms(use_true_random=False))
def test_a_proposal_does_not_depend_on_the_order_in_which_things_are_told(drawn, random):
    known, said = drawn
    merged = merge_of(known, said)
    shuffled = list(known)
    random.shuffle(shuffled)

    assert merge_of({rev: known[rev] for rev in shuffled}, said) == merged
