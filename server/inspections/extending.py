"""Giving a visit more time: its last day moves, with everything that repeats it."""

from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import Actor, Permission, require
from server.inspections.departments import sections_of
from server.inspections.models import Record, Task
from server.inspections.tasks import locked_task, require_open
from server.problems import TaskDayWrong


def extend_task(session: Session, actor: Actor, task_id: UUID, due_on: date, reason: str) -> Task:
    """Move the last day of a task to a later one, with a reason that is kept.

    Departments of a joint visit that close on the old day close on the new one. What the gate says of the new day
    (a visit outside its plan's window) is told as ever. TaskDayWrong for a day that is not later, or over.
    """
    task = locked_task(session, task_id)
    require(actor, Permission.TASK_ASSIGN, task)
    require_open(task)
    was = task.due_on
    if due_on <= was or due_on < clock.today():
        raise TaskDayWrong(due_on=was.isoformat())
    task.due_on = due_on
    for section in sections_of(session, task.id):
        section.due_on = due_on if section.due_on == was else section.due_on
    session.execute(update(Record).where(Record.task_id == task.id).values(due_on=due_on))
    session.flush()
    feed.touch(session, "task", task.id)
    told = {"was": was.isoformat(), "now": due_on.isoformat(), "reason": reason}
    audit.append(session, actor, "task.extended", ("task", task.id), told)
    return task
