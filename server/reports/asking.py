"""Files of reports that are too large to wait for: asked for, watched, found again.

Of the same lines of the same snapshot there is one file at a time, whoever asks: it would be the same bytes. Places are as they stand
when they are written, and only what whoever asked may see: a file of them is theirs alone, and is asked for anew when the last one is done.
"""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.db import canonical_json
from server.problems import Problem, ReportFileNotFound, ReportFileNotReady
from server.reports import place_taking, taking
from server.reports.ledger import LedgerFilter
from server.reports.models import FileState, ReportFile, ReportSnapshot
from server.reports.place_taking import PlaceKind, WantedPlaces
from server.reports.places import LayerName, layers_for
from server.reports.snapshots import find_snapshot
from server.reports.taking import Wanted

UNDER_WAY: Final = (FileState.WAITING.value, FileState.MAKING.value)


def ask(session: Session, actor: Actor, wanted: Wanted) -> ReportFile:
    """Ask for a ledger; the one that is there, or on its way, if there is one."""
    lines = taking.count_lines(session, actor, wanted)
    snapshot = session.get_one(ReportSnapshot, wanted.snapshot_id, with_for_update=True)
    order = hashlib.sha256(_order_of_ledger(snapshot, wanted)).hexdigest()
    found = standing(session, order, clock.now())
    if found is not None:
        return found
    file = ReportFile(
        snapshot_id=snapshot.id,
        region=snapshot.region,
        kind=wanted.kind.value,
        chosen=wanted.as_json()["filter"],
        order_sha256=order,
        name=taking.name_of(snapshot, wanted),
        total=lines,
        asked_by=actor.person_id,
        asked_at=clock.now(),
    )
    session.add(file)
    session.flush()
    told = {**wanted.as_json(), "file": str(file.id), "lines": lines}
    audit.append(session, actor, "report.asked", ("report", snapshot.id), told)
    return file


def ask_for_places(session: Session, actor: Actor, wanted: WantedPlaces) -> ReportFile:
    """Ask for a file of places; the same that one has asked for already, while it is on its way."""
    found = place_taking.count(session, actor, wanted)
    mine = select(ReportFile).where(
        ReportFile.state.in_(UNDER_WAY),
        ReportFile.asked_by == actor.person_id,
        ReportFile.kind == wanted.kind.value,
    )
    for file in session.scalars(mine):
        if file.chosen == wanted.chosen:
            return file
    identity = uuid4()
    file = ReportFile(
        id=identity,
        region=wanted.region or actor.region,
        kind=wanted.kind.value,
        chosen=wanted.chosen,
        order_sha256=hashlib.sha256(_order_of_places(wanted, identity)).hexdigest(),
        name=place_taking.name_of(wanted),
        total=found,
        asked_by=actor.person_id,
        asked_at=clock.now(),
    )
    session.add(file)
    session.flush()
    told = {**wanted.as_json(), "file": str(file.id), "features": found}
    audit.append(session, actor, "places.asked", ("organisation", actor.organisation_id), told)
    return file


def files_within(actor: Actor, snapshot_id: UUID | None = None) -> Select[ReportFile]:
    """Select the files that are not forgotten: of the jurisdiction's snapshots, and of places that one asked for oneself."""
    require(actor, Permission.REPORT_READ)
    query = select(ReportFile).where(
        within(actor, ReportFile.region),
        ReportFile.state != FileState.EXPIRED.value,
        or_(ReportFile.snapshot_id.is_not(None), ReportFile.asked_by == actor.person_id),
    )
    return query.where(ReportFile.snapshot_id == snapshot_id) if snapshot_id else query


def of_places(query: Select[ReportFile]) -> Select[ReportFile]:
    """Leave the files of places."""
    return query.where(ReportFile.snapshot_id.is_(None))


def find(session: Session, actor: Actor, file_id: UUID) -> ReportFile:
    """Return a file that one may see; others are not found, and neither is one that was forgotten."""
    file = session.scalar(files_within(actor).where(ReportFile.id == file_id))
    if file is None:
        raise ReportFileNotFound()
    return file


def ready(session: Session, actor: Actor, file_id: UUID) -> ReportFile:
    """Return a file that is there to be sent. AccessDenied for places that one may see no more."""
    file = find(session, actor, file_id)
    if file.state != FileState.READY:
        raise not_ready(file)
    wanted = wanted_of(file)
    if isinstance(wanted, WantedPlaces):
        layers_for(actor, wanted.layers)
    return file


def not_ready(file: ReportFile) -> Problem:
    """Say that a file is not there to be sent."""
    return ReportFileNotReady(state=file.state).with_headers(Retry_After="2")


def make_anew(file: ReportFile) -> None:
    """Let the worker make a file again that the store has lost."""
    file.state, file.attempts = FileState.WAITING.value, 0


def wanted_of(file: ReportFile) -> Wanted | WantedPlaces:
    """Tell what a file holds, as it was asked for."""
    if file.snapshot_id is not None:
        return Wanted(taking.FileKind(file.kind), file.snapshot_id, LedgerFilter(**file.chosen))
    layers = tuple(LayerName(name) for name in file.chosen["layers"])
    return WantedPlaces(PlaceKind(file.kind), layers, file.chosen.get("region"))


def order_of(session: Session, actor: Actor, wanted: Wanted | WantedPlaces, file_id: UUID) -> bytes:
    """Write what is asked for in one spelling, from which a file is made. ReportNotFound when the actor may read it no more."""
    if isinstance(wanted, WantedPlaces):
        return _order_of_places(wanted, file_id)
    return _order_of_ledger(find_snapshot(session, actor, wanted.snapshot_id), wanted)


def standing(session: Session, order: str, now: datetime) -> ReportFile | None:
    """Return the file of an order that is there, or on its way."""
    stands = or_(
        ReportFile.state.in_(UNDER_WAY),
        and_(ReportFile.state == FileState.READY.value, ReportFile.expires_at > now),
    )
    query = select(ReportFile).where(ReportFile.order_sha256 == order, stands)
    return session.scalar(query.order_by(ReportFile.asked_at.desc()).limit(1))


def _order_of_ledger(snapshot: ReportSnapshot, wanted: Wanted) -> bytes:
    """The same order gives the same bytes."""
    return canonical_json({**wanted.as_json(), "sha256": snapshot.sha256})


def _order_of_places(wanted: WantedPlaces, file_id: UUID) -> bytes:
    """Places change: each file of them is an order of its own."""
    return canonical_json({**wanted.as_json(), "file": str(file_id)})
