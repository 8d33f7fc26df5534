"""Desks of several people at once: they share what is not one person's, and all of it is fetched together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.accounts.models import Device
from server.inspections.counters import Counters, fetch_around
from server.inspections.desk import (
    Desk,
    bring,
    fetch_cases,
    fetch_clocks,
    fetch_signers,
    fill_shared,
    open_desk,
)
from sync import PushItem
from sync import Revision as Sealed

_DEVICE = Device.__table__.c
_DEVICES = select(_DEVICE.person_id, _DEVICE.id).where(
    _DEVICE.person_id.in_(bindparam("people", expanding=True)),
    _DEVICE.id.in_(bindparam("devices", expanding=True)),
)


def open_desks(
    session: Session,
    brought: Sequence[tuple[Actor, Sequence[PushItem]]],
    server_key: Mapping[str, str],
    *,
    store: bool,
) -> list[Desk]:
    """Open a desk for each of some people, in about as many queries as for one. Settling one of them settles all.

    Nobody is among them twice. `server_key`, `store` and the order of locks as in `open_desk`.
    """
    if len(brought) == 1:
        [(actor, items)] = brought
        return [open_desk(session, actor, items, server_key, store=store)]
    if not brought:
        return []
    shared = Desk(brought[0][0], server_key, clock.now())
    readable = [item for _, items in brought for item in items if item.defect is None]
    authors = {item.rev: actor.person_id for actor, items in brought for item in items if item.rev}
    revisions = [item for item in readable if item.kind == "revision"]
    held = bring(session, shared, revisions, authors, store=store)
    fill_shared(session, shared, readable, lock=True)
    fetch_cases(session, shared, held)
    desks = [
        replace(shared, actor=actor, keys={}, devices=set(), walls={}, counters=Counters())
        for actor, _ in brought
    ]
    _fill_own(session, [(desk, items) for desk, (_, items) in zip(desks, brought, strict=True)])
    return desks


def _fill_own(session: Session, desks: Sequence[tuple[Desk, Sequence[PushItem]]]) -> None:
    """Fetch each person's devices, keys, numbers and clocks."""
    own: list[tuple[Desk, list[Sealed]]] = []
    for desk, items in desks:
        keys = {item.key for item in items if item.key}
        if keys:
            fetch_signers(session, desk, keys)
        found = [desk.sealed.get(item.rev or "") for item in items]
        own.append((desk, [each for each in found if isinstance(each, Sealed)]))
    claims = [(desk.actor.person_id, each) for desk, sealed in own for each in sealed]
    if not claims:
        return
    asked = {
        "people": [desk.actor.person_id for desk, _ in desks],
        "devices": list({each.device for _, each in claims}),
    }
    owned: dict[UUID, set[UUID]] = {}
    for person, device in session.connection().execute(_DEVICES, asked):
        owned.setdefault(person, set()).add(device)
    around = fetch_around(session, claims)
    for desk, sealed in own:
        person = desk.actor.person_id
        desk.devices = owned.get(person, set())
        desk.counters.know(around.get(person, ()))
        fetch_clocks(session, desk, sealed)
