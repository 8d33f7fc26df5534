"""Where inspections meet at one door: the same object twice at a time, too many visits a year, visits to merge.

The law behind it: 进一次门、查多项事 (国发〔2019〕5号), caps on visits a year and no repeated inspection (国办发
〔2024〕54号). Objects are grouped by database into those that are in the same sets; how many objects there are costs
one pass, how many sets there are costs the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.db import Json
from server.planning.models import PlannedInspection
from server.registry.models import InspectedObject

MOST_NAMED = 100
MARK = ","
ENTERPRISE = func.coalesce(InspectedObject.owner_id, InspectedObject.id)
"""Whose visits are counted together (同一企业): all that an enterprise owns; what has no owner counts by itself."""


@dataclass(frozen=True, order=True)
class Due:
    """One visit to each object of a set: for which planned inspection, from the first to the last day."""

    first: date
    last: date
    planned_id: UUID
    number: int = 1


@dataclass(frozen=True)
class Meeting:
    """Planned inspections that meet at `objects` doors within the days that they share."""

    planned_ids: tuple[UUID, ...]
    first: date
    last: date
    objects: int


@dataclass(frozen=True)
class Frequented:
    """An enterprise with more visits in the year than the cap allows."""

    enterprise_id: UUID
    name: str
    visits: int


@dataclass(frozen=True)
class Overlaps:
    """What was found. `repeated`: pairs that visit the same object in the same days. `merges`: what could be one visit.

    `over_cap` counts enterprises, `most` names those with the most visits.
    """

    repeated: tuple[Meeting, ...]
    merges: tuple[Meeting, ...]
    cap: int | None
    over_cap: int
    most: tuple[Frequented, ...]

    @property
    def saved(self) -> int:
        """How many visits merging would save."""
        return sum((len(each.planned_ids) - 1) * each.objects for each in self.merges)


def find_overlaps(
    session: Session,
    alike: Select[str, int],
    often: Select[UUID, int],
    meaning: Callable[[str], tuple[Due, ...]],
    cap: int | None,
) -> Overlaps:
    """Find where visits meet.

    `alike` counts the objects that are in the same sets: (the sets with a comma behind each, objects); the same sets
    may come in several orders. `meaning` tells the visits of a set. `often` counts visits: `enterprise_id`, `times`.
    """
    repeated: dict[tuple[tuple[UUID, ...], date, date], int] = defaultdict(int)
    merges: dict[tuple[tuple[UUID, ...], date, date], int] = defaultdict(int)
    counted: dict[frozenset[str], int] = defaultdict(int)
    for places, objects in session.execute(alike):
        counted[frozenset(places.split(MARK)) - {""}] += objects
    for sets, objects in counted.items():
        dues = sorted(due for place in sets for due in meaning(place))
        for meeting in set(_pairs(dues)):
            repeated[meeting] += objects
        for meeting in _merged(dues):
            merges[meeting] += objects
    over, most = _frequented(session, often, cap) if cap else (0, ())
    return Overlaps(_meetings(repeated), _meetings(merges), cap, over, most)


def told(found: Overlaps, rows: Mapping[UUID, PlannedInspection]) -> Json:
    """Write what was found as the wire shows it, the planned inspections by their rows."""

    def shown(meetings: Iterable[Meeting]) -> list[Json]:
        return [
            {**vars(each), "planned": [rows[planned_id] for planned_id in each.planned_ids]}
            for each in meetings
        ]

    return {
        **vars(found),
        "repeated": shown(found.repeated),
        "merges": shown(found.merges),
        "saved": found.saved,
    }


def _pairs(dues: list[Due]) -> Iterator[tuple[tuple[UUID, ...], date, date]]:
    for one, other in combinations(dues, 2):
        first, last = max(one.first, other.first), min(one.last, other.last)
        if one.planned_id != other.planned_id and first <= last:
            yield tuple(sorted((one.planned_id, other.planned_id))), first, last


def _merged(dues: list[Due]) -> Iterator[tuple[tuple[UUID, ...], date, date]]:
    """Put visits into as few as possible: each time, all that share the day on which the next window ends.

    Two visits of one planned inspection stay two.
    """
    left = sorted(dues, key=lambda due: (due.last, due.first, due.planned_id))
    while left:
        end = left[0].last
        together: dict[UUID, Due] = {}
        for due in left:
            if due.first <= end:
                together.setdefault(due.planned_id, due)
        left = [due for due in left if together.get(due.planned_id) is not due]
        if len(together) > 1:
            yield tuple(sorted(together)), max(due.first for due in together.values()), end


def _frequented(session: Session, visits: Select[UUID, int], cap: int) -> tuple[int, tuple[Frequented, ...]]:
    """Count the enterprises that are visited more often than the cap allows, and name the first of them."""
    every = visits.subquery()
    often = select(every).where(every.c.times > cap).cte()
    over = session.scalar(select(func.count()).select_from(often)) or 0
    if not over:
        return 0, ()
    named = (
        select(often.c.enterprise_id, InspectedObject.name, often.c.times)
        .join(InspectedObject, InspectedObject.id == often.c.enterprise_id)
        .order_by(often.c.times.desc(), InspectedObject.name)
        .limit(MOST_NAMED)
    )
    return over, tuple(Frequented(found, name, int(times)) for found, name, times in session.execute(named))


def _meetings(found: dict[tuple[tuple[UUID, ...], date, date], int]) -> tuple[Meeting, ...]:
    meetings: Iterable[Meeting] = (Meeting(*key, objects) for key, objects in found.items())
    return tuple(sorted(meetings, key=lambda each: (-each.objects, each.first, each.planned_ids)))
