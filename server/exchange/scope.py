"""Who reads what: the channels a person listens to, and their feeds as the database holds them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Boolean, TextualSelect, bindparam, or_, select, text
from sqlalchemy.orm import Session

from server import feed
from server.access import Actor
from server.accounts import regions
from server.checklists import service as checklists
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

# Who reads, and the state of the log that is read, in one statement: asked at every pull.
_READER = text(
    """
    with recursive lies_in(code, parent) as (
        select code, parent from region where code = :region
        union
        select region.code, region.parent from region join lies_in on region.code = lies_in.parent
    )
    select state.head, state.head_hash, state.seen_hash, state.horizon, lies_in.code
    from (
        select
            (select max(seq) from audit) as head,
            (select hash from audit order by seq desc limit 1) as head_hash,
            (select hash from audit where seq = :seen) as seen_hash,
            (select max(seq) from feed_horizon) as horizon
    ) as state
    left join lies_in on 1 = 1
    """
)

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
    return Reader(
        epoch=epoch,
        user=str(actor.person_id),
        channels=SHARED | {regions.channel_of(row.code) for row in rows if row.code},
        head=rows[0].head or 0,
        horizon=rows[0].horizon or 0,
        head_hash=rows[0].head_hash or "",
        seen_hash=rows[0].seen_hash or "",
    )


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

    def _read(self, positions: Mapping[str, int], limit: int) -> Mapping[str, Sequence[FeedRow]]:
        values: dict[str, str | int] = {"most": limit}
        for place, (recipient, seq) in enumerate(positions.items()):
            values |= {f"recipient{place}": recipient, f"seq{place}": seq}
        read: dict[str, list[FeedRow]] = {recipient: [] for recipient in positions}
        for row in self._session.connection().execute(_rows_of(len(positions)), values):
            read[row.recipient].append(FeedRow(*row))
        for rows in read.values():
            rows.sort(key=lambda row: row.seq)  # a union promises no order
        return read


@lru_cache
def _rows_of(feeds: int) -> TextualSelect:
    one = """
        select * from (
            select recipient, kind, entity, seq, live, why from feed
            where recipient = :recipient{place} and seq > :seq{place}
            order by seq, kind, entity limit :most
        ) as feed{place}
    """
    return text(" union all ".join(one.format(place=place) for place in range(feeds))).columns(live=Boolean)
