"""Inspectors: people with a role in the field and a certificate that is valid on the day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require, within
from server.accounts.models import Person
from server.problems import CertificateTaken
from server.registry.drafts import CertificateDraft
from server.registry.models import Certificate
from server.registry.standing import IN_THE_FIELD


def enter_certificate(
    session: Session, actor: Actor, person_id: UUID, draft: CertificateDraft
) -> Certificate:
    """Enter a person's certificate, or bring the one of the same issuer and number up to date."""
    person = session.get_one(Person, person_id)
    require(actor, Permission.PERSON_MANAGE, person)
    certificate = session.scalar(
        select(Certificate).where(Certificate.issuer == draft.issuer, Certificate.number == draft.number)
    )
    if certificate is not None and certificate.person_id != person.id:
        raise CertificateTaken(draft.number)
    certificate = certificate or Certificate(issuer=draft.issuer, number=draft.number, person_id=person.id)
    certificate.valid_from, certificate.valid_to = draft.valid_from, draft.valid_to
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


def inspectors_within(session: Session, actor: Actor) -> list[tuple[Person, list[Certificate]]]:
    """List the inspectors of the jurisdiction with all their certificates."""
    require(actor, Permission.PERSON_READ)
    query = select(Person).where(within(actor, Person.region), Person.active).order_by(Person.username)
    people = [person for person in session.scalars(query) if IN_THE_FIELD & set(person.roles)]
    held: dict[UUID, list[Certificate]] = {person.id: [] for person in people}
    certificates = select(Certificate).where(Certificate.person_id.in_(held)).order_by(Certificate.valid_to)
    for certificate in session.scalars(certificates):
        held[certificate.person_id].append(certificate)
    return [(person, held[person.id]) for person in people]


def inspectors_named(session: Session, actor: Actor, name: str, number: str | None) -> list[Person]:
    """Find the inspectors of the jurisdiction that a platform means: by certificate number, else by name."""
    query = select(Person).where(within(actor, Person.region), Person.active).order_by(Person.username)
    if number:
        holders = select(Certificate.person_id).where(Certificate.number == number)
        query = query.where(Person.id.in_(holders))
    else:
        query = query.where(Person.name == name)
    return [person for person in session.scalars(query) if IN_THE_FIELD & set(person.roles)]
