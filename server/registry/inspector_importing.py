"""Importing inspectors with their certificates, exams and what the library says of them.

A person is known by user name. Someone new gets a password that nobody knows, until an administrator sets
one: being in the library is not yet being able to sign in.
"""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, Role, require
from server.accounts.models import Organisation, Person
from server.accounts.passwords import hash_password
from server.accounts.service import add_person
from server.db import Json
from server.problems import InspectorNameDiffers, PersonOwnRights
from server.registry.drafts import CertificateDraft, PageDraft
from server.registry.import_report import ImportReport
from server.registry.inspector_reading import ImportedInspector, read_inspectors
from server.registry.inspectors import enter_certificate, enter_exam, enter_page
from server.registry.item_list import codes_by_spelling
from server.registry.models import Certificate, InspectorProfile, TrainingExam
from server.registry.states import Entered, row_as_json, row_with_its_end
from server.workbook import Sheet

_OF_THE_ACCOUNT = ("name", "roles", "active")


def ask(session: Session, actor: Actor) -> tuple[str, Mapping[str, str]]:
    """Ask what reading needs: who issued a certificate where nobody is written, and the items by spelling."""
    return session.get_one(Organisation, actor.organisation_id).name, codes_by_spelling(session)


def read(
    sheets: Sequence[Sheet], asked: tuple[str, Mapping[str, str]], report: ImportReport
) -> list[tuple[int, ImportedInspector]]:
    """Read the rows of inspectors."""
    issuer, codes = asked
    imported = read_inspectors(sheets, issuer, codes, report)
    return [(each.row, each) for each in imported]


def enter(session: Session, actor: Actor, imported: ImportedInspector, _known: object) -> Entered:
    """Enter an inspector into the actor's organisation, or bring what is known of them up to date."""
    person = session.scalar(select(Person).where(Person.username == imported.username))
    before = inspector_state(session, person) if person else {}
    person = person or _add(session, actor, imported)
    require(actor, Permission.PERSON_MANAGE, person)
    if person.name != imported.name:
        raise InspectorNameDiffers(imported.username)
    role = imported.role or _role_of(person)
    if role.value not in person.roles:
        if person.id == actor.person_id:
            raise PersonOwnRights()
        person.roles = [*person.roles, role.value]
        audit.append(session, actor, "person.changed", ("person", person.id), {"roles": person.roles})
    for certificate in imported.certificates:
        enter_certificate(session, actor, person.id, certificate)
    enter_page(session, actor, person.id, imported.page)
    for year, passed in imported.exams.items():
        enter_exam(session, actor, person.id, year, passed=passed)
    return Entered(str(person.id), person.name, before, inspector_state(session, person))


def add_inspector(
    session: Session,
    actor: Actor,
    username: str,
    name: str,
    role: Role,
    page: PageDraft,
    certificates: Sequence[CertificateDraft],
) -> Person:
    """Enter one inspector by hand, as an import would: somebody new, or who has an account of that name already."""
    one = ImportedInspector(0, username, name, role, tuple(certificates), page, {})
    entered = enter(session, actor, one, None)
    return session.get_one(Person, UUID(entered.subject))


def inspector_state(session: Session, person: Person) -> Json:
    """Write what an import may change of a person."""
    page = session.get(InspectorProfile, person.id)
    certificates = select(Certificate).where(Certificate.person_id == person.id)
    exams = select(TrainingExam).where(TrainingExam.person_id == person.id)
    return {
        "person": {name: getattr(person, name) for name in _OF_THE_ACCOUNT},
        "page": row_with_its_end(page) if page else None,
        "certificates": [
            row_as_json(each) for each in session.scalars(certificates.order_by(Certificate.id))
        ],
        "exams": [row_as_json(each) for each in session.scalars(exams.order_by(TrainingExam.year))],
    }


def _role_of(person: Person) -> Role:
    """Say as what somebody inspects of whom nobody said it: as before, else as an inspector."""
    return Role.LEAD if Role.LEAD.value in person.roles else Role.INSPECTOR


def _add(session: Session, actor: Actor, imported: ImportedInspector) -> Person:
    organisation = session.get_one(Organisation, actor.organisation_id)
    person = add_person(
        session,
        imported.username,
        imported.name,
        "",
        [imported.role or Role.INSPECTOR],
        organisation,
        hashed=_nobodys(),
    )
    details = {"roles": person.roles, "name": person.name}
    audit.append(session, actor, "person.added", ("person", person.id), details)
    return person


@cache
def _nobodys() -> str:
    """Hash a password that nobody knows, once: hashing is slow on purpose."""
    return hash_password(secrets.token_urlsafe(32))
