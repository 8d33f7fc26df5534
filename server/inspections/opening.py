"""Opening tasks: the visits of a draw, and those that no draw ordains; each is shown to the people on it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.audit import Acting
from server.draws.models import Draw, DrawnVisit
from server.inspections.models import Assignment, Task, TaskState
from server.inspections.tasks import ASSISTING, LEAD, check_people, roles_as_json, show
from server.registry.models import InspectionItem, ItemMode


@dataclass(frozen=True)
class PlannedVisit:
    """A visit that was decided somewhere: who goes where, with which forms, until when.

    `drawn_visit_id` tells visits apart: the same one never opens two tasks. `mode` and `source` are the gate's words.
    """

    number: str
    name: str
    region: str
    organisation_id: UUID
    object_id: UUID
    forms: Sequence[str]
    item_codes: Sequence[str]
    lead_id: UUID
    assisting_ids: Sequence[UUID]
    opens_on: date
    due_on: date
    approval_no: str | None = None
    notice_no: str | None = None
    approved_on: date | None = None
    notice_served_on: date | None = None
    mode: str = "on_site"
    source: str | None = None
    draw_id: UUID | None = None
    drawn_visit_id: UUID | None = None
    planned_id: UUID | None = None


def open_tasks(session: Session, actor: Acting, draw_id: UUID) -> list[Task]:
    """Open a task for every visit of a published draw that has none yet. Whoever published it was permitted.

    A draw that was drawn anew meanwhile opens nothing.
    """
    draw = session.get_one(Draw, draw_id)
    if draw.superseded_at is not None:
        return []
    drawn = session.scalars(
        select(DrawnVisit).where(DrawnVisit.draw_id == draw_id).order_by(DrawnVisit.task_no, DrawnVisit.id)
    )
    visits = drawn.all()
    modes = modes_of(session, visits)
    return open_visits(session, actor, [_planned(draw, visit, modes[visit.id]) for visit in visits])


def modes_of(session: Session, visits: Collection[DrawnVisit]) -> dict[UUID, str]:
    """Say in which mode each of some drawn visits is made."""
    codes = {code for visit in visits for code in visit.item_codes}
    chosen = select(InspectionItem.code, InspectionItem.modes).where(InspectionItem.code.in_(codes))
    modes = {item.code: item.modes for item in session.execute(chosen)}
    return {visit.id: mode_of(modes.get(code, ()) for code in visit.item_codes) for visit in visits}


def mode_of(modes: Iterable[Collection[str]]) -> str:
    """Name the mode of a visit: the first that all its items allow, on site where they agree on none or say nothing."""
    said = [set(each) for each in modes if each]
    agreed = (mode.value for mode in ItemMode if all(mode.value in each for each in said))
    return next(agreed, ItemMode.ON_SITE.value)


def _planned(draw: Draw, visit: DrawnVisit, mode: str) -> PlannedVisit:
    people = [UUID(each) for each in visit.inspector_ids]
    return PlannedVisit(
        number=visit.task_no,
        name=visit.task_name,
        region=draw.region,
        organisation_id=draw.organisation_id,
        object_id=visit.object_id,
        forms=visit.forms,
        item_codes=visit.item_codes,
        lead_id=visit.lead_id,
        assisting_ids=[each for each in people if each != visit.lead_id],
        opens_on=visit.opens_on,
        due_on=visit.due_on,
        approval_no=visit.approval_no,
        notice_no=visit.notice_no,
        draw_id=draw.id,
        drawn_visit_id=visit.id,
        planned_id=draw.planned_id,
        mode=mode,
    )


def open_visits(session: Session, actor: Acting, visits: Iterable[PlannedVisit]) -> list[Task]:
    """Open tasks and show each, with its object, to the people on it. What is open already is left alone."""
    wanted = list(visits)
    ids = [visit.drawn_visit_id for visit in wanted if visit.drawn_visit_id]
    there = set(session.scalars(select(Task.drawn_visit_id).where(Task.drawn_visit_id.in_(ids))))
    return [_open(session, actor, visit) for visit in wanted if visit.drawn_visit_id not in there]


def open_further_visit(session: Session, actor: Actor, visit: PlannedVisit) -> Task:
    """Open a visit that no draw ordains, such as a revisit (回访); its people are checked as in `reassign`."""
    require(actor, Permission.TASK_ASSIGN, visit)
    check_people(session, actor, {visit.lead_id, *visit.assisting_ids})
    return _open(session, actor, visit)


def _open(session: Session, actor: Acting, visit: PlannedVisit) -> Task:
    task = Task(
        number=visit.number,
        name=visit.name,
        region=visit.region,
        organisation_id=visit.organisation_id,
        draw_id=visit.draw_id,
        drawn_visit_id=visit.drawn_visit_id,
        planned_id=visit.planned_id,
        object_id=visit.object_id,
        forms=list(visit.forms),
        item_codes=list(visit.item_codes),
        opens_on=visit.opens_on,
        due_on=visit.due_on,
        approval_no=visit.approval_no,
        notice_no=visit.notice_no,
        approved_on=visit.approved_on,
        notice_served_on=visit.notice_served_on,
        mode=visit.mode,
        source=visit.source,
        state=TaskState.ASSIGNED.value,
    )
    session.add(task)
    session.flush()
    roles = {visit.lead_id: LEAD} | {each: ASSISTING for each in visit.assisting_ids if each != visit.lead_id}
    session.add_all(Assignment(task_id=task.id, person_id=each, role=role) for each, role in roles.items())
    session.flush()
    show(session, task, roles, ())
    audit.append(
        session,
        actor,
        "task.opened",
        ("task", task.id),
        {"number": task.number, "people": roles_as_json(roles)},
    )
    return task
