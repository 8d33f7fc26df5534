"""Keys that phones sign with: enrolled, replaced, ended, revoked since a moment, restored.

Each is a fact in the audit log, `device.key-…`, about the device and with the key's name in its details; nothing
that was said of a key is ever unsaid. What each does to evidence that came before and after it is in
docs/protocol.md, "Keys of devices", and held by `sync.KeyLife`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from server import audit, clock, feed, messages
from server.access import Actor, Permission, require
from server.accounts.models import Device, DeviceKey, KeyDoubt, KeyEnd, Person
from server.audit import AuditEntry
from server.clock import CHINA
from server.db import Json
from server.problems import (
    DeviceKeyEnded,
    DeviceKeyEndorsementInvalid,
    DeviceKeyInvalid,
    DeviceKeyNotFound,
    DeviceKeyNotRevoked,
    DeviceKeyRevoked,
    DeviceKeySinceFuture,
    DeviceNotFound,
)
from sync import BadKey, endorsement_bytes, key_id, verify

ENROLLED: Final = "device.key-enrolled"
REPLACED: Final = "device.key-replaced"
ENDED: Final = "device.key-ended"
REVOKED: Final = "device.key-revoked"
RESTORED: Final = "device.key-restored"
FACTS: Final = (ENROLLED, REPLACED, ENDED, REVOKED, RESTORED)


@dataclass(frozen=True)
class KeyClaim:
    """A new public key (JWK), with the signature of the one it replaces where the phone still has that."""

    public_key: Json
    endorsement: str | None = None


@dataclass(frozen=True)
class Revocation:
    """Since when a key may have been in other hands, and why."""

    since: datetime
    because: KeyDoubt
    note: str


class KeyRing:
    """Keys that evidence names by person and key id, fetched at once; None of those never enrolled."""

    def __init__(self, session: Session, wanted: Iterable[tuple[UUID, str | None]]) -> None:
        pairs = {(person_id, name) for person_id, name in wanted if name}
        query = select(DeviceKey).where(tuple_(DeviceKey.person_id, DeviceKey.key_id).in_(sorted(pairs)))
        self._keys = {(key.person_id, key.key_id): key for key in session.scalars(query)} if pairs else {}

    def __iter__(self) -> Iterator[DeviceKey]:
        return iter(self._keys.values())

    def find(self, person_id: UUID, name: str | None) -> DeviceKey | None:
        """Find a person's key by its name."""
        return self._keys.get((person_id, name or ""))

    def doubts(self, person_id: UUID, name: str | None, received_at: datetime) -> list[str]:
        """Name what is in doubt now about what came at a moment under a key: `key_ended`, `key_revoked`."""
        key = self.find(person_id, name)
        return list(key.life.doubts(received_at)) if key else []


def enrol_key(session: Session, actor: Actor, device_id: UUID, claim: KeyClaim) -> DeviceKey:
    """Take a device's key; a new one replaces the one before, under which all evidence stands.

    The same key again changes nothing. One that was ended or revoked does not come back: refused.
    """
    try:
        its_id = key_id(claim.public_key)
    except BadKey as error:
        raise DeviceKeyInvalid(str(error)) from error
    # Whoever enrols keys of one device at once does it one after the other: only one of them is the newest.
    mine = select(Device).where(Device.id == device_id, Device.person_id == actor.person_id)
    session.execute(mine.with_for_update())
    known = session.get(DeviceKey, (its_id, actor.person_id))
    if known is not None:
        _refuse_dead(known)
        return known
    old = current_key(session, device_id, actor.person_id)
    if claim.endorsement is not None and not _endorses(old, its_id, claim.endorsement):
        raise DeviceKeyEndorsementInvalid()
    now = clock.now()
    if old is not None:
        old.ended_at, old.ended_because, old.replaced_by = now, KeyEnd.REPLACED.value, its_id
        _tell(session, actor, REPLACED, old, {"replaced_by": its_id})
    fresh = DeviceKey(
        key_id=its_id,
        person_id=actor.person_id,
        device_id=device_id,
        jwk=claim.public_key,
        enrolled_at=now,
        endorsement=claim.endorsement,
    )
    session.add(fresh)
    session.flush()
    _tell(
        session,
        actor,
        ENROLLED,
        fresh,
        {"replaces": old.key_id if old else None, "endorsement": claim.endorsement},
    )
    return fresh


def replace_key(session: Session, actor: Actor, device_id: UUID, claim: KeyClaim) -> DeviceKey:
    """Give one's own device a new key without signing in again."""
    if session.get(Device, (device_id, actor.person_id)) is None:
        raise DeviceNotFound()
    return enrol_key(session, actor, device_id, claim)


def end_key(
    session: Session, actor: Actor, device_id: UUID, name: str, because: KeyEnd, note: str
) -> DeviceKey:
    """End a key: the phone was handed back, or lost its data. One's own, or by who may revoke it.

    What came under it so far stands. What still comes was sealed before the end, as far as anyone can tell, and is
    flagged; what was sealed after it for certain has no valid signature.
    """
    keys = _keys(session, device_id, name)
    own = [key for key in keys if key.person_id == actor.person_id]
    for key in own or keys:
        _require_over(session, actor, key)
        if key.ended_at is not None:
            raise DeviceKeyEnded()
        key.ended_at, key.ended_because = clock.now(), because.value
        if not own:
            _notify(session, actor, key, "key.ended")
        _tell(session, actor, ENDED, key, {"because": because.value, "note": note})
    return (own or keys)[0]


def revoke_key(session: Session, actor: Actor, device_id: UUID, name: str, given: Revocation) -> DeviceKey:
    """Say that a key may have been in other hands since a moment, for everyone who used it on the device.

    What was received before that moment stands; the rest is kept, and every reviewer is asked about it.
    """
    if given.since > clock.now():
        raise DeviceKeySinceFuture()
    keys = _keys(session, device_id, name)
    for key in keys:
        require(actor, Permission.KEY_REVOKE, session.get(Person, key.person_id))
        if key.revoked_at is not None:
            raise DeviceKeyRevoked()
        key.revoked_at, key.revoked_since = clock.now(), given.since
        key.revoked_because = given.because.value
        if key.person_id != actor.person_id:
            _notify(
                session,
                actor,
                key,
                "key.revoked",
                since=given.since.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
            )
        details = {"since": clock.iso(given.since), "because": given.because.value, "note": given.note}
        _tell(session, actor, REVOKED, key, details)
    return keys[0]


def restore_key(session: Session, actor: Actor, device_id: UUID, name: str, note: str) -> DeviceKey:
    """Take a mistaken revocation back. Both stay in the log; a key that was ended stays ended."""
    keys = _keys(session, device_id, name)
    for key in keys:
        require(actor, Permission.KEY_REVOKE, session.get(Person, key.person_id))
        if key.revoked_at is None:
            raise DeviceKeyNotRevoked()
        key.revoked_at = key.revoked_since = key.revoked_because = None
        _tell(session, actor, RESTORED, key, {"note": note})
    return keys[0]


def keys_of_device(session: Session, actor: Actor, device_id: UUID) -> list[DeviceKey]:
    """List the keys of a device, the oldest first: one's own, and those of whose keys one may read."""
    query = (
        select(DeviceKey, Person)
        .join(Person, Person.id == DeviceKey.person_id)
        .where(DeviceKey.device_id == device_id)
        .order_by(DeviceKey.enrolled_at, DeviceKey.key_id)
    )
    rows = session.execute(query).all()
    own = [key for key, person in rows if person.id == actor.person_id]
    if own and not actor.may(Permission.KEY_READ):
        return own
    for _, person in rows:
        require(actor, Permission.KEY_READ, person)
    if not rows:
        raise DeviceNotFound()
    return [key for key, _ in rows]


def key_of_device(session: Session, actor: Actor, device_id: UUID, name: str) -> DeviceKey:
    """Load one key of a device that one may read."""
    for key in keys_of_device(session, actor, device_id):
        if key.key_id == name:
            return key
    raise DeviceKeyNotFound()


def current_key(session: Session, device_id: UUID, person_id: UUID) -> DeviceKey | None:
    """Find the key that a person's device signs with now."""
    return session.scalar(
        select(DeviceKey).where(
            DeviceKey.device_id == device_id,
            DeviceKey.person_id == person_id,
            DeviceKey.ended_at.is_(None),
        )
    )


def facts_of(session: Session, keys: Collection[DeviceKey]) -> dict[tuple[UUID, str], list[AuditEntry]]:
    """Fetch what the audit log says of some keys, in order, by person and key."""
    found: dict[tuple[UUID, str], list[AuditEntry]] = {(key.person_id, key.key_id): [] for key in keys}
    query = select(AuditEntry).where(
        AuditEntry.subject_kind == "device",
        AuditEntry.subject.in_({str(key.device_id) for key in keys}),
        AuditEntry.action.in_(FACTS),
    )
    for entry in session.scalars(query.order_by(AuditEntry.seq)):
        for (person_id, name), entries in found.items():
            # Enrolments of earlier versions do not name the person.
            if entry.details["key"] == name and entry.details.get("person", str(person_id)) == str(person_id):
                entries.append(entry)
    return found


def history(entries: Sequence[AuditEntry]) -> list[Json]:
    """Write what the log says of a key: `[{"seq", "at", "fact", …}]`, `fact` being enrolled, replaced and so on."""
    return [
        {
            "seq": entry.seq,
            "at": clock.iso(entry.at),
            "fact": entry.action.removeprefix("device.key-"),
            "by": entry.actor,
            **{name: entry.details[name] for name in sorted(entry.details.keys() - {"key", "person"})},
        }
        for entry in entries
    ]


def _refuse_dead(key: DeviceKey) -> None:
    if key.revoked_at is not None:
        raise DeviceKeyRevoked()
    if key.ended_at is not None:
        raise DeviceKeyEnded()


def _endorses(old: DeviceKey | None, its_id: str, signature: str) -> bool:
    if old is None or old.revoked_at is not None:
        return False
    return verify(old.jwk, endorsement_bytes(its_id, old.device_id), signature)


def _keys(session: Session, device_id: UUID, name: str) -> list[DeviceKey]:
    query = select(DeviceKey).where(DeviceKey.device_id == device_id, DeviceKey.key_id == name)
    keys = list(session.scalars(query.order_by(DeviceKey.person_id).with_for_update()))
    if not keys:
        raise DeviceKeyNotFound()
    return keys


def _require_over(session: Session, actor: Actor, key: DeviceKey) -> None:
    if key.person_id != actor.person_id:
        require(actor, Permission.KEY_REVOKE, session.get(Person, key.person_id))


def _notify(session: Session, actor: Actor, key: DeviceKey, code: str, **members: str) -> None:
    """Tell its holder what somebody else decided about a key; the fact noted next numbers it."""
    device = session.get_one(Device, (key.device_id, key.person_id))
    by = session.get_one(Person, actor.person_id).name
    its = {"device": device.name, "by": by, **members}
    messages.tell(session, feed.user(key.person_id), code, its, about=("device", key.device_id))


def _tell(session: Session, actor: Actor, action: str, key: DeviceKey, details: Json) -> None:
    its = {"key": key.key_id, "person": str(key.person_id)}
    audit.append(session, actor, action, ("device", key.device_id), its | details)
