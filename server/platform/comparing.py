"""Comparing what was delivered with what a platform holds, key by key.

Nothing is changed here. It costs what the period holds: its receipts, and the keys that the platform names.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from server.access import in_region, region_bounds
from server.clock import CHINA
from server.db import Json, canonical_json
from server.platform.holding import Holding
from server.platform.models import Delivery, DeliveryState, DifferenceKind

UNDER_WAY: Final = timedelta(hours=1)
"""A delivery that the platform took so lately may still be told its receipt; that is no difference."""
_AT_ONCE: Final = 500
_OPEN: Final = (DeliveryState.PENDING.value, DeliveryState.SENT.value)


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
    """A delivery as this side knows it."""

    delivery_id: UUID
    key: str
    region: str
    state: str
    sha256: str
    receipt_no: str | None
    settled_at: datetime | None

    def as_json(self) -> Json:
        """Write it as a difference keeps it."""
        at = self.settled_at
        return {
            "state": self.state,
            "sha256": self.sha256,
            "receipt_no": self.receipt_no,
            "settled_at": at.isoformat() if at else None,
        }


@dataclass(frozen=True)
class Found:
    """A difference in one key."""

    kind: DifferenceKind
    key: str
    region: str
    at: datetime
    ours: Here | None
    theirs: Holding | None


@dataclass
class Compared:
    """What a comparison came to. `waiting`: receipts of the period that the platform did not name, still to be asked for."""

    here: int = 0
    there: int = 0
    agreed: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    waiting: dict[str, Here] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Count the differences by kind."""
        found = Counter(each.kind.value for each in self.found)
        return {kind.value: found[kind.value] for kind in DifferenceKind}

    def close(self, period: Period, told: Iterable[Holding]) -> None:
        """Judge the receipts that were left: `told` is what the platform holds under their keys."""
        for each in told:
            here = self.waiting.pop(each.key, None)
            if here is not None:
                self._judge(period, here, each)
        for here in self.waiting.values():
            at = here.settled_at or period.since
            self.found.append(Found(DifferenceKind.MISSING_THERE, here.key, here.region, at, here, None))
        self.waiting = {}

    def _judge(self, period: Period, here: Here, there: Holding) -> None:
        at = there.received_at or here.settled_at or period.since
        if _says_something_else(here, there):
            kind = DifferenceKind.DIFFERS
        elif here.receipt_no is None and here.state != DeliveryState.ACCEPTED:
            if here.state in _OPEN and period.asked_at - at < UNDER_WAY:
                return
            kind = DifferenceKind.RECEIPT_MISSING
        else:
            self.agreed.add(here.key)
            return
        self.found.append(Found(kind, here.key, here.region, at, here, there))


def compare(session: Session, period: Period, told: Sequence[Holding]) -> Compared:
    """Compare the period's receipts with what the platform told; what it did not name is left `waiting`."""
    there = {each.key: each for each in told}
    compared = Compared()
    for here in _receipts_of(session, period):
        compared.here += 1
        holding = there.pop(here.key, None)
        if holding is None:
            compared.waiting[here.key] = here
        else:
            compared.there += 1
            compared._judge(period, here, holding)  # noqa: SLF001 - one module
    left = list(there.values())
    for start in range(0, len(left), _AT_ONCE):
        some = left[start : start + _AT_ONCE]
        known = {each.key: each for each in _deliveries_under(session, period, [each.key for each in some])}
        for holding in some:
            _judge_holding(compared, period, known.get(holding.key), holding)
    return compared


def newest_of(session: Session, deliveries: Sequence[UUID]) -> set[UUID]:
    """Return which deliveries are of the newest version of their result that was queued."""
    newer = aliased(Delivery)
    superseded = exists().where(
        newer.result_id == Delivery.result_id,
        newer.target == Delivery.target,
        newer.version > Delivery.version,
    )
    return set(session.scalars(select(Delivery.id).where(Delivery.id.in_(deliveries), ~superseded)))


def _judge_holding(compared: Compared, period: Period, here: Here | None, there: Holding) -> None:
    """Judge what the platform named and no receipt of the period stands for."""
    region = here.region if here else there.region if _is_region(there.region) else period.region
    first, last = region_bounds(period.region)
    if region is None or not first <= region <= last:
        return
    compared.there += 1
    if here is not None:
        compared._judge(period, here, there)  # noqa: SLF001 - one module
        return
    at = there.received_at or period.since
    compared.found.append(Found(DifferenceKind.UNKNOWN_HERE, there.key, region, at, None, there))


def _is_region(text: str | None) -> bool:
    return text is not None and len(text) == 6 and text.isascii() and text.isdigit()


def _says_something_else(here: Here, there: Holding) -> bool:
    """Two sides differ in what both tell: the digest, the receipt."""
    pairs = ((here.sha256, there.sha256), (here.receipt_no, there.receipt_no))
    return any(ours and theirs and ours != theirs for ours, theirs in pairs)


def _receipts_of(session: Session, period: Period) -> Iterator[Here]:
    """The deliveries of the region that got their receipt in the period."""
    query = select(*_COLUMNS).where(
        Delivery.settled_at >= period.since,
        Delivery.settled_at < period.until,
        Delivery.target == period.target,
        Delivery.state == DeliveryState.ACCEPTED.value,
        in_region(period.region, Delivery.region),
    )
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield _here(row)


def _deliveries_under(session: Session, period: Period, keys: Sequence[str]) -> Iterator[Here]:
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
)


def _here(row: Any) -> Here:
    receipt: Mapping[str, Any] = row.receipt or {}
    number = receipt.get("receipt_no")
    sha256 = hashlib.sha256(canonical_json(row.payload)).hexdigest()
    return Here(
        row.id, row.key, row.region, row.state, sha256, str(number) if number else None, row.settled_at
    )
