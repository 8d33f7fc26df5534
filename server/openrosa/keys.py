"""Keys of stock ODK phones: made, listed, let go by a phone, ended. Who asks with one is told in `holders`."""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM, Actor, Permission, System, require, within
from server.accounts.models import Device, Person
from server.accounts.service import actor_of
from server.openrosa.models import PhoneKey
from server.problems import (
    OpenrosaKeyEnded,
    OpenrosaKeyNotFound,
    OpenrosaPersonUnfit,
    PersonNotFound,
)


def make_key(session: Session, actor: Actor | System, person_id: UUID, name: str) -> PhoneKey:
    """Make a key for an inspector and one device, which is enrolled with it. Raises OpenrosaPersonUnfit."""
    person = session.get(Person, person_id)
    if person is None:
        raise PersonNotFound()
    _require(actor, person)
    if not person.active or not actor_of(person).may(Permission.SYNC):
        raise OpenrosaPersonUnfit()
    now, device_id = clock.now(), uuid4()
    session.add(
        Device(
            id=device_id, person_id=person.id, name=name, first_seen=now, last_sign_in=now, blocked_at=None
        )
    )
    key = PhoneKey(
        id=uuid4(),
        person_id=person.id,
        device_id=device_id,
        name=name,
        made_at=now,
        made_by=actor.person_id if isinstance(actor, Actor) else None,
        sent=0,
    )
    session.add(key)
    session.flush()
    told = {"key": str(key.id), "person": str(person.id), "name": name}
    audit.append(session, actor, "openrosa-key.made", ("device", device_id), told)
    return key


def keys_within(
    session: Session, actor: Actor, person_id: UUID | None = None
) -> list[tuple[PhoneKey, Person]]:
    """List the keys of one's own, or of the jurisdiction's people, newest first; of one person where named."""
    query = select(PhoneKey, Person).join(Person, Person.id == PhoneKey.person_id)
    query = query.where(
        within(actor, Person.region)
        if actor.may(Permission.DEVICE_ENROL)
        else PhoneKey.person_id == actor.person_id
    )
    if person_id is not None:
        query = query.where(PhoneKey.person_id == person_id)
    return [
        (key, person) for key, person in session.execute(query.order_by(PhoneKey.made_at.desc(), PhoneKey.id))
    ]


def key_to_show(session: Session, actor: Actor, key_id: UUID) -> tuple[PhoneKey, Person]:
    """Load a key whose address may be shown: to who gives keys out. Raises OpenrosaKeyNotFound, OpenrosaKeyEnded."""
    key, person = _find(session, key_id)
    require(actor, Permission.DEVICE_ENROL, person)
    if key.ended_at is not None:
        raise OpenrosaKeyEnded()
    return key, person


def release_key(session: Session, actor: Actor | System, key_id: UUID, reason: str) -> PhoneKey:
    """Take a key from the phone it is bound to: the next that asks has it. The address stays the same.

    A phone that was set up anew under the same address keeps its drafts and goes on.
    """
    key, person = _find(session, key_id, lock=True)
    _require(actor, person)
    if key.ended_at is not None:
        raise OpenrosaKeyEnded()
    key.bound_to, key.bound_at, key.names_itself = None, None, False
    session.flush()
    told = {"key": str(key.id), "reason": reason}
    audit.append(session, actor, "openrosa-key.released", ("device", key.device_id), told)
    return key


def end_key(session: Session, actor: Actor | System, key_id: UUID, reason: str) -> PhoneKey:
    """End a key for good: 403 from now on. One's own, or by who gives keys out; ending it twice changes nothing."""
    key, person = _find(session, key_id, lock=True)
    if not isinstance(actor, Actor) or key.person_id != actor.person_id:
        _require(actor, person)
    if key.ended_at is None:
        key.ended_at, key.ended_because = clock.now(), reason
        session.flush()
        told = {"key": str(key.id), "reason": reason}
        audit.append(session, actor, "openrosa-key.ended", ("device", key.device_id), told)
    return key


def _require(actor: Actor | System, person: Person) -> None:
    if actor is not SYSTEM:
        assert isinstance(actor, Actor)
        require(actor, Permission.DEVICE_ENROL, person)


def _find(session: Session, key_id: UUID, *, lock: bool = False) -> tuple[PhoneKey, Person]:
    key = session.get(PhoneKey, key_id, with_for_update=lock or None, populate_existing=lock)
    if key is None:
        raise OpenrosaKeyNotFound()
    return key, session.get_one(Person, key.person_id)
