"""One-time codes: somebody sets their own password with what an administrator told them, who never knows it.

A code is twelve signs that are not taken for one another, good for three days and for one password. It is kept as a
hash like a password, and wrong tries pause the account as wrong passwords do.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission
from server.accounts import passwords
from server.accounts.models import Person
from server.accounts.passwords import Attempt
from server.accounts.people import end_sessions, find_person
from server.accounts.service import actor_of
from server.problems import CodeWrong, PasswordWeak, Problem

GOOD_FOR: Final = timedelta(days=3)
LEAST: Final = 10
_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH: Final = 12


@dataclass(frozen=True)
class Code:
    """A code as it is told once, in groups of four, and its hash."""

    told: str
    hashed: str


def make_code() -> Code:
    """Make a code. Slow, as every hash of a password: hold no transaction meanwhile."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    told = "-".join(signs[place : place + 4] for place in range(0, _LENGTH, 4))
    return Code(told, passwords.hash_password(signs))


def as_signs(code: str) -> str:
    """Read a code as somebody writes it: hyphens, spaces and small letters are nothing."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def give_code(session: Session, actor: Actor, person_id: UUID, code: Code) -> datetime:
    """Let a person of the jurisdiction set a password with a code; one from before is over. Return until when.

    The old password stays good until a new one is set: who only forgot theirs is not signed out.
    """
    person = find_person(session, actor, person_id, Permission.PERSON_MANAGE)
    person.code_hash, person.code_until = code.hashed, clock.now() + GOOD_FOR
    session.flush()
    audit.append(
        session, actor, "person.code-given", ("person", person.id), {"until": clock.iso(person.code_until)}
    )
    return person.code_until


def hash_to_compare(session: Session, username: str) -> str:
    """Return the hash that a code is compared with; one that nothing matches where there is no code."""
    valid = (Person.username == username, Person.active, Person.code_until > clock.now())
    return session.scalar(select(Person.code_hash).where(*valid)) or passwords.NOBODYS_HASH


def refuse_weak(username: str, password: str) -> None:
    """Raise PasswordWeak for a password that is short, the name again, or one or two signs over and over."""
    if len(password) < LEAST or password.lower() == username.lower() or len(set(password)) < 3:
        raise PasswordWeak()


def set_password(session: Session, attempt: Attempt, hashed: str) -> Problem | None:
    """Set a password if the code was right, and sign the person out everywhere; the code is over then.

    A wrong one is returned as a refusal, not raised: that it was tried has to be committed.
    """
    person = session.scalar(select(Person).where(Person.username == attempt.username).with_for_update())
    if person is None or not person.active or person.code_hash != attempt.password_hash:
        return CodeWrong()
    if (paused := passwords.pause_of(person)) is not None:
        return paused
    if not attempt.right:
        passwords.count_failure(person)
        return CodeWrong()
    person.password_hash, person.code_hash, person.code_until = hashed, None, None
    person.failed_sign_ins, person.locked_until = 0, None
    end_sessions(session, person)
    audit.append(session, actor_of(person), "person.password-set", ("person", person.id), {"with": "code"})
    return None
