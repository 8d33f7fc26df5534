"""Inspectors: people with a role in the field and a certificate that is valid on the day."""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation, Person
from server.db import Json
from server.problems import (
    CertificateTaken,
    LendingNotFound,
    LendingUnsound,
    OrganisationNotFound,
    PersonNotFound,
)
from server.registry.drafts import CertificateDraft, PageDraft
from server.registry.item_list import check_codes
from server.registry.models import Certificate, InspectorProfile, Lending, TrainingExam
from server.registry.standing import IN_THE_FIELD
from server.registry.states import row_as_json

#: What the library says of a person, by the names of its columns.
PAGE: Final = (*(each.name for each in fields(PageDraft)), "ended_on", "ended_because")


def enter_certificate(
    session: Session, actor: Actor, person_id: UUID, draft: CertificateDraft
) -> Certificate:
    """Enter a person's certificate, or bring the one of the same issuer and number up to date.

    Nothing happens where nothing is different.
    """
    person = _managed(session, actor, person_id)
    certificate = _known_certificate(session, person, draft)
    if certificate is not None and certificate.person_id != person.id:
        raise CertificateTaken(draft.number)
    before = row_as_json(certificate) if certificate else None
    certificate = certificate or Certificate(issuer=draft.issuer, number=draft.number, person_id=person.id)
    if before is None or draft.given is None or "valid_from" in draft.given:
        certificate.valid_from = draft.valid_from
    certificate.valid_to = draft.valid_to
    certificate.kind = draft.kind or certificate.kind
    if row_as_json(certificate) == before:
        return certificate
    session.add(certificate)
    session.flush()
    audit.append(
        session,
        actor,
        "certificate.entered",
        ("person", person.id),
        {"number": draft.number, "issuer": draft.issuer, "valid_to": draft.valid_to.isoformat()},
    )
    return certificate


def _known_certificate(session: Session, person: Person, draft: CertificateDraft) -> Certificate | None:
    """Find the certificate that a draft is of; where nobody said who issued it, the one of this number that they hold."""
    query = select(Certificate).where(Certificate.number == draft.number)
    named = session.scalar(query.where(Certificate.issuer == draft.issuer))
    if named is not None or draft.given is None or "issuer" in draft.given:
        return named
    held = session.scalars(query.where(Certificate.person_id == person.id)).all()
    return held[0] if len(held) == 1 else None


def enter_page(session: Session, actor: Actor, person_id: UUID, draft: PageDraft) -> InspectorProfile:
    """Enter what the library says of a person: scope, specialities, function, post and education.

    Nothing happens where nothing is different; who left the library is in it again. ItemNotFound names codes of the
    scope that are no items.
    """
    person = _managed(session, actor, person_id)
    check_codes(session, draft.scope or ())
    page = session.get(InspectorProfile, person.id) or InspectorProfile(person_id=person.id)
    is_new, before = page.region is None, row_as_json(page)
    page.region = person.region
    for name, value in asdict(draft).items():
        if value is not None:
            setattr(page, name, list(value) if isinstance(value, tuple) else value)
    page.ended_on = page.ended_because = None
    if not is_new and row_as_json(page) == before:
        return page
    session.add(page)
    session.flush()
    after = row_as_json(page)
    details = {"scope": page.scope, "tags": page.tags} | {
        "changed": sorted(name for name in after if after[name] != before[name])
    }
    audit.append(session, actor, "inspector.entered", ("person", person.id), details)
    return page


def end_page(session: Session, actor: Actor, person_id: UUID, reason: str) -> InspectorProfile:
    """Take a person out of the inspector library: drawn no more from today; the page and what it says stay."""
    person = _managed(session, actor, person_id)
    page = session.get(InspectorProfile, person.id) or InspectorProfile(person_id=person.id)
    if page.ended_on:
        return page
    page.region, page.ended_on, page.ended_because = person.region, clock.today(), reason
    session.add(page)
    session.flush()
    audit.append(session, actor, "inspector.removed", ("person", person.id), {"reason": reason})
    return page


def _managed(session: Session, actor: Actor, person_id: UUID) -> Person:
    """Find a person whom the actor may manage; PersonNotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise PersonNotFound()
    require(actor, Permission.PERSON_MANAGE, person)
    return person


def show_page(session: Session, actor: Actor, person_id: UUID) -> Json:
    """Tell all that the library says of a person: the page, certificates also of former times, exams of each year."""
    require(actor, Permission.PERSON_READ)
    person = session.scalar(select(Person).where(within(actor, Person.region), Person.id == person_id))
    if person is None:
        raise PersonNotFound()
    page = session.get(InspectorProfile, person.id)
    exams = select(TrainingExam).where(TrainingExam.person_id == person.id)
    said = {each: getattr(page, each) for each in PAGE} if page else {}
    return said | {
        "person_id": person.id,
        "username": person.username,
        "name": person.name,
        "roles": person.roles,
        "active": person.active,
        "in_library": page is not None and page.ended_on is None,
        "certificates": certificates_of(session, [person.id])[person.id],
        "exams": list(session.scalars(exams.order_by(TrainingExam.year.desc()))),
    }


def enter_exam(
    session: Session, actor: Actor, person_id: UUID, year: int, *, passed: bool, held_on: date | None = None
) -> TrainingExam:
    """Enter how a person did in a year's training exam; nothing happens where nothing is different."""
    person = _managed(session, actor, person_id)
    exam = session.get(TrainingExam, (person.id, year)) or TrainingExam(person_id=person.id, year=year)
    if (exam.passed, exam.held_on) == (passed, held_on):
        return exam
    exam.passed, exam.held_on = passed, held_on
    session.add(exam)
    session.flush()
    audit.append(session, actor, "exam.entered", ("person", person.id), {"year": year, "passed": passed})
    return exam


def lend_inspector(
    session: Session,
    actor: Actor,
    person_id: UUID,
    organisation_id: UUID,
    *,
    first_day: date,
    last_day: date,
    reason: str,
) -> Lending:
    """Lend an inspector to another bureau for some days (支队执法人员支援); the lender's administrator says so.

    LendingUnsound where it ends before it begins, or the person belongs to that bureau.
    """
    person = _managed(session, actor, person_id)
    bureau = session.get(Organisation, organisation_id)
    if bureau is None:
        raise OrganisationNotFound()
    if last_day < first_day:
        raise LendingUnsound("结束早于开始", "it ends before it begins")
    if bureau.id == person.organisation_id:
        raise LendingUnsound("该人员就在该单位", "the person belongs to that bureau")
    lending = Lending(
        person_id=person.id,
        organisation_id=bureau.id,
        region=bureau.region,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
    )
    session.add(lending)
    session.flush()
    details = {"to": bureau.name, "first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    audit.append(session, actor, "inspector.lent", ("person", person.id), details | {"reason": reason})
    return lending


def end_lending(session: Session, actor: Actor, lending_id: UUID, last_day: date) -> Lending:
    """End a lending earlier, with a day; one that had not begun yet never was."""
    lending = session.get(Lending, lending_id)
    if lending is None:
        raise LendingNotFound()
    person = session.get_one(Person, lending.person_id)
    require(actor, Permission.PERSON_MANAGE, person)
    lending.last_day = min(lending.last_day, last_day)
    session.flush()
    details = {"last_day": lending.last_day.isoformat()}
    audit.append(session, actor, "inspector.returned", ("person", person.id), details)
    return lending


def bureaus(session: Session, actor: Actor) -> list[Organisation]:
    """List all bureaus by region: people are lent over the borders of jurisdictions, too."""
    require(actor, Permission.PERSON_READ)
    return list(session.scalars(select(Organisation).order_by(Organisation.region, Organisation.name)))


def lent_within(actor: Actor, on: date) -> Select[UUID]:
    """Select the ids of who is lent into the jurisdiction on a day."""
    lasts = (Lending.first_day <= on, Lending.last_day >= on)
    return select(Lending.person_id).where(within(actor, Lending.region), *lasts)


def lendings_within(session: Session, actor: Actor) -> list[Lending]:
    """List the lendings to and from the jurisdiction, the newest first."""
    require(actor, Permission.PERSON_READ)
    own = select(Person.id).where(within(actor, Person.region))
    query = select(Lending).where(or_(within(actor, Lending.region), Lending.person_id.in_(own)))
    return list(session.scalars(query.order_by(Lending.first_day.desc(), Lending.id)))


def valid_certificate(session: Session, person_id: UUID, on: date) -> Certificate | None:
    """Return a person's certificate that is valid on a day, the one that lasts longest."""
    return valid_certificates(session, [person_id], on).get(person_id)


def valid_certificates(session: Session, person_ids: Collection[UUID], on: date) -> dict[UUID, Certificate]:
    """Return for each person who has one the certificate valid on a day, in one query."""
    query = (
        select(Certificate)
        .where(
            Certificate.person_id.in_(person_ids), Certificate.valid_from <= on, Certificate.valid_to >= on
        )
        .order_by(Certificate.valid_to, Certificate.number)
    )
    return {certificate.person_id: certificate for certificate in session.scalars(query)}


def inspectors_within(actor: Actor) -> Select[Person]:
    """Select the inspectors of the jurisdiction: active people with a role in the field."""
    require(actor, Permission.PERSON_READ)
    roles = cast(Person.roles, String)
    in_the_field = or_(*(roles.contains(f'"{role}"') for role in sorted(IN_THE_FIELD)))
    return select(Person).where(within(actor, Person.region), Person.active, in_the_field)


def certificates_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, list[Certificate]]:
    """Return all certificates of each of some people in one query, the one that lasts longest last."""
    held: dict[UUID, list[Certificate]] = {person_id: [] for person_id in person_ids}
    query = select(Certificate).where(Certificate.person_id.in_(held))
    for certificate in session.scalars(query.order_by(Certificate.valid_to, Certificate.number)):
        held[certificate.person_id].append(certificate)
    return held


def inspectors_named(session: Session, actor: Actor, name: str, number: str | None) -> list[Person]:
    """Find the inspectors of the jurisdiction that a platform means: by certificate number, else by name."""
    query = select(Person).where(within(actor, Person.region), Person.active).order_by(Person.username)
    if number:
        holders = select(Certificate.person_id).where(Certificate.number == number)
        query = query.where(Person.id.in_(holders))
    else:
        query = query.where(Person.name == name)
    return [person for person in session.scalars(query) if IN_THE_FIELD & set(person.roles)]
