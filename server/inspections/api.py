"""Tasks over HTTP."""

from typing import Any
from uuid import UUID

from server.db import Json
from server.http import Blueprint, actor, session
from server.inspections import schemas, service
from server.inspections.counters import Counted
from server.inspections.models import Task
from server.paging import next_page, page

blp = Blueprint(
    "inspections", __name__, url_prefix="/api/v1", description="Tasks, and what of their records never came"
)


@blp.get("/tasks")
@blp.arguments(schemas.TasksQuerySchema, location="query")
@blp.response(200, schemas.TaskSchema(many=True))
def list_tasks(query: dict[str, Any]) -> Any:
    """List the tasks of one's jurisdiction, or those one is on, by due date."""
    chosen = service.visible_tasks(actor)
    if "state" in query:
        chosen = chosen.where(Task.state == query["state"])
    if "person" in query:
        chosen = chosen.where(Task.id.in_(service.tasks_of(query["person"])))
    rows, after = page(session, chosen, [Task.due_on, Task.id], query["after"], query["limit"])
    return _bodies(rows), 200, next_page(after)


@blp.get("/tasks/<uuid:task_id>")
@blp.response(200, schemas.TaskSchema)
def show_task(task_id: UUID) -> Json:
    """Show one task."""
    return _bodies([service.visible_task(session, actor, task_id)])[0]


@blp.post("/tasks/<uuid:task_id>/reassign")
@blp.arguments(schemas.ReassignSchema)
@blp.response(200, schemas.TaskSchema)
def reassign_task(people: dict[str, Any], task_id: UUID) -> Json:
    """Give a task to other people; the phones of those who leave drop it, what they did is still taken."""
    task = service.reassign(session, actor, task_id, people["lead"], people["assisting"], people["reason"])
    return _bodies([task])[0]


@blp.post("/tasks/<uuid:task_id>/withdraw")
@blp.arguments(schemas.WithdrawSchema)
@blp.response(200, schemas.TaskSchema)
def withdraw_task(given: dict[str, str], task_id: UUID) -> Json:
    """Take a task back from everybody on it."""
    return _bodies([service.withdraw_task(session, actor, task_id, given["reason"])])[0]


@blp.get("/devices/<uuid:device_id>/gaps")
@blp.response(200, schemas.DeviceGapsSchema(many=True))
def list_device_gaps(device_id: UUID) -> list[Counted]:
    """List the revisions of a device that never came, by person: facts about evidence, not about people."""
    return service.gaps_of_device(session, actor, device_id)


def _bodies(tasks: list[Task]) -> list[Json]:
    views = service.task_view(session, [task.id for task in tasks])
    return [{"id": task.id, **views[task.id]} for task in tasks]
