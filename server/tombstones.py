"""Forgetting what left phones long ago. A duty of the worker.

A tombstone tells a phone that something left its view. Those that are older than the longest time a phone may stay
away are purged, and the horizon rises over them first: a phone that comes later reads from zero and sweeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, bindparam, delete, func, not_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.db import is_postgresql
from server.feed import FeedHorizon, FeedRow

CHUNK: Final = 1000

#: How often the worker asks whether the horizon should rise.
LOOK: Final = timedelta(hours=6)

#: How long after it rose the purge begins: whoever read the horizon before then has long read the rows, too.
GRACE: Final = timedelta(minutes=1)

_ROWS = FeedRow.__table__


@dataclass(frozen=True)
class Tombstones:
    """Purges tombstones that are older than `kept`."""

    kept: timedelta

    def claim(self, session: Session) -> Sequence[int]:
        """Let the horizon rise if it is time; return it if there is something below it to purge."""
        horizon = session.get(FeedHorizon, 1) or self._begin(session)
        if horizon.looked_at <= clock.now() - LOOK:
            self._look(session)
        if horizon.raised_at > clock.now() - GRACE or not _newest_dead(session, horizon.seq):
            return []
        return [horizon.seq]

    def perform(self, horizon: int) -> int:
        """Nothing is slow here."""
        return horizon

    def settle(self, session: Session, horizon: int, _outcome: int) -> None:
        """Purge at most `CHUNK` tombstones, the oldest first.

        Rows that somebody holds are stepped over, so that a purge never waits while it holds others; and one that
        was granted again in between is none any more.
        """
        dead = (
            select(_ROWS.c.recipient, _ROWS.c.kind, _ROWS.c.entity)
            .where(not_(_ROWS.c.live), _ROWS.c.seq <= horizon)
            .order_by(_ROWS.c.seq)
            .limit(CHUNK)
            .with_for_update(skip_locked=True)
        )
        keys = [
            {"its_recipient": recipient, "its_kind": kind, "its_entity": entity}
            for recipient, kind, entity in session.execute(dead)
        ]
        if keys:
            same = (_ROWS.c[name] == bindparam(f"its_{name}") for name in ("recipient", "kind", "entity"))
            session.connection().execute(delete(FeedRow).where(*same, not_(_ROWS.c.live)), keys)

    def _begin(self, session: Session) -> FeedHorizon:
        """Write the row of the horizon, which nothing has passed yet."""
        upsert = postgresql.insert if is_postgresql(session) else sqlite.insert
        never = clock.now() - LOOK - GRACE
        first = upsert(FeedHorizon).values(id=1, seq=0, looked_at=never, raised_at=never)
        session.execute(first.on_conflict_do_nothing())
        return session.get_one(FeedHorizon, 1)

    def _look(self, session: Session) -> None:
        """Let the horizon rise over what is old enough. One worker does it, the others step over the row."""
        query = select(FeedHorizon).where(FeedHorizon.id == 1).with_for_update(skip_locked=True)
        horizon = session.scalar(query.execution_options(populate_existing=True))
        if horizon is None:
            return
        horizon.looked_at = clock.now()
        newest = _newest_dead(session, audit.number_at(session, clock.now() - self.kept))
        if newest > horizon.seq:
            horizon.seq, horizon.raised_at = newest, clock.now()
            details = {"seq": newest, "days": self.kept.days}
            audit.append(session, SYSTEM, "feed.horizon-raised", ("feed", "horizon"), details)


def newest_dead_below(seq: int) -> Select[tuple[int | None]]:
    """Select the number of the newest tombstone up to a number."""
    return select(func.max(_ROWS.c.seq)).where(not_(_ROWS.c.live), _ROWS.c.seq <= seq)


def _newest_dead(session: Session, seq: int) -> int:
    return session.scalar(newest_dead_below(seq)) or 0
