"""Work of others that somebody brings: the signature vouches for its author, not the sender.

A phone may hold what a colleague sealed, and give it back when the server has lost it. What no key of the author is
known to have signed stays what the sender claims it to be, and is quarantined.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor
from server.accounts.models import DeviceKey, Person
from server.accounts.service import actor_of
from server.inspections.desk import Desk
from sync import ALGORITHM, PushItem, verify
from sync import Revision as Sealed

_Key = tuple[DeviceKey, Person]


def authors_of(session: Session, desk: Desk, items: Sequence[PushItem]) -> dict[UUID, Actor]:
    """Name the author of each item, by its op, that is proved to be somebody else's work than the sender's.

    A key that is revoked proves nothing here: it may be the thief who has it signed. Nothing is asked of the database
    where everything is the sender's own.
    """
    foreign = [item for item in items if is_foreign(desk, item)]
    if not foreign:
        return {}
    keys = _keys_of_others(session, desk, {item.key for item in foreign if item.key})
    found = {item.op: _vouching(desk, item, keys) for item in foreign}
    return {op: actor_of(person) for op, person in found.items() if person is not None}


def is_foreign(desk: Desk, item: PushItem) -> bool:
    """Say whether an item is signed and does not look like the sender's own work."""
    if item.defect is not None or not item.sig:
        return False
    if item.kind == "attest":
        return item.key not in desk.keys
    sealed = desk.sealed.get(item.rev or "")
    return isinstance(sealed, Sealed) and sealed.author not in {str(desk.actor.person_id), desk.actor.name}


def runs_of(
    items: Sequence[PushItem], authors: dict[UUID, Actor]
) -> Iterator[tuple[Actor | None, list[PushItem]]]:
    """Cut a batch into runs of one author each, in order; None: the sender's own work."""

    def author_id(item: PushItem) -> UUID | None:
        author = authors.get(item.op)
        return author.person_id if author else None

    for _, run in groupby(items, key=author_id):
        together = list(run)
        yield authors.get(together[0].op), together


def _keys_of_others(session: Session, desk: Desk, names: Collection[str]) -> list[_Key]:
    query = (
        select(DeviceKey, Person)
        .join(Person, Person.id == DeviceKey.person_id)
        .where(DeviceKey.key_id.in_(names), DeviceKey.person_id != desk.actor.person_id)
        .where(DeviceKey.revoked_at.is_(None))
    )
    return [(key, person) for key, person in session.execute(query)]


def _vouching(desk: Desk, item: PushItem, keys: Sequence[_Key]) -> Person | None:
    """Find the one person whose key signed an item; of an attestation by a shared phone nobody knows whose it is."""
    owners = [
        person
        for key, person in keys
        if key.key_id == item.key and _may_be_of(desk, item, key, person) and _holds(desk, item, key)
    ]
    return owners[0] if len(owners) == 1 else None


def _may_be_of(desk: Desk, item: PushItem, key: DeviceKey, person: Person) -> bool:
    sealed = desk.sealed.get(item.rev or "") if item.kind == "revision" else None
    if not isinstance(sealed, Sealed):
        return True
    return sealed.author in {str(person.id), person.username} and sealed.device == key.device_id


def _holds(desk: Desk, item: PushItem, key: DeviceKey) -> bool:
    if item.alg != ALGORITHM or item.sig is None or not verify(key.jwk, item.data, item.sig):
        return False
    sealed = desk.sealed.get(item.rev or "") if item.kind == "revision" else None
    beacon = desk.beacon(sealed.time.beacon) if isinstance(sealed, Sealed) else None
    return not key.life.is_outlived_by(beacon.at if beacon else None)
