"""Which tasks a list shows: the filters of `GET /tasks`, each served by an index or applied to what one has found."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.access import Actor, Permission, walked_in
from server.conditions import Unindexed, begins
from server.inspections.form_usage import asks_for
from server.inspections.models import Task, TaskTerm
from server.inspections.tasks import tasks_of, visible_tasks
from server.terms import few_labelled


def sought_tasks(session: Session, actor: Actor, sought: Mapping[str, Any]) -> Select[Task]:
    """Select the visible tasks that were asked for; `sought` as `TasksQuerySchema` reads it."""
    few = few_labelled(session, TaskTerm.task_id, [sought["form"]]) if "form" in sought else None
    chosen = visible_tasks(actor, is_found=few is not None or bool(_FINDING & set(sought)))
    if "form" in sought:
        chosen = chosen.where(asks_for(sought["form"]) if few is None else Task.id.in_(few))
    for name, column in _EQUAL.items():
        if name in sought:
            chosen = chosen.where(column == sought[name])
    if "state" in sought:
        # Of the tasks of an object or a person the state is looked at; SQLite would rather go through all that are in it.
        is_found = bool({"object", "person"} & set(sought)) or not actor.sees_region(Permission.TASK_READ)
        is_looked_at = is_found or few is not None
        chosen = chosen.where((Unindexed(Task.state) if is_looked_at else Task.state) == sought["state"])
    if "person" in sought:
        chosen = chosen.where(Task.id.in_(tasks_of(sought["person"])))
    if "region" in sought:
        chosen = chosen.where(walked_in(sought["region"], Task.region))
    if "number" in sought:
        chosen = chosen.where(begins(Task.number, sought["number"]))
    if "due_from" in sought:
        chosen = chosen.where(Task.due_on >= sought["due_from"])
    if "due_to" in sought:
        chosen = chosen.where(Task.due_on <= sought["due_to"])
    return chosen


def order_of(sought: Mapping[str, Any]) -> list[InstrumentedAttribute[Any]]:
    """Say what tasks are read by: by number where its beginning was asked for, so that an index finds it; else by their last day."""
    return [Task.number if "number" in sought else Task.due_on, Task.id]


_FINDING = frozenset({"number", "object", "person", "planned"})
_EQUAL = {
    "object": Task.object_id,
    "organisation": Task.organisation_id,
    "planned": Task.planned_id,
}
