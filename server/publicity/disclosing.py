"""What a released result sets in motion: it becomes public, takes the place of what was, and goes with its result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.db import Json
from server.publicity.models import (
    Disclosure,
    DisclosureState,
    Outcome,
    Publication,
    PublicationState,
    Target,
)
from server.publicity.rules import PublicityRules, Reason, read_publicity_rules
from server.publicity.searching import name_key
from server.publicity.whitelist import outcome_of, public_bodies
from server.results import objections
from server.results.deadlines import DeadlineKind
from server.results.keeping import meet
from server.results.models import ObjectionState, Result, ResultState, ResultVersion

_STANDING = (DisclosureState.HELD.value, DisclosureState.PUBLIC.value)


@dataclass(frozen=True)
class Release:
    """One version of a result that was released: what it said, as the fact that released it keeps it."""

    result_id: UUID
    said: Mapping[str, Any]


def disclose_result(session: Session, fact: AuditEntry) -> None:
    """React to a released result: that version becomes public, once, and older ones end."""
    disclose(session, [Release(UUID(fact.subject), fact.details)])


def disclose(session: Session, releases: Sequence[Release]) -> list[Disclosure]:
    """Make versions public, one of each result, in a handful of questions however many; what is disclosed already stays.

    A version that is older than one that was disclosed meanwhile is kept as corrected, so that it can be traced.
    """
    results = {each.id: each for each in _locked(session, [release.result_id for release in releases])}
    older: dict[UUID, list[Disclosure]] = {}
    for each in session.scalars(select(Disclosure).where(Disclosure.result_id.in_(results))):
        older.setdefault(each.result_id, []).append(each)
    wanted = [
        release
        for release in releases
        if release.said["version"] not in {each.version for each in older.get(release.result_id, ())}
    ]
    bodies = public_bodies(session, {release.result_id: release.said for release in wanted})
    rules = _rules(session, results.values())
    made = []
    for release in wanted:
        result = results[release.result_id]
        disclosure = _make(result, bodies[result.id], rules[result.organisation_id], release.said)
        session.add(disclosure)
        older.setdefault(result.id, []).append(disclosure)
        made.append(disclosure)
    session.flush()
    for disclosure in made:
        bureau = rules[disclosure.organisation_id]
        session.add_all(_publications(disclosure, results[disclosure.result_id], bureau))
    session.flush()
    for disclosure in made:
        _end_older(session, results[disclosure.result_id], older[disclosure.result_id])
        _tell(session, disclosure)
    public = [each.result_id for each in made if each.published_at is not None]
    meet(session, DeadlineKind.PUBLICATION, *public)
    session.flush()
    return made


def disclose_earlier(session: Session, most: int) -> int:
    """Disclose results that were released before there was publicity, `most` at a time; returns how many it was."""
    disclosed = exists().where(Disclosure.result_id == Result.id, Disclosure.version == Result.version)
    query = (
        select(ResultVersion)
        .join(Result, and_(Result.id == ResultVersion.result_id, Result.version == ResultVersion.version))
        .where(Result.state == ResultState.RELEASED.value, ~disclosed)
        .order_by(Result.id)
        .limit(most)
    )
    releases = [
        Release(
            each.result_id,
            {"codes": each.codes, "followup_codes": each.followup_codes, "version": each.version},
        )
        for each in session.scalars(query)
    ]
    return len(disclose(session, releases))


def follow_result(session: Session, fact: AuditEntry) -> None:
    """React to what became of a result: its end, an objection, what was decided. Its newest disclosure says so, too."""
    result = session.get_one(Result, UUID(fact.subject), with_for_update=True)
    disclosure = session.scalar(
        select(Disclosure).where(Disclosure.result_id == result.id, Disclosure.state.in_(_STANDING))
    )
    if disclosure is None:
        return
    closed_on = clock.day_of(result.closed_at) if result.closed_at else None
    if (disclosure.closed_on, disclosure.objection) != (closed_on, _standing_objection(result)):
        disclosure.closed_on, disclosure.objection = closed_on, _standing_objection(result)
        disclosure.changed_at = clock.now()
    if disclosure.state == DisclosureState.HELD.value and closed_on is not None:
        _publish(disclosure)
        for publication in publications_of(session, [disclosure.id]):
            _let_out(publication, clock.now())
        meet(session, DeadlineKind.PUBLICATION, result.id)
        session.flush()
        _tell(session, disclosure)


def publications_of(session: Session, disclosures: Sequence[UUID]) -> Sequence[Publication]:
    """List where some disclosures stand at each target."""
    query = select(Publication).where(Publication.disclosure_id.in_(disclosures))
    return session.scalars(query.order_by(Publication.disclosure_id, Publication.target)).all()


def end(session: Session, disclosure: Disclosure, state: DisclosureState, reason: Reason) -> None:
    """End a disclosure at every target: what is left of it for the public is that it was, and why it is not any more."""
    disclosure.state, disclosure.reason, disclosure.changed_at = state.value, reason.value, clock.now()
    ended = {
        DisclosureState.CORRECTED: PublicationState.CORRECTED,
        DisclosureState.WITHDRAWN: PublicationState.WITHDRAWN,
    }[state]
    session.flush()
    session.execute(
        update(Publication)
        .where(Publication.disclosure_id == disclosure.id)
        .values(state=ended.value, settled_at=clock.now())
    )


def _locked(session: Session, ids: Sequence[UUID]) -> Sequence[Result]:
    return session.scalars(
        select(Result).where(Result.id.in_(ids)).order_by(Result.id).with_for_update()
    ).all()


def _rules(session: Session, results: Iterable[Result]) -> dict[UUID, PublicityRules]:
    bureaus = {each.organisation_id for each in results}
    query = select(Organisation.id, Organisation.rules).where(Organisation.id.in_(bureaus))
    return {row.id: read_publicity_rules(row.rules) for row in session.execute(query)}


def _make(result: Result, body: Json, rules: PublicityRules, said: Mapping[str, Any]) -> Disclosure:
    outcome = outcome_of(said["codes"])
    disclosure = Disclosure(
        result_id=result.id,
        version=said["version"],
        region=result.region,
        organisation_id=result.organisation_id,
        name_key=name_key(body["object_name"]),
        uscc=body["uscc"],
        object_id=result.object_id,
        item_code=result.item_code,
        inspected_on=result.inspected_on,
        outcome=outcome.value,
        body=body,
        state=DisclosureState.HELD.value,
        objection=_standing_objection(result),
        closed_on=clock.day_of(result.closed_at) if result.closed_at else None,
        changed_at=clock.now(),
    )
    if not (outcome is Outcome.PROBLEM and rules.after_handling and result.closed_at is None):
        _publish(disclosure)
    return disclosure


def _publish(disclosure: Disclosure) -> None:
    disclosure.state = DisclosureState.PUBLIC.value
    disclosure.published_at = disclosure.changed_at = clock.now()


def _end_older(session: Session, result: Result, known: Sequence[Disclosure]) -> None:
    """Only the newest version stands; one that comes late, behind a newer one, has ended already."""
    newest = max(each.version for each in known)
    answered = result.objection == objections.ANSWERED
    for each in known:
        if each.version < newest and each.state in _STANDING:
            end(session, each, DisclosureState.CORRECTED, Reason.OBJECTION if answered else Reason.CORRECTED)


def _publications(disclosure: Disclosure, result: Result, rules: PublicityRules) -> list[Publication]:
    held = disclosure.state == DisclosureState.HELD.value
    made = []
    for target in rules.targets:
        publication = Publication(
            disclosure_id=disclosure.id,
            target=target.value,
            region=disclosure.region,
            state=PublicationState.NOT_DUE.value,
            due_on=result.publish_on,
            queued_at=disclosure.changed_at,
            errors=[],
        )
        if not held:
            _let_out(publication, disclosure.changed_at)
        made.append(publication)
    return made


def _let_out(publication: Publication, at: datetime) -> None:
    """What waited is due; on our own portal it is public with that."""
    publication.state = PublicationState.DUE.value
    if publication.target == Target.PORTAL.value:
        publication.state = PublicationState.ACKNOWLEDGED.value
        publication.sent_at = publication.settled_at = at


def _standing_objection(result: Result) -> str | None:
    standing = {ObjectionState.FILED.value, ObjectionState.UPHELD.value}
    return result.objection if result.objection in standing else None


def _tell(session: Session, disclosure: Disclosure) -> None:
    told = {"result": str(disclosure.result_id), "version": disclosure.version, "state": disclosure.state}
    audit.append(session, SYSTEM, "disclosure.written", ("disclosure", disclosure.id), told)
