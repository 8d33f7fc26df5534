"""The phones of a jurisdiction as a list: whose they are, what each said of itself last, and how its key stands.

Of when a phone was there no more is kept than the last time (binding rule: no online time, no tracking). That is why a
standing is written over and not in the audit log, see docs/decisions/0044.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor, Permission, require, walked_within
from server.accounts.models import Device, DeviceKey, DeviceStanding, DeviceTerm, Person, PersonTerm
from server.db import Json
from server.problems import DeviceNotFound
from server.terms import few_named

_Pair = tuple[UUID, UUID]  # device, person


class KeyState(StrEnum):
    """How the newest key of a person on a device stands."""

    NONE = "none"  # none was ever enrolled: what it seals is unsigned
    ENROLLED = "enrolled"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Standing:
    """What a phone says of itself: its build, what the server is not known to have, and how full it is in bytes."""

    version: str
    drafts: int
    records: int
    files: int
    used: int | None = None
    quota: int | None = None


def note_standing(session: Session, actor: Actor, standing: Standing) -> None:
    """Note what one's own phone says of itself, in the place of what it said before. Raises DeviceNotFound."""
    require(actor, Permission.SYNC)
    if actor.device_id is None or session.get(Device, (actor.device_id, actor.person_id)) is None:
        raise DeviceNotFound()
    session.merge(
        DeviceStanding(
            device_id=actor.device_id, person_id=actor.person_id, said_at=clock.now(), **vars(standing)
        )
    )


def phones_within(
    session: Session, actor: Actor, *, text: str = "", blocked: bool | None = None
) -> Select[Device]:
    """Select the devices of the jurisdiction's people, to be read by last sign-in; `text`: in a name of either."""
    require(actor, Permission.KEY_READ)
    query = (
        select(Device).join(Person, Person.id == Device.person_id).where(walked_within(actor, Person.region))
    )
    if text:
        names = (Person.name, Person.username, Device.name)
        query = query.where(
            or_(*(func.lower(each).contains(text.lower(), autoescape=True) for each in names))
        )
        of_people = few_named(session, PersonTerm.person_id, text)
        called = None if of_people is None else few_named(session, DeviceTerm.device_id, text)
        if of_people is not None and called is not None:
            query = query.where(or_(Device.person_id.in_(of_people), Device.id.in_(called)))
    if blocked is not None:
        query = query.where(Device.blocked_at.is_not(None) if blocked else Device.blocked_at.is_(None))
    return query


def phone_views(session: Session, devices: Collection[Device]) -> list[Json]:
    """Write devices for the wire, with whose they are, what they said last and how their keys stand."""
    pairs = [(device.id, device.person_id) for device in devices]
    if not pairs:
        return []
    people = {
        person.id: person
        for person in session.scalars(select(Person).where(Person.id.in_({person for _, person in pairs})))
    }
    standings = _standings(session, pairs)
    keys = _newest_keys(session, pairs)
    return [
        {
            "id": f"{device.id}.{device.person_id}",  # a shared phone is a row for each of its people
            "device": device.id,
            "person": people[device.person_id],
            "name": device.name,
            "first_seen": device.first_seen,
            "last_sign_in": device.last_sign_in,
            "last_seen": _last_seen(device, standings.get((device.id, device.person_id))),
            "blocked_at": device.blocked_at,
            "blocked_because": device.blocked_because,
            "standing": standings.get((device.id, device.person_id)),
            "key_state": _state_of(keys.get((device.id, device.person_id))),
        }
        for device in devices
    ]


def _standings(session: Session, pairs: Collection[_Pair]) -> dict[_Pair, DeviceStanding]:
    named = tuple_(DeviceStanding.device_id, DeviceStanding.person_id)
    found = session.scalars(select(DeviceStanding).where(named.in_(pairs)))
    return {(each.device_id, each.person_id): each for each in found}


def _newest_keys(session: Session, pairs: Collection[_Pair]) -> dict[_Pair, DeviceKey]:
    query = select(DeviceKey).where(tuple_(DeviceKey.device_id, DeviceKey.person_id).in_(pairs))
    return {
        (key.device_id, key.person_id): key
        for key in session.scalars(query.order_by(DeviceKey.enrolled_at, DeviceKey.key_id))
    }


def _last_seen(device: Device, standing: DeviceStanding | None) -> datetime:
    return device.last_sign_in if standing is None else max(device.last_sign_in, standing.said_at)


def _state_of(key: DeviceKey | None) -> str:
    if key is None:
        return KeyState.NONE.value
    if key.revoked_at is not None:
        return KeyState.REVOKED.value
    return (KeyState.ENROLLED if key.ended_at is None else KeyState.ENDED).value
