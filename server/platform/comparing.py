"""Comparing what was delivered with what a platform holds, key by key.

Nothing is changed here. It costs what the period holds: its receipts, and the keys that the platform names.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from server.access import region_bounds
from server.platform.delivered import AT_ONCE, Here, Period, deliveries_under, receipts_of
from server.platform.holding import Holding
from server.platform.models import DeliveryState, DifferenceKind

UNDER_WAY: Final = timedelta(hours=1)
"""A delivery that the platform took so lately may still be told its receipt; that is no difference."""
_OPEN: Final = (DeliveryState.PENDING.value, DeliveryState.SENT.value)


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
    """What a comparison came to. `waiting`: receipts of the period that the platform did not name, still to be asked for.

    `replaced`: keys that differ, and in whose place the platform has taken a newer version: nothing is to be done about them.
    """

    here: int = 0
    there: int = 0
    agreed: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    waiting: dict[str, Here] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)

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
            self._find(Found(DifferenceKind.MISSING_THERE, here.key, here.region, at, here, None))
        self.waiting = {}

    def close_file(self, period: Period) -> None:
        """Judge the receipts that a file of the period does not name; what was taken on other days stands in other files."""
        self.waiting = {
            key: here
            for key, here in self.waiting.items()
            if here.received_at is None or period.since <= here.received_at < period.until
        }
        self.close(period, ())

    def _find(self, found: Found) -> None:
        if found.ours is not None and found.ours.is_replaced:
            self.replaced.add(found.key)
        else:
            self.found.append(found)

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
        self._find(Found(kind, here.key, here.region, at, here, there))


def compare(session: Session, period: Period, told: Sequence[Holding]) -> Compared:
    """Compare the period's receipts with what the platform told; what it did not name is left `waiting`."""
    there = _by_key(told)
    compared = Compared()
    for here in receipts_of(session, period):
        compared.here += 1
        holding = there.pop(here.key, None)
        if holding is None:
            compared.waiting[here.key] = here
        else:
            compared.there += 1
            compared._judge(period, here, holding)  # noqa: SLF001 - one module
    left = list(there.values())
    for start in range(0, len(left), AT_ONCE):
        some = left[start : start + AT_ONCE]
        known = {each.key: each for each in deliveries_under(session, period, [each.key for each in some])}
        for holding in some:
            _judge_holding(compared, period, known.get(holding.key), holding)
    return compared


def _by_key(told: Sequence[Holding]) -> dict[str, Holding]:
    """Take what is held key by key. Of several that say different things one stands that says what we can't have said."""
    there: dict[str, Holding] = {}
    for each in told:
        known = there.setdefault(each.key, each)
        if _contents(known) != _contents(each):
            numbers = (known.receipt_no, each.receipt_no)
            digests = (known.sha256, each.sha256)
            there[each.key] = replace(known, receipt_no=_all_of(numbers), sha256=_all_of(digests))
    return there


def _contents(there: Holding) -> tuple[str | None, str | None]:
    return there.receipt_no, there.sha256


def _all_of(words: Iterable[str | None]) -> str | None:
    return " + ".join(dict.fromkeys(word for word in words if word)) or None


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
