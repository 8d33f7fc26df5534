"""Who asks, told by the key in the address: read, looked up in one query, held while something is taken, bound to a phone.

The address is the key: `/openrosa/<key>/…`. A phone that shows a dead one is answered 403 and never 401, which would
open a sign-in that leads nowhere. The key is the id of a row and a code over it that only this installation can
make, so nothing that opens a door lies in the database, in a backup of it or in a log.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Table, and_, bindparam, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Role
from server.accounts.models import Device, Person
from server.openrosa.models import PhoneKey
from server.problems import OpenrosaKeyDead, OpenrosaPhoneDiffers, Problem
from server.rows import update_rows

_CODE_BYTES: Final = 24
_LENGTH: Final = 54  # of 40 bytes in base64 without padding

# What Collect makes up for itself is 24 letters; an administrator's own may be longer.
_LONGEST_PHONE: Final = 255


# Asked before every request: one question, made once, of no more than is needed.
_KEY_ROWS: Table = PhoneKey.__table__  # type: ignore[assignment]
_KEYS, _PEOPLE, _DEVICES = _KEY_ROWS.c, Person.__table__.c, Device.__table__.c
_HELD_BY = (
    select(
        *(
            _KEYS[name]
            for name in (
                *("id", "person_id", "device_id", "bound_to", "names_itself", "ended_at", "sent", "last_rev"),
            )
        ),
        *(_PEOPLE[name] for name in ("username", "roles", "organisation_id", "region", "active")),
        _DEVICES.blocked_at,
    )
    .join_from(PhoneKey.__table__, Person.__table__, _PEOPLE.id == _KEYS.person_id)
    .join(Device.__table__, and_(_DEVICES.id == _KEYS.device_id, _DEVICES.person_id == _KEYS.person_id))
)
_ASKED: BindParameter[Any] = bindparam("ids", expanding=True)
_HOLDERS = _HELD_BY.where(_KEYS.id.in_(_ASKED))
# All keys of a person are held together, always in one order: submissions are told apart by person.
_SHOWN = _KEY_ROWS.alias("shown").c
_OF_THEIRS = _KEYS.person_id.in_(select(_SHOWN.person_id).where(_SHOWN.id.in_(_ASKED)))
_HOLDERS_LOCKED = (
    _HELD_BY.where(_OF_THEIRS).order_by(_KEYS.person_id, _KEYS.id).with_for_update(of=PhoneKey.__table__)
)
_NUMBERS = select(_KEYS.id, _KEYS.sent, _KEYS.last_rev).where(_OF_THEIRS).order_by(_KEYS.id).with_for_update()


@dataclass(frozen=True)
class Shown:
    """The key that an address shows, and the `deviceID` that was told, if one was."""

    key_id: UUID
    phone: str | None


@dataclass
class Held:
    """A key whose row is held: who asks, how many revisions came under it, and the newest."""

    id: UUID
    actor: Actor
    sent: int
    last_rev: str | None


@dataclass(frozen=True)
class Asking:
    """Who asks, under which key.

    `unbound`: no phone has told under it which one it is; `names_itself`: one has when it read.
    """

    key_id: UUID
    actor: Actor
    unbound: bool
    names_itself: bool = False


def secret_of(secret: bytes, key_id: UUID) -> str:
    """Work out what stands in the address of a key."""
    code = hmac.digest(secret, b"merestone openrosa key\0" + key_id.bytes, hashlib.sha256)[:_CODE_BYTES]
    return base64.urlsafe_b64encode(key_id.bytes + code).decode().rstrip("=")


def read(secret: bytes, shown: str, phone: str | None) -> Shown:
    """Read the key that an address shows; the database is not asked. Raises OpenrosaKeyDead for what was never one."""
    key_id = _key_id(secret, shown)
    if key_id is None:
        raise OpenrosaKeyDead()
    return Shown(key_id, phone)


def identify(session: Session, shown: Shown, *, reads: bool = False) -> Asking:
    """Tell who asks, in one query; `reads`: nothing is brought, for which older phones don't tell which one they are.

    Raises OpenrosaKeyDead for a key that was ended, is of a blocked device or of who has left, and
    OpenrosaPhoneDiffers where another phone than the bound one shows it: all 403.
    """
    row = session.connection().execute(_HOLDERS, {"ids": [shown.key_id]}).first()
    return _asking(row, shown, reads=reads)


def hold(session: Session, shown: Sequence[Shown]) -> list[Held | Problem]:
    """Tell of each who asks, and hold the rows of their keys until the transaction ends; whom `identify` refuses is not held.

    Other keys of the same people are held with them, so that the phones of one person are taken one after the other.
    A key that no phone had is bound to the one that shows it. The same key is the same `Held` each time.
    """
    asked = {"ids": sorted({each.key_id for each in shown})}
    rows: dict[UUID, Any] = {row.id: row for row in session.connection().execute(_HOLDERS_LOCKED, asked)}
    held: dict[UUID, Held] = {}
    found: list[Held | Problem] = []
    for each in shown:
        row = rows.get(each.key_id)
        try:
            asking = _asking(row, each)
            if asking.unbound:
                bind(session, asking, each.phone)
        except (OpenrosaKeyDead, OpenrosaPhoneDiffers) as refusal:
            found.append(refusal)
        else:
            assert row is not None, "whose key there is not was refused"
            key = Held(asking.key_id, asking.actor, row.sent, row.last_rev)
            found.append(held.setdefault(each.key_id, key))
    return found


def hold_again(session: Session, asking: Asking) -> Held:
    """Hold the row of a key that was let in before, as `hold` does, whatever has become of it since."""
    rows = {row.id: row for row in session.connection().execute(_NUMBERS, {"ids": [asking.key_id]})}
    its = rows[asking.key_id]
    return Held(asking.key_id, asking.actor, its.sent, its.last_rev)


def write_down(session: Session, held: Collection[Held]) -> None:
    """Write down that something was sent under some keys now, and how far their numbers have come."""
    now = clock.now()
    used = {
        key.id: {"id": key.id, "sent": key.sent, "last_rev": key.last_rev, "last_sent_at": now}
        for key in held
    }
    update_rows(session, _KEY_ROWS, [used[key_id] for key_id in sorted(used)])


def _asking(row: Any, shown: Shown, *, reads: bool = False) -> Asking:
    if row is None or row.ended_at or row.blocked_at or not row.active:
        raise OpenrosaKeyDead()
    told = _told(shown.phone)
    is_older = reads and told is None and not row.names_itself
    if row.bound_to not in {None, told} and not is_older:
        raise OpenrosaPhoneDiffers()
    actor = Actor(
        person_id=row.person_id,
        name=row.username,
        roles=frozenset(Role(role) for role in row.roles),
        organisation_id=row.organisation_id,
        region=row.region,
        device_id=row.device_id,
    )
    return Asking(row.id, actor, unbound=row.bound_to is None, names_itself=row.names_itself)


def bind(session: Session, asking: Asking, phone: str | None, *, reads: bool = False) -> None:
    """Bind a key to the first phone that tells which one it is; of two at once one is, the other is refused.

    One that tells it when it `reads` does so each time, and is asked for it from then on.
    """
    told = _told(phone)
    if told is None:
        return
    key = session.get_one(PhoneKey, asking.key_id, with_for_update=True, populate_existing=True)
    if key.bound_to not in {None, told}:
        raise OpenrosaPhoneDiffers()
    key.names_itself = key.names_itself or reads
    if key.bound_to == told:
        return
    key.bound_to, key.bound_at = told, clock.now()
    session.flush()
    audit.append(session, asking.actor, "openrosa-key.bound", ("device", key.device_id), {"key": str(key.id)})


def _key_id(secret: bytes, shown: str) -> UUID | None:
    if len(shown) != _LENGTH or not shown.isascii():
        return None
    try:
        key_id = UUID(bytes=base64.b64decode(shown + "==", altchars=b"-_", validate=True)[:16])
    except (binascii.Error, ValueError):
        return None
    return key_id if hmac.compare_digest(secret_of(secret, key_id), shown) else None


def _told(phone: str | None) -> str | None:
    return phone[:_LONGEST_PHONE] if phone else None
