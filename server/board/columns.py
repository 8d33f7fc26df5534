"""The columns of the board: what stands in each, in which order, and as which index serves it.

A column is one or several walks along an index, each in the order of its days. So a count that ends at `MOST` and the
first cards cost what they show, whatever else is stored. Only what is under way is walked: the newest column reaches
back to a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, select
from sqlalchemy.orm import InstrumentedAttribute

from server.access import Actor, Permission, walked_in, walked_within
from server.clock import CHINA
from server.inspections.models import Record, Task, TaskState
from server.planning.models import PlannedInspection
from server.publicity.models import PUBLISHED, Disclosure, DisclosureState
from server.results.models import Result, ResultState
from sync import RecordState

Entity = Task | Record | Result | Disclosure


class Column(StrEnum):
    """Where something stands, from the draw to the public."""

    NOT_BEGUN = "not_begun"
    INSPECTING = "inspecting"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    TO_ENTER = "to_enter"
    TO_PUBLISH = "to_publish"
    PUBLISHED = "published"


NEEDS = {
    Column.NOT_BEGUN: Permission.TASK_READ,
    Column.INSPECTING: Permission.TASK_READ,
    Column.UNDER_REVIEW: Permission.RECORD_READ,
    Column.RETURNED: Permission.RECORD_READ,
    Column.TO_ENTER: Permission.RESULT_READ,
    Column.TO_PUBLISH: Permission.RESULT_READ,
    Column.PUBLISHED: Permission.RESULT_READ,
}


@dataclass(frozen=True)
class Sought:
    """Of what the board is: a region, an item, a plan, a department, and the days by which it is due (both included).

    Of what is public already the days are those on which it became so, from `since` on where none is given.
    """

    since: date
    region: str | None = None
    item: str | None = None
    plan: UUID | None = None
    organisation: UUID | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Walk:
    """One query of a column, and the order in which an index serves it."""

    query: Select[Any]
    order: Sequence[Any]


def walks_of(actor: Actor, column: Column, sought: Sought) -> list[Walk]:
    """Return the walks whose rows, one after the other, are what stands in a column, the most urgent first."""
    if column is Column.PUBLISHED:
        order = (Disclosure.published_at.desc(), Disclosure.id.desc())
        return [Walk(_published(actor, sought, state), order) for state in PUBLISHED]
    if column is Column.TO_PUBLISH:
        return _to_publish(actor, sought)
    if column is Column.TO_ENTER:
        drafts = _results(actor, sought).where(Result.state == ResultState.DRAFT.value)
        return [Walk(_due(drafts, Result.due_on, sought), (Result.due_on, Result.id))]
    if column in _RECORD_STATES:
        records = _records(actor, sought).where(Record.state == _RECORD_STATES[column])
        return [Walk(_due(records, Record.due_on, sought), (Record.due_on, Record.id))]
    return [Walk(_due(_tasks(actor, column, sought), Task.due_on, sought), (Task.due_on, Task.id))]


_RECORD_STATES: Mapping[Column, str] = {
    Column.UNDER_REVIEW: RecordState.UNDER_REVIEW.value,
    Column.RETURNED: RecordState.RETURNED.value,
}


def _tasks(actor: Actor, column: Column, sought: Sought) -> Select[Task]:
    """Visits that nobody began; or those that were begun, of which no record waits in a column of its own."""
    tasks = _here(select(Task), actor, Task.region, sought)
    tasks = _of_plan(tasks, sought)
    if sought.item:
        tasks = tasks.where(_names(Task.item_codes, sought.item))
    if sought.organisation:
        tasks = tasks.where(Task.organisation_id == sought.organisation)
    if column is Column.NOT_BEGUN:
        return tasks.where(Task.state == TaskState.ASSIGNED.value)
    elsewhere = select(Record.id).where(
        Record.task_id == Task.id, Record.state.in_([*_RECORD_STATES.values()])
    )
    return tasks.where(Task.state == TaskState.OPEN.value, ~elsewhere.exists())


def _records(actor: Actor, sought: Sought) -> Select[Record]:
    records = _here(select(Record), actor, Record.region, sought)
    if sought.item or sought.plan or sought.organisation:
        records = _of_plan(records.join(Task, Task.id == Record.task_id), sought)
    if sought.item:
        records = records.where(_names(Task.item_codes, sought.item))
    return records.where(Task.organisation_id == sought.organisation) if sought.organisation else records


def _results(actor: Actor, sought: Sought) -> Select[Result]:
    return _of_results(_here(select(Result), actor, Result.region, sought), sought)


def _to_publish(actor: Actor, sought: Sought) -> list[Walk]:
    """Confirmed and not released: those with a term first, then those without; then what is held until it is handled."""
    confirmed = _results(actor, sought).where(Result.state == ResultState.CONFIRMED.value)
    with_term = _due(confirmed.where(Result.publish_on.is_not(None)), Result.publish_on, sought)
    walks = [Walk(with_term, (Result.publish_on, Result.id))]
    if sought.first or sought.last:
        return walks  # what has no term is due on no day
    without = confirmed.where(Result.publish_on.is_(None))
    held = _disclosures(actor, sought).where(Disclosure.state == DisclosureState.HELD.value)
    return [
        *walks,
        Walk(without, (Result.publish_on, Result.id)),
        Walk(held, (Disclosure.published_at, Disclosure.id)),
    ]


def _published(actor: Actor, sought: Sought, state: str) -> Select[Disclosure]:
    since = datetime.combine(sought.first or sought.since, time.min, CHINA)
    public = _disclosures(actor, sought).where(Disclosure.state == state, Disclosure.published_at >= since)
    if sought.last:
        public = public.where(Disclosure.published_at <= datetime.combine(sought.last, time.max, CHINA))
    return public


def _disclosures(actor: Actor, sought: Sought) -> Select[Disclosure]:
    disclosures = _here(select(Disclosure), actor, Disclosure.region, sought)
    if not (sought.item or sought.plan or sought.organisation):
        return disclosures
    return _of_results(disclosures.join(Result, Result.id == Disclosure.result_id), sought)


def _of_results(query: Select[Any], sought: Sought) -> Select[Any]:
    if sought.item:
        query = query.where(Result.item_code == sought.item)
    if sought.organisation:
        query = query.where(Result.organisation_id == sought.organisation)
    return _of_plan(query.join(Task, Task.id == Result.task_id), sought) if sought.plan else query


def _of_plan(query: Select[Any], sought: Sought) -> Select[Any]:
    if sought.plan is None:
        return query
    rows = select(PlannedInspection.id).where(PlannedInspection.plan_id == sought.plan)
    return query.where(Task.planned_id.in_(rows))


def _here(
    query: Select[Any], actor: Actor, column: InstrumentedAttribute[str], sought: Sought
) -> Select[Any]:
    query = query.where(walked_within(actor, column))
    return query.where(walked_in(sought.region, column)) if sought.region else query


def _due(query: Select[Any], column: Any, sought: Sought) -> Select[Any]:
    if sought.first:
        query = query.where(column >= sought.first)
    return query.where(column <= sought.last) if sought.last else query


def _names(codes: Any, code: str) -> Any:
    return cast(codes, Text).contains(f'"{code}"', autoescape=True)
