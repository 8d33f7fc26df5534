"""Verbs of publicity: find, send out in batches, note what a target answered."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from server import audit, clock
from server.access import SYSTEM, Actor, Permission, require, walked_within, within
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.db import Json
from server.problems import DisclosureNotFound, PublicationSettled, PublicationUnanswered
from server.publicity.models import Disclosure, DisclosureState, Publication, PublicationState, Target
from server.publicity.standing import GONE
from server.results.calendars import Calendars
from server.results.deadlines import DeadlineKind
from server.results.keeping import calendar_of, meet
from server.results.models import DeadlineChange, Result

MOST_IN_A_BATCH = 1000
_TO_SETTLE = (PublicationState.DUE.value, PublicationState.SENT.value, PublicationState.FAILED.value)
_WAITING = (PublicationState.NOT_DUE.value, *_TO_SETTLE)
_TO_SEND = {
    PublicationState.DUE.value: PublicationState.SENT,
    PublicationState.FAILED.value: PublicationState.SENT,
    PublicationState.TAKE_BACK.value: PublicationState.TAKE_BACK_SENT,
    PublicationState.TAKE_BACK_FAILED.value: PublicationState.TAKE_BACK_SENT,
}
"""What goes out, and how it stands then."""
_BACK = {
    PublicationState.SENT: PublicationState.TAKE_BACK_SENT,
    PublicationState.FAILED: PublicationState.TAKE_BACK_FAILED,
}
_UNDER_WAY = (PublicationState.SENT, PublicationState.TAKE_BACK_SENT)

# A receipt that comes for what is to be taken back, before that went out, is about what was brought there.
_TO_SETTLE_BACK = (PublicationState.TAKE_BACK_SENT.value, PublicationState.TAKE_BACK_FAILED.value)
_TAKEN_BACK = (PublicationState.TAKE_BACK.value, *_TO_SETTLE_BACK)


def publications_within(
    actor: Actor, *, state: str | None = None, target: str | None = None, batch: UUID | None = None
) -> Select[Publication]:
    """Select where the disclosures of the jurisdiction stand."""
    require(actor, Permission.PUBLICITY_READ)
    query = select(Publication).where(walked_within(actor, Publication.region))
    if state:
        query = query.where(Publication.state == state)
    if target:
        query = query.where(Publication.target == target)
    return query.where(Publication.batch == batch) if batch else query


def with_days_left(session: Session, publications: Sequence[Publication]) -> list[Json]:
    """Write publications with the working days until they are due, where something is still waited for.

    `is_newest`: no newer version of the result was disclosed.
    """
    calendars, today = Calendars(session), clock.today()
    wanted = {each.disclosure.organisation_id for each in publications}
    bureaus = {
        each.id: each for each in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    }
    results = {each.disclosure.result_id for each in publications}
    versions = select(Disclosure.result_id, func.max(Disclosure.version)).group_by(Disclosure.result_id)
    newest = {row[0]: row[1] for row in session.execute(versions.where(Disclosure.result_id.in_(results)))}
    columns = [column.key for column in Publication.__table__.columns]

    def left(each: Publication) -> int | None:
        if each.due_on is None or each.state not in _WAITING:
            return None
        bureau = bureaus[each.disclosure.organisation_id]
        return calendar_of(bureau, calendars, each.region).days_left(today, each.due_on)

    return [
        {name: getattr(each, name) for name in columns}
        | {
            "disclosure": each.disclosure,
            "days_left": left(each),
            "is_newest": each.disclosure.version == newest[each.disclosure.result_id],
        }
        for each in publications
    ]


def find_disclosure(session: Session, actor: Actor, disclosure_id: UUID) -> Disclosure:
    """Return a disclosure of the jurisdiction; others are not found."""
    require(actor, Permission.PUBLICITY_READ)
    query = select(Disclosure).where(Disclosure.id == disclosure_id, within(actor, Disclosure.region))
    disclosure = session.scalar(query)
    if disclosure is None:
        raise DisclosureNotFound()
    return disclosure


def send_batch(session: Session, actor: Actor, target: Target, most: int) -> tuple[UUID, list[Disclosure]]:
    """Take what is due at a target as one batch, the oldest first, and note it as sent; returns what it says.

    For targets that take files: the file is made of what is returned, and can be made again from the batch.
    """
    require(actor, Permission.PUBLICITY_MANAGE)
    query = (
        publications_within(actor, target=target.value)
        .where(Publication.state.in_(_TO_SEND))
        .order_by(Publication.queued_at, Publication.id)
        .limit(min(most, MOST_IN_A_BATCH))
        .with_for_update(skip_locked=True)
    )
    batch, chosen = uuid4(), session.scalars(query).all()
    for publication in chosen:
        publication.state, publication.batch = _TO_SEND[publication.state].value, batch
        publication.sent_at = clock.now()
    session.flush()
    told = {"target": target.value, "publications": len(chosen)}
    audit.append(session, actor, "publications.sent", ("batch", batch), told)
    return batch, _disclosures(session, chosen)


def batch_of(session: Session, actor: Actor, batch: UUID) -> list[Disclosure]:
    """Return what a batch says now; what was corrected or withdrawn since is told as that."""
    return _disclosures(session, session.scalars(publications_within(actor, batch=batch)).all())


def settle(
    session: Session, actor: Actor, ids: Sequence[UUID], receipt: Json | None, errors: Sequence[Json]
) -> list[Publication]:
    """Note what a target answered about some publications: acknowledged with a receipt, or failed with errors.

    PublicationUnanswered where it answered nothing: without a receipt nothing is acknowledged. PublicationSettled names
    those that nothing is waited for, or that are not there. Nothing is noted then.
    """
    require(actor, Permission.PUBLICITY_MANAGE)
    if not errors and not any((receipt or {}).values()):
        raise PublicationUnanswered()
    query = publications_within(actor).where(
        Publication.id.in_(ids), Publication.state.in_((*_TO_SETTLE, *_TO_SETTLE_BACK))
    )
    query = query.options(joinedload(Publication.disclosure)).order_by(Publication.id)
    found = session.scalars(query.with_for_update(of=Publication)).all()
    if len(found) < len(set(ids)):
        raise PublicationSettled(ids=sorted(str(each) for each in set(ids) - {row.id for row in found}))
    state = PublicationState.FAILED if errors else PublicationState.ACKNOWLEDGED
    for publication in found:
        _settle(publication, state, receipt, errors)
    _meet_elsewhere(session, found)
    told = {"publications": sorted(str(each.id) for each in found), "state": state.value}
    audit.append(session, actor, "publications.settled", ("publications", found[0].id), told)
    return list(found)


def note_delivery(
    session: Session,
    result_id: UUID,
    version: int,
    state: PublicationState,
    answer: Mapping[str, Any],
    *,
    takes_back: bool = False,
) -> None:
    """Let the province's answer to a delivery stand beside the publication of that version, if there is one.

    `takes_back`: it was a withdrawal. A version that the province took is in the place of those before it.
    """
    rows = session.scalars(
        select(Publication)
        .join(Disclosure, Disclosure.id == Publication.disclosure_id)
        .where(
            Disclosure.result_id == result_id,
            Disclosure.version <= version,
            Publication.target == Target.PLATFORM.value,
        )
        .options(joinedload(Publication.disclosure))
        .order_by(Publication.id)
        .with_for_update(of=Publication)
    )
    for publication in rows:
        is_older = publication.disclosure.version < version
        if is_older and state is not PublicationState.ACKNOWLEDGED:
            continue
        waiting = _TAKEN_BACK if is_older or takes_back else _TO_SETTLE
        if publication.state in waiting and publication.state != state.value:
            publication.sent_at = publication.sent_at or clock.now()
            _settle(publication, state, answer.get("receipt"), answer.get("errors", ()))
            _meet_elsewhere(session, [publication])
            subject = ("publication", publication.id)
            told = {"target": publication.target}
            action = f"publication.{publication.state.replace('_', '-')}"
            audit.append(session, SYSTEM, action, subject, told)


def follow_notice(session: Session, fact: AuditEntry) -> None:
    """React to deadlines that a notice of days off moved: publications are due by the new day, as their results are."""
    moved = select(DeadlineChange.subject_id).where(
        DeadlineChange.notice_id == UUID(fact.subject),
        DeadlineChange.kind == DeadlineKind.PUBLICATION.value,
        DeadlineChange.subject_id >= UUID(fact.details.get("from", str(UUID(int=0)))),
        DeadlineChange.subject_id <= UUID(fact.details["after"]),
    )
    query = (
        select(Publication, Result.publish_on)
        .join(Disclosure, Disclosure.id == Publication.disclosure_id)
        .join(Result, Result.id == Disclosure.result_id)
        .where(
            Result.id.in_(moved),
            Disclosure.state.not_in([DisclosureState.CORRECTED.value, DisclosureState.WITHDRAWN.value]),
            Publication.due_on.is_not(None),
        )
    )
    for publication, due_on in session.execute(query).all():
        publication.due_on = due_on


def _settle(
    publication: Publication, state: PublicationState, receipt: Json | None, errors: Sequence[Json]
) -> None:
    """Note an answer: to what was brought there, or to what was to be taken back."""
    if publication.state in _TAKEN_BACK:
        state = _BACK[state] if state in _BACK else GONE[publication.disclosure.state]
    publication.state, publication.receipt, publication.errors = state.value, receipt, list(errors)
    publication.settled_at = clock.now() if state not in _UNDER_WAY else None
    if state in GONE.values():
        publication.sent_at = None


def _meet_elsewhere(session: Session, publications: Sequence[Publication]) -> None:
    """What is not on our own portal is public once a place has it."""
    session.flush()
    elsewhere = [
        each.disclosure.result_id
        for each in publications
        if each.state == PublicationState.ACKNOWLEDGED and each.disclosure.state == DisclosureState.ELSEWHERE
    ]
    meet(session, DeadlineKind.PUBLICATION, *elsewhere)


def _disclosures(session: Session, publications: Sequence[Publication]) -> list[Disclosure]:
    wanted = [each.disclosure_id for each in publications]
    query = (
        select(Disclosure)
        .where(Disclosure.id.in_(wanted))
        # What a version takes the place of is taken back before it.
        .order_by(Disclosure.inspected_on, Disclosure.result_id, Disclosure.version)
    )
    return list(session.scalars(query))
