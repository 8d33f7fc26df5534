"""Verbs of the outbox: queue a released result, find deliveries, send one again."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, found_within, require, walked_within
from server.accounts.lateness import too_late
from server.audit import AuditEntry
from server.conditions import Unindexed
from server.platform.adapters import PROVINCE
from server.platform.ends import CLOSED, CLOSED_AT, OUTCOMES, REOPENED, REOPENED_AT, is_closure, last_told
from server.platform.models import Delivery, DeliveryState
from server.platform.outbox import queue, queue_payload
from server.platform.payloads import delivery_key, followup_outcomes, said_in
from server.platform.withdrawals import withdraw_late
from server.problems import DeliveryNotFound, DeliverySettled
from server.results.models import Result

_RETRIABLE = {DeliveryState.REJECTED.value, DeliveryState.DEAD.value}


def queue_delivery(session: Session, fact: AuditEntry) -> None:
    """React to a released result: put that version into the outbox, once."""
    result = session.get_one(Result, UUID(fact.subject), with_for_update=True)
    key = delivery_key(session, result, fact.details["version"])
    if queue(session, result, key, fact.details):
        withdraw_late(session, result, fact)


def queue_closure(session: Session, fact: AuditEntry) -> None:
    """React to the end of a result that something followed: its outcome goes out behind the result, once (R77).

    A result that is opened again and closed anew goes out anew, under a key of its own.
    """
    result = session.get_one(Result, UUID(fact.subject), with_for_update=True)
    outcomes = followup_outcomes(session, result)
    if not outcomes:
        return
    version = fact.details["version"]
    key = f"{delivery_key(session, result, version)}{CLOSED}{fact.seq}"
    more = {CLOSED_AT: clock.iso(fact.at), OUTCOMES: outcomes}
    queue(session, result, key, said_in(session, result, version), more)


def queue_reopening(session: Session, fact: AuditEntry) -> None:
    """React to a result that was opened again: where the platform has its end, it is told that this is so no more."""
    result = session.get_one(Result, UUID(fact.subject), with_for_update=True)
    closure = last_told(session, result, PROVINCE)
    if closure is None or not is_closure(closure):
        return
    said = {name: told for name, told in closure.payload.items() if name not in {CLOSED_AT, OUTCOMES}}
    key = f"{closure.key.rpartition(CLOSED)[0]}{REOPENED}{fact.seq}"
    queue_payload(session, result, key, closure.version, {**said, REOPENED_AT: clock.iso(fact.at)})


def deliveries_within(
    actor: Actor, *, state: str | None = None, result_id: UUID | None = None
) -> Select[Delivery]:
    """Select the deliveries of the jurisdiction."""
    require(actor, Permission.DELIVERY_READ)
    query = select(Delivery).where((found_within if result_id else walked_within)(actor, Delivery.region))
    if state:
        # Of a result's deliveries the state is looked at; SQLite would rather go through all that are in it.
        query = query.where((Unindexed(Delivery.state) if result_id else Delivery.state) == state)
    return query.where(Delivery.result_id == result_id) if result_id else query


def retry(session: Session, actor: Actor, delivery_id: UUID) -> Delivery:
    """Send a rejected or given-up delivery again, under the same key; only the newest version of a result."""
    require(actor, Permission.DELIVERY_MANAGE)
    query = deliveries_within(actor).where(Delivery.id == delivery_id).with_for_update()
    delivery = session.scalar(query)
    if delivery is None:
        raise DeliveryNotFound()
    if delivery.state not in _RETRIABLE:
        raise too_late(DeliverySettled, delivery, "delivery", state=delivery.state)
    delivery.state, delivery.attempts = DeliveryState.PENDING.value, 0
    delivery.next_at, delivery.settled_at = clock.now(), None
    session.flush()
    audit.append(session, actor, "delivery.retried", ("delivery", delivery.id), {"key": delivery.key})
    return delivery
