"""Passwords: hashed, compared outside of any transaction, and paused after too many wrong ones."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Person
from server.problems import CredentialsLocked, Problem

ATTEMPTS = 5
"""Wrong passwords from one source, after which the name is paused for it."""
ATTEMPTS_ANYWHERE = 100
"""Wrong passwords without a right one, from wherever, after which it is paused for everybody."""
PAUSE = timedelta(minutes=5)
_HASHER = PasswordHasher()
# So many passwords are hashed at a time in one process: each takes 64 MiB, and strangers may ask for as many as there
# are threads.
_HASHING = BoundedSemaphore(4)
# Checked when the user name is unknown, so that the answer takes as long as for a known one. Written down instead of
# computed, which would take every process that starts a tenth of a second: no password leads to a drawn hash.
NOBODYS_HASH = "$argon2id$v=19$m={},t={},p={}${}${}".format(
    _HASHER.memory_cost,
    _HASHER.time_cost,
    _HASHER.parallelism,
    *(
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    ),
)


@dataclass(frozen=True)
class Attempt:
    """A name, the hash its password was compared with, and whether it was right."""

    username: str
    password_hash: str
    right: bool


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    with _HASHING:
        return _HASHER.hash(password)


def password_hash_of(session: Session, username: str) -> str:
    """Return the hash to compare a password with; for who is unknown one that matches nothing."""
    query = select(Person.password_hash).where(Person.username == username, Person.active)
    return session.scalar(query) or NOBODYS_HASH


def compare(username: str, password_hash: str, password: str) -> Attempt:
    """Compare a password with a hash. Slow on purpose: hold no transaction meanwhile."""
    return Attempt(username, password_hash, _matches(password_hash, password))


def pause_of(person: Person) -> Problem | None:
    """Give the refusal of an account that is paused for wrong passwords; None where it is not."""
    if not person.locked_until or person.locked_until <= clock.now():
        return None
    seconds = int((person.locked_until - clock.now()).total_seconds()) + 1
    return CredentialsLocked().with_headers(Retry_After=str(seconds))


def count_failure(person: Person) -> None:
    """Count a wrong password or code; so many of them pause the account."""
    person.failed_sign_ins += 1
    if person.failed_sign_ins >= ATTEMPTS_ANYWHERE:
        person.failed_sign_ins, person.locked_until = 0, clock.now() + PAUSE


def _matches(password_hash: str, password: str) -> bool:
    try:
        with _HASHING:
            return _HASHER.verify(password_hash, password)
    except Argon2Error:
        return False
