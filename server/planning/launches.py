"""Whether a plan is carried out in time: which rows were launched (发起) within their windows, which late (R57).

A draw that is published launches its row; `draws` notes it here, and nobody else.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.planning.models import Launch, PlannedInspection
from server.planning.occasions import Occasion, occasions


class Timeliness(StrEnum):
    """How one occasion of a planned inspection stands."""

    IN_TIME = "in_time"  # launched within its window
    EARLY = "early"  # launched before its window
    LATE = "late"  # launched after its window
    OVERDUE = "overdue"  # its window is over and nothing was launched
    DUE = "due"  # its window is open and nothing was launched yet
    AHEAD = "ahead"  # its window has not begun


@dataclass(frozen=True)
class Standing:
    """How an occasion of a row stands: when it was launched with how many objects, and how that is."""

    planned_id: UUID
    occasion: Occasion
    timeliness: Timeliness
    launched_on: date | None = None
    objects: int = 0


def note_launch(session: Session, planned: PlannedInspection, objects: int) -> None:
    """Note that a draw of so many objects was published for a planned inspection."""
    now = clock.now()
    day = clock.day_of(now)
    session.add(Launch(planned_id=planned.id, launched_at=now, launched_on=day, objects=objects))


def launched(session: Session, planned_ids: Collection[UUID]) -> set[UUID]:
    """Tell which of some planned inspections were drawn already."""
    query = select(Launch.planned_id).where(Launch.planned_id.in_(planned_ids)).distinct()
    return set(session.scalars(query))


def readiness(session: Session, rows: Collection[PlannedInspection], today: date) -> list[Standing]:
    """Tell how every occasion of some rows stands on a day, in one query however many rows there are."""
    query = select(Launch).where(Launch.planned_id.in_([row.id for row in rows]))
    launches: dict[UUID, list[Launch]] = defaultdict(list)
    for launch in session.scalars(query.order_by(Launch.launched_at)):
        launches[launch.planned_id].append(launch)
    return [
        standing
        for row in rows
        if row.withdrawn_at is None
        for standing in standings_of(row, launches[row.id], today)
    ]


def count(standings: Collection[Standing]) -> dict[str, int]:
    """Count occasions by how they stand; every kind is named."""
    counted = Counter(each.timeliness for each in standings)
    return {kind.value: counted[kind] for kind in Timeliness}


def draws_by_class(row: PlannedInspection) -> bool:
    """Say whether a row is linked with the risk classification: by its rule, or by shares of its own (R44)."""
    return bool(row.risk_rule or row.ratio.get("by_class"))


def standings_of(row: PlannedInspection, launches: list[Launch], today: date) -> list[Standing]:
    """Tell how the occasions of one row stand to its launches (the earliest first) on a day.

    A launch belongs to the first occasion that had begun and has none yet; else it goes on with the last one that
    has (counties follow one after another); else it is an early one of the next.
    """
    waiting = occasions(row)
    taken: dict[Occasion, list[Launch]] = {}
    for launch in launches:
        free = [each for each in waiting if each not in taken]
        begun = [each for each in free if each.first <= launch.launched_on]
        last = max(taken, key=lambda each: each.number, default=None)
        chosen = begun[0] if begun else last or (free[0] if free else None)
        if chosen is not None:
            taken.setdefault(chosen, []).append(launch)
    return [_standing(row.id, each, taken.get(each, []), today) for each in waiting]


def _standing(planned_id: UUID, occasion: Occasion, launches: list[Launch], today: date) -> Standing:
    if not launches:
        return Standing(planned_id, occasion, _unlaunched(occasion, today))
    day = launches[0].launched_on
    objects = sum(each.objects for each in launches)
    return Standing(planned_id, occasion, _timeliness(occasion, day), day, objects)


def _timeliness(occasion: Occasion, day: date) -> Timeliness:
    if day > occasion.last:
        return Timeliness.LATE
    return Timeliness.IN_TIME if day >= occasion.first else Timeliness.EARLY


def _unlaunched(occasion: Occasion, today: date) -> Timeliness:
    if today > occasion.last:
        return Timeliness.OVERDUE
    return Timeliness.DUE if today >= occasion.first else Timeliness.AHEAD
