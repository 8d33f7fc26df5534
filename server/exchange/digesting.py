"""The daily check of what a phone was shown, and its repair by bucket (docs/protocol.md §2).

Both cost what is visible to one person, so each person may ask for a few of them only.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor, Permission, require
from server.answered import METRICS
from server.db import Json, is_postgresql
from server.exchange.models import DigestAllowance
from server.exchange.pulling import items_of
from server.exchange.scope import SqlFeed, reader_of, resetting
from server.installation import Installation
from server.problems import DigestTooOften
from sync import bucket_of, checked_cursor, digest, positions_of, read_held, unseal

log = logging.getLogger("merestone.exchange")

DIGESTS_AN_HOUR = 6
BUCKETS_A_DAY = 32
"""Twice all there are: a phone that has to repair more than that begins from zero."""

_DIGESTS = Counter(
    "merestone_digests", "Sums given to phones; stale: they had to pull first.", ["stale"], registry=METRICS
)
_REPAIRS = Counter(
    "merestone_digest_repairs", "Buckets given to phones that hold something else.", registry=METRICS
)


@dataclass(frozen=True)
class Allowance:
    """How many of something one person may have in a span of time."""

    count: str
    since: str
    most: int
    span: timedelta

    def take(self, row: DigestAllowance, now: datetime) -> None:
        """Take one of them. Raises DigestTooOften with the time to wait."""
        # Whole spans only: when exactly somebody was there is nobody's business.
        seconds = self.span.total_seconds()
        began = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
        if getattr(row, self.since) != began:
            setattr(row, self.since, began)
            setattr(row, self.count, 0)
        if getattr(row, self.count) >= self.most:
            wait = int((began + self.span - now).total_seconds()) + 1
            raise DigestTooOften().with_headers(Retry_After=str(wait))
        setattr(row, self.count, getattr(row, self.count) + 1)


SUMS = Allowance("sums", "sums_since", DIGESTS_AN_HOUR, timedelta(hours=1))
BUCKETS = Allowance("buckets", "buckets_since", BUCKETS_A_DAY, timedelta(days=1))


def take(session: Session, actor: Actor, allowance: Allowance) -> None:
    """Count one question of a person, in a transaction of its own before it is answered."""
    require(actor, Permission.SYNC)
    now = clock.now()
    upsert = postgresql.insert if is_postgresql(session) else sqlite.insert
    first = upsert(DigestAllowance).values(
        person_id=actor.person_id, sums=0, sums_since=now, buckets=0, buckets_since=now
    )
    session.execute(first.on_conflict_do_nothing())
    query = select(DigestAllowance).where(DigestAllowance.person_id == actor.person_id).with_for_update()
    allowance.take(session.scalars(query).one(), now)


def sums(session: Session, actor: Actor, installation: Installation, cursor: str) -> Json:
    """Sum up what a phone at this cursor should hold; stale when it has to pull first."""
    require(actor, Permission.SYNC)
    with resetting(installation, session):
        at = unseal(cursor, installation.secret)
        reader = reader_of(session, actor, installation, at)
        held = read_held(SqlFeed(session, reader, at), reader, at)
    _DIGESTS.labels("no" if held is not None else "yes").inc()
    return {
        "epoch": reader.epoch,
        "seq": reader.head,
        "stale": held is None,
        "buckets": digest(held) if held is not None else [],
    }


def bucket(session: Session, actor: Actor, installation: Installation, number: int, cursor: str) -> Json:
    """Give everything of one bucket as items of a pull: whatever else a phone holds in it is to be dropped."""
    require(actor, Permission.SYNC)
    with resetting(installation, session):
        at = unseal(cursor, installation.secret)
        reader = reader_of(session, actor, installation, at)
        positions = positions_of(reader, checked_cursor(at, reader))
    source = SqlFeed(session, reader, at)
    rows = [
        row
        for recipient in positions
        for row in source.held(recipient, reader.head)
        if row.live and bucket_of(row.kind, row.id) == number
    ]
    _REPAIRS.inc()
    log.warning(
        "a phone holds something else than it was shown",
        extra={"person": reader.user, "device": str(actor.device_id), "bucket": number, "rows": len(rows)},
    )
    return {"epoch": reader.epoch, "items": items_of(session, rows)}
