"""What becomes of a result's publicity goes to the platform behind the result: that it was taken back, that it is public again.

Each under a key of its own, with all that the result says, so that it can be understood by itself.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from server import clock
from server.audit import AuditEntry
from server.db import Json
from server.platform.adapters import PROVINCE
from server.platform.models import Delivery, DeliveryState
from server.platform.outbox import queue_payload
from server.publicity.models import Disclosure, DisclosureState
from server.publicity.rules import Reason
from server.results.models import Result

WITHDRAWN, PUBLISHED_AGAIN = "/withdrawn-", "/published-again-"
"""What stands in a key behind that of the result, before the number of the fact."""

WITHDRAWN_AT = "withdrawn_at"
"""Stands in the payload of a withdrawal, and of nothing else."""

_NOT_TAKEN = (DeliveryState.REJECTED.value, DeliveryState.DEAD.value)


def queue_withdrawal(session: Session, fact: AuditEntry) -> None:
    """React to a disclosure that was taken back, or kept back from the beginning: the platform is told, if the result went there."""
    disclosure, result = _about(session, fact)
    if fact.details.get("state", DisclosureState.WITHDRAWN.value) == DisclosureState.WITHDRAWN.value:
        _withdraw(session, disclosure, result, fact)


def withdraw_late(session: Session, result: Result, fact: AuditEntry) -> None:
    """Tell it behind a released result that came late into the outbox, when its disclosure was taken back already."""
    query = select(Disclosure).where(
        Disclosure.result_id == result.id, Disclosure.version == fact.details["version"]
    )
    disclosure = session.scalar(query)
    if disclosure is not None:
        _withdraw(session, disclosure, result, fact)


def queue_publication(session: Session, fact: AuditEntry) -> None:
    """React to what was taken back and is public again."""
    disclosure, result = _about(session, fact)
    there = _deliveries(session, result, disclosure.version)
    if disclosure.state == DisclosureState.WITHDRAWN or not there:
        return
    _queue(
        session, result, there[0], f"{PUBLISHED_AGAIN}{fact.seq}", {"published_again_at": clock.iso(fact.at)}
    )


def withdraw_earlier(session: Session, most: int) -> int:
    """Tell it of what was taken back before this program told the platform, `most` at a time; returns how many it was."""
    about = and_(Delivery.result_id == Disclosure.result_id, Delivery.version == Disclosure.version)
    query = (
        select(Disclosure)
        .where(
            Disclosure.state == DisclosureState.WITHDRAWN.value,
            exists().where(about),
            ~exists().where(about, Delivery.key.contains(WITHDRAWN)),
        )
        .order_by(Disclosure.id)
        .limit(most)
    )
    found = session.scalars(query).all()
    for disclosure in found:
        facts = select(AuditEntry).where(
            AuditEntry.subject_kind == "disclosure", AuditEntry.subject == str(disclosure.id)
        )
        fact = session.scalars(facts.order_by(AuditEntry.seq.desc()).limit(1)).one()
        _withdraw(session, *_about(session, fact), fact)
    return len(found)


def takes_back(delivery: Delivery) -> bool:
    """Say whether a delivery tells that a result was taken back."""
    return WITHDRAWN_AT in delivery.payload


def _withdraw(session: Session, disclosure: Disclosure, result: Result, fact: AuditEntry) -> None:
    """Queue it once; what the platform refused, or was given up, is not sent again."""
    there = _deliveries(session, result, disclosure.version)
    if disclosure.state != DisclosureState.WITHDRAWN or not there:
        return
    for each in there:
        if each.state in _NOT_TAKEN:
            each.state, each.settled_at = DeliveryState.CORRECTED.value, clock.now()
    reason = Reason(disclosure.reason or Reason.NOT_PUBLIC)
    told = {"code": reason.value, "zh": reason.chinese, "en": reason.english}
    more = {WITHDRAWN_AT: clock.iso(disclosure.changed_at), "withdrawal": told}
    _queue(session, result, there[0], f"{WITHDRAWN}{fact.seq}", more)


def _queue(session: Session, result: Result, main: Delivery, behind: str, more: Json) -> None:
    """Queue it behind the result itself, with what that said."""
    queue_payload(session, result, f"{main.key}{behind}", main.version, {**main.payload, **more})


def _about(session: Session, fact: AuditEntry) -> tuple[Disclosure, Result]:
    """Load a disclosure behind the lock of its result, as every verb about it does."""
    disclosure = session.get_one(Disclosure, UUID(fact.subject))
    result = session.get_one(Result, disclosure.result_id, with_for_update=True)
    session.refresh(disclosure)
    return disclosure, result


def _deliveries(session: Session, result: Result, version: int) -> Sequence[Delivery]:
    """What went out about a version, or is to go: the result itself first."""
    query = select(Delivery).where(
        Delivery.result_id == result.id, Delivery.target == PROVINCE, Delivery.version == version
    )
    return session.scalars(query.order_by(Delivery.queued_at, Delivery.id).with_for_update()).all()
