"""The paging rule of the pull feed.

The feed is state, not history: one row per recipient and visible entity, which moves forward to the
sequence number of the newest change. A reader behind a row therefore meets it however often it moves. All
recipients share the one sequence of the audit log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sync.cursor import Cursor, trace_of
from sync.digest import Row
from sync.view import OWN_FEED

MAX_PAGE = 500
"""Rows that a phone may ask for at a time."""


@dataclass(frozen=True)
class FeedRow:
    """A pointer to one entity as one recipient sees it.

    `live` false is the tombstone, `why` tells the reason.
    """

    recipient: str
    kind: str
    id: str
    seq: int
    live: bool = True
    why: str | None = None


@dataclass(frozen=True)
class ChannelLeft:
    """The reader is no longer a member: the phone forgets everything it saw through this channel alone."""

    channel: str


@dataclass(frozen=True)
class Reader:
    """Who reads, and the state of the log to read.

    `head` is the newest sequence number of the snapshot that is read, or an earlier one; tombstones at or
    below `horizon` may have been purged. `head_hash` is the hash of the head, and `seen_hash` that of the entry
    which the cursor says was seen, written at `seen_at`; all empty where there is none, or nothing is known of it.
    """

    epoch: str
    user: str
    channels: frozenset[str]
    head: int
    horizon: int = 0
    head_hash: str = ""
    seen_hash: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """One page: `rows` in order of their recipient's sequence, `left` channels, and where to read on.

    `more` false: what the phone holds is now consistent.
    """

    rows: tuple[FeedRow, ...]
    left: tuple[ChannelLeft, ...]
    next_cursor: Cursor
    more: bool


class FeedSource(Protocol):
    """Rows of the feed, all read from one snapshot."""

    def rows_after(self, recipient: str, seq: int, limit: int) -> Sequence[FeedRow]:
        """Give at most `limit` rows of a recipient after `seq`, ordered by sequence number, kind and id."""


class HeldSource(Protocol):
    """What readers hold now."""

    def held(self, recipient: str, seq: int) -> Iterable[FeedRow]:
        """Give all live rows of a recipient, and the tombstones after `seq`, from one snapshot."""


class ResetNeeded(Exception):
    """The phone must read from zero and sweep what it no longer meets; its outbox stays."""

    def __init__(self, reason: Literal["epoch", "horizon", "user"]) -> None:
        super().__init__(reason)
        self.reason: Literal["epoch", "horizon", "user"] = reason


class AheadOfServer(Exception):
    """A cursor of this epoch lies beyond the head, or has seen another past.

    The database was taken back, and the epoch must change.
    """

    def __init__(self, seq: int) -> None:
        super().__init__(f"a cursor stands at {seq}, which the log does not hold or holds otherwise")
        self.seq = seq


def user_recipient(user: str) -> str:
    """Name the recipient of one person's own feed."""
    return f"user:{user}"


def channel_recipient(channel: str) -> str:
    """Name the recipient of a shared channel."""
    return f"channel:{channel}"


def read_page(source: FeedSource, reader: Reader, cursor: Cursor | None, limit: int) -> Page:
    """Read what changed for a person since a cursor, about `limit` rows; None reads from zero.

    Rows of one sequence number of one recipient come in one page, even when there are more than `limit`
    (R8). On a first sync, tombstones are left out. Raises ResetNeeded and AheadOfServer.
    """
    if limit < 1:
        raise ValueError("a page holds at least one row")
    start = (
        Cursor(reader.epoch, reader.user, begun=reader.head)
        if cursor is None
        else checked_cursor(cursor, reader)
    )
    positions = positions_of(reader, start)
    rows: list[FeedRow] = []
    read, more = 0, False
    for recipient, position in positions.items():
        found, reached, cut = _read_recipient(source, recipient, position, limit - read, first=read == 0)
        # What was written since the head was read comes with the next page, and the trace of what was seen with it: told
        # now, it would stand behind a trace that knows nothing of it, should the database be put back.
        told = [row for row in found if row.seq <= reader.head]
        cut_at_head = len(told) < len(found)
        rows += [row for row in told if row.live or (position > 0 and row.seq > start.begun)]
        read += len(found)
        more = more or cut or cut_at_head
        reached = min(reached, reader.head)
        # Nothing else up to the head is this recipient's, so that a quiet phone keeps ahead of the horizon. But a
        # channel in which there never was anything stays at zero, and out of the cursor.
        is_blank = position == 0 and not found and recipient != user_recipient(reader.user)
        positions[recipient] = reached if cut or is_blank else max(reached, reader.head)
    next_cursor = Cursor(
        epoch=reader.epoch,
        user=reader.user,
        position=positions[user_recipient(reader.user)],
        channels={
            name: positions[channel_recipient(name)]
            for name in sorted(reader.channels)
            if positions[channel_recipient(name)]
        },
        begun=start.begun,
        seen=reader.head,
        trace=trace_of(reader.head_hash),
    )
    left = tuple(ChannelLeft(name) for name in sorted(start.channels) if name not in reader.channels)
    return Page(tuple(rows), left, next_cursor, more)


def says_nothing_new(page: Page, cursor: Cursor, reader: Reader, may_lag: int) -> bool:
    """Say whether a page tells its reader nothing, so that they may as well keep the cursor they asked with.

    A cursor that is kept falls behind the head and comes near the horizon, where it would be good for nothing: it is to
    move when it is `may_lag` numbers behind, or nearer to the horizon than to the head.
    """
    if page.rows or page.left or page.more or cursor.channels.keys() != page.next_cursor.channels.keys():
        return False
    oldest = min([cursor.position, *cursor.channels.values()])
    lag = page.next_cursor.position - oldest
    return lag < min(may_lag, oldest - reader.horizon)


def read_held(source: HeldSource, reader: Reader, cursor: Cursor) -> list[Row] | None:
    """Read what a phone holds if it has read to the end, as rows to sum up; None: it has to pull first.

    Each feed is compared with the cursor in the snapshot it is read in, so that what is written meanwhile is seen
    as something to pull and never as a difference. Raises ResetNeeded and AheadOfServer.
    """
    checked_cursor(cursor, reader)
    if cursor.channels.keys() - reader.channels:
        return None
    rows: list[Row] = []
    for recipient, position in positions_of(reader, cursor).items():
        via = via_of(recipient)
        for row in source.held(recipient, position):
            if row.seq > position:
                return None
            rows.append((via, row.kind, row.id, row.seq))
    return rows


def positions_of(reader: Reader, cursor: Cursor) -> dict[str, int]:
    """Tell how far a cursor has read in each feed of its reader, the own one first; 0 in those just entered."""
    positions = {user_recipient(reader.user): cursor.position}
    return positions | {
        channel_recipient(name): cursor.channels.get(name, 0) for name in sorted(reader.channels)
    }


def via_of(recipient: str) -> str:
    """Name a feed as phones keep it: the channel, or `OWN_FEED`."""
    return recipient.removeprefix("channel:") if recipient.startswith("channel:") else OWN_FEED


def checked_cursor(cursor: Cursor, reader: Reader) -> Cursor:
    """Return a cursor that its reader may go on from. Raises ResetNeeded and AheadOfServer."""
    if cursor.user != reader.user:
        raise ResetNeeded("user")
    if cursor.epoch != reader.epoch:
        raise ResetNeeded("epoch")
    furthest = max(cursor.position, cursor.begun, cursor.seen, *cursor.channels.values())
    if furthest > reader.head:
        raise AheadOfServer(furthest)
    # New writes may have overtaken the cursor since: then the log has another entry where it stood.
    if cursor.trace != trace_of(reader.seen_hash):
        raise AheadOfServer(cursor.seen)
    current = [cursor.position, *(seq for name, seq in cursor.channels.items() if name in reader.channels)]
    # A first sync needs no tombstone from before it began, so it may itself still stand below the horizon.
    if any(position > 0 and max(position, cursor.begun) < reader.horizon for position in current):
        raise ResetNeeded("horizon")
    return cursor


def _read_recipient(
    source: FeedSource, recipient: str, position: int, room: int, *, first: bool
) -> tuple[Sequence[FeedRow], int, bool]:
    """Read whole sequence numbers into the room there is.

    The rows, the place reached, whether rows remain.
    """
    asked = max(room, 0) + 1
    rows = source.rows_after(recipient, position, asked)
    if len(rows) < asked:
        return rows, (rows[-1].seq if rows else position), False
    whole = [row for row in rows if row.seq < rows[-1].seq]
    if whole or not first:
        return whole, (whole[-1].seq if whole else position), True
    # One sequence number is larger than the page: it comes alone, and whole.
    while len(rows) == asked and rows[-1].seq == rows[0].seq:
        asked *= 2
        rows = source.rows_after(recipient, position, asked)
    if not rows:  # tombstones that were purged between two statements
        return rows, position, False
    group = [row for row in rows if row.seq == rows[0].seq]
    return group, rows[0].seq, len(group) < len(rows)
