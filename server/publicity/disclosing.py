"""What a released result sets in motion: it becomes public, takes the place of what was, and goes with its result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.db import Json
from server.publicity.models import PUBLISHED, Disclosure, DisclosureState, Publication, PublicationState
from server.publicity.rules import PublicityRules, Reason, read_publicity_rules
from server.publicity.searching import name_key
from server.publicity.standing import (
    begin,
    end,
    follow,
    is_held,
    lasting_reason,
    locked_publications,
    tell,
)
from server.publicity.whitelist import outcome_of, public_bodies
from server.results import objections
from server.results.deadlines import DeadlineKind
from server.results.keeping import meet
from server.results.models import Result, ResultState, ResultVersion

_STANDING = (DisclosureState.HELD.value, *PUBLISHED)


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
        disclosure = _make(result, bodies[result.id], release.said)
        known = older.setdefault(result.id, [])
        session.add_all([disclosure, *_stand(disclosure, result, rules[result.organisation_id], known)])
        known.append(disclosure)
        made.append(disclosure)
    session.flush()
    for disclosure in made:
        _end_older(session, results[disclosure.result_id], older[disclosure.result_id])
        tell(session, disclosure)
    _meet(session, made, older)
    session.flush()
    return made


def _meet(session: Session, made: Sequence[Disclosure], known: Mapping[UUID, Sequence[Disclosure]]) -> None:
    """Note since when results are public: a version before, which had no term, may have been it for long."""
    days: dict[date, list[UUID]] = {}
    for disclosure in made:
        if disclosure.state == DisclosureState.PUBLIC.value:
            since = [each.published_at for each in known[disclosure.result_id] if each.published_at]
            days.setdefault(clock.day_of(min(since)), []).append(disclosure.result_id)
    for day, public in days.items():
        meet(session, DeadlineKind.PUBLICATION, *public, on=day)


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
    if follow(disclosure, result):
        disclosure.changed_at = clock.now()
    if disclosure.state == DisclosureState.HELD.value and disclosure.closed_on is not None:
        begin(disclosure, locked_publications(session, disclosure.id))
        if disclosure.state == DisclosureState.PUBLIC.value:
            meet(session, DeadlineKind.PUBLICATION, result.id)
        session.flush()
        tell(session, disclosure)


def _locked(session: Session, ids: Sequence[UUID]) -> Sequence[Result]:
    return session.scalars(
        select(Result).where(Result.id.in_(ids)).order_by(Result.id).with_for_update()
    ).all()


def _rules(session: Session, results: Iterable[Result]) -> dict[UUID, PublicityRules]:
    bureaus = {each.organisation_id for each in results}
    query = select(Organisation.id, Organisation.rules).where(Organisation.id.in_(bureaus))
    return {row.id: read_publicity_rules(row.rules) for row in session.execute(query)}


def _make(result: Result, body: Json, said: Mapping[str, Any]) -> Disclosure:
    disclosure = Disclosure(
        id=uuid4(),
        result_id=result.id,
        version=said["version"],
        region=result.region,
        organisation_id=result.organisation_id,
        name_key=name_key(body["object_name"]),
        uscc=body["uscc"],
        object_id=result.object_id,
        item_code=result.item_code,
        inspected_on=result.inspected_on,
        outcome=outcome_of(said["codes"]).value,
        body=body,
        state=DisclosureState.HELD.value,
        changed_at=clock.now(),
    )
    follow(disclosure, result)
    return disclosure


def _stand(
    disclosure: Disclosure, result: Result, rules: PublicityRules, known: Sequence[Disclosure]
) -> list[Publication]:
    """Let a new disclosure be public, wait, or be kept back with what was taken back before; returns its publications."""
    publications = _publications(disclosure, result, rules)
    reason = lasting_reason(known)
    if reason is not None:
        end(disclosure, publications, DisclosureState.WITHDRAWN, reason)
    elif not is_held(disclosure, result, rules):
        begin(disclosure, publications)
    return publications


def _end_older(session: Session, result: Result, known: Sequence[Disclosure]) -> None:
    """Only the newest version stands; one that comes late, behind a newer one, has ended already."""
    newest = max(each.version for each in known)
    answered = result.objection == objections.ANSWERED
    for each in known:
        if each.version < newest and each.state in _STANDING:
            reason = Reason.OBJECTION if answered else Reason.CORRECTED
            end(each, locked_publications(session, each.id), DisclosureState.CORRECTED, reason)


def _publications(disclosure: Disclosure, result: Result, rules: PublicityRules) -> list[Publication]:
    return [
        Publication(
            disclosure_id=disclosure.id,
            target=target.value,
            region=disclosure.region,
            state=PublicationState.NOT_DUE.value,
            due_on=result.publish_on,
            queued_at=disclosure.changed_at,
            errors=[],
        )
        for target in rules.targets
    ]
