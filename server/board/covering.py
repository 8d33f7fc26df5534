"""The map of coverage: which drawn objects were visited, which not yet, and which too late. Never where anybody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor, Permission, in_region, require, within
from server.accounts.models import Region
from server.db import Json
from server.inspections.models import Record, Task, TaskState
from server.planning.models import PlannedInspection
from server.registry.models import InspectedObject

MOST_POINTS = 5000
"""Objects that the map shows at most; the table counts all."""


@dataclass(frozen=True)
class Covered:
    """Of which visits: those due between two days, both included; of a region, a plan, a department."""

    first: date
    last: date
    region: str | None = None
    plan: UUID | None = None
    organisation: UUID | None = None


def coverage(session: Session, actor: Actor, covered: Covered) -> Json:
    """Count the visits of a period by region and matter, and place those objects that have a position.

    A visit counts as made once a record of it was handed in. Cost grows with the visits of the period.
    """
    require(actor, Permission.BOARD_READ)
    state = _state()
    points = _points(session, actor, covered, state)
    return {
        "as_of": clock.now(),
        "first": covered.first,
        "last": covered.last,
        "groups": _groups(session, actor, covered, state),
        "points": points[:MOST_POINTS],
        "more": len(points) > MOST_POINTS,
    }


def _state() -> ColumnElement[str]:
    handed_in = select(Record.id).where(Record.task_id == Task.id, Record.submitted_at.is_not(None)).exists()
    return case(
        (or_(Task.state == TaskState.DONE.value, handed_in), literal("visited")),
        (Task.due_on < clock.today(), literal("late")),
        else_=literal("waiting"),
    )


def _chosen(query: Any, actor: Actor, covered: Covered) -> Any:
    query = query.where(
        within(actor, Task.region),
        Task.due_on.between(covered.first, covered.last),
        Task.state != TaskState.WITHDRAWN.value,
    )
    if covered.region:
        query = query.where(in_region(covered.region, Task.region))
    if covered.organisation:
        query = query.where(Task.organisation_id == covered.organisation)
    if covered.plan:
        rows = select(PlannedInspection.id).where(PlannedInspection.plan_id == covered.plan)
        query = query.where(Task.planned_id.in_(rows))
    return query


def _groups(session: Session, actor: Actor, covered: Covered, state: ColumnElement[str]) -> list[Json]:
    counted = select(Task.region, Task.name, state, func.count())
    rows = session.execute(
        _chosen(counted, actor, covered)
        .group_by(Task.region, Task.name, state)
        .order_by(Task.region, Task.name)
    )
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for region, name, its, count in rows:
        groups.setdefault((region, name), {"visited": 0, "waiting": 0, "late": 0})[its] = count
    chosen = select(Region.code, Region.name).where(Region.code.in_({region for region, _ in groups}))
    names = {row.code: row.name for row in session.execute(chosen)}
    return [
        {"region": region, "region_name": names.get(region, region), "matter": name, **counts}
        for (region, name), counts in groups.items()
    ]


def _points(session: Session, actor: Actor, covered: Covered, state: ColumnElement[str]) -> Sequence[Json]:
    site = InspectedObject
    query = select(
        Task.id, Task.number, Task.name, Task.due_on, site.name.label("object_name"), site.latitude, site.longitude,
        state.label("state"),
    )  # fmt: skip
    query = _chosen(query, actor, covered).join(site, site.id == Task.object_id)
    placed = query.where(site.latitude.is_not(None), site.longitude.is_not(None))
    rows = session.execute(placed.order_by(Task.due_on, Task.id).limit(MOST_POINTS + 1))
    return [dict(row) for row in rows.mappings()]
