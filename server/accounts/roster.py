"""The accounts of a jurisdiction as a list, and where each is signed in."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, Role, found_within, require, walked_in, walked_within
from server.accounts.models import Device, Organisation, Person, PersonTerm, Region, SignInSession
from server.accounts.people import end_sessions, find_person, holding
from server.problems import SessionNotFound
from server.terms import few_labelled, few_named


@dataclass(frozen=True)
class Wanted:
    """Which people; None and empty: all of them. `text`: part of a name or user name. `region`: it and what lies in it."""

    text: str = ""
    roles: frozenset[Role] = frozenset()
    region: str | None = None
    organisation_id: UUID | None = None
    active: bool | None = None
    ids: frozenset[UUID] = frozenset()


def people_within(session: Session, actor: Actor, wanted: Wanted) -> Select[Person]:
    """Select people of the jurisdiction, to be read by user name."""
    require(actor, Permission.PERSON_READ)
    few = _few(session, wanted)
    query = select(Person).where((walked_within if few is None else found_within)(actor, Person.region))
    if few is not None:
        query = query.where(Person.id.in_(few))
    if wanted.text:
        text = wanted.text.lower()
        query = query.where(
            or_(
                *(func.lower(each).contains(text, autoescape=True) for each in (Person.name, Person.username))
            )
        )
    if wanted.roles:
        query = query.where(holding(wanted.roles))
    if wanted.region:
        query = query.where(walked_in(wanted.region, Person.region))
    if wanted.organisation_id:
        query = query.where(Person.organisation_id == wanted.organisation_id)
    if wanted.active is not None:
        query = query.where(Person.active == wanted.active)
    return query.where(Person.id.in_(wanted.ids)) if wanted.ids else query


def _few(session: Session, wanted: Wanted) -> list[UUID] | None:
    """Find the people among whom all are that were asked for, where it is seen at once that they are few."""
    few = few_named(session, PersonTerm.person_id, wanted.text) if wanted.text else None
    if few is None and wanted.roles:
        few = few_labelled(session, PersonTerm.person_id, wanted.roles)
    return few


@dataclass(frozen=True)
class Names:
    """What organisations and regions of some people are called."""

    organisations: dict[UUID, str]
    regions: dict[str, str]


def names_for(session: Session, people: Collection[Person]) -> Names:
    """Fetch the names of the organisations and regions of some people, in two questions."""
    organisations = {each.organisation_id for each in people}
    regions = {each.region for each in people}
    by_id = select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisations))
    by_code = select(Region.code, Region.name).where(Region.code.in_(regions))
    return Names(
        {row.id: row.name for row in session.execute(by_id)},
        {row.code: row.name for row in session.execute(by_code)},
    )


def sessions_of(session: Session, actor: Actor, person_id: UUID) -> list[tuple[SignInSession, str | None]]:
    """List where a person is signed in, the last renewed first: each session with the name of its device."""
    person = find_person(session, actor, person_id, Permission.PERSON_MANAGE)
    its_device = and_(Device.id == SignInSession.device_id, Device.person_id == SignInSession.person_id)
    query = (
        select(SignInSession, Device.name)
        .outerjoin(Device, its_device)
        .where(
            SignInSession.person_id == person.id,
            SignInSession.ended_at.is_(None),
            SignInSession.refresh_expires > clock.now(),
        )
        .order_by(SignInSession.refresh_expires.desc(), SignInSession.id)
    )
    return [(row, name) for row, name in session.execute(query)]


def end_all_sessions(session: Session, actor: Actor, person_id: UUID) -> None:
    """Sign a person of the jurisdiction out everywhere. What their phones hold stays there and is sent later."""
    person = find_person(session, actor, person_id, Permission.PERSON_MANAGE)
    end_sessions(session, person)
    audit.append(session, actor, "person.signed-out", ("person", person.id))


def end_one_session(session: Session, actor: Actor, person_id: UUID, family: UUID) -> None:
    """End one sign-in of a person with all that descends from it."""
    person = find_person(session, actor, person_id, Permission.PERSON_MANAGE)
    alive = (
        SignInSession.person_id == person.id,
        SignInSession.family == family,
        SignInSession.ended_at.is_(None),
    )
    ended = session.scalars(
        update(SignInSession).where(*alive).values(ended_at=clock.now()).returning(SignInSession.device_id)
    ).all()
    if not ended:
        raise SessionNotFound()
    details = {"device": str(ended[0]) if ended[0] else None}
    audit.append(session, actor, "person.signed-out", ("person", person.id), details)
