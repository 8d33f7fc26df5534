"""How a disclosure comes to stand and how it ends, with what that means at each place where it is to be public.

What may be at a place already has to be taken back there (`take_back`), as it was brought: with a file or a delivery, and an
answer. What never went there ends at once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.publicity.models import (
    Disclosure,
    DisclosureState,
    Outcome,
    Publication,
    PublicationState,
    Target,
)
from server.publicity.rules import LASTING, PublicityRules, Reason
from server.results.models import ObjectionState, Result

GONE = {
    DisclosureState.CORRECTED.value: PublicationState.CORRECTED,
    DisclosureState.WITHDRAWN.value: PublicationState.WITHDRAWN,
    DisclosureState.HELD.value: PublicationState.NOT_DUE,
}
"""Where a publication stands when it is not at its place (any more), by the state of its disclosure."""

_OBJECTED = frozenset({ObjectionState.FILED.value, ObjectionState.UPHELD.value})
_THERE = frozenset(
    {
        PublicationState.SENT.value,
        PublicationState.ACKNOWLEDGED.value,
        PublicationState.TAKE_BACK.value,
        PublicationState.TAKE_BACK_SENT.value,
        PublicationState.TAKE_BACK_FAILED.value,
    }
)


def is_held(disclosure: Disclosure, result: Result, rules: PublicityRules) -> bool:
    """Say whether it waits until its problems are handled, as its bureau wants it."""
    return disclosure.outcome == Outcome.PROBLEM and rules.after_handling and result.closed_at is None


def begin(disclosure: Disclosure, publications: Sequence[Publication]) -> None:
    """Let out what waited: due everywhere, and public with that where it goes to our own portal."""
    at = clock.now()
    is_here = any(each.target == Target.PORTAL for each in publications)
    disclosure.state = (DisclosureState.PUBLIC if is_here else DisclosureState.ELSEWHERE).value
    disclosure.reason = None
    disclosure.published_at = disclosure.changed_at = at
    for publication in publications:
        _let_out(publication, at)


def hold(disclosure: Disclosure, publications: Sequence[Publication]) -> None:
    """Let what was taken back wait until its problems are handled; what still is somewhere is taken back there first."""
    disclosure.state, disclosure.reason = DisclosureState.HELD.value, None
    disclosure.published_at, disclosure.changed_at = None, clock.now()
    for publication in publications:
        if publication.state == PublicationState.WITHDRAWN:
            publication.state, publication.settled_at = PublicationState.NOT_DUE.value, None


def end(
    disclosure: Disclosure, publications: Sequence[Publication], state: DisclosureState, reason: Reason
) -> None:
    """End a disclosure: what is left of it for the public is that it was, and why it is not any more.

    Of what never was on our own portal nothing is left there.
    """
    if disclosure.state == DisclosureState.ELSEWHERE:
        disclosure.published_at = None
    disclosure.state, disclosure.reason, disclosure.changed_at = state.value, reason.value, clock.now()
    for publication in publications:
        if publication.target != Target.PORTAL and _may_be_there(publication):
            publication.state, publication.settled_at = PublicationState.TAKE_BACK.value, None
            publication.errors = []
        else:
            publication.state, publication.settled_at = GONE[state.value].value, clock.now()


def follow(disclosure: Disclosure, result: Result) -> bool:
    """Let a disclosure say of its result whether it is closed and what is objected; returns whether that is news."""
    was = (disclosure.closed_on, disclosure.objection)
    disclosure.closed_on = clock.day_of(result.closed_at) if result.closed_at else None
    disclosure.objection = result.objection if result.objection in _OBJECTED else None
    return was != (disclosure.closed_on, disclosure.objection)


def lasting_reason(known: Sequence[Disclosure]) -> Reason | None:
    """Return why a newer version is not public either: the newest before it was taken back for what no correction changes."""
    newest = max(known, key=lambda each: each.version, default=None)
    if newest is None or newest.state != DisclosureState.WITHDRAWN:
        return None
    return Reason(newest.reason) if newest.reason in LASTING else None


def locked_publications(session: Session, disclosure_id: UUID) -> Sequence[Publication]:
    """Load where a disclosure stands at each target, against whoever sends it out or notes an answer."""
    query = select(Publication).where(Publication.disclosure_id == disclosure_id).order_by(Publication.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def tell(session: Session, disclosure: Disclosure) -> None:
    """Write down that a disclosure came to stand, or was kept back."""
    told = {"result": str(disclosure.result_id), "version": disclosure.version, "state": disclosure.state}
    audit.append(session, SYSTEM, "disclosure.written", ("disclosure", disclosure.id), told)


def _let_out(publication: Publication, at: datetime) -> None:
    """What waited is due; on our own portal it is public with that."""
    publication.state, publication.errors = PublicationState.DUE.value, []
    publication.settled_at = None
    if publication.target == Target.PORTAL.value:
        publication.state = PublicationState.ACKNOWLEDGED.value
        publication.sent_at = publication.settled_at = at


def _may_be_there(publication: Publication) -> bool:
    """It went there, and neither was refused nor taken back since: one that is due again may be there from before."""
    is_due_again = publication.state == PublicationState.DUE and publication.sent_at is not None
    return publication.state in _THERE or is_due_again
