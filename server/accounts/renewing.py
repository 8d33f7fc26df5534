"""Renewing a session with its refresh token, also when the reply to the first try was lost on the way.

A refresh token works once: whoever brings it a second time holds a copy, and its family ends. But a phone at the edge
of signal whose reply was lost has nothing else to bring. It is told from a thief by three things together: the key
of its device signs the token, nothing was ever asked with what the lost reply held, and the first try is not long ago.
What the lost reply held is ended then, so that only one of the two is good (decision 0036).
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.accounts import devices, keys
from server.accounts.models import Device, Person, SignInSession
from server.accounts.service import Lifetimes, SignedIn, actor_of, digest, end_family, open_session
from server.problems import Problem, SessionExpired, SessionMissing, SessionReused
from sync import renewal_bytes, verify

WINDOW = timedelta(hours=24)
"""So long after the first try a lost reply may be asked for again: a day below ground, and the way home."""


@dataclass(frozen=True)
class Renewal:
    """A refresh token, and the signature of the device's key over it where the phone has one."""

    refresh_token: str
    proof: str = ""


def renew(session: Session, renewal: Renewal, lifetimes: Lifetimes) -> SignedIn | Problem:
    """Rotate a refresh token. One that came before ends its whole family, unless the reply was lost.

    A reuse is returned as a refusal, not raised: the end of the family has to be committed.
    """
    row = session.scalar(
        select(SignInSession)
        .where(SignInSession.refresh_hash == digest(renewal.refresh_token))
        .with_for_update()
    )
    if row is None:
        raise SessionMissing()
    is_again = row.refreshed_at is not None
    if is_again and not _was_lost(session, row, renewal):
        end_family(session, row.family)
        audit.append(session, SYSTEM, "session.reused", ("person", row.person_id))
        return SessionReused()
    is_over = not _end_followers(session, row) if is_again else row.ended_at is not None
    if is_over or row.refresh_expires <= clock.now():
        raise SessionExpired()
    person = session.get_one(Person, row.person_id)
    if not person.active:
        raise SessionExpired()
    device = devices.device_in_use(session, row.device_id, row.person_id)
    if is_again:
        told = {"device": str(row.device_id)}
        audit.append(session, actor_of(person), "session.resumed", ("person", person.id), told)
    else:
        row.refreshed_at = row.ended_at = clock.now()
    return open_session(session, person, device, lifetimes, devices.key_in_use(session, device), after=row)


def _was_lost(session: Session, row: SignInSession, renewal: Renewal) -> bool:
    """Tell whether the reply to an earlier renewal was lost, and its own phone asks for it again."""
    if row.device_id is None or row.refreshed_at is None or row.refreshed_at + WINDOW < clock.now():
        return False
    followers = _followers(session, row)
    if not followers or any(each.used_at or each.refreshed_at for each in followers):
        return False
    device = session.get(Device, (row.device_id, row.person_id))
    key = keys.current_key(session, device.id, device.person_id) if device else None
    return (
        key is not None
        and key.revoked_at is None
        and verify(key.jwk, renewal_bytes(renewal.refresh_token), renewal.proof)
    )


def _followers(session: Session, row: SignInSession) -> list[SignInSession]:
    return list(session.scalars(select(SignInSession).where(SignInSession.follows == row.id)))


def _end_followers(session: Session, row: SignInSession) -> bool:
    """End what lost replies held. False where all of it was ended already: signed out, blocked, restored."""
    alive = [each for each in _followers(session, row) if each.ended_at is None]
    for each in alive:
        each.ended_at = clock.now()
    return bool(alive)
