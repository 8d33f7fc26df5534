"""People who can sign in: who is added, what changes about them, and whether they are still with us.

Nobody changes their own rights, and somebody who may manage people always remains.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from server import audit, clock
from server.access import Actor, Permission, Role, require
from server.accounts.models import Organisation, Person, SignInSession
from server.db import Json
from server.problems import (
    OrganisationEnded,
    OrganisationNotFound,
    PersonLastAdministrator,
    PersonNotFound,
    PersonOwnRights,
    PersonUsernameTaken,
)

#: What a user name looks like.
USERNAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{1,59}\Z"


@dataclass(frozen=True)
class PersonChange:
    """What is to be different; None stays as it is."""

    name: str | None = None
    roles: frozenset[Role] | None = None
    organisation_id: UUID | None = None
    active: bool | None = None


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to be able to sign in; the password is theirs to set, with a one-time code."""

    username: str
    name: str
    roles: frozenset[Role]
    organisation_id: UUID


def add_newcomer(session: Session, actor: Actor, newcomer: Newcomer, hashed: str) -> Person:
    """Add somebody to an organisation of the jurisdiction. `hashed`: of a password that nobody knows."""
    require(actor, Permission.PERSON_MANAGE)
    organisation = _organisation(session, actor, newcomer.organisation_id)
    if session.scalar(select(Person.id).where(Person.username == newcomer.username)):
        raise PersonUsernameTaken()
    roles = sorted(newcomer.roles)
    person = Person(
        username=newcomer.username,
        name=newcomer.name,
        password_hash=hashed,
        roles=roles,
        organisation_id=organisation.id,
        region=organisation.region,
    )
    session.add(person)
    session.flush()
    details = {"username": person.username, "name": person.name, "roles": roles}
    audit.append(
        session,
        actor,
        "person.added",
        ("person", person.id),
        details | {"organisation": str(organisation.id)},
    )
    return person


def find_person(session: Session, actor: Actor, person_id: UUID, permission: Permission) -> Person:
    """Load a person of the jurisdiction, as they are now, for who holds a permission over them."""
    person = session.get(Person, person_id)
    if person is None:
        raise PersonNotFound()
    require(actor, permission, person)
    return person


def holding(roles: Collection[Role]) -> ColumnElement[bool]:
    """Filter people to those who hold one of some roles."""
    held = cast(Person.roles, String)
    return or_(*(held.contains(f'"{role}"') for role in sorted(roles)))


def change_person(session: Session, actor: Actor, person_id: UUID, change: PersonChange) -> Person:
    """Change a person of the jurisdiction, who may be sent to an organisation within it.

    Their channels follow at the next pull. The tasks they are on stay theirs until a planner gives them to somebody
    else, and what they did is taken whatever they are now. Who is no longer active is signed out everywhere.
    """
    person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise PersonNotFound()
    require(actor, Permission.PERSON_MANAGE, person)
    if person.id == actor.person_id and (change.roles is not None or change.active is False):
        raise PersonOwnRights()
    if change.active is False or (change.roles is not None and Role.ADMIN not in change.roles):
        _keep_an_administrator(session, person)
    details = _fill(session, actor, person, change)
    session.flush()
    if details:
        audit.append(session, actor, "person.changed", ("person", person.id), details)
    return person


def _fill(session: Session, actor: Actor, person: Person, change: PersonChange) -> Json:
    """Change what differs and tell it."""
    details: Json = {}
    was: Json = {"name": person.name, "roles": person.roles, "region": person.region, "active": person.active}
    was["organisation"] = str(person.organisation_id)
    if change.name is not None and change.name != person.name:
        person.name = details["name"] = change.name
    if change.roles is not None and change.roles != set(person.roles):
        person.roles = details["roles"] = sorted(change.roles)
    if change.organisation_id is not None and change.organisation_id != person.organisation_id:
        organisation = _organisation(session, actor, change.organisation_id)
        person.organisation_id, person.region = organisation.id, organisation.region
        details |= {"organisation": str(organisation.id), "region": organisation.region}
    if change.active is not None and change.active != person.active:
        person.active = details["active"] = change.active
        if not change.active:
            end_sessions(session, person)
    return details | {"before": {name: was[name] for name in details}} if details else details


def _organisation(session: Session, actor: Actor, organisation_id: UUID) -> Organisation:
    # Held, so that it is not ended meanwhile.
    organisation = session.get(
        Organisation, organisation_id, with_for_update={"read": True}, populate_existing=True
    )
    if organisation is None:
        raise OrganisationNotFound()
    require(actor, Permission.PERSON_MANAGE, organisation)
    if organisation.ended_at is not None:
        raise OrganisationEnded()
    return organisation


def _keep_an_administrator(session: Session, person: Person) -> None:
    """Refuse to take the last administrator. All of them are held, so that two can't end each other at once."""
    administrators = select(Person).where(Person.active, holding({Role.ADMIN})).order_by(Person.id)
    held = session.scalars(administrators.with_for_update().execution_options(populate_existing=True)).all()
    if [each.id for each in held] == [person.id]:
        raise PersonLastAdministrator()


def end_sessions(session: Session, person: Person) -> None:
    """Sign a person out everywhere."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
