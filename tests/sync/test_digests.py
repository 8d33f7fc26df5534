"""The daily check: equal views have equal sums, and a difference shows in the bucket of its entity."""

from hypothesis import given
from hypothesis import strategies as st

from sync.digest import BUCKETS, bucket_of, digest

EXPECTED = {7: "70d3d4134a634ea2", 12: "81de7361b8366ab0"}

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["me", "forms"]),
        st.sampled_from(["task", "record", "form"]),
        st.uuids().map(str),
        st.integers(1, 1 << 40),
    ),
    unique_by=lambda row: row[:3],
    max_size=40,
)


@given(ROWS, st.randoms())
def test_the_sums_do_not_depend_on_the_order(rows, chance):
    mixed = rows[:]
    chance.shuffle(mixed)
    assert digest(mixed) == digest(rows)


@given(ROWS.filter(bool), st.data())
def test_a_missing_row_shows_in_its_bucket_and_in_no_other(rows, data):
    lost = data.draw(st.sampled_from(rows))
    ours, theirs = digest(rows), digest([row for row in rows if row != lost])
    assert [number for number in range(BUCKETS) if ours[number] != theirs[number]] == [bucket_of(*lost[1:3])]


@given(ROWS.filter(bool), st.data())
def test_a_stale_number_and_another_feed_show_as_well(rows, data):
    via, kind, name, n = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row != (via, kind, name, n)]
    assert digest([*rest, (via, kind, name, n + 1)]) != digest(rows)
    assert digest([*rest, ("region", kind, name, n)]) != digest(rows)


def test_the_sums_are_those_of_the_protocol():
    rows = [("me", "task", "9b2f6a52-0c1f-4f0a-9b57-3f3a8d6a0c11", 7), ("forms", "form", "mine_overstep", 3)]
    sums = digest(rows)
    assert len(sums) == BUCKETS
    assert {place: each for place, each in enumerate(sums) if int(each, 16)} == EXPECTED
