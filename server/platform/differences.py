"""Differences (对账差异): entered once however often they are seen, sent again or accounted for, and resolved when they are gone."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, region_bounds, require, within
from server.accounts.lateness import too_late
from server.platform.comparing import Compared, Found
from server.platform.delivered import Period, is_replaced, newest_of
from server.platform.models import (
    Delivery,
    DeliveryState,
    Difference,
    DifferenceKind,
    DifferenceState,
    Reconciliation,
    Sighting,
)
from server.problems import (
    DifferenceNotFound,
    DifferenceNotSendable,
    DifferenceSettled,
    ReconciliationNotFound,
)

_AT_ONCE = 500
_WAITING = (DifferenceState.OPEN.value, DifferenceState.SENT_AGAIN.value)
_SENDABLE = (DifferenceKind.MISSING_THERE.value, DifferenceKind.RECEIPT_MISSING.value)
_SENT_BEFORE = (DeliveryState.ACCEPTED.value, DeliveryState.REJECTED.value, DeliveryState.DEAD.value)
_ON_ITS_WAY = (DeliveryState.PENDING.value, DeliveryState.SENT.value)


def enter(session: Session, run: Reconciliation, period: Period, compared: Compared) -> None:
    """Enter what a run found, and resolve what it no longer finds.

    One that was noted stays so while both sides say what they said then; one that was resolved and is back is open again.
    """
    for start in range(0, len(compared.found), _AT_ONCE):
        some = compared.found[start : start + _AT_ONCE]
        known = {
            (each.key, each.kind): each
            for each in session.scalars(
                select(Difference).where(
                    Difference.target == run.target, Difference.key.in_([found.key for found in some])
                )
            )
        }
        seen = []
        for found in some:
            difference = _enter_one(session, run, known.get((found.key, found.kind.value)), found)
            seen.append(Sighting(run_id=run.id, difference_id=difference.id))
        session.flush()
        session.add_all(seen)
        session.flush()
    _resolve(session, run, period, compared)


def runs_within(actor: Actor) -> Select[Reconciliation]:
    """Select the runs over the jurisdiction, over a part of it, or over a region that holds it."""
    require(actor, Permission.DELIVERY_READ)
    above = {actor.region[:length].ljust(6, "0") for length in (0, 2, 4)}
    return select(Reconciliation).where(
        or_(within(actor, Reconciliation.region), Reconciliation.region.in_(sorted(above)))
    )


def find_run(session: Session, actor: Actor, run_id: UUID) -> Reconciliation:
    """Return a run that the actor may see; others are not found."""
    run = session.scalar(runs_within(actor).where(Reconciliation.id == run_id))
    if run is None:
        raise ReconciliationNotFound()
    return run


def differences_within(
    actor: Actor, *, state: str | None = None, kind: str | None = None, run_id: UUID | None = None
) -> Select[Difference]:
    """Select the differences of the jurisdiction."""
    require(actor, Permission.DELIVERY_READ)
    mine: list[ColumnElement[bool]] = [within(actor, Difference.region)]
    if state:
        mine.append(Difference.state == state)
    if kind:
        mine.append(Difference.kind == kind)
    if run_id:
        seen = select(Sighting.difference_id).where(Sighting.run_id == run_id)
        mine.append(Difference.id.in_(seen))
    return select(Difference).where(*mine)


def sendable_of(session: Session, differences: Sequence[Difference]) -> set[UUID]:
    """Return which of some differences can be sent again: one question, however many there are."""
    of_kind = [each for each in differences if each.kind in _SENDABLE and each.state in _WAITING]
    newest = newest_of(session, [each.delivery_id for each in of_kind if each.delivery_id])
    states = {
        row.id: row.state
        for row in session.execute(select(Delivery.id, Delivery.state).where(Delivery.id.in_(newest)))
    }
    can = (*_SENT_BEFORE, *_ON_ITS_WAY)
    return {each.id for each in of_kind if each.delivery_id and states.get(each.delivery_id) in can}


def send_again(session: Session, actor: Actor, difference_id: UUID) -> Difference:
    """Send the delivery of a difference again under its key; asked again while it is on its way, nothing changes.

    DifferenceNotSendable where the platform holds something else, or a newer version has taken its place.
    """
    difference = _waiting(session, actor, difference_id)
    if difference.id not in sendable_of(session, [difference]) or difference.delivery_id is None:
        raise DifferenceNotSendable()
    delivery = session.get_one(Delivery, difference.delivery_id, with_for_update=True)
    now = clock.now()
    was = delivery.state
    if was in _SENT_BEFORE:
        delivery.state, delivery.attempts, delivery.settled_at = DeliveryState.PENDING.value, 0, None
        delivery.next_at = now
    elif was == DeliveryState.PENDING and delivery.next_at > now:
        delivery.next_at = now
    if difference.state == DifferenceState.SENT_AGAIN and was in _ON_ITS_WAY:
        return difference
    difference.state = DifferenceState.SENT_AGAIN.value
    difference.decided_by, difference.decided_at = actor.person_id, now
    session.flush()
    told = {"key": delivery.key, "difference": str(difference.id), "was": was, "receipt": delivery.receipt}
    audit.append(session, actor, "delivery.retried", ("delivery", delivery.id), told)
    return difference


def note(session: Session, actor: Actor, difference_id: UUID, reason: str) -> Difference:
    """Account for a difference with a reason; the same reason again changes nothing."""
    difference = _waiting(session, actor, difference_id, also=(DifferenceState.NOTED.value,))
    if difference.state == DifferenceState.NOTED and difference.reason == reason:
        return difference
    difference.state, difference.reason = DifferenceState.NOTED.value, reason
    difference.decided_by, difference.decided_at = actor.person_id, clock.now()
    session.flush()
    told = {"key": difference.key, "kind": difference.kind, "reason": reason}
    audit.append(session, actor, "difference.noted", ("difference", difference.id), told)
    return difference


def _waiting(session: Session, actor: Actor, difference_id: UUID, also: tuple[str, ...] = ()) -> Difference:
    require(actor, Permission.DELIVERY_MANAGE)
    query = differences_within(actor).where(Difference.id == difference_id).with_for_update()
    difference = session.scalar(query)
    if difference is None:
        raise DifferenceNotFound()
    if difference.state not in (*_WAITING, *also):
        raise too_late(DifferenceSettled, difference, "difference", state=difference.state)
    return difference


def _enter_one(session: Session, run: Reconciliation, known: Difference | None, found: Found) -> Difference:
    ours = found.ours.as_json() if found.ours else None
    theirs = found.theirs.as_json() if found.theirs else None
    if known is None:
        known = Difference(id=uuid4(), target=run.target, key=found.key, kind=found.kind.value)
        session.add(known)
    elif _is_back(known, found, says_the_same=(known.ours, known.theirs) == (ours, theirs)):
        known.state, known.reason = DifferenceState.OPEN.value, None
        known.decided_by, known.decided_at = None, None
    known.region, known.at, known.ours, known.theirs = found.region, found.at, ours, theirs
    known.delivery_id = found.ours.delivery_id if found.ours else None
    return known


def _is_back(known: Difference, found: Found, *, says_the_same: bool) -> bool:
    """Say whether a difference waits for a person again: it was gone, it says something else, or sending again was in vain."""
    if known.state == DifferenceState.NOTED:
        return not says_the_same
    settled, decided = found.ours.settled_at if found.ours else None, known.decided_at
    if known.state == DifferenceState.SENT_AGAIN:
        return settled is not None and decided is not None and settled > decided
    return known.state == DifferenceState.RESOLVED


def _resolve(session: Session, run: Reconciliation, period: Period, compared: Compared) -> None:
    """Resolve what is no difference any more: both sides agree now, differ in another way, or the platform let go of it.

    Of what was corrected since the platform has the newer version.
    """
    found = {(each.key, each.kind.value) for each in compared.found}
    keys = {key for key, _ in found}
    first, last = region_bounds(run.region)
    query = (
        select(Difference, is_replaced().label("is_replaced"))
        .outerjoin(Delivery, Delivery.id == Difference.delivery_id)
        .where(
            Difference.state.in_(_WAITING),
            Difference.target == run.target,
            Difference.region.between(first, last),
        )
    )
    for each, replaced in session.execute(query):
        if (each.key, each.kind) in found:
            continue
        gone = each.kind == DifferenceKind.UNKNOWN_HERE and period.since <= each.at < period.until
        if replaced or each.key in compared.agreed or each.key in keys or gone:
            each.state = DifferenceState.RESOLVED.value
