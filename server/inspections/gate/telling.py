"""The gate of tasks and of drawn visits, for planners, supervisors, inspectors and their phones."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.db import Json
from server.draws import service as draws
from server.draws.models import Draw, DrawnVisit
from server.inspections.assigned import Assigned, assigned_to
from server.inspections.gate.checks import Check, judge_visit, worst
from server.inspections.gate.facts import know, visit_of
from server.inspections.gate.rules import Verdict, told_to_phones
from server.inspections.gathering import Beside
from server.inspections.models import CLOSED, Assignment, Task, TaskState
from server.inspections.opening import modes_of
from server.inspections.tasks import ASSISTING, LEAD, visible_task


def gates_of(
    session: Session,
    tasks: Collection[Task],
    assigned: Assigned | None = None,
    beside: Beside | None = None,
) -> dict[UUID, list[Check]]:
    """Judge tasks as of today, in a fixed number of queries.

    `assigned`, `beside`: who is on them and what stands beside them today, where it is known already.
    """
    if not tasks:
        return {}
    known = know(session, tasks, clock.today(), assigned, beside)
    return {task.id: judge_visit(visit_of(task, known), known.allowed(task.id)) for task in tasks}


def gates_for_phones(
    session: Session, tasks: Collection[Task], assigned: Assigned, beside: Beside
) -> dict[UUID, list[Json]]:
    """Write what phones are told of tasks as of today: what they can't judge by themselves, or what somebody allowed.

    All the rest a phone finds from the task, and it is not judged here. Of a task that is over nothing is told: nobody
    goes there any more, and it is not sent again when what is known of its people changes (see `renewing`).
    """
    gates: dict[UUID, list[Json]] = {task.id: [] for task in tasks}
    ahead = [task for task in tasks if task.state not in CLOSED]
    if not ahead:
        return gates
    known = know(session, ahead, clock.today(), assigned, beside, for_phones=True)
    asked = None if known.is_whole else told_to_phones()
    for task in ahead:
        gates[task.id] = _for_phones(judge_visit(visit_of(task, known), known.allowed(task.id), asked))
    return gates


def gate_of_task(session: Session, actor: Actor, task_id: UUID) -> Json:
    """Write all checks of a task that the actor may see, as of today, with law and reasons."""
    task = visible_task(session, actor, task_id)
    checks = gates_of(session, [task])[task.id]
    return {
        "judged_on": clock.today(),
        "verdict": worst(checks).value,
        "checks": [each.as_json() for each in checks],
    }


def gate_of_draw(session: Session, actor: Actor, draw_id: UUID) -> Json:
    """Judge the visits of a draw before they open: what of them does not hold, the blocked ones first.

    Each is judged on the first day it can be made: today, or when it opens.
    """
    draw = draws.find_draw(session, actor, draw_id)
    visits = draws.visits_of(session, [draw.id])
    modes = modes_of(session, visits)
    tasks = {visit.id: _as_task(draw, visit, modes[visit.id]) for visit in visits}
    assigned = [each for visit in visits for each in _as_assignments(visit)]
    checks: dict[UUID, list[Check]] = {}
    for day in sorted({_first_day(visit) for visit in visits}):
        these = [tasks[visit.id] for visit in visits if _first_day(visit) == day]
        held = [each for each in assigned if each.task_id in {task.id for task in these}]
        known = know(session, these, day, assigned_to(session, these, held))
        checks |= {task.id: judge_visit(visit_of(task, known)) for task in these}
    told: list[Json] = [
        {
            "visit": visit.id,
            "object": visit.object_id,
            "task_no": visit.task_no,
            "verdict": worst(checks[visit.id]).value,
            "checks": [each.as_told() for each in checks[visit.id] if each.verdict is not Verdict.ALLOW],
        }
        for visit in visits
    ]
    told.sort(key=lambda each: Verdict(each["verdict"]).weight, reverse=True)
    return {"draw": draw.id, "visits": told}


def _for_phones(checks: Iterable[Check]) -> list[Json]:
    told = told_to_phones()
    return [
        check.as_told()
        for check in checks
        if check.verdict is not Verdict.ALLOW and (check.rule.code in told or check.allowed is not None)
    ]


def _first_day(visit: DrawnVisit) -> date:
    return max(clock.today(), visit.opens_on)


def _as_task(draw: Draw, visit: DrawnVisit, mode: str) -> Task:
    """See a drawn visit as the task that it opens; it is never stored."""
    return Task(
        id=visit.id,
        region=draw.region,
        organisation_id=draw.organisation_id,
        planned_id=draw.planned_id,
        object_id=visit.object_id,
        forms=visit.forms,
        item_codes=visit.item_codes,
        opens_on=visit.opens_on,
        due_on=visit.due_on,
        approval_no=visit.approval_no,
        notice_no=visit.notice_no,
        mode=mode,
        state=TaskState.ASSIGNED.value,
    )


def _as_assignments(visit: DrawnVisit) -> list[Assignment]:
    people = [UUID(each) for each in visit.inspector_ids]
    return [
        Assignment(task_id=visit.id, person_id=each, role=LEAD if each == visit.lead_id else ASSISTING)
        for each in people
    ]
