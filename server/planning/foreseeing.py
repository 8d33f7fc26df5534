"""Where the plans of a year would meet at one door, before anything is drawn: by the frames of their rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from server.access import Actor, region_bounds
from server.accounts.models import Organisation
from server.db import Json
from server.planning.frames import Frame, in_frame
from server.planning.models import Plan, PlannedInspection
from server.planning.occasions import occasions
from server.planning.overlaps import ENTERPRISE, MARK, Due, Overlaps, find_overlaps
from server.planning.rules import visits_a_year
from server.planning.service import find_row, plans_within, rows_of
from server.registry.models import InspectedObject


@dataclass(frozen=True)
class Foresight:
    """What would meet, of which rows; `unframed` are rows of which nobody has said which objects they mean."""

    overlaps: Overlaps
    rows: dict[UUID, PlannedInspection]
    unframed: list[PlannedInspection]


def foresee(session: Session, actor: Actor, year: int) -> Foresight:
    """Tell what the plans of one's bureau would make meet in a year, drafts with the others.

    An object may be drawn where it is in a frame; whether it will be is up to the draw.
    """
    plans = session.scalars(
        plans_within(actor, year=year).where(
            Plan.organisation_id == actor.organisation_id, Plan.part_of_id.is_(None)
        )
    ).all()
    rows = [row for row in rows_of(session, [plan.id for plan in plans]) if row.withdrawn_at is None]
    framed: dict[tuple[str, str], list[PlannedInspection]] = defaultdict(list)
    for row in rows:
        if row.frame is not None:
            framed[(row.region, _spelled(row.frame))].append(row)
    sets = list(framed.values())
    dues = [
        tuple(Due(each.first, each.last, row.id, each.number) for row in alike for each in occasions(row))
        for alike in sets
    ]
    cap = visits_a_year(session.get_one(Organisation, actor.organisation_id).rules)
    return Foresight(
        _overlaps(session, sets, dues, cap),
        {row.id: row for row in rows},
        [row for row in rows if row.frame is None],
    )


def shared_objects(session: Session, actor: Actor, planned_ids: Sequence[UUID]) -> Select[InspectedObject]:
    """Select the objects that are in the frames of all of some planned inspections."""
    query = select(InspectedObject)
    for planned_id in planned_ids:
        planned = find_row(session, actor, planned_id)
        frame = Frame.from_json(planned.frame) if planned.frame is not None else None
        query = query.where(*(in_frame(session, frame, planned.region) if frame else [literal(False)]))
    return query


def _overlaps(
    session: Session, sets: list[list[PlannedInspection]], dues: list[tuple[Due, ...]], cap: int | None
) -> Overlaps:
    """Walk through the objects once for the sets and once for the cap; rows with one frame are one set."""
    if not sets:
        return Overlaps((), (), cap, 0, ())
    conditions = [_condition(session, alike[0]) for alike in sets]
    places = [case((holds, f"{place}{MARK}"), else_="") for place, holds in enumerate(conditions)]
    counts = [case((holds, len(each)), else_=0) for each, holds in zip(dues, conditions, strict=True)]
    regions = or_(*(InspectedObject.region.between(*region_bounds(alike[0].region)) for alike in sets))
    signed = (
        select(_joined(places).label("places")).where(regions, InspectedObject.active.is_(True)).subquery()
    )
    alike = select(signed.c.places, func.count()).group_by(signed.c.places)
    often = (
        select(ENTERPRISE.label("enterprise_id"), func.sum(_joined(counts)).label("times"))
        .where(regions, InspectedObject.active.is_(True))
        .group_by(ENTERPRISE)
    )
    return find_overlaps(session, alike, often, lambda place: dues[int(place)], cap)


def _condition(session: Session, row: PlannedInspection) -> ColumnElement[bool]:
    assert row.frame is not None
    return and_(*in_frame(session, Frame.from_json(row.frame), row.region))


def _joined(parts: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Add texts or numbers up, in halves: databases bound how deep an expression goes."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return _joined(parts[:half]).self_group() + _joined(parts[half:]).self_group()


def _spelled(frame: Json) -> str:
    return repr(
        sorted((key, sorted(value) if isinstance(value, list) else value) for key, value in frame.items())
    )
