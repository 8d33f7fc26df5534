"""Changing what a person is: name, roles, organisation, and whether they are still with us."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, Role, require
from server.accounts.models import Organisation, Person, SignInSession
from server.db import Json
from server.problems import OrganisationNotFound, PersonNotFound, PersonOwnRights


@dataclass(frozen=True)
class PersonChange:
    """What is to be different; None stays as it is."""

    name: str | None = None
    roles: frozenset[Role] | None = None
    organisation_id: UUID | None = None
    active: bool | None = None


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
    details = _fill(session, actor, person, change)
    session.flush()
    if details:
        audit.append(session, actor, "person.changed", ("person", person.id), details)
    return person


def _fill(session: Session, actor: Actor, person: Person, change: PersonChange) -> Json:
    """Change what differs and tell it."""
    details: Json = {}
    if change.name is not None and change.name != person.name:
        person.name = details["name"] = change.name
    if change.roles is not None and change.roles != set(person.roles):
        person.roles = details["roles"] = sorted(change.roles)
    if change.organisation_id is not None and change.organisation_id != person.organisation_id:
        organisation = session.get(Organisation, change.organisation_id)
        if organisation is None:
            raise OrganisationNotFound()
        require(actor, Permission.PERSON_MANAGE, organisation)
        person.organisation_id, person.region = organisation.id, organisation.region
        details |= {"organisation": str(organisation.id), "region": organisation.region}
    if change.active is not None and change.active != person.active:
        person.active = details["active"] = change.active
        if not change.active:
            end_sessions(session, person)
    return details


def end_sessions(session: Session, person: Person) -> None:
    """Sign a person out everywhere."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
