"""Where the plans of a year would meet at one door, before anything is drawn: by the frames of their rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session

from server.access import Actor
from server.accounts.models import Organisation
from server.db import Json
from server.planning.frames import Frame, in_frame
from server.planning.models import Plan, PlannedInspection
from server.planning.occasions import occasions
from server.planning.overlaps import Due, Overlaps, find_overlaps
from server.planning.rules import visits_a_year
from server.planning.service import find_row, plans_within, rows_of
from server.registry.models import InspectedObject

_ENTERPRISE = func.coalesce(InspectedObject.owner_id, InspectedObject.id)


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
        tuple(
            Due(each.first, each.last, row.id, each.number) for row in alike for each in occasions(row, year)
        )
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
    if not sets:
        return Overlaps((), (), cap, 0, ())
    visits = _visits(session, sets, dues)
    return find_overlaps(session, visits, lambda place: dues[int(place)], cap)


def _visits(session: Session, sets: list[list[PlannedInspection]], dues: list[tuple[Due, ...]]) -> Subquery:
    """Select each object of each frame once; frames that several rows share are walked through once."""
    selects = []
    for place, alike in enumerate(sets):
        first = alike[0]
        assert first.frame is not None
        selects.append(
            select(
                literal(str(place)).label("place"),
                literal(len(dues[place])).label("visits"),
                InspectedObject.id.label("object_id"),
                _ENTERPRISE.label("enterprise_id"),
            ).where(*in_frame(session, Frame.from_json(first.frame), first.region))
        )
    return union_all(*selects).subquery()


def _spelled(frame: Json) -> str:
    return repr(
        sorted((key, sorted(value) if isinstance(value, list) else value) for key, value in frame.items())
    )
