"""Who is on some tasks, and how these people stand on a day: read in a handful of statements, as in `gathering`."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Date, Integer, exists, select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Organisation, Person
from server.bundles import Bundle, Found, unforeseen
from server.draws.models import Recusal
from server.inspections.gathering import among, read
from server.inspections.models import Assignment, Commission, GateOverride, Task, TaskSection
from server.registry.models import Certificate, InspectorProfile, Lending, TrainingExam

_ASSIGNMENT, _PERSON = Assignment.__table__.c, Person.__table__.c
_CERTIFICATE, _ORGANISATION = Certificate.__table__.c, Organisation.__table__.c
_EXAM, _PROFILE, _LENT = TrainingExam.__table__.c, InspectorProfile.__table__.c, Lending.__table__.c
_SECTION, _COMMISSION, _OVERRIDE = TaskSection.__table__.c, Commission.__table__.c, GateOverride.__table__.c
_INTEREST = Recusal.__table__.c

_HELD = (among(_ASSIGNMENT.task_id, "tasks"), _ASSIGNMENT.ended_at.is_(None))
_ASSIGNED = select(*_ASSIGNMENT).where(*_HELD).order_by(_ASSIGNMENT.role.desc(), _ASSIGNMENT.person_id)
_SECTIONS = select(*_SECTION).where(among(_SECTION.task_id)).order_by(_SECTION.task_id, _SECTION.position)
_DAY, _YEAR = unforeseen("day", Date()), unforeseen("year", Integer())
_STANDING = (
    select(
        *(_PERSON.id, _PERSON.name, _PERSON.active, _PERSON.region, _ORGANISATION.name.label("unit")),
        *(_CERTIFICATE.number.label("certificate"), _CERTIFICATE.valid_to, _EXAM.passed, _PROFILE.scope),
        _LENT.region.label("lent_to"),
    )
    .join_from(Person.__table__, Organisation.__table__, _ORGANISATION.id == _PERSON.organisation_id)
    .outerjoin(
        Certificate.__table__,
        (_CERTIFICATE.person_id == _PERSON.id)
        & (_CERTIFICATE.valid_from <= _DAY)
        & (_CERTIFICATE.valid_to >= _DAY),
    )
    .outerjoin(TrainingExam.__table__, (_EXAM.person_id == _PERSON.id) & (_EXAM.year == _YEAR))
    .outerjoin(InspectorProfile.__table__, _PROFILE.person_id == _PERSON.id)
    .outerjoin(
        Lending.__table__,
        (_LENT.person_id == _PERSON.id) & (_LENT.first_day <= _DAY) & (_LENT.last_day >= _DAY),
    )
    .order_by(_CERTIFICATE.valid_to, _CERTIFICATE.number)
)
_PERSONS = _STANDING.where(among(_PERSON.id))
_TOLD = (_ORGANISATION.id, _ORGANISATION.name, _ORGANISATION.rules)
_ORGANISATIONS = select(*_TOLD).where(among(_ORGANISATION.id))
# Beside the bureaus of tasks, what few tasks have: asked together, and looked for only where it is there.
_BUREAUS = select(
    *_TOLD,
    exists().where(among(_SECTION.task_id, "tasks")).label("joint"),
    exists().where(among(_OVERRIDE.task_id, "tasks")).label("overridden"),
    exists().where(among(_COMMISSION.task_id, "tasks")).label("commissioned"),
    exists()
    .where(among(_INTEREST.object_id, "objects"), _INTEREST.withdrawn_at.is_(None))
    .label("concerned"),
).where(among(_ORGANISATION.id, "bureaus"))
ASSIGNED = {
    "assignments": _ASSIGNED,
    "persons": _STANDING.where(_PERSON.id.in_(select(_ASSIGNMENT.person_id).where(*_HELD))),
    "bureaus": _BUREAUS,
}
"""Who is on tasks, and whose tasks they are; asked with what `about` gives."""
_ALL, _BESIDE_HELD = Bundle(ASSIGNED), Bundle({"persons": _PERSONS, "bureaus": _BUREAUS})


@dataclass(frozen=True)
class Rare:
    """Whether any of some tasks has what few have: departments, something allowed, a commission, somebody with an interest."""

    joint: bool
    overridden: bool
    commissioned: bool
    concerned: bool


_NOTHING_RARE = Rare(joint=False, overridden=False, commissioned=False, concerned=False)


@dataclass(frozen=True)
class Standing:
    """A person as they stand on a day: their bureau's name, and the certificate that is valid for longest.

    `passed`: the exam of the year before, None where no exams are kept. `scope`: codes of items, empty for all.
    `lent_to`: the regions of the bureaus they are lent to.
    """

    id: UUID
    name: str
    active: bool
    region: str
    unit: str
    certificate: str | None
    valid_to: date | None
    passed: bool | None
    scope: Sequence[str]
    lent_to: frozenset[str]


@dataclass(frozen=True)
class Assigned:
    """Who is on some tasks now: assignments, the lead of a task first, and about each person; and whose tasks they are.

    `sections`: the departments of those that are joint visits, the leading one first. `day`: when the people stand so.
    `rare`: which of what few tasks have there is to be looked for.
    """

    day: date
    assignments: Sequence[Assignment]
    persons: Mapping[UUID, Standing]
    organisations: Mapping[UUID, Organisation]
    sections: Mapping[UUID, Sequence[TaskSection]]
    rare: Rare


def assigned_to(
    session: Session, tasks: Collection[Task], held: Sequence[Assignment] | None = None
) -> Assigned:
    """Find who is on some tasks now, with their enforcement certificates, and the bureaus of the tasks.

    `held`: their assignments that have not ended, the lead of a task first, where they are known already.
    """
    day = clock.today()
    asked = about(tasks, day)
    if held is None:
        return assigned_of(session, tasks, _ALL.read(session, asked), day)
    people = list({each.person_id for each in held})
    found = _BESIDE_HELD.read(session, asked | {"ids": people})
    return assigned_of(session, tasks, {"assignments": held, **found}, day)


def about(tasks: Collection[Task], day: date) -> dict[str, Any]:
    """Say about what is asked for tasks on a day."""
    return {
        "tasks": [task.id for task in tasks],
        "bureaus": list({task.organisation_id for task in tasks}),
        "objects": list({task.object_id for task in tasks}),
        **_on(day),
    }


def _on(day: date) -> dict[str, Any]:
    return {"day": day, "year": day.year - 1}


def assigned_of(session: Session, tasks: Collection[Task], rows: Found, day: date) -> Assigned:
    """Put in order what was found about tasks; what few of them have is asked for where it is there."""
    told = rows["bureaus"]
    rare = Rare(*told[0][len(_TOLD) :]) if told else _NOTHING_RARE
    sections = sections_by_task(session, [task.id for task in tasks] if rare.joint else ())
    bureaus = {each.id: each for each in told}
    others = {each.organisation_id for found in sections.values() for each in found} - bureaus.keys()
    bureaus |= {each.id: each for each in organisations_of(session, others)}
    return Assigned(day, rows["assignments"], _standings(rows["persons"]), bureaus, sections, rare)


def sections_by_task(session: Session, tasks: Collection[UUID]) -> Mapping[UUID, Sequence[TaskSection]]:
    """Read the departments of those tasks that are joint visits, the leading one of each first."""
    found: dict[UUID, list[TaskSection]] = defaultdict(list)
    for section in cast("Sequence[TaskSection]", read(session, _SECTIONS, tasks)):
        found[section.task_id].append(section)
    return found


def persons_of(session: Session, ids: Collection[UUID], on: date) -> dict[UUID, Standing]:
    """Read how people stand on a day."""
    return _standings(read(session, _PERSONS, ids, **_on(on)))


def _standings(rows: Sequence[Any]) -> dict[UUID, Standing]:
    lent: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        if row.lent_to is not None:
            lent[row.id].add(row.lent_to)
    return {  # a row for each certificate and lending: the certificate that lasts longest comes last and holds
        row.id: Standing(
            id=row.id,
            name=row.name,
            active=row.active,
            region=row.region,
            unit=row.unit,
            certificate=row.certificate,
            valid_to=row.valid_to,
            passed=row.passed,
            scope=row.scope or (),
            lent_to=frozenset(lent[row.id]),
        )
        for row in rows
    }


def organisations_of(session: Session, ids: Collection[UUID]) -> Sequence[Organisation]:
    """Read what is told of organisations: `id name rules`."""
    return cast("Sequence[Organisation]", read(session, _ORGANISATIONS, ids))
