"""What the house holds about the legality of some visits, as rows: statements made once, a handful however many visits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.conditions import Unindexed
from server.draws.models import Recusal
from server.evidence import service as evidence
from server.evidence.service import MediaStatus
from server.inspections.assigned import Assigned
from server.inspections.gathering import among, read
from server.inspections.models import Commission, GateOverride, RecusalAnswer, Task, TaskState

_TASK = Task.__table__.c
_PERSON = Person.__table__.c
_COMMISSION = Commission.__table__.c
_INTEREST = Recusal.__table__.c
_RECUSAL, _OVERRIDE = RecusalAnswer.__table__.c, GateOverride.__table__.c
_HERE = frozenset({MediaStatus.STORED, MediaStatus.DURABLE})

_OTHERS = (
    select(_TASK.id, _TASK.object_id, _TASK.number)
    .where(
        # By object: SQLite would rather go through all that are under way.
        among(_TASK.object_id),
        Unindexed(_TASK.state).in_([TaskState.ASSIGNED.value, TaskState.OPEN.value]),
    )
    .order_by(_TASK.number, _TASK.id)
)
_INTERESTS = select(_INTEREST.object_id, _INTEREST.subject_id).where(
    among(_INTEREST.object_id), _INTEREST.withdrawn_at.is_(None)
)
_COMMISSIONS = select(*_COMMISSION).where(among(_COMMISSION.task_id))
_RECUSALS = select(_RECUSAL.task_id, _RECUSAL.person_id, _RECUSAL.answer).where(among(_RECUSAL.task_id))
_OVERRIDES = (
    select(*_OVERRIDE, _PERSON.name)
    .join_from(GateOverride.__table__, Person.__table__, _PERSON.id == _OVERRIDE.person_id)
    .where(among(_OVERRIDE.task_id))
)


@dataclass(frozen=True)
class Entered:
    """What was entered about tasks: departments, commissions, recusals, overrides; and the reports that have come.

    `interests`: people with an interest (依法回避), by object. `is_whole`: declarations were read, too.
    """

    sections: Mapping[UUID, Sequence[Any]]
    commissions: dict[UUID, Any]
    reports: set[str]
    recusals: dict[UUID, dict[str, str]]
    overrides: dict[UUID, list[Any]]
    interests: dict[UUID, set[str]]
    is_whole: bool


def others(session: Session, objects: Collection[UUID]) -> Mapping[UUID, Sequence[Any]]:
    """Read the tasks that are under way at each object."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in read(session, _OTHERS, objects):
        found[row.object_id].append(row)
    return found


def entered(
    session: Session,
    tasks: Collection[UUID],
    objects: Collection[UUID],
    assigned: Assigned,
    *,
    for_phones: bool,
) -> Entered:
    """Read what was entered about tasks and their objects, beside their departments.

    `for_phones`: without what people declared, unless somebody allowed something; phones know it themselves.
    """
    rare = assigned.rare
    is_whole = rare.overridden or not for_phones
    interests: dict[UUID, set[str]] = defaultdict(set)
    for row in read(session, _INTERESTS, objects if rare.concerned and is_whole else ()):
        interests[row.object_id].add(str(row.subject_id))
    recusals: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in read(session, _RECUSALS, tasks if is_whole else ()):
        recusals[row.task_id][str(row.person_id)] = row.answer
    overrides: dict[UUID, list[Any]] = defaultdict(list)
    for row in read(session, _OVERRIDES, tasks if rare.overridden else ()):
        overrides[row.task_id].append(row)
    commissioned_by = read(session, _COMMISSIONS, tasks if rare.commissioned else ())
    commissions = {row.task_id: row for row in commissioned_by}
    reports = {row.report for row in commissions.values() if row.report}
    return Entered(
        assigned.sections,
        commissions,
        {sha256 for sha256, status in evidence.statuses(session, reports).items() if status in _HERE}
        if reports
        else set(),
        recusals,
        overrides,
        interests,
        is_whole,
    )
