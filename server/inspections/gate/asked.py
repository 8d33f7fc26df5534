"""What the house holds about the legality of some visits, as rows: statements made once, a handful however many visits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.checklists.models import FormVersion
from server.db import Unindexed
from server.draws.models import Recusal
from server.evidence import service as evidence
from server.evidence.service import MediaStatus
from server.inspections.models import (
    Commission,
    GateOverride,
    RecusalAnswer,
    Task,
    TaskState,
)
from server.planning.models import Plan, PlannedInspection
from server.registry.models import InspectionItem, InspectorProfile, Lending, TrainingExam

_TASK, _PLANNED, _PLAN = Task.__table__.c, PlannedInspection.__table__.c, Plan.__table__.c
_EXAM, _LENT, _PROFILE = TrainingExam.__table__.c, Lending.__table__.c, InspectorProfile.__table__.c
_ITEM, _FORM, _PERSON = InspectionItem.__table__.c, FormVersion.__table__.c, Person.__table__.c
_COMMISSION = Commission.__table__.c
_INTEREST = Recusal.__table__.c
_RECUSAL, _OVERRIDE = RecusalAnswer.__table__.c, GateOverride.__table__.c
_HERE = frozenset({MediaStatus.STORED, MediaStatus.DURABLE})


def _among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


_REGIONS = select(_PERSON.id, _PERSON.region).where(_among(_PERSON.id))
_EXAMS = select(_EXAM.person_id, _EXAM.passed).where(_among(_EXAM.person_id), _EXAM.year == bindparam("year"))
_LENDINGS = select(_LENT.person_id, _LENT.region).where(
    _among(_LENT.person_id), _LENT.first_day <= bindparam("day"), _LENT.last_day >= bindparam("day")
)
_SCOPES = select(_PROFILE.person_id, _PROFILE.scope).where(_among(_PROFILE.person_id))
_ITEMS = select(
    *(_ITEM.code, _ITEM.name, _ITEM.modes, _ITEM.valid_from, _ITEM.valid_to, _ITEM.basis_from, _ITEM.basis_to)
).where(_among(_ITEM.code))
_PLANS = (
    select(_PLANNED.id, _PLANNED.windows, _PLAN.published_at, _PLAN.filed_at)
    .join_from(PlannedInspection.__table__, Plan.__table__, _PLAN.id == _PLANNED.plan_id)
    .where(_among(_PLANNED.id))
)
_RESTRICTED = select(_FORM.form_id).where(_among(_FORM.form_id), _FORM.restricted).distinct()
_BESIDE = (
    select(_TASK.id, _TASK.object_id, _TASK.number)
    .where(
        # By object: SQLite would rather go through all that are under way.
        _among(_TASK.object_id),
        Unindexed(_TASK.state).in_([TaskState.ASSIGNED.value, TaskState.OPEN.value]),
    )
    .order_by(_TASK.number, _TASK.id)
)
_INTERESTS = select(_INTEREST.object_id, _INTEREST.subject_id).where(
    _among(_INTEREST.object_id), _INTEREST.withdrawn_at.is_(None)
)
_COMMISSIONS = select(*_COMMISSION).where(_among(_COMMISSION.task_id))
_RECUSALS = select(_RECUSAL.task_id, _RECUSAL.person_id, _RECUSAL.answer).where(_among(_RECUSAL.task_id))
_OVERRIDES = (
    select(*_OVERRIDE, _PERSON.name)
    .join_from(GateOverride.__table__, Person.__table__, _PERSON.id == _OVERRIDE.person_id)
    .where(_among(_OVERRIDE.task_id))
)


@dataclass(frozen=True)
class Registered:
    """What the registers say of people, items, plans and forms, by their ids and codes.

    `beside`: open tasks, `interests`: people with an interest (依法回避), both by object.
    """

    regions: dict[UUID, str]
    exams: dict[UUID, bool]
    lent: dict[UUID, set[str]]
    scopes: dict[UUID, Sequence[str]]
    items: dict[str, Any]
    plans: dict[UUID, Any]
    restricted: set[str]
    beside: dict[UUID, list[Any]]
    interests: dict[UUID, set[str]]


@dataclass(frozen=True)
class Entered:
    """What was entered about tasks: departments, commissions, recusals, overrides; and the reports that have come."""

    sections: Mapping[UUID, Sequence[Any]]
    commissions: dict[UUID, Any]
    reports: set[str]
    recusals: dict[UUID, dict[str, str]]
    overrides: dict[UUID, list[Any]]


def registered(
    session: Session,
    on: date,
    *,
    people: Collection[UUID],
    items: Collection[str],
    planned: Collection[UUID],
    forms: Collection[str],
    objects: Collection[UUID],
) -> Registered:
    """Read what the registers say on a day."""
    lent: dict[UUID, set[str]] = defaultdict(set)
    for row in _read(session, _LENDINGS, people, day=on):
        lent[row.person_id].add(row.region)
    beside: dict[UUID, list[Any]] = defaultdict(list)
    for row in _read(session, _BESIDE, objects):
        beside[row.object_id].append(row)
    interests: dict[UUID, set[str]] = defaultdict(set)
    for row in _read(session, _INTERESTS, objects):
        interests[row.object_id].add(str(row.subject_id))
    return Registered(
        regions={row.id: row.region for row in _read(session, _REGIONS, people)},
        exams={row.person_id: row.passed for row in _read(session, _EXAMS, people, year=on.year - 1)},
        lent=lent,
        scopes={row.person_id: row.scope for row in _read(session, _SCOPES, people)},
        items={row.code: row for row in _read(session, _ITEMS, items)},
        plans={row.id: row for row in _read(session, _PLANS, planned)},
        restricted={row.form_id for row in _read(session, _RESTRICTED, forms)},
        beside=beside,
        interests=interests,
    )


def entered(session: Session, tasks: Collection[UUID], sections: Mapping[UUID, Sequence[Any]]) -> Entered:
    """Read what was entered about tasks, beside their departments (`sections`)."""
    recusals: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in _read(session, _RECUSALS, tasks):
        recusals[row.task_id][str(row.person_id)] = row.answer
    overrides: dict[UUID, list[Any]] = defaultdict(list)
    for row in _read(session, _OVERRIDES, tasks):
        overrides[row.task_id].append(row)
    commissions = {row.task_id: row for row in _read(session, _COMMISSIONS, tasks)}
    reports = {row.report for row in commissions.values() if row.report}
    return Entered(
        sections,
        commissions,
        {sha256 for sha256, status in evidence.statuses(session, reports).items() if status in _HERE}
        if reports
        else set(),
        recusals,
        overrides,
    )


def _read(session: Session, statement: Select[Any], ids: Collection[Any], **more: Any) -> Sequence[Any]:
    if not ids:
        return ()
    session.flush()  # what this transaction has written is seen
    return session.connection().execute(statement, {"ids": list(ids), **more}).all()
