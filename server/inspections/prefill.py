"""What the house knows of a task beforehand: rows of `tasks.csv` and `markers.csv`, so that nothing is asked twice.

A phone writes these lists for its forms from the bodies of its tasks; a record is checked against the same rows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from forms import ListTable
from forms.geodesy import ElevationRange
from forms.positions import Licensed
from server import clock
from server.db import canonical_json
from server.inspections import gathering
from server.inspections.assigned import Assigned, assigned_to
from server.inspections.gathering import Beside
from server.inspections.models import Assignment, Task
from server.inspections.prefill_rows import (
    NO_VISIT,
    Row,
    about_certificate,
    about_marker,
    about_mine,
    about_object,
    about_person,
    about_task,
    about_visit,
)
from server.registry import service as registry
from server.registry.models import BoundaryMarker, Licence, LicenceKind
from server.written import Written


@dataclass(frozen=True)
class Prefill:
    """One task's row of `tasks.csv` and its rows of `markers.csv`; every value is text, blank where unknown.

    `licence` and `registered` are the licence and the markers behind the rows, `place` the object's position.
    `sections`: of a joint visit, what of the row is otherwise for each department, by the section's id.
    """

    task: Row
    licence: Licence | None
    registered: tuple[BoundaryMarker, ...]
    place: tuple[float, float] | None
    sections: Mapping[str, Row] = field(default_factory=dict)

    @cached_property
    def markers(self) -> tuple[Row, ...]:
        """The rows of `markers.csv`."""
        return _marker_rows(self.task["name"], self.registered)

    def as_written(self) -> Written:
        """Give the rows as a task's body carries them."""
        return self._written[0]

    @property
    def data(self) -> bytes:
        """The rows as the exact bytes that `sha256` names."""
        return self._written[0].text.encode()

    @property
    def sha256(self) -> str:
        """The name of the bytes: the same as long as nothing changes of what is known beforehand."""
        return self._written[1]

    @cached_property
    def _written(self) -> tuple[Written, str]:
        sections = tuple((key, tuple(row.items())) for key, row in self.sections.items())
        return _write(tuple(self.task.items()), self.registered, sections)

    def lists_for(self, section: UUID | None) -> Mapping[str, ListTable]:
        """Return the lists as somebody of a department looks things up in them."""
        return {"tasks": self._task_table(section), "markers": self._marker_table}

    def list_named(self, name: str, section: UUID | None = None) -> ListTable | None:
        """Return one of these lists; made once, however many records look things up in it."""
        if name == "tasks":
            return self._task_table(section)
        return self._marker_table if name == "markers" else None

    def row_for(self, section: UUID | None) -> Row:
        """Return the row of `tasks.csv` as somebody of a department sees it."""
        apart = self.sections.get(str(section)) if section is not None and self.sections else None
        return self.task if apart is None else self.task | apart

    def _task_table(self, section: UUID | None) -> ListTable:
        row = self.row_for(section)
        return self._whole_task_table if row is self.task else ListTable([row])

    @cached_property
    def _whole_task_table(self) -> ListTable:
        return ListTable([self.task])

    @cached_property
    def _marker_table(self) -> ListTable:
        return ListTable(self.markers)

    @cached_property
    def licensed(self) -> Licensed:
        """What measured positions are compared with."""
        if self.licence is None:
            return Licensed(place=self.place)
        lower, upper = self.licence.elevation_lower, self.licence.elevation_upper
        known = lower is not None and upper is not None and lower < upper
        return Licensed(
            polygon=registry.polygon_of(self.licence),
            markers={marker.marker_no: (marker.x, marker.y) for marker in self.registered},
            elevations=(ElevationRange(lower, upper),)
            if known and lower is not None and upper is not None
            else (),
            place=self.place,
        )


_Cells = tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def _write(
    task: _Cells, registered: tuple[BoundaryMarker, ...], sections: tuple[tuple[str, _Cells], ...]
) -> tuple[Written, str]:
    """Write rows, and name what is written. Both people of a task pull the same, often after no more than a moment."""
    row = dict(task)
    joint = {"sections": {key: dict(cells) for key, cells in sections}} if sections else {}
    data = canonical_json({"tasks": row, "markers": _marker_rows(row["name"], registered), **joint})
    return Written(data.decode()), hashlib.sha256(data).hexdigest()


def _marker_rows(task: str, registered: Iterable[BoundaryMarker]) -> tuple[Row, ...]:
    return tuple(about_marker(task, marker) for marker in registered)


def prefill_tasks(
    session: Session,
    tasks: Collection[Task],
    assigned: Assigned | None = None,
    beside: Beside | None = None,
) -> dict[UUID, Prefill]:
    """Gather what is known of some tasks, in a dozen queries however many there are.

    `assigned`, `beside`: who is on these tasks and what stands beside them today, where that is known already.
    """
    if not tasks:
        return {}
    assigned = assigned or assigned_to(session, tasks)
    beside = beside or gathering.beside_lists(session, tasks, clock.today())
    people = _people(assigned)
    joint = _departments(assigned)
    visits = {row.object_id: about_visit(row.finished_at, row.answers or {}) for row in beside.last_visits}
    filled: dict[UUID, Prefill] = {}
    for task in tasks:
        found = beside.objects[task.object_id]
        licences = beside.licences.get(found.id, ())
        mining = _first(licences, LicenceKind.MINING, LicenceKind.EXPLORATION)
        surveying = _first(licences, LicenceKind.SURVEYING)
        registered = beside.markers.get(mining.id, ()) if mining is not None else ()
        row = {
            **about_task(task),
            "plan_no": _plan_number(beside.plans.get(task.planned_id)) if task.planned_id else "",
            "org": assigned.organisations[task.organisation_id].name,
            "year_count": str(beside.visits.get(found.id, 0) + 1),
            **about_object(found),
            **people.get(task.id, {}),
            **next(iter(joint.get(task.id, {}).values()), {}),
            "items": " ".join(task.item_codes),
            **visits.get(found.id, NO_VISIT),
            **about_mine(mining, registered),
            **about_certificate(surveying),
        }
        filled[task.id] = Prefill(
            task=row,
            licence=mining,
            registered=tuple(registered),
            place=registry.position_of(found),
            sections=joint.get(task.id, {}),
        )
    return filled


def _plan_number(row: Any) -> str:
    return (row.plan_no or row.number) if row is not None else ""


def _people(assigned: Assigned) -> dict[UUID, Row]:
    """Write the first two people on each task: who they are is the draw's business, not the inspector's."""
    held: dict[UUID, list[Assignment]] = defaultdict(list)
    for each in assigned.assignments:
        held[each.task_id].append(each)
    return {task_id: _first_two(assigned, found) for task_id, found in held.items()}


def _departments(assigned: Assigned) -> dict[UUID, dict[str, Row]]:
    """Write what of a joint visit's row is otherwise for each department: its bureau, items and first two people."""
    rows: dict[UUID, dict[str, Row]] = {}
    for task_id, sections in assigned.sections.items():
        rows[task_id] = {
            str(section.id): {
                "org": assigned.organisations[section.organisation_id].name,
                "items": " ".join(section.item_codes),
                **_first_two(
                    assigned,
                    sorted(
                        (each for each in assigned.assignments if each.section_id == section.id),
                        key=lambda each: each.person_id != section.lead_id,
                    ),
                ),
            }
            for section in sections
        }
    return rows


def _first_two(assigned: Assigned, held: Sequence[Assignment]) -> Row:
    row: Row = {}
    for place, each in enumerate(held[:2], 1):
        about = about_person(assigned.persons[each.person_id])
        row |= {f"inspector{place}_{name}": text for name, text in about.items()}
    return row


def _first(licences: Iterable[Licence], *kinds: LicenceKind) -> Licence | None:
    return next((licence for kind in kinds for licence in licences if licence.kind == kind), None)
