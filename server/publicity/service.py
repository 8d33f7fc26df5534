"""Verbs of publicity: take back, send out in batches, note what a target answered, find."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM, Actor, Permission, require, walked_within, within
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.db import Json
from server.problems import DisclosureNotFound, DisclosureOver, PublicationSettled, PublicityRulesWrong
from server.publicity.disclosing import end
from server.publicity.models import Disclosure, DisclosureState, Publication, PublicationState, Target
from server.publicity.rules import Reason, WrongPublicityRuleError, read_publicity_rules
from server.results.calendars import Calendars, find_bureau
from server.results.deadlines import DeadlineKind
from server.results.keeping import calendar_of
from server.results.models import DeadlineChange, Result

MOST_IN_A_BATCH = 1000
_TO_SEND = (PublicationState.DUE.value, PublicationState.FAILED.value)
_WAITING = (PublicationState.NOT_DUE.value, *_TO_SEND, PublicationState.SENT.value)
_TO_SETTLE = (PublicationState.DUE.value, PublicationState.SENT.value, PublicationState.FAILED.value)


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
    """Write publications with the working days until they are due, where something is still waited for."""
    calendars, today = Calendars(session), clock.today()
    wanted = {each.disclosure.organisation_id for each in publications}
    bureaus = {
        each.id: each for each in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    }
    columns = [column.key for column in Publication.__table__.columns]

    def left(each: Publication) -> int | None:
        if each.due_on is None or each.state not in _WAITING:
            return None
        bureau = bureaus[each.disclosure.organisation_id]
        return calendar_of(bureau, calendars, each.region).days_left(today, each.due_on)

    return [
        {name: getattr(each, name) for name in columns}
        | {"disclosure": each.disclosure, "days_left": left(each)}
        for each in publications
    ]


def set_publicity_rules(session: Session, actor: Actor, organisation_id: UUID, rules: Json) -> Organisation:
    """Set where a bureau's results go, and whether problems wait; for what is released from now on."""
    bureau = find_bureau(session, actor, organisation_id)
    require(actor, Permission.PUBLICITY_MANAGE, bureau)
    try:
        read_publicity_rules({"publicity": rules})
    except WrongPublicityRuleError as error:
        raise PublicityRulesWrong(str(error)) from error
    before = bureau.rules.get("publicity")
    bureau.rules = {**bureau.rules, "publicity": rules}
    session.flush()
    told = {"before": before, "now": rules}
    audit.append(session, actor, "organisation.publicity-set", ("organisation", bureau.id), told)
    return bureau


def find_disclosure(session: Session, actor: Actor, disclosure_id: UUID) -> Disclosure:
    """Return a disclosure of the jurisdiction; others are not found."""
    require(actor, Permission.PUBLICITY_READ)
    query = select(Disclosure).where(Disclosure.id == disclosure_id, within(actor, Disclosure.region))
    disclosure = session.scalar(query)
    if disclosure is None:
        raise DisclosureNotFound()
    return disclosure


def withdraw(session: Session, actor: Actor, disclosure_id: UUID, reason: Reason, note: str) -> Disclosure:
    """Take back what is public: the public still sees that it was, and the reason's words; `note` stays inside."""
    disclosure = find_disclosure(session, actor, disclosure_id)
    require(actor, Permission.PUBLICITY_MANAGE, disclosure)
    session.refresh(disclosure, with_for_update=True)
    if disclosure.state not in {DisclosureState.HELD.value, DisclosureState.PUBLIC.value}:
        raise DisclosureOver(state=disclosure.state)
    end(session, disclosure, DisclosureState.WITHDRAWN, reason)
    told = {"reason": reason.value, "note": note.strip(), "version": disclosure.version}
    audit.append(session, actor, "disclosure.withdrawn", ("disclosure", disclosure.id), told)
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
        publication.state, publication.batch = PublicationState.SENT.value, batch
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

    PublicationSettled names those that nothing is waited for, or that are not there; nothing is noted then.
    """
    require(actor, Permission.PUBLICITY_MANAGE)
    query = publications_within(actor).where(Publication.id.in_(ids), Publication.state.in_(_TO_SETTLE))
    found = session.scalars(query.order_by(Publication.id).with_for_update()).all()
    if len(found) < len(set(ids)):
        raise PublicationSettled(ids=sorted(str(each) for each in set(ids) - {row.id for row in found}))
    state = PublicationState.FAILED if errors else PublicationState.ACKNOWLEDGED
    for publication in found:
        _settle(publication, state, receipt, errors)
    session.flush()
    told = {"publications": sorted(str(each.id) for each in found), "state": state.value}
    audit.append(session, actor, "publications.settled", ("publications", found[0].id), told)
    return list(found)


def note_delivery(
    session: Session, result_id: UUID, version: int, state: PublicationState, answer: Mapping[str, Any]
) -> None:
    """Let the province's answer to a delivery stand beside the publication of that version, if there is one."""
    publication = session.scalar(
        select(Publication)
        .join(Disclosure, Disclosure.id == Publication.disclosure_id)
        .where(
            Disclosure.result_id == result_id,
            Disclosure.version == version,
            Publication.target == Target.PLATFORM.value,
        )
        .with_for_update(of=Publication)
    )
    if publication is None or publication.state not in _TO_SETTLE or publication.state == state.value:
        return
    publication.sent_at = publication.sent_at or clock.now()
    _settle(publication, state, answer.get("receipt"), answer.get("errors", ()))
    session.flush()
    subject = ("publication", publication.id)
    audit.append(session, SYSTEM, f"publication.{state.value}", subject, {"target": publication.target})


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
            Disclosure.state.in_([DisclosureState.HELD.value, DisclosureState.PUBLIC.value]),
            Publication.due_on.is_not(None),
        )
    )
    for publication, due_on in session.execute(query).all():
        publication.due_on = due_on


def _settle(
    publication: Publication, state: PublicationState, receipt: Json | None, errors: Sequence[Json]
) -> None:
    publication.state, publication.receipt, publication.errors = state.value, receipt, list(errors)
    publication.settled_at = clock.now() if state is not PublicationState.SENT else None


def _disclosures(session: Session, publications: Sequence[Publication]) -> list[Disclosure]:
    wanted = [each.disclosure_id for each in publications]
    query = (
        select(Disclosure).where(Disclosure.id.in_(wanted)).order_by(Disclosure.published_at, Disclosure.id)
    )
    return list(session.scalars(query))
