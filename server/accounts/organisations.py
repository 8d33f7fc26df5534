"""Organisations and the regions that they govern: added, renamed, moved, ended; what a move changes before it is made.

What somebody sees follows from the region of their organisation. So a move is of its people: the work that was done
keeps the region it was done in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, Role, region_bounds, require, within
from server.accounts.models import Organisation, Person, Region
from server.accounts.people import holding
from server.db import Json
from server.problems import (
    OrganisationInUse,
    OrganisationNameTaken,
    OrganisationNotFound,
    RegionKnown,
    RegionNotFound,
)


@dataclass(frozen=True)
class OrganisationDraft:
    """What is to be different about an organisation; None stays as it is."""

    name: str | None = None
    region: str | None = None
    ended: bool | None = None


@dataclass(frozen=True)
class Governed:
    """A region as somebody's jurisdiction is asked about it."""

    region: str


@dataclass(frozen=True)
class Moving:
    """What a move to another region changes: how many `people` it moves, and organisations by name.

    `sees_now` and `sees_no_more`: whose work and people those of the moved one begin and cease to see. `seen_by_now`
    and `seen_no_more_by`: whose administrators begin and cease to look after them.
    """

    people: int
    sees_now: list[str]
    sees_no_more: list[str]
    seen_by_now: list[str]
    seen_no_more_by: list[str]


def organisations_within(session: Session, actor: Actor) -> Sequence[tuple[Organisation, int]]:
    """List the organisations of the jurisdiction by region and name, each with how many active people it has."""
    require(actor, Permission.PERSON_READ)
    people = func.count(Person.id).filter(Person.active)
    query = (
        select(Organisation, people)
        .outerjoin(Person, Person.organisation_id == Organisation.id)
        .where(within(actor, Organisation.region))
        .group_by(Organisation.id)
        .order_by(Organisation.region, Organisation.name)
    )
    return [(organisation, count) for organisation, count in session.execute(query)]


def regions(session: Session, actor: Actor) -> Sequence[Region]:
    """List all regions by their codes: they are public, and a tree needs what stands above one."""
    require(actor, Permission.PERSON_READ)
    return session.scalars(select(Region).order_by(Region.code)).all()


def add_organisation(session: Session, actor: Actor, name: str, region: str) -> Organisation:
    """Add an organisation to a region of the jurisdiction."""
    require(actor, Permission.PERSON_MANAGE, Governed(region))
    _refuse_unknown(session, region)
    _refuse_taken(session, name)
    organisation = Organisation(name=name, region=region)
    session.add(organisation)
    session.flush()
    details = {"name": name, "region": region}
    audit.append(session, actor, "organisation.added", ("organisation", organisation.id), details)
    return organisation


def change_organisation(
    session: Session, actor: Actor, organisation_id: UUID, change: OrganisationDraft
) -> Organisation:
    """Rename an organisation, move it with its people to another region of the jurisdiction, or end it.

    One with people is not ended (OrganisationInUse); one that was ended may be used again.
    """
    organisation = find_organisation(session, actor, organisation_id, hold=True)
    before = _as_it_is(organisation)
    if change.name is not None and change.name != organisation.name:
        _refuse_taken(session, change.name)
        organisation.name = change.name
    if change.region is not None and change.region != organisation.region:
        require(actor, Permission.PERSON_MANAGE, Governed(change.region))
        _refuse_unknown(session, change.region)
        organisation.region = change.region
        moved = update(Person).where(Person.organisation_id == organisation.id)
        session.execute(moved.values(region=change.region))
    if change.ended is not None and change.ended != (organisation.ended_at is not None):
        if change.ended and _people_of(session, organisation):
            raise OrganisationInUse()
        organisation.ended_at = clock.now() if change.ended else None
    session.flush()
    now = _as_it_is(organisation)
    different = {name: value for name, value in now.items() if value != before[name]}
    if different:
        told = different | {"before": {name: before[name] for name in different}}
        audit.append(session, actor, "organisation.changed", ("organisation", organisation.id), told)
    return organisation


def moving(session: Session, actor: Actor, organisation_id: UUID, region: str) -> Moving:
    """Say what it would change to move an organisation to a region; nothing is changed."""
    organisation = find_organisation(session, actor, organisation_id)
    require(actor, Permission.PERSON_MANAGE, Governed(region))
    _refuse_unknown(session, region)
    others = session.scalars(
        select(Organisation)
        .where(within(actor, Organisation.region), Organisation.id != organisation.id)
        .order_by(Organisation.region, Organisation.name)
    ).all()
    administered = set(
        session.scalars(select(Person.organisation_id).where(Person.active, holding({Role.ADMIN})))
    )
    was, will = organisation.region, region
    above = [each for each in others if each.id in administered]
    return Moving(
        people=_people_of(session, organisation),
        sees_now=[each.name for each in others if _lies(each.region, will) and not _lies(each.region, was)],
        sees_no_more=[
            each.name for each in others if _lies(each.region, was) and not _lies(each.region, will)
        ],
        seen_by_now=[each.name for each in above if _lies(will, each.region) and not _lies(was, each.region)],
        seen_no_more_by=[
            each.name for each in above if _lies(was, each.region) and not _lies(will, each.region)
        ],
    )


def add_region(session: Session, actor: Actor, code: str, name: str, parent: str | None) -> Region:
    """Add a region of the jurisdiction."""
    require(actor, Permission.PERSON_MANAGE, Governed(code))
    if session.get(Region, code) is not None:
        raise RegionKnown()
    if parent is not None:
        _refuse_unknown(session, parent)
    region = Region(code=code, name=name, parent=parent)
    session.add(region)
    session.flush()
    audit.append(session, actor, "region.added", ("region", code), {"name": name, "parent": parent})
    return region


def rename_region(session: Session, actor: Actor, code: str, name: str) -> Region:
    """Rename a region of the jurisdiction."""
    require(actor, Permission.PERSON_MANAGE, Governed(code))
    region = find_region(session, code)
    if region.name != name:
        before, region.name = region.name, name
        session.flush()
        audit.append(
            session, actor, "region.renamed", ("region", code), {"name": name, "before": {"name": before}}
        )
    return region


def find_region(session: Session, code: str) -> Region:
    """Load a region that is there, and hold it."""
    region = session.get(Region, code, with_for_update=True)
    if region is None:
        raise RegionNotFound(code)
    return region


def find_organisation(
    session: Session, actor: Actor, organisation_id: UUID, *, hold: bool = False
) -> Organisation:
    """Load an organisation that the actor looks after; `hold`: until the transaction ends."""
    organisation = session.get(Organisation, organisation_id, with_for_update=hold)
    if organisation is None:
        raise OrganisationNotFound()
    require(actor, Permission.PERSON_MANAGE, organisation)
    return organisation


def _as_it_is(organisation: Organisation) -> Json:
    ended = organisation.ended_at is not None
    return {"name": organisation.name, "region": organisation.region, "ended": ended}


def _people_of(session: Session, organisation: Organisation) -> int:
    """Count those of an organisation who can sign in."""
    active = (Person.organisation_id == organisation.id, Person.active)
    return session.scalar(select(func.count()).where(*active)) or 0


def _lies(region: str, above: str) -> bool:
    first, last = region_bounds(above)
    return first <= region <= last


def _refuse_unknown(session: Session, region: str) -> None:
    if session.get(Region, region) is None:
        raise RegionNotFound(region)


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(Organisation.id).where(Organisation.name == name)):
        raise OrganisationNameTaken()
