"""Opening desks: of one person or of several at once, who share what is not one person's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.accounts.models import Device, DeviceKey
from server.conditions import Among, Several
from server.db import is_postgresql
from server.inspections.counters import Counters, fetch_around
from server.inspections.desk import Desk
from server.inspections.fetching import bring, fetch_cases, fill_shared, read_bytes
from server.inspections.gathering import among
from server.inspections.models import Attestation, QuarantineCase, Revision
from sync import Beacon, PushItem
from sync import Revision as Sealed

_DEVICE, _KEY, _REVISION = Device.__table__.c, DeviceKey.__table__.c, Revision.__table__.c
_ATTESTATION = Attestation.__table__.c
_DEVICES = select(_DEVICE.person_id, _DEVICE.id).where(
    Among(_DEVICE.person_id, bindparam("people", type_=Several(_DEVICE.person_id.type))),
    Among(_DEVICE.id, bindparam("devices", type_=Several(_DEVICE.id.type))),
)
_KEYS = select(DeviceKey).where(
    Among(_KEY.person_id, bindparam("people", type_=Several(_KEY.person_id.type))),
    Among(_KEY.key_id, bindparam("names", type_=Several(_KEY.key_id.type))),
)
_SIGNATURES = select(_ATTESTATION.id).where(among(_ATTESTATION.rev))
_TAKEN = select(_REVISION.rev).where(among(_REVISION.rev), _REVISION.record_id.is_not(None))
_WALL_BEFORE = (
    select(_REVISION.dev_seq, _REVISION.wall_time)
    .where(
        _REVISION.device_id == bindparam("its_device"),
        _REVISION.author_id == bindparam("its_author"),
        _REVISION.dev_seq < bindparam("its_number"),
    )
    .order_by(_REVISION.dev_seq.desc())
    .limit(1)
)


def open_desk(
    session: Session,
    actor: Actor,
    items: Sequence[PushItem],
    server_key: Mapping[str, str],
    relayed_by: Actor | None = None,
    *,
    store: bool,
) -> Desk:
    """Read what was brought, hold the tasks and lock the records it is about, and fetch the rest; see `bring` for `store`.

    `server_key` is the public JWK that time beacons are signed with. Locks are taken in one order everywhere: tasks by
    id, revisions in quarantine by id, records by id, new rows, the append lock. So whoever stores anything opens a desk
    without `store` first.
    """
    desk = Desk(actor, server_key, clock.now(), relayed_by=relayed_by)
    readable = [item for item in items if item.defect is None]
    held = bring(session, desk, [item for item in readable if item.kind == "revision"], store=store)
    _fill(session, desk, readable, lock=True)
    fetch_cases(session, desk, held)
    return desk


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


def have_crossed(session: Session, desks: Collection[Desk], items: Sequence[PushItem]) -> bool:
    """Say whether somebody else brought a co-signature of what lies on desks, or what a co-signature on them signs.

    A revision and its co-signatures come from two phones, often in the same second, and until it is written there is no
    row at which they could meet. Asked under the append lock: who came before is seen by now, who comes after sees us.
    """
    if not is_postgresql(session):
        return False  # one writer at a time
    brought = {item.rev for item in items if item.kind == "revision" and item.rev}
    if brought:
        seen = {each.id for desk in desks for signed in desk.attestations.values() for each in signed}
        if not seen.issuperset(session.connection().scalars(_SIGNATURES, {"ids": list(brought)})):
            return True
    signed = {item.rev for item in items if item.kind == "attest" and item.rev}
    awaited = signed.difference(rev for desk in desks for rev, row in desk.revisions.items() if row.record_id)
    return bool(awaited and session.connection().scalars(_TAKEN, {"ids": list(awaited)}).first())


def desk_of_case(
    session: Session, actor: Actor, item: PushItem, case: QuarantineCase, *, lock: bool, **more: Any
) -> Desk:
    """Open a desk for a revision that is in quarantine, as of the moment it came. `more`: `bound`, `admission`.

    Without `lock` only to look at: nothing may be written.
    """
    desk = Desk(actor, {}, case.arrived_at, **more)
    read_bytes(desk, [item])
    sealed = desk.sealed[item.rev or ""]
    if isinstance(sealed, Sealed) and sealed.time.beacon is not None:
        desk.beacons[sealed.time.beacon] = Beacon(case.beacon_at) if case.beacon_at else None
    _fill(session, desk, [item], lock=lock)
    if case.rev:
        desk.cases[case.rev] = case
    return desk


def _fill(session: Session, desk: Desk, readable: Sequence[PushItem], *, lock: bool) -> None:
    fill_shared(session, desk, readable, lock=lock)
    _fill_own(session, [(desk, readable)])


def _fill_own(session: Session, desks: Sequence[tuple[Desk, Sequence[PushItem]]]) -> None:
    """Fetch each person's keys, devices, numbers and clocks: of all of them at once."""
    people = [desk.actor.person_id for desk, _ in desks]
    if names := {item.key for _, items in desks for item in items if item.key}:
        keys = list(session.scalars(_KEYS, {"people": people, "names": list(names)}))
        for desk, _ in desks:
            desk.keys = {key.key_id: key for key in keys if key.person_id == desk.actor.person_id}
    own = [(desk, _own_claims(desk, items)) for desk, items in desks]
    claims = [(desk.actor.person_id, each) for desk, sealed in own for each in sealed]
    if not claims:
        return
    asked = {"people": people, "devices": list({each.device for _, each in claims})}
    owned: dict[UUID, set[UUID]] = {}
    for person, device in session.connection().execute(_DEVICES, asked):
        owned.setdefault(person, set()).add(device)
    around = fetch_around(session, claims)
    for desk, sealed in own:
        person = desk.actor.person_id
        desk.devices = owned.get(person, set())
        desk.counters.know(around.get(person, ()))
        _fetch_clocks(session, desk, sealed)


def _own_claims(desk: Desk, items: Sequence[PushItem]) -> list[Sealed]:
    found = [desk.sealed.get(item.rev or "") for item in items if item.kind == "revision"]
    return [each for each in found if isinstance(each, Sealed)]


def _fetch_clocks(session: Session, desk: Desk, own: Collection[Sealed]) -> None:
    """Tell what each phone's clock said last before these revisions of one person, and what they say.

    Mostly the number before has come, and its clock is known with the neighbours: only after a gap it is asked for.
    """
    by_device: dict[UUID, list[Sealed]] = {}
    for claim in own:
        by_device.setdefault(claim.device, []).append(claim)
    for device, claims in by_device.items():
        first = min(claim.dev_seq for claim in claims)
        desk.walls[device] = [(claim.dev_seq, claim.time.wall) for claim in claims]
        if wall := desk.counters.wall_at(device, first - 1):
            desk.walls[device].append((first - 1, wall))
            continue
        asked = {"its_device": device, "its_author": desk.actor.person_id, "its_number": first}
        before = session.connection().execute(_WALL_BEFORE, asked)
        desk.walls[device] += [(seq, wall) for seq, wall in before if seq is not None and wall]
