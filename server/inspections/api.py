"""Tasks over HTTP."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.blueprint import Blueprint
from server.db import Json
from server.http import actor, session
from server.inspections import schemas, service
from server.inspections.counters import Counted
from server.inspections.departments import Department
from server.inspections.form_usage import Usage
from server.inspections.models import Commission, Task
from server.paging import next_page, page
from server.registry.models import InspectedObject

blp = Blueprint(
    "inspections", __name__, url_prefix="/api/v1", description="Tasks, and what of their records never came"
)


@blp.get("/tasks")
@blp.arguments(schemas.TasksQuerySchema, location="query")
@blp.response(200, schemas.TaskSchema(many=True))
def list_tasks(query: dict[str, Any]) -> Any:
    """List the tasks of one's jurisdiction, or those one is on, by due date; by number where its beginning is asked for."""
    chosen, keys = service.sought_tasks(session, actor, query), service.order_of(query)
    rows, after = page(session, chosen, keys, query["after"], query["limit"])
    return _bodies(rows), 200, next_page(after)


@blp.get("/people/<uuid:person_id>/open-tasks")
@blp.response(200, schemas.OpenTaskSchema(many=True))
def list_open_tasks(person_id: UUID) -> Any:
    """List the tasks that wait for a person, by due date, for who looks after their account: to be given to others."""
    return service.open_tasks_of(session, actor, person_id)


@blp.get("/organisations/<uuid:organisation_id>/open-tasks")
@blp.response(200, schemas.OpenTaskSchema(many=True))
def list_open_tasks_of_organisation(organisation_id: UUID) -> Any:
    """List the tasks of an organisation that are not done, by due date, for who looks after it."""
    return service.open_tasks_of_organisation(session, actor, organisation_id)


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


@blp.post("/tasks/<uuid:task_id>/extend")
@blp.arguments(schemas.ExtensionSchema)
@blp.response(200, schemas.TaskSchema)
def extend_task(given: dict[str, Any], task_id: UUID) -> Json:
    """Give a task more time: a later last day, with the reason."""
    return _bodies([service.extend_task(session, actor, task_id, given["due_on"], given["reason"])])[0]


@blp.put("/tasks/<uuid:task_id>/departments")
@blp.arguments(schemas.DepartmentsSchema)
@blp.response(200, schemas.TaskSchema)
def divide(given: dict[str, Any], task_id: UUID) -> Json:
    """Make a task the joint visit of several departments, each with its own people, items and closing day."""
    departments = [
        Department(each["organisation"], tuple(each["people"]), tuple(each["items"]), each["due_on"])
        for each in given["departments"]
    ]
    return _bodies([service.divide(session, actor, task_id, departments)])[0]


@blp.patch("/tasks/<uuid:task_id>")
@blp.arguments(schemas.ConductSchema)
@blp.response(200, schemas.TaskSchema)
def enter_conduct(given: dict[str, Any], task_id: UUID) -> Json:
    """Enter how a task is made (mode, source) and what stands on paper: approval, notice, urgency."""
    return _bodies([service.enter_conduct(session, actor, task_id, given)])[0]


@blp.put("/tasks/<uuid:task_id>/commission")
@blp.arguments(schemas.CommissionSchema)
@blp.response(200, schemas.CommissionSchema)
def enter_commission(given: dict[str, Any], task_id: UUID) -> Commission:
    """Enter the institution that a task commissioned, its qualification and report, or the opinion it adopts."""
    return service.enter_commission(session, actor, task_id, given)


@blp.post("/tasks/<uuid:task_id>/recusal")
@blp.arguments(schemas.RecusalAnswerSchema)
@blp.response(200, schemas.TaskSchema)
def answer_recusal(given: dict[str, str], task_id: UUID) -> Json:
    """Declare for oneself whether one has an interest in a task that one is on."""
    return _bodies([service.answer_recusal(session, actor, task_id, given["answer"])])[0]


@blp.get("/tasks/<uuid:task_id>/gate")
@blp.response(200, schemas.GateSchema)
def show_gate(task_id: UUID) -> Json:
    """Show whether a task is lawful as of today: each rule with its law, and what it came to."""
    return service.gate_of_task(session, actor, task_id)


@blp.post("/tasks/<uuid:task_id>/gate/overrides")
@blp.arguments(schemas.AllowSchema)
@blp.response(200, schemas.GateSchema)
def allow(given: dict[str, str], task_id: UUID) -> Json:
    """Allow, with a reason that is kept, what a rule forbids a task; never what nobody may set aside."""
    task = service.allow(session, actor, task_id, given["rule"], given["reason"])
    return service.gate_of_task(session, actor, task.id)


@blp.get("/draws/<uuid:draw_id>/gate")
@blp.response(200, schemas.DrawGateSchema)
def show_gate_of_draw(draw_id: UUID) -> Json:
    """Show which visits of a draw would not be lawful, before they open."""
    return service.gate_of_draw(session, actor, draw_id)


@blp.get("/forms/<form_id>/usage")
@blp.response(200, schemas.FormUsageSchema)
def tell_form_usage(form_id: str) -> Usage:
    """Tell how many running tasks a form is filled in for, and how many phones have to come by its versions."""
    return service.usage_of_form(session, actor, form_id)


@blp.get("/devices/<uuid:device_id>/gaps")
@blp.response(200, schemas.DeviceGapsSchema(many=True))
def list_device_gaps(device_id: UUID) -> list[Counted]:
    """List the revisions of a device that never came, by person: facts about evidence, not about people."""
    return service.gaps_of_device(session, actor, device_id)


def _bodies(tasks: list[Task]) -> list[Json]:
    views = service.desk_view(session, tasks)
    wanted = {task.object_id for task in tasks}
    chosen = select(InspectedObject.id, InspectedObject.name).where(InspectedObject.id.in_(wanted))
    names = {row.id: row.name for row in session.execute(chosen)}
    return [{"id": task.id, "object_name": names[task.object_id], **views[task.id]} for task in tasks]
