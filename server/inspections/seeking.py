"""Which tasks a list shows: the filters of `GET /tasks`, each served by an index or applied to what one has found."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

from server.access import Actor, walked_in
from server.inspections.form_usage import asks_for
from server.inspections.models import Task
from server.inspections.tasks import tasks_of, visible_tasks


def sought_tasks(actor: Actor, sought: Mapping[str, Any]) -> Select[Task]:
    """Select the visible tasks that were asked for; `sought` as `TasksQuerySchema` reads it."""
    chosen = visible_tasks(actor)
    for name, column in _EQUAL.items():
        if name in sought:
            chosen = chosen.where(column == sought[name])
    if "form" in sought:
        chosen = chosen.where(asks_for(sought["form"]))
    if "person" in sought:
        chosen = chosen.where(Task.id.in_(tasks_of(sought["person"])))
    if "region" in sought:
        chosen = chosen.where(walked_in(sought["region"], Task.region))
    if "number" in sought:
        chosen = chosen.where(Task.number.startswith(sought["number"], autoescape=True))
    if "due_from" in sought:
        chosen = chosen.where(Task.due_on >= sought["due_from"])
    if "due_to" in sought:
        chosen = chosen.where(Task.due_on <= sought["due_to"])
    return chosen


_EQUAL = {
    "state": Task.state,
    "object": Task.object_id,
    "organisation": Task.organisation_id,
    "planned": Task.planned_id,
}
