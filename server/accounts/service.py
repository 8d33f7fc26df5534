"""Signing in and out, telling who asks, enrolling and blocking devices."""

import base64
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Role
from server.accounts import devices
from server.accounts.devices import DeviceClaim
from server.accounts.models import Device, Organisation, Person, SignInSession
from server.accounts.passwords import Attempt, count_failure, hash_password, pause_of
from server.accounts.people import end_sessions
from server.audit import Acting
from server.problems import (
    CredentialsWrong,
    DeviceBlocked,
    PersonNotFound,
    Problem,
    SessionExpired,
    SessionMissing,
)
from sync import EscrowKey

# Asked before every request: one question, made once, of no more than is needed.
_SESSIONS, _PEOPLE, _DEVICES = SignInSession.__table__, Person.__table__, Device.__table__
_HOLDER = (
    select(
        _SESSIONS.c.id.label("session_id"),
        _SESSIONS.c.device_id,
        _SESSIONS.c.access_expires,
        _SESSIONS.c.ended_at,
        _SESSIONS.c.used_at,
        _DEVICES.c.id.label("known_device_id"),
        _DEVICES.c.blocked_at,
        *(_PEOPLE.c[name] for name in ("id", "username", "roles", "organisation_id", "region", "active")),
    )
    .join_from(_SESSIONS, _PEOPLE, _PEOPLE.c.id == _SESSIONS.c.person_id)
    .outerjoin(
        _DEVICES,
        and_(_DEVICES.c.id == _SESSIONS.c.device_id, _DEVICES.c.person_id == _SESSIONS.c.person_id),
    )
    .where(_SESSIONS.c.access_hash == bindparam("access_hash"))
)


@dataclass(frozen=True)
class SignedIn:
    """What a successful sign-in or refresh gives back. Tokens are told once and kept as hashes."""

    token: str
    refresh_token: str
    session: SignInSession
    person: Person
    device: Device | None
    key_id: str | None


@dataclass(frozen=True)
class Lifetimes:
    """How long tokens are good for."""

    access: timedelta
    refresh: timedelta


def sign_in(
    session: Session, attempt: Attempt, device: DeviceClaim | None, lifetimes: Lifetimes
) -> SignedIn | Problem:
    """Begin a session if the attempt was right; a wrong one is returned as a refusal, not raised.

    The caller raises it after the transaction, because counting the failure has to be committed.
    """
    person = session.scalar(select(Person).where(Person.username == attempt.username).with_for_update())
    if person is None or not person.active or person.password_hash != attempt.password_hash:
        return CredentialsWrong()
    if (paused := pause_of(person)) is not None:
        return paused
    if not attempt.right:
        count_failure(person)
        return CredentialsWrong()
    person.failed_sign_ins, person.locked_until = 0, None
    actor = actor_of(person)
    its_device, its_key = devices.enrol(session, actor, device) if device else (None, None)
    signed_in = open_session(session, person, its_device, lifetimes, its_key)
    audit.append(
        session,
        actor,
        "session.opened",
        ("person", person.id),
        {"device": str(device.id) if device else None, "key": its_key},
    )
    return signed_in


def open_data_key(
    session: Session, signed_in: SignedIn, device: DeviceClaim | None, escrow: EscrowKey
) -> str | None:
    """Open the data key of the phone that somebody just signed in on, for who forgot its PIN; in base64.

    None when none was brought, when it is not theirs on this phone, or where the private half is not here.
    """
    if device is None or device.sealed_key is None or escrow.private is None:
        return None
    person = signed_in.person
    try:
        wrapped = base64.b64decode(device.sealed_key, validate=True)
        opened = escrow.unwrap(wrapped, str(person.id), str(device.id))
    except ValueError:
        return None
    audit.append(session, actor_of(person), "device.data-key-opened", ("device", device.id))
    return base64.b64encode(opened).decode()


def end_family(session: Session, family: UUID) -> None:
    """End every session that descends from one sign-in."""
    alive = (SignInSession.family == family, SignInSession.ended_at.is_(None))
    session.execute(update(SignInSession).where(*alive).values(ended_at=clock.now()))


def sign_out(session: Session, actor: Actor) -> None:
    """End the family of the session that asks."""
    row = session.get_one(SignInSession, actor.session_id)
    end_family(session, row.family)
    audit.append(session, actor, "session.closed", ("person", actor.person_id))


def identify(session: Session, token: str) -> Actor:
    """Tell who holds an access token; refuse expired and ended ones, and 403 a blocked device."""
    found = session.connection().execute(_HOLDER, {"access_hash": digest(token)}).first()
    if found is None or found.device_id != found.known_device_id:
        raise SessionMissing()
    if found.blocked_at:
        raise DeviceBlocked()
    if found.ended_at or found.access_expires <= clock.now() or not found.active:
        raise SessionExpired()
    return Actor(
        person_id=found.id,
        name=found.username,
        roles=frozenset(Role(role) for role in found.roles),
        organisation_id=found.organisation_id,
        region=found.region,
        device_id=found.device_id,
        session_id=found.session_id,
        is_new_here=found.used_at is None,
    )


def note_use(session: Session, actor: Actor) -> None:
    """Note that a session's tokens have arrived: something was asked with one of them."""
    unused = (SignInSession.id == actor.session_id, SignInSession.used_at.is_(None))
    session.execute(update(SignInSession).where(*unused).values(used_at=clock.now()))


def access_ends(session: Session, actor: Actor) -> datetime:
    """Say when the access token that an actor asks with is no longer good."""
    return session.get_one(SignInSession, actor.session_id).access_expires


def ended_sessions(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Say which of some sign-in sessions were ended: signed out, refreshed, blocked or given another password."""
    ended = SignInSession.ended_at.is_not(None)
    return set(session.scalars(select(SignInSession.id).where(SignInSession.id.in_(ids), ended)))


def actor_of(person: Person, device_id: UUID | None = None, session_id: UUID | None = None) -> Actor:
    """Make the actor that stands for a person."""
    return Actor(
        person_id=person.id,
        name=person.username,
        roles=frozenset(Role(role) for role in person.roles),
        organisation_id=person.organisation_id,
        region=person.region,
        device_id=device_id,
        session_id=session_id,
    )


def open_session(
    session: Session,
    person: Person,
    device: Device | None,
    lifetimes: Lifetimes,
    key: str | None,
    after: SignInSession | None = None,
) -> SignedIn:
    """Open a session: a family of its own, or the next one `after` another."""
    token, refresh_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = SignInSession(
        family=after.family if after else uuid4(),
        follows=after.id if after else None,
        # Only who lost the reply to a renewal may ask again: a sign-in has nothing before it.
        used_at=None if after else clock.now(),
        person_id=person.id,
        device_id=device.id if device else None,
        access_hash=digest(token),
        refresh_hash=digest(refresh_token),
        access_expires=clock.now() + lifetimes.access,
        refresh_expires=clock.now() + lifetimes.refresh,
    )
    session.add(row)
    session.flush()
    return SignedIn(token, refresh_token, row, person, device, key)


def digest(token: str) -> str:
    """Hash a token. It is 256 random bits: a plain hash is enough, and it must be fast."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_person(
    session: Session,
    username: str,
    name: str,
    password: str,
    roles: list[Role],
    organisation: Organisation,
    *,
    hashed: str = "",
    person_id: UUID | None = None,
) -> Person:
    """Add someone who can sign in; `hashed` takes a password hashed before, for many people at once.

    `person_id` is for who was here before a restore: what they sealed names them by it.
    """
    person = Person(
        id=person_id or uuid4(),
        username=username,
        name=name,
        password_hash=hashed or hash_password(password),
        roles=[role.value for role in roles],
        organisation_id=organisation.id,
        region=organisation.region,
    )
    session.add(person)
    session.flush()
    return person


def set_password(session: Session, actor: Acting, username: str, password: str) -> None:
    """Set a password; whoever was signed in with the old one has to sign in again, and a code is good no more."""
    person = session.scalar(select(Person).where(Person.username == username).with_for_update())
    if person is None:
        raise PersonNotFound(username)
    person.password_hash = hash_password(password)
    person.code_hash, person.code_until = None, None
    person.failed_sign_ins, person.locked_until = 0, None
    end_sessions(session, person)
    audit.append(session, actor, "person.password-set", ("person", person.id))
