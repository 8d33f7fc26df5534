"""Phones: enrolled at sign-in with the keys they sign with, blocked when lost."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.models import Device, DeviceKey, Person, SignInSession
from server.db import Json
from server.problems import DeviceBlocked, DeviceKeyInvalid, DeviceNotFound
from sync import BadKey, key_id


@dataclass(frozen=True)
class DeviceClaim:
    """A phone as it names itself at sign-in; `public_key` is a JWK where WebCrypto allows one."""

    id: UUID
    name: str
    public_key: Json | None = None


def devices_of(session: Session, actor: Actor, person_id: UUID) -> list[Device]:
    """List a person's devices: one's own, or anyone's within the jurisdiction for who may block them."""
    if person_id != actor.person_id:
        require(actor, Permission.DEVICE_BLOCK, session.get(Person, person_id))
    query = select(Device).where(Device.person_id == person_id).order_by(Device.last_sign_in.desc())
    return list(session.scalars(query))


def block_device(session: Session, actor: Actor, device_id: UUID) -> None:
    """Block a lost phone for everyone who used it; what it holds can still be re-offered by another holder."""
    rows = session.execute(
        select(Device, Person)
        .join(Person, Person.id == Device.person_id)
        .where(Device.id == device_id)
        .with_for_update(of=Device)
    ).all()
    if not rows:
        raise DeviceNotFound()
    for device, person in rows:
        if person.id != actor.person_id:
            require(actor, Permission.DEVICE_BLOCK, person)
        device.blocked_at = device.blocked_at or clock.now()
    session.execute(
        update(SignInSession)
        .where(SignInSession.device_id == device_id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    audit.append(session, actor, "device.blocked", ("device", device_id))


def enrol(session: Session, actor: Actor, claim: DeviceClaim) -> tuple[Device, str | None]:
    """Note the phone that a person signs in on, and its key if it brings one; refuse a blocked one."""
    device = session.get(Device, (claim.id, actor.person_id))
    blocked_elsewhere = session.scalar(
        select(Device.id).where(Device.id == claim.id, Device.blocked_at.is_not(None)).limit(1)
    )
    if blocked_elsewhere:
        raise DeviceBlocked()
    now = clock.now()
    if device is None:
        device = Device(id=claim.id, person_id=actor.person_id, first_seen=now)
        session.add(device)
        audit.append(session, actor, "device.enrolled", ("device", claim.id), {"name": claim.name})
    device.name, device.last_sign_in = claim.name, now
    session.flush()
    return device, _enrol_key(session, actor, claim) if claim.public_key else current_key(session, device)


def _enrol_key(session: Session, actor: Actor, claim: DeviceClaim) -> str:
    jwk = claim.public_key or {}
    try:
        its_id = key_id(jwk)
    except BadKey as error:
        raise DeviceKeyInvalid(str(error)) from error
    if session.get(DeviceKey, (its_id, actor.person_id)) is None:
        session.execute(
            update(DeviceKey)
            .where(
                DeviceKey.device_id == claim.id,
                DeviceKey.person_id == actor.person_id,
                DeviceKey.ended_at.is_(None),
            )
            .values(ended_at=clock.now())
        )
        session.add(
            DeviceKey(
                key_id=its_id, person_id=actor.person_id, device_id=claim.id, jwk=jwk, enrolled_at=clock.now()
            )
        )
        audit.append(session, actor, "device.key-enrolled", ("device", claim.id), {"key": its_id})
    return its_id


def current_key(session: Session, device: Device | None) -> str | None:
    """Name the key that a device signs with now."""
    if device is None:
        return None
    return session.scalar(
        select(DeviceKey.key_id).where(
            DeviceKey.device_id == device.id,
            DeviceKey.person_id == device.person_id,
            DeviceKey.ended_at.is_(None),
        )
    )


def device_in_use(session: Session, device_id: UUID | None, person_id: UUID) -> Device | None:
    """Load the device of a session; refuse a blocked one."""
    if device_id is None:
        return None
    device = session.get_one(Device, (device_id, person_id))
    if device.blocked_at:
        raise DeviceBlocked()
    return device
