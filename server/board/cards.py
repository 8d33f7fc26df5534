"""Cards of the board: what something is about, by when it is due, by which rule and how many working days are left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Organisation
from server.board.columns import Column
from server.db import Json
from server.inspections.models import Record, Task
from server.planning.models import PlannedInspection
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject, InspectionItem
from server.results.calendars import Calendars
from server.results.deadlines import DeadlineKind, source_of
from server.results.keeping import calendar_of
from server.results.models import Deadline, Result
from server.review.models import Decision, Verdict

SOON = 3
"""Working days left from which on something is soon due."""
_VISIT = "任务截止日期 · the last day of the task"
_RETURN = "退回时要求的改正日期 · the day asked for when it was returned"
_HELD = "先处置、后公示 · handled first, then made public"
_PUBLIC = "已公示 · public since"


@dataclass(frozen=True)
class _Beside:
    """What cards say of things that are elsewhere: one statement for each kind, however many cards."""

    tasks: Mapping[UUID, Task]
    results: Mapping[UUID, Result]
    objects: Mapping[UUID, str]
    items: Mapping[str, str]
    bureaus: Mapping[UUID, Organisation]
    planned: Mapping[UUID, str]
    returns: Mapping[UUID, date]
    terms: Mapping[UUID, str]


@dataclass(frozen=True)
class _Term:
    """By when, by which rule, and where that rule is written; both in Chinese and English, ` · ` between."""

    due_on: date | None
    rule: str
    place: str


def write_cards(session: Session, found: Mapping[Column, Sequence[Any]]) -> dict[Column, list[Json]]:
    """Write the cards of each column, in the order given."""
    beside = _look_up(session, [entity for entities in found.values() for entity in entities])
    calendars, today = Calendars(session), clock.today()
    return {
        column: [_written(entity, column, beside, calendars, today) for entity in entities]
        for column, entities in found.items()
    }


def _written(entity: Any, column: Column, beside: _Beside, calendars: Calendars, today: date) -> Json:
    result = _result_of(entity, beside)
    task = entity if isinstance(entity, Task) else beside.tasks[(result or entity).task_id]
    bureau = beside.bureaus[result.organisation_id if result else task.organisation_id]
    term = _term(entity, column, task, result, bureau, beside)
    calendar = calendar_of(bureau, calendars, task.region)
    left = calendar.days_left(today, term.due_on) if term.due_on else None
    codes = [result.item_code] if result else task.item_codes
    return {
        "kind": "result" if result else "record" if isinstance(entity, Record) else "task",
        "id": (result or entity).id,
        "task": task.id,
        "number": task.number,
        "object_name": beside.objects[task.object_id],
        "items": [beside.items.get(code, code) for code in codes],
        "department": bureau.name,
        "region": task.region,
        "due_on": term.due_on,
        "days_left": None if column is Column.PUBLISHED else left,
        "urgency": "fine" if left is None or column is Column.PUBLISHED else _urgency(left),
        "rule": term.rule,
        "place": term.place,
    }


def _urgency(left: int) -> str:
    if left < 0:
        return "late"
    return "soon" if left <= SOON else "fine"


def _result_of(entity: Any, beside: _Beside) -> Result | None:
    if isinstance(entity, Disclosure):
        return beside.results[entity.result_id]
    return entity if isinstance(entity, Result) else None


def _term(
    entity: Any, column: Column, task: Task, result: Result | None, bureau: Organisation, beside: _Beside
) -> _Term:
    if isinstance(entity, Disclosure):
        day = clock.day_of(entity.published_at) if entity.published_at else None
        return _Term(
            day, _PUBLIC if day else _HELD, source_of(DeadlineKind.PUBLICATION, bureau.name, bureau.rules)
        )
    if result is not None and column is Column.TO_ENTER:
        return _Term(result.due_on, result.due_rule, source_of(DeadlineKind.ENTRY, bureau.name, bureau.rules))
    if result is not None:
        place = source_of(DeadlineKind.PUBLICATION, bureau.name, bureau.rules)
        rule = beside.terms.get(result.id, "") if result.publish_on else _HELD
        return _Term(result.publish_on, rule, place)
    if entity.id in beside.returns:
        return _Term(beside.returns[entity.id], _RETURN, f"{task.number} · {task.number}")
    planned = beside.planned.get(task.planned_id) if task.planned_id else None
    place = planned or task.name
    return _Term(task.due_on, _VISIT, f"{place} · {place}")


def _look_up(session: Session, entities: Sequence[Any]) -> _Beside:
    records = [each for each in entities if isinstance(each, Record)]
    results: dict[UUID, Result] = {each.id: each for each in entities if isinstance(each, Result)}
    results |= _by_id(session, Result, {each.result_id for each in entities if isinstance(each, Disclosure)})
    tasks: dict[UUID, Task] = {each.id: each for each in entities if isinstance(each, Task)}
    others = {each.task_id for each in records} | {each.task_id for each in results.values()}
    tasks |= _by_id(session, Task, others - tasks.keys())
    codes = {code for task in tasks.values() for code in task.item_codes}
    codes |= {result.item_code for result in results.values()}
    wanted = {each.organisation_id for each in tasks.values()}
    wanted |= {each.organisation_id for each in results.values()}
    return _Beside(
        tasks,
        results,
        _names(session, InspectedObject, InspectedObject.id, {each.object_id for each in tasks.values()}),
        _names(session, InspectionItem, InspectionItem.code, codes),
        _by_id(session, Organisation, wanted),
        _names(
            session, PlannedInspection, PlannedInspection.id, {each.planned_id for each in tasks.values()}
        ),
        _returns(session, records),
        _terms(session, results),
    )


def _by_id(session: Session, entity: Any, ids: Iterable[UUID]) -> dict[UUID, Any]:
    return {each.id: each for each in session.scalars(select(entity).where(entity.id.in_(set(ids))))}


def _names(session: Session, entity: Any, key: Any, keys: Iterable[Any]) -> dict[Any, str]:
    rows = session.execute(select(key, entity.name).where(key.in_(set(keys) - {None})))
    return dict(rows.all())


def _terms(session: Session, results: Iterable[UUID]) -> dict[UUID, str]:
    """The rules by which results are to be public, as they were counted."""
    kept = select(Deadline.subject_id, Deadline.rule).where(
        Deadline.subject_id.in_(set(results)), Deadline.kind == DeadlineKind.PUBLICATION.value
    )
    return dict(session.execute(kept).all())


def _returns(session: Session, records: Sequence[Record]) -> dict[UUID, date]:
    """The days that were asked for when records were returned, of those that are returned now; the last one counts."""
    ids = [each.id for each in records if each.review_act == "returned"]
    rows = session.execute(
        select(Decision.record_id, Decision.due_on)
        .where(Decision.record_id.in_(ids), Decision.verdict == Verdict.RETURNED.value)
        .order_by(Decision.decided_at)
    )
    last: dict[UUID, date | None] = dict(rows.all())
    return {record: day for record, day in last.items() if day is not None}
