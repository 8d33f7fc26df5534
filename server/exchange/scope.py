"""Who reads what: the channels a person listens to, and their feeds as the database holds them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, ColumnClause, TextualSelect, bindparam, column, or_, select, text
from sqlalchemy.orm import Session

from server import feed
from server.access import Actor
from server.accounts import regions
from server.checklists import service as checklists
from server.db import UtcDateTime
from server.installation import Installation, begin_epoch
from server.problems import FeedReset
from server.registry import service as registry
from sync import (
    AheadOfServer,
    BadCursor,
    Cursor,
    FeedRow,
    Reader,
    ResetNeeded,
    positions_of,
)

log = logging.getLogger("merestone.exchange")

SHARED = frozenset({checklists.CHANNEL, registry.LISTS})
"""The channels that everybody listens to. Beside them: one for the own region and each that it lies in."""

# Who reads, and the state of the log that is read.
_REGIONS = """
    with recursive lies_in(code, parent) as (
        select code, parent from region where code = :region
        union
        select region.code, region.parent from region join lies_in on region.code = lies_in.parent
    )
    """
_STATE = """
    from (
        select
            (select max(seq) from audit) as head,
            (select hash from audit order by seq desc limit 1) as head_hash,
            (select hash from audit where seq = :seen) as seen_hash,
            (select at from audit where seq = :seen) as seen_at,
            (select max(seq) from feed_horizon) as horizon
    ) as state
    left join lies_in on 1 = 1
    """
# Columns in their places: what names them is then worked out once, and not at every statement.
_OF_STATE: tuple[ColumnClause[Any], ...] = (
    *(column(name) for name in ("code", "head", "head_hash", "seen_hash")),
    column("seen_at", UtcDateTime),
    column("horizon"),
)
_OF_ROW = (
    *(column(name) for name in ("recipient", "kind", "entity", "seq")),
    column("live", Boolean),
    column("why"),
)
_SELECTED = "lies_in.code, state.head, state.head_hash, state.seen_hash, state.seen_at, state.horizon"
_READER = text(f"{_REGIONS} select {_SELECTED} {_STATE}").columns(*_OF_STATE)

_ROWS = feed.FeedRow.__table__.c
_HELD = select(_ROWS.recipient, _ROWS.kind, _ROWS.entity, _ROWS.seq, _ROWS.live, _ROWS.why).where(
    _ROWS.recipient == bindparam("its_recipient"), or_(_ROWS.live, _ROWS.seq > bindparam("its_seq"))
)


def reader_of(
    session: Session, actor: Actor, installation: Installation, cursor: Cursor | None = None
) -> Reader:
    """Tell who reads, which channels are theirs now, how far the log has come, and what it has where a cursor was."""
    epoch = installation.epoch
    seen = cursor.seen if cursor else 0
    rows = session.connection().execute(_READER, {"region": actor.region, "seen": seen}).all()
    return _reader(epoch, str(actor.person_id), rows)


def _reader(epoch: str, user: str, rows: Sequence[Any]) -> Reader:
    """Make a reader of rows that begin with a region's code (if any) and the state of the log."""
    _, head, head_hash, seen_hash, seen_at, horizon, *_ = rows[0]
    channels = SHARED.union(regions.channel_of(row[0]) for row in rows if row[0])
    return Reader(epoch, user, channels, head or 0, horizon or 0, head_hash or "", seen_hash or "", seen_at)


def open_feed(
    session: Session, actor: Actor, installation: Installation, cursor: Cursor | None, limit: int
) -> tuple[Reader, "SqlFeed"]:
    """Tell who reads, as `reader_of` does, and read ahead what is new for them: all in one statement.

    Which feeds those are is known only from its answer. So those are asked for that people of the same region read
    last; if that is no longer so, the feeds are read by a statement of their own.
    """
    epoch, user = installation.epoch, str(actor.person_id)
    guessed = Reader(epoch, user, _channels_of.get(actor.region, SHARED), 0)
    positions = positions_of(guessed, cursor or Cursor(epoch, user))
    values: dict[str, Any] = {"region": actor.region, "seen": cursor.seen if cursor else 0, "most": limit + 1}
    rows = session.connection().execute(_all_of(len(positions)), values | _values_of(positions)).all()
    state = [row for row in rows if row.recipient is None]
    reader = _reader(epoch, user, state)
    source = SqlFeed(session, reader, cursor)
    if reader.channels == guessed.channels:
        source.know(
            _by_recipient(positions, (row[len(_OF_STATE) :] for row in rows if row.recipient)), limit + 1
        )
    _channels_of[actor.region] = reader.channels
    return reader, source


@contextmanager
def resetting(installation: Installation, session: Session) -> Iterator[None]:
    """Answer a cursor that cannot be continued: FeedReset, and the phone begins from zero."""
    epoch = installation.epoch
    try:
        yield
    except ResetNeeded as reset:
        raise FeedReset(reset=reset.reason, epoch=epoch) from reset
    except BadCursor as error:
        raise FeedReset(reset="epoch", epoch=epoch) from error
    except AheadOfServer as error:
        log.critical("a phone has seen what the database does not hold: a new epoch begins")
        raise FeedReset(reset="epoch", epoch=begin_epoch(installation, session, epoch)) from error


class SqlFeed:
    """The feeds of one reader in the database; implements `sync.FeedSource` and `sync.HeldSource`.

    One index range scan per feed. All feeds are read ahead from where the cursor stands by one statement, because
    mostly there is nothing in any of them.
    """

    def __init__(self, session: Session, reader: Reader, cursor: Cursor | None) -> None:
        self._session = session
        self._positions = positions_of(reader, cursor or Cursor(reader.epoch, reader.user))
        self._ahead: Mapping[str, Sequence[FeedRow]] | None = None
        self._limit = 0

    def rows_after(self, recipient: str, seq: int, limit: int) -> Sequence[FeedRow]:
        """Give at most `limit` rows of a recipient after `seq`, in order."""
        if self._ahead is None:
            self._ahead, self._limit = self._read(self._positions, limit), limit
        if limit <= self._limit and seq == self._positions.get(recipient):
            return self._ahead[recipient][:limit]
        return self._read({recipient: seq}, limit)[recipient]

    def held(self, recipient: str, seq: int) -> Iterable[FeedRow]:
        """Give a recipient's live rows, and tombstones after `seq`."""
        rows = self._session.connection().execute(_HELD, {"its_recipient": recipient, "its_seq": seq})
        return [FeedRow(*row) for row in rows]

    def know(self, ahead: Mapping[str, Sequence[FeedRow]], limit: int) -> None:
        """Take what was read ahead of every feed, at most `limit` rows of each."""
        self._ahead, self._limit = ahead, limit

    def _read(self, positions: Mapping[str, int], limit: int) -> Mapping[str, Sequence[FeedRow]]:
        values = {"most": limit, **_values_of(positions)}
        rows = self._session.connection().execute(_rows_of(len(positions)), values)
        return _by_recipient(positions, rows)


# No row lies above the bound, which is there for PostgreSQL: of what lies between two values it expects little, keeps one plan for
# every cursor, and saves the half millisecond in which it would think of another at each pull.
_ROWS_OF_ONE = """
    select {columns} from (
        select recipient, kind, entity, seq, live, why from feed
        where recipient = :recipient{place} and seq > :seq{place} and seq <= 9223372036854775807
        order by seq, kind, entity limit :most
    ) as feed{place}
    """
_channels_of: dict[str | None, frozenset[str]] = {}
"""The channels that people of a region had when one of them read last: a guess, which every reading checks."""


def _values_of(positions: Mapping[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, (recipient, seq) in enumerate(positions.items()):
        values[f"recipient{place}"], values[f"seq{place}"] = recipient, seq
    return values


def _by_recipient(positions: Iterable[str], rows: Iterable[Sequence[Any]]) -> Mapping[str, Sequence[FeedRow]]:
    read: dict[str, list[FeedRow]] = {recipient: [] for recipient in positions}
    for row in rows:
        read[row[0]].append(FeedRow(*row))
    for found in read.values():
        found.sort(key=lambda row: row.seq)  # a union promises no order
    return read


@lru_cache
def _rows_of(feeds: int) -> TextualSelect:
    parts = [
        _ROWS_OF_ONE.format(columns="recipient, kind, entity, seq, live, why", place=place)
        for place in range(feeds)
    ]
    return text(" union all ".join(parts)).columns(*_OF_ROW)


@lru_cache
def _all_of(feeds: int) -> TextualSelect:
    """Write the state of the log with each region, and the rows of so many feeds, in one statement."""
    nothing = (
        "cast(null as text), cast(null as bigint), cast(null as text), cast(null as text), "
        "cast(null as timestamptz), cast(null as bigint)"
    )
    state = f"""
        {_REGIONS}
        select
            {_SELECTED},
            cast(null as text) as recipient, cast(null as text) as kind, cast(null as text) as entity,
            cast(null as bigint) as seq, cast(null as boolean) as live, cast(null as text) as why
        {_STATE}
    """
    parts = [_ROWS_OF_ONE.format(columns=f"{nothing}, feed{place}.*", place=place) for place in range(feeds)]
    return text(" union all ".join([state, *parts])).columns(*_OF_STATE, *_OF_ROW)
