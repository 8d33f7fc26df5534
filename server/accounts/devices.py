"""Phones: enrolled at sign-in with the keys they sign with, blocked when lost, let in again when found."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts import keys
from server.accounts.keys import KeyClaim
from server.accounts.models import Device, Person, SignInSession
from server.db import Json
from server.problems import DeviceBlocked, DeviceNotBlocked, DeviceNotFound


@dataclass(frozen=True)
class DeviceClaim:
    """A phone as it names itself at sign-in; `public_key` is a JWK where WebCrypto allows one.

    `endorsement`: the signature of the key that this one replaces, see `sync.endorsement_bytes`.
    `sealed_key`: its data key, wrapped to the organisation's (base64), from whoever forgot the PIN.
    """

    id: UUID
    name: str
    public_key: Json | None = None
    endorsement: str | None = None
    sealed_key: str | None = None


def devices_of(session: Session, actor: Actor, person_id: UUID) -> list[Device]:
    """List a person's devices: one's own, or anyone's within the jurisdiction for who may read of their keys."""
    if person_id != actor.person_id:
        require(actor, Permission.KEY_READ, session.get(Person, person_id))
    query = select(Device).where(Device.person_id == person_id).order_by(Device.last_sign_in.desc())
    return list(session.scalars(query))


def require_holders(session: Session, actor: Actor, device_id: UUID) -> None:
    """Refuse unless the actor may read of the keys of everyone who used a device. Raises DeviceNotFound."""
    query = select(Person).join(Device, Device.person_id == Person.id).where(Device.id == device_id)
    people = session.scalars(query).all()
    if not people:
        raise DeviceNotFound()
    for person in people:
        require(actor, Permission.KEY_READ, person)


def block_device(session: Session, actor: Actor, device_id: UUID, reason: str | None = None) -> None:
    """Block a lost phone for everyone who used it; what it holds can still be re-offered by another holder."""
    for device, person in _hold(session, device_id):
        if person.id != actor.person_id:
            require(actor, Permission.DEVICE_BLOCK, person)
        if device.blocked_at is None:
            device.blocked_at, device.blocked_because = clock.now(), reason
    session.execute(
        update(SignInSession)
        .where(SignInSession.device_id == device_id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    told = {"reason": reason} if reason else {}
    audit.append(session, actor, "device.blocked", ("device", device_id), told)


def unblock_device(session: Session, actor: Actor, device_id: UUID, reason: str) -> None:
    """Let a blocked phone in again, for everyone who used it; whoever blocked their own needs an administrator for it.

    Nobody is signed in by it, and a key that was ended or revoked stays so. What the phone holds is taken after a
    sign-in; where it destroyed its own key to that meanwhile, the sign-in brings it back (`service.open_data_key`).
    Raises DeviceNotBlocked.
    """
    rows = _hold(session, device_id)
    for _, person in rows:
        require(actor, Permission.DEVICE_BLOCK, person)
    blocked = [device for device, _ in rows if device.blocked_at is not None]
    if not blocked:
        raise DeviceNotBlocked()
    because = next((each.blocked_because for each in blocked if each.blocked_because), None)
    for device in blocked:
        device.blocked_at = device.blocked_because = None
    session.flush()
    audit.append(
        session,
        actor,
        "device.unblocked",
        ("device", device_id),
        {"reason": reason, "before": {"reason": because}},
    )


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
    if claim.public_key is None:
        return device, key_in_use(session, device)
    return device, keys.enrol_key(
        session, actor, claim.id, KeyClaim(claim.public_key, claim.endorsement)
    ).key_id


def key_in_use(session: Session, device: Device | None) -> str | None:
    """Name the key that a device signs with now."""
    key = keys.current_key(session, device.id, device.person_id) if device else None
    return key.key_id if key else None


def device_in_use(session: Session, device_id: UUID | None, person_id: UUID) -> Device | None:
    """Load the device of a session; refuse a blocked one."""
    if device_id is None:
        return None
    device = session.get_one(Device, (device_id, person_id))
    if device.blocked_at:
        raise DeviceBlocked()
    return device


def _hold(session: Session, device_id: UUID) -> list[tuple[Device, Person]]:
    """Load a device as everyone has it who used it, and hold it."""
    query = (
        select(Device, Person)
        .join(Person, Person.id == Device.person_id)
        .where(Device.id == device_id)
        .order_by(Device.person_id)
        .with_for_update(of=Device)
    )
    rows = [(device, person) for device, person in session.execute(query)]
    if not rows:
        raise DeviceNotFound()
    return rows
