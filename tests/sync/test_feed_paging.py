"""Paging the feed: nothing missed, no sequence number split, and every reason to begin again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import (
    AheadOfServer,
    ChannelLeft,
    Cursor,
    FeedRow,
    Reader,
    ResetNeeded,
    channel_recipient,
    read_held,
    read_page,
    says_nothing_new,
    user_recipient,
    via_of,
)

ME = user_recipient("u1")


class Feed:
    """The feed as state: one row per recipient and entity, which moves forward."""

    def __init__(self):
        self.rows = {}
        self.head = 0

    def write(self, *changes):
        """One transaction: (recipient, id, live) each, all under the next sequence number."""
        self.head += 1
        for recipient, name, live in changes:
            self.rows[recipient, name] = FeedRow(recipient, "task", name, self.head, live)

    def rows_after(self, recipient, seq, limit):
        rows = [row for row in self.rows.values() if row.recipient == recipient and row.seq > seq]
        return sorted(rows, key=lambda row: (row.seq, row.kind, row.id))[:limit]

    def held(self, recipient, seq):
        return [
            row for row in self.rows.values() if row.recipient == recipient and (row.live or row.seq > seq)
        ]

    def reader(self, *channels, horizon=0):
        return Reader("E1", "u1", frozenset(channels), self.head, horizon)

    def live(self, *recipients):
        return {
            (row.recipient, row.id) for row in self.rows.values() if row.live and row.recipient in recipients
        }


def written(*transactions):
    feed = Feed()
    for changes in transactions:
        feed.write(*changes)
    return feed


def put(*names, to=ME):
    return [(to, name, True) for name in names]


def drop(*names, to=ME):
    return [(to, name, False) for name in names]


def ids(page):
    return [row.id for row in page.rows]


def apply(held, page):
    for left in page.left:
        held = {key for key in held if key[0] != channel_recipient(left.channel)}
    for row in page.rows:
        held = held | {(row.recipient, row.id)} if row.live else held - {(row.recipient, row.id)}
    return held


def read_all(feed, reader, cursor, limit, held=frozenset()):
    while True:
        page = read_page(feed, reader, cursor, limit)
        held, cursor = apply(held, page), page.next_cursor
        if not page.more:
            return held, cursor


def test_a_first_sync_brings_what_is_live_and_no_tombstones_on_any_page():
    feed = written(put("a", "b"), drop("a"), put("c"), put("d"), drop("d"), put("e"))
    seen, cursor, more = [], None, True
    while more:
        page = read_page(feed, feed.reader(), cursor, 1)
        seen += page.rows
        cursor, more = page.next_cursor, page.more
    assert [(row.id, row.live) for row in seen] == [("b", True), ("c", True), ("e", True)]


def test_what_dies_during_a_first_sync_is_told():
    feed = written(put("a"), put("b"), put("c"))
    page = read_page(feed, feed.reader(), None, 1)
    feed.write(*drop("a"))
    held, _ = read_all(feed, feed.reader(), page.next_cursor, 1, apply(frozenset(), page))
    assert held == {(ME, "b"), (ME, "c")}


def test_nothing_new_is_an_empty_page_that_keeps_up_with_the_head():
    feed = written(put("a"))
    _, cursor = read_all(feed, feed.reader(), None, 10)
    feed.write(*put("x", to=user_recipient("someone else")))
    page = read_page(feed, feed.reader(), cursor, 10)
    assert (page.rows, page.more, page.next_cursor.position) == ((), False, 2)


def caught_up(feed, *channels):
    return read_page(feed, feed.reader(*channels), None, 50).next_cursor


def is_quiet(feed, cursor, *channels, horizon=0, may_lag=1000):
    reader = feed.reader(*channels, horizon=horizon)
    return says_nothing_new(read_page(feed, reader, cursor, 50), cursor, reader, may_lag)


@pytest.mark.parametrize(
    ("changes", "channels", "expected"),
    [
        ([put("b", to=user_recipient("u2"))], ("lists",), True),
        ([put("b")], ("lists",), False),
        ([drop("a")], ("lists",), False),
        ([put("list", to=channel_recipient("lists"))], ("lists",), False),
        ([put("hill", to=channel_recipient("region"))], ("lists", "region"), False),
        ([], (), False),
    ],
    ids=[
        "another's",
        "one's own",
        "a drop",
        "a channel's",
        "a channel that was entered",
        "a channel that was left",
    ],
)
def test_nothing_is_new_only_where_no_row_and_no_channel_is(changes, channels, expected):
    feed = written(
        *[put(str(number)) for number in range(20)], put("a"), put("old", to=channel_recipient("lists"))
    )
    cursor = caught_up(feed, "lists")
    for each in changes:
        feed.write(*each)
    assert is_quiet(feed, cursor, *channels) is expected


@pytest.mark.parametrize(
    ("numbers", "horizon", "may_lag", "expected"),
    [(9, 0, 10, True), (10, 0, 10, False), (9, 10, 1000, True), (10, 10, 1000, False), (1, 19, 1000, False)],
)
def test_a_cursor_is_kept_while_it_is_nearer_to_the_head_than_to_the_horizon(
    numbers, horizon, may_lag, expected
):
    feed = written(*[put(str(number)) for number in range(20)])
    cursor = caught_up(feed)
    for number in range(numbers):
        feed.write(*put(str(number), to=user_recipient("u2")))
    assert is_quiet(feed, cursor, horizon=horizon, may_lag=may_lag) is expected


def test_what_is_written_after_the_head_was_read_comes_with_the_next_page():
    feed = written(put("a"), put("b"))
    _, cursor = read_all(feed, feed.reader("lists"), None, 10)
    feed.write(*put("c"))
    reader = feed.reader("lists")
    feed.write(*put("a"), *put("list", to=channel_recipient("lists")))

    page = read_page(feed, reader, cursor, 10)
    assert (ids(page), page.more, page.next_cursor.position) == (["c"], True, reader.head)
    following = read_page(feed, feed.reader("lists"), page.next_cursor, 10)
    assert (sorted(ids(following)), following.more) == (["a", "list"], False)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_page_that_is_cut_ends_at_the_head_too(limit):
    feed = written(put("a"))
    reader = feed.reader()
    for name in "bcd":
        feed.write(*put(name))

    page = read_page(feed, reader, None, limit)
    assert (ids(page), page.more, page.next_cursor.position) == (["a"], True, reader.head)


def test_a_database_put_back_while_a_page_was_read_is_noticed_by_who_read_it():
    feed = written(put("a"), put("b"))
    _, cursor = read_all(feed, replace(feed.reader(), head_hash="aa"), None, 10)
    late = replace(feed.reader(), head_hash="aa", seen_hash="aa")
    feed.write(*put("c"))
    seen = read_page(feed, late, cursor, 10).next_cursor
    seen = read_page(feed, replace(feed.reader(), head_hash="cc", seen_hash="aa"), seen, 10).next_cursor

    with pytest.raises(AheadOfServer):  # there is another third entry
        read_page(feed, replace(feed.reader(), head_hash="dd", seen_hash="dd"), seen, 10)


def test_a_sequence_number_is_not_split_over_pages():
    feed = written(put("a"), put("b", "c", "d"), put("e"))
    pages, cursor = [], None
    for _ in range(3):
        page = read_page(feed, feed.reader(), cursor, 2)
        pages.append(ids(page))
        cursor = page.next_cursor
    assert pages == [["a"], ["b", "c", "d"], ["e"]]


def test_a_sequence_number_larger_than_many_pages_comes_whole():
    names = [f"{number:03}" for number in range(100)]
    feed = written(put(*names))
    page = read_page(feed, feed.reader(), None, 3)
    assert (ids(page), page.more) == (names, False)


def test_a_number_of_tombstones_that_are_purged_while_it_is_read_is_an_empty_page():
    feed = written(put(*"abc"), drop(*"abc"))

    class Purging:
        """A source whose tombstones are forgotten after the first statement."""

        def rows_after(self, recipient, seq, limit):
            rows = feed.rows_after(recipient, seq, limit)
            feed.rows = {key: row for key, row in feed.rows.items() if row.live}
            return rows

    page = read_page(Purging(), feed.reader(), None, 1)
    assert (page.rows, page.more, page.next_cursor.position) == ((), False, feed.head)


def test_rows_left_behind_are_announced_though_a_later_channel_is_read_out():
    feed = written(put("a"), put("b", "c"))
    page = read_page(feed, feed.reader("forms"), None, 2)
    assert (ids(page), page.more) == (["a"], True)


def test_entering_a_channel_reads_it_from_its_beginning():
    forms = channel_recipient("forms")
    feed = written(put("f1", to=forms), put("t1"))
    held, cursor = read_all(feed, feed.reader(), None, 10)
    assert held == {(ME, "t1")}
    held, cursor = read_all(feed, feed.reader("forms"), cursor, 10, held)
    assert held == {(ME, "t1"), (forms, "f1")}
    assert cursor.channels == {"forms": 2}


def test_a_channel_in_which_there_never_was_anything_takes_no_room_in_the_cursor():
    forms = channel_recipient("forms")
    feed = written(put("t1"))
    _, cursor = read_all(feed, feed.reader("forms", "region"), None, 10)
    assert (cursor.position, cursor.channels) == (1, {})
    feed.write(*put("f1", to=forms))
    feed.write(*drop("f1", to=forms), *put("f2", to=forms))
    held, cursor = read_all(feed, feed.reader("forms", "region"), cursor, 10)
    assert (held, cursor.channels) == ({(forms, "f2")}, {"forms": 3})


def test_leaving_a_channel_is_told_once():
    forms = channel_recipient("forms")
    feed = written(put("f1", to=forms), put("t1"))
    held, cursor = read_all(feed, feed.reader("forms"), None, 10)
    page = read_page(feed, feed.reader(), cursor, 10)
    assert page.left == (ChannelLeft("forms"),)
    assert apply(held, page) == {(ME, "t1")}
    assert read_page(feed, feed.reader(), page.next_cursor, 10).left == ()


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        (Cursor("E1", "u2", 5), "user"),
        (Cursor("E0", "u1", 5), "epoch"),
        (Cursor("E0", "u1", 500), "epoch"),
        (Cursor("E1", "u1", 3), "horizon"),
        (Cursor("E1", "u1", 3, {}, 4), "horizon"),
        (Cursor("E1", "u1", 9, {"forms": 3}), "horizon"),
    ],
)
def test_a_cursor_that_cannot_be_continued_asks_for_a_reset(cursor, reason):
    feed = written(*[put("a")] * 10)
    with pytest.raises(ResetNeeded) as reset:
        read_page(feed, feed.reader("forms", horizon=5), cursor, 10)
    assert reset.value.reason == reason


def test_a_first_sync_may_stand_below_the_horizon():
    feed = written(*[put(name) for name in "abcdefgh"])
    page = read_page(feed, feed.reader(horizon=6), None, 2)
    assert page.next_cursor.position == 2
    held, _ = read_all(feed, feed.reader(horizon=6), page.next_cursor, 2, apply(frozenset(), page))
    assert held == feed.live(ME)


def test_a_channel_that_was_left_below_the_horizon_is_left_and_nothing_more():
    feed = written(*[put("a")] * 10)
    page = read_page(feed, feed.reader(horizon=5), Cursor("E1", "u1", 10, {"old": 2}), 10)
    assert page.left == (ChannelLeft("old"),)


@pytest.mark.parametrize("cursor", [Cursor("E1", "u1", 11), Cursor("E1", "u1", 3, {"forms": 11})])
def test_a_cursor_beyond_the_head_betrays_a_restored_database(cursor):
    feed = written(*[put("a")] * 10)
    with pytest.raises(AheadOfServer):
        read_page(feed, feed.reader("forms"), cursor, 10)


def test_a_cursor_that_saw_another_entry_betrays_a_database_that_was_put_back_and_written_on():
    feed = written(*[put("a")] * 10)
    before = replace(feed.reader(), head_hash="a" * 64)
    cursor = read_page(feed, before, None, 10).next_cursor
    assert (cursor.seen, cursor.trace) == (10, "a" * 8)
    feed.write(*put("b"))
    assert ids(read_page(feed, replace(feed.reader(), seen_hash="a" * 64), cursor, 10)) == ["b"]
    for other in ("b" * 64, ""):
        with pytest.raises(AheadOfServer):
            read_page(feed, replace(feed.reader(horizon=11), seen_hash=other), cursor, 10)


def test_a_page_of_nothing_is_not_asked_for():
    with pytest.raises(ValueError):
        read_page(Feed(), Feed().reader(), None, 0)


recipients = st.sampled_from(
    [ME, channel_recipient("forms"), channel_recipient("region"), user_recipient("u2")]
)
change = st.tuples(recipients, st.sampled_from("abcdefg"), st.booleans())
transaction = st.lists(change, min_size=1, max_size=6)
joining = st.sampled_from([(), ("forms",), ("forms", "region")])


@given(
    st.lists(transaction, max_size=12),
    st.lists(st.tuples(st.lists(transaction, max_size=4), joining), max_size=12),
    st.integers(1, 5),
)
def test_no_interleaving_of_writes_and_pages_loses_a_row_or_splits_a_number(before, between, limit):
    feed = written(*before)
    held, cursor, channels = frozenset(), None, ()
    for transactions, channels in [([], ()), *between]:
        for changes in transactions:
            feed.write(*changes)
        page = read_page(feed, feed.reader(*channels), cursor, limit)
        for row in page.rows:
            # The number of a row is either read through, or the row was left for the next page.
            sought = (
                page.next_cursor.position
                if row.recipient == ME
                else page.next_cursor.channels[row.recipient[8:]]
            )
            same = [
                other
                for other in feed.rows.values()
                if (other.recipient, other.seq) == (row.recipient, row.seq)
            ]
            shown = [other for other in page.rows if (other.recipient, other.seq) == (row.recipient, row.seq)]
            assert row.seq <= sought
            assert {other.id for other in same if other.live} <= {other.id for other in shown}
        held, cursor = apply(held, page), page.next_cursor
    held, cursor = read_all(feed, feed.reader(*channels), cursor, limit, held)
    assert held == feed.live(ME, *(channel_recipient(name) for name in channels))
    # And what the daily check sums up is just that.
    summed = read_held(feed, feed.reader(*channels), cursor)
    assert {(via, name) for via, _, name, _ in summed} == {(via_of(owner), name) for owner, name in held}
    feed.write(*put("z"))
    assert read_held(feed, feed.reader(*channels), cursor) is None
    cursor = read_page(feed, feed.reader(*channels), cursor, limit).next_cursor
    assert read_page(feed, feed.reader(*channels), cursor, limit).rows == ()


@given(st.lists(transaction, min_size=1, max_size=12), st.integers(1, 5))
def test_pages_are_bounded_but_for_a_number_that_is_larger_alone(transactions, limit):
    feed = written(*transactions)
    cursor, more = None, True
    while more:
        page = read_page(feed, feed.reader("forms"), cursor, limit)
        assert len(page.rows) <= limit or len({(row.recipient, row.seq) for row in page.rows}) == 1
        assert page.next_cursor != cursor
        cursor, more = replace(page.next_cursor), page.more
