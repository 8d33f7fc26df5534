"""What the house holds about the legality of some visits, as rows: statements made once, a handful however many visits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from server.accounts.models import Person
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
from server.registry.models import InspectionItem, InspectorProfile, Lending, TrainingExam

_TASK = Task.__table__.c
_EXAM, _LENT, _PROFILE = TrainingExam.__table__.c, Lending.__table__.c, InspectorProfile.__table__.c
_ITEM, _PERSON = InspectionItem.__table__.c, Person.__table__.c
_COMMISSION = Commission.__table__.c
_INTEREST = Recusal.__table__.c
_RECUSAL, _OVERRIDE = RecusalAnswer.__table__.c, GateOverride.__table__.c
_HERE = frozenset({MediaStatus.STORED, MediaStatus.DURABLE})


def _among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


_PEOPLE = (
    select(_PERSON.id, _PROFILE.scope, _EXAM.passed, _LENT.region)
    .join_from(Person.__table__, InspectorProfile.__table__, _PROFILE.person_id == _PERSON.id, isouter=True)
    .join(
        TrainingExam.__table__,
        (_EXAM.person_id == _PERSON.id) & (_EXAM.year == bindparam("year")),
        isouter=True,
    )
    .join(
        Lending.__table__,
        (_LENT.person_id == _PERSON.id)
        & (_LENT.first_day <= bindparam("day"))
        & (_LENT.last_day >= bindparam("day")),
        isouter=True,
    )
    .where(_among(_PERSON.id))
)
_ITEMS = select(
    *(_ITEM.code, _ITEM.name, _ITEM.modes, _ITEM.valid_from, _ITEM.valid_to, _ITEM.basis_from, _ITEM.basis_to)
).where(_among(_ITEM.code))
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
# Most tasks have none of these: one question instead of three.
_IS_THERE = select(
    exists().where(_among(_OVERRIDE.task_id)),
    exists().where(_among(_COMMISSION.task_id)),
    exists().where(
        _INTEREST.object_id.in_(bindparam("objects", expanding=True)), _INTEREST.withdrawn_at.is_(None)
    ),
)


@dataclass(frozen=True)
class Registered:
    """What the registers say of people and items, by their ids and codes. `beside`: open tasks by object.

    A person has an exam only where one is kept, and a scope only where there is a profile.
    """

    exams: dict[UUID, bool]
    lent: dict[UUID, set[str]]
    scopes: dict[UUID, Sequence[str]]
    items: dict[str, Any]
    beside: dict[UUID, list[Any]]


@dataclass(frozen=True)
class Entered:
    """What was entered about tasks: departments, commissions, recusals, overrides; and the reports that have come.

    `interests`: people with an interest (依法回避), by object.
    """

    sections: Mapping[UUID, Sequence[Any]]
    commissions: dict[UUID, Any]
    reports: set[str]
    recusals: dict[UUID, dict[str, str]]
    overrides: dict[UUID, list[Any]]
    interests: dict[UUID, set[str]]


def registered(
    session: Session,
    on: date,
    *,
    people: Collection[UUID],
    items: Collection[str],
    objects: Collection[UUID],
) -> Registered:
    """Read what the registers say on a day."""
    lent: dict[UUID, set[str]] = defaultdict(set)
    known = _read(session, _PEOPLE, people, day=on, year=on.year - 1)
    for row in known:
        if row.region is not None:
            lent[row.id].add(row.region)
    beside: dict[UUID, list[Any]] = defaultdict(list)
    for row in _read(session, _BESIDE, objects):
        beside[row.object_id].append(row)
    return Registered(
        exams={row.id: row.passed for row in known if row.passed is not None},
        lent=lent,
        scopes={row.id: row.scope for row in known if row.scope is not None},
        items={row.code: row for row in _read(session, _ITEMS, items)},
        beside=beside,
    )


def entered(
    session: Session,
    tasks: Collection[UUID],
    objects: Collection[UUID],
    sections: Mapping[UUID, Sequence[Any]],
) -> Entered:
    """Read what was entered about tasks and their objects, beside their departments (`sections`)."""
    overridden, commissioned, concerned = (
        _read(session, _IS_THERE, tasks, objects=list(objects))[0] if tasks else (False, False, False)
    )
    interests: dict[UUID, set[str]] = defaultdict(set)
    for row in _read(session, _INTERESTS, objects if concerned else ()):
        interests[row.object_id].add(str(row.subject_id))
    recusals: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in _read(session, _RECUSALS, tasks):
        recusals[row.task_id][str(row.person_id)] = row.answer
    overrides: dict[UUID, list[Any]] = defaultdict(list)
    for row in _read(session, _OVERRIDES, tasks if overridden else ()):
        overrides[row.task_id].append(row)
    commissioned_by = _read(session, _COMMISSIONS, tasks if commissioned else ())
    commissions = {row.task_id: row for row in commissioned_by}
    reports = {row.report for row in commissions.values() if row.report}
    return Entered(
        sections,
        commissions,
        {sha256 for sha256, status in evidence.statuses(session, reports).items() if status in _HERE}
        if reports
        else set(),
        recusals,
        overrides,
        interests,
    )


def _read(
    session: Session, statement: Select[*tuple[Any, ...]], ids: Collection[Any], **more: Any
) -> Sequence[Any]:
    if not ids:
        return ()
    session.flush()  # what this transaction has written is seen
    return session.connection().execute(statement, {"ids": list(ids), **more}).all()
