"""Delivering in three steps, none of which holds a transaction over the network.

Claim marks the attempt and commits; perform speaks to the platform; settle writes down what it said. A worker
that is killed in between leaves a claim that ends by itself, and the same delivery goes out again under the same
key: at least once on the wire, exactly once in effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from server import audit, clock
from server.access import SYSTEM
from server.db import Json
from server.jobs import wait_before
from server.platform.adapters import PROVINCE, Accepted, Answer, PlatformAdapter, Rejected, Unanswered
from server.platform.ends import is_overtaken
from server.platform.models import Delivery, DeliveryState
from server.platform.payloads import result_payload
from server.results.models import Result

_OPEN = (DeliveryState.PENDING.value, DeliveryState.SENT.value)


@dataclass(frozen=True)
class Patience:
    """How long a claim holds, how often a delivery is tried, and how long to wait in between (doubling)."""

    claim: timedelta = timedelta(minutes=2)
    attempts: int = 12
    first_wait: timedelta = timedelta(seconds=10)
    longest_wait: timedelta = timedelta(hours=6)


@dataclass(frozen=True)
class Claim:
    """One delivery in one worker's hands, on its n-th attempt."""

    delivery_id: UUID
    key: str
    payload: Json
    attempt: int


class Delivering:
    """The duty of the worker that empties the outbox of one target."""

    def __init__(self, adapter: PlatformAdapter, patience: Patience | None = None) -> None:
        self.adapter = adapter
        self.patience = patience or Patience()

    def claim(self, session: Session) -> list[Claim]:
        """Take the delivery that has waited longest, if one is due, and mark the attempt."""
        delivery = _next_due(session, self.adapter.target)
        while delivery is not None and is_overtaken(session, delivery):
            delivery.state, delivery.settled_at = DeliveryState.CORRECTED.value, clock.now()
            session.flush()
            delivery = _next_due(session, self.adapter.target)
        if delivery is None:
            return []
        delivery.attempts += 1
        delivery.state = DeliveryState.SENT.value
        delivery.next_at = clock.now() + self.patience.claim
        return [Claim(delivery.id, delivery.key, delivery.payload, delivery.attempts)]

    def perform(self, claim: Claim) -> Answer:
        """Hand it to the platform; no transaction is open."""
        return self.adapter.deliver(claim.payload, claim.key)

    def settle(self, session: Session, claim: Claim, answer: Answer) -> None:
        """Write down the answer. One that comes late, after the claim ended, still counts if it is one."""
        delivery = session.get_one(Delivery, claim.delivery_id, with_for_update=True)
        if delivery.state not in _OPEN:
            return
        if isinstance(answer, Accepted):
            _accept(session, delivery, answer)
        elif isinstance(answer, Rejected):
            _reject(session, delivery, answer)
        elif delivery.attempts == claim.attempt:
            self._try_again(session, delivery, answer)

    def _try_again(self, session: Session, delivery: Delivery, answer: Unanswered) -> None:
        delivery.errors = [{"message": answer.reason}]
        if delivery.attempts < self.patience.attempts:
            wait = wait_before(delivery.attempts, self.patience.first_wait, self.patience.longest_wait)
            delivery.next_at = clock.now() + wait
            return
        _end(session, delivery, DeliveryState.DEAD)
        _append(session, delivery, "delivery.died", {"attempts": delivery.attempts, "reason": answer.reason})


def queue(
    session: Session, result: Result, key: str, released: Json, more: Mapping[str, Any] | None = None
) -> bool:
    """Put what a version of a result said, and what became of it, into the outbox; returns whether it was not there yet."""
    payload = {**result_payload(session, result, released), **(more or {})}
    return queue_payload(session, result, key, released["version"], payload)


def queue_payload(session: Session, result: Result, key: str, version: int, payload: Json) -> bool:
    """Put something about a version of a result into the outbox; returns whether it was not there yet."""
    queued = select(Delivery.id).where(Delivery.target == PROVINCE, Delivery.key == key)
    if session.scalar(queued) is not None:
        return False
    now = clock.now()
    delivery = Delivery(
        region=result.region,
        result_id=result.id,
        target=PROVINCE,
        key=key,
        version=version,
        payload=payload,
        next_at=now,
        queued_at=now,
        errors=[],
    )
    session.add(delivery)
    session.flush()
    _supersede(session, delivery)
    session.flush()
    audit.append(session, SYSTEM, "delivery.queued", ("delivery", delivery.id), {"key": key})
    return True


def _supersede(session: Session, delivery: Delivery) -> None:
    """Let a new version take the place of older ones that the platform has not taken.

    One that is on its way is left to arrive; the new version waits for it. One that is queued late, behind a newer one,
    has had its place taken already.
    """
    if _is_superseded(session, delivery):
        delivery.state, delivery.settled_at = DeliveryState.CORRECTED.value, clock.now()
        return
    older = session.scalars(
        select(Delivery)
        .where(
            Delivery.result_id == delivery.result_id,
            Delivery.target == delivery.target,
            Delivery.version < delivery.version,
            Delivery.state.in_([DeliveryState.PENDING, DeliveryState.REJECTED, DeliveryState.DEAD]),
        )
        .with_for_update()
    )
    for each in older:
        each.state, each.settled_at = DeliveryState.CORRECTED.value, clock.now()


def _next_due(session: Session, target: str) -> Delivery | None:
    older = aliased(Delivery)
    # An older version that may still arrive, or the same one, whose outcome this is.
    on_its_way = exists().where(
        older.result_id == Delivery.result_id,
        older.target == Delivery.target,
        or_(
            and_(older.version < Delivery.version, older.state == DeliveryState.SENT),
            and_(
                older.version == Delivery.version,
                older.queued_at < Delivery.queued_at,
                older.state.in_(_OPEN),
            ),
        ),
    )
    return session.scalar(
        select(Delivery)
        .where(
            Delivery.target == target,
            Delivery.state.in_(_OPEN),
            Delivery.next_at <= clock.now(),
            ~on_its_way,
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
    )


def _accept(session: Session, delivery: Delivery, answer: Accepted) -> None:
    delivery.state, delivery.settled_at = DeliveryState.ACCEPTED.value, clock.now()
    delivery.receipt, delivery.errors = answer.receipt, []
    _append(session, delivery, "delivery.accepted", {"attempts": delivery.attempts})


def _reject(session: Session, delivery: Delivery, answer: Rejected) -> None:
    delivery.errors = answer.errors
    _end(session, delivery, DeliveryState.REJECTED)
    _append(session, delivery, "delivery.rejected", {"errors": len(answer.errors)})


def _end(session: Session, delivery: Delivery, state: DeliveryState) -> None:
    delivery.state = (DeliveryState.CORRECTED if _is_superseded(session, delivery) else state).value
    delivery.settled_at = clock.now()


def _is_superseded(session: Session, delivery: Delivery) -> bool:
    newer = select(Delivery.id).where(
        Delivery.result_id == delivery.result_id,
        Delivery.target == delivery.target,
        Delivery.version > delivery.version,
    )
    return session.scalar(newer.limit(1)) is not None


def _append(session: Session, delivery: Delivery, action: str, details: Json) -> None:
    session.flush()
    audit.append(session, SYSTEM, action, ("delivery", delivery.id), {"key": delivery.key, **details})
