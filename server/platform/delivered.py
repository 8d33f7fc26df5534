"""What this side knows of what was delivered: receipts of a period, deliveries under keys, and what took their place."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from server.access import in_region
from server.clock import CHINA
from server.db import Json, canonical_json
from server.platform.ends import CLOSED, REOPENED
from server.platform.models import Delivery, DeliveryState
from server.platform.withdrawals import PUBLISHED_AGAIN, WITHDRAWN

AT_ONCE: Final = 500


@dataclass(frozen=True)
class Period:
    """The days of a run in a region, at one platform: from their beginning in China until before their end, or the moment of asking."""

    target: str
    region: str
    since: datetime
    until: datetime
    asked_at: datetime

    @classmethod
    def of(cls, target: str, region: str, first: date, last: date, now: datetime) -> "Period":
        """Take whole days, both included."""
        since, after = (datetime(day.year, day.month, day.day, tzinfo=CHINA) for day in (first, last))
        return cls(target, region, since, min(after + timedelta(days=1), now), now)


@dataclass(frozen=True)
class Here:
    """A delivery as this side knows it.

    `received_at`: when the platform took it, where its receipt tells; `is_replaced`: it took a newer version since.
    """

    delivery_id: UUID
    key: str
    region: str
    state: str
    sha256: str
    receipt_no: str | None
    settled_at: datetime | None
    received_at: datetime | None
    is_replaced: bool

    def as_json(self) -> Json:
        """Write it as a difference keeps it."""
        at = self.settled_at
        return {
            "state": self.state,
            "sha256": self.sha256,
            "receipt_no": self.receipt_no,
            "settled_at": at.isoformat() if at else None,
        }


def newest_of(session: Session, deliveries: Sequence[UUID]) -> set[UUID]:
    """Return which deliveries are of the newest version of their result that was queued, and say how it stands now.

    What is sent again behind the withdrawal of its version would be public there again; an end behind its undoing would be one again.
    """
    newer = aliased(Delivery)
    is_of_end = or_(Delivery.key.contains(CLOSED), Delivery.key.contains(REOPENED))
    overtakes = or_(
        newer.key.contains(WITHDRAWN),
        newer.key.contains(PUBLISHED_AGAIN),
        and_(is_of_end, or_(newer.key.contains(CLOSED), newer.key.contains(REOPENED))),
    )
    superseded = exists().where(
        newer.result_id == Delivery.result_id,
        newer.target == Delivery.target,
        or_(
            newer.version > Delivery.version,
            and_(newer.version == Delivery.version, newer.queued_at > Delivery.queued_at, overtakes),
        ),
    )
    return set(session.scalars(select(Delivery.id).where(Delivery.id.in_(deliveries), ~superseded)))


def is_replaced() -> ColumnElement[bool]:
    """Say in a query of deliveries whether the platform took a newer version of the same result."""
    newer = aliased(Delivery)
    return exists().where(
        newer.result_id == Delivery.result_id,
        newer.target == Delivery.target,
        newer.version > Delivery.version,
        newer.state == DeliveryState.ACCEPTED.value,
    )


def receipts_of(session: Session, period: Period) -> Iterator[Here]:
    """The deliveries of the region that got their receipt in the period."""
    query = select(*_COLUMNS).where(
        Delivery.settled_at >= period.since,
        Delivery.settled_at < period.until,
        Delivery.target == period.target,
        Delivery.state == DeliveryState.ACCEPTED.value,
        in_region(period.region, Delivery.region),
    )
    for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield _here(row)


def deliveries_under(session: Session, period: Period, keys: Sequence[str]) -> Iterator[Here]:
    """The deliveries that go by some keys, however they stand."""
    query = select(*_COLUMNS).where(Delivery.target == period.target, Delivery.key.in_(keys))
    for row in session.execute(query):
        yield _here(row)


_COLUMNS: Final = (
    Delivery.id,
    Delivery.key,
    Delivery.region,
    Delivery.state,
    Delivery.payload,
    Delivery.receipt,
    Delivery.settled_at,
    is_replaced().label("is_replaced"),
)


def _here(row: Any) -> Here:
    receipt: Mapping[str, Any] = row.receipt or {}
    number = receipt.get("receipt_no")
    sha256 = hashlib.sha256(canonical_json(row.payload)).hexdigest()
    return Here(
        row.id,
        row.key,
        row.region,
        row.state,
        sha256,
        str(number) if number else None,
        row.settled_at,
        _moment(receipt.get("received_at")),
        row.is_replaced,
    )


def _moment(told: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None
