"""The end of a result at the platform: that everything that followed it is over (完结), and that it is open again.

Both go out behind the result itself, under keys of their own. Neither says anything of its publicity.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.platform.models import Delivery, DeliveryState
from server.results.models import Result

CLOSED, REOPENED = "/closed-", "/reopened-"
"""What stands in a key behind that of the result, before the number of the fact."""

CLOSED_AT, REOPENED_AT = "closed_at", "reopened_at"
"""Stands in the payload of a closure, and of its undoing; of nothing else."""

OUTCOMES = "followup_outcomes"
_CAME = (DeliveryState.SENT.value, DeliveryState.ACCEPTED.value, DeliveryState.DEAD.value)


def is_closure(delivery: Delivery) -> bool:
    """Say whether a delivery tells the end of a result."""
    return CLOSED_AT in delivery.payload


def is_about_end(delivery: Delivery) -> bool:
    """Say whether a delivery tells the end of a result, or that it is open again."""
    return is_closure(delivery) or REOPENED_AT in delivery.payload


def last_told(session: Session, result: Result, target: str) -> Delivery | None:
    """Return the last delivery about the end of a result that the platform may have taken, of whichever version."""
    query = select(Delivery).where(Delivery.result_id == result.id, Delivery.target == target)
    query = query.order_by(Delivery.queued_at.desc(), Delivery.id.desc())
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return next((each for each in found if is_about_end(each) and _may_be_there(each)), None)


def is_overtaken(session: Session, delivery: Delivery) -> bool:
    """Say whether what a delivery tells is so no more: a result that was opened again, or the other way round.

    A closure goes out as long as it is the one that holds. That a result was opened again goes out behind each closure that
    arrived, and not behind the next one.
    """
    if REOPENED_AT in delivery.payload:
        closures = [each for each in _beside(session, delivery) if is_closure(each)]
        before = [each for each in closures if each.queued_at <= delivery.queued_at]
        after = [each for each in closures if each.queued_at > delivery.queued_at]
        return not any(map(_may_be_there, before)) or any(each.state in _CAME for each in after)
    told = delivery.payload.get(CLOSED_AT)
    if told is None:
        return False
    closed_at = session.scalar(select(Result.closed_at).where(Result.id == delivery.result_id))
    return closed_at is None or clock.iso(closed_at) > told


def _beside(session: Session, delivery: Delivery) -> Sequence[Delivery]:
    """Load the other deliveries about the same version."""
    return session.scalars(
        select(Delivery).where(
            Delivery.result_id == delivery.result_id,
            Delivery.target == delivery.target,
            Delivery.version == delivery.version,
            Delivery.id != delivery.id,
        )
    ).all()


def _may_be_there(delivery: Delivery) -> bool:
    """It was taken, or went out at least once without an answer; what was refused is not there."""
    if delivery.state == DeliveryState.REJECTED:
        return False
    return delivery.receipt is not None or delivery.attempts > 0 or bool(delivery.errors)
