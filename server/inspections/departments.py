"""Joint visits (联合检查): one visit with a section for each department, which has its own inspectors, items and forms.

One task is one entry and one visit in every count (进一次门、查多项事). Each department fills its own forms, closes on its own
day and answers for its own results.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.models import Organisation, Person
from server.audit import Acting
from server.checklists import service as checklists
from server.draws.models import DrawnVisit
from server.inspections.assigning import exchange_people
from server.inspections.models import Assignment, Record, Task, TaskSection, TaskState
from server.inspections.tasks import ASSISTING, LEAD, assignments_of, check_people, locked_task, require_open
from server.problems import TaskDepartmentsWrong
from server.registry.models import ItemClaim, Lending

MOST = 10
"""Departments of a visit."""


@dataclass(frozen=True)
class Department:
    """One department's part: its bureau, its people (the lead first), its items, the day on which it closes."""

    organisation_id: UUID
    people: tuple[UUID, ...]
    item_codes: tuple[str, ...]
    due_on: date | None = None


def divide(session: Session, actor: Actor, task_id: UUID, departments: Sequence[Department]) -> Task:
    """Divide a task among departments, the one that leads the visit (牵头部门) first; what was divided before goes.

    Its items and forms become those of all departments together. Who leaves the task loses sight of it.
    """
    task = locked_task(session, task_id)
    require(actor, Permission.TASK_ASSIGN, task)
    require_open(task)
    _check(session, task, departments)
    check_people(session, actor, {person for each in departments for person in each.people})
    return _divide(session, actor, task, departments)


def divide_drawn(session: Session, actor: Acting, draw_id: UUID) -> None:
    """Divide the tasks of a draw that sends several departments together. Whoever published it was permitted.

    An item is the department's that has claimed it (认领), else the leading one's. Where that leaves a department without
    an item, a planner has to say what it inspects. Idempotent.
    """
    query = (
        select(Task, DrawnVisit.teams)
        .join(DrawnVisit, DrawnVisit.id == Task.drawn_visit_id)
        .where(Task.draw_id == draw_id, Task.state == TaskState.ASSIGNED.value)
        .order_by(Task.id)
    )
    for task, teams in session.execute(query).all():
        if len(teams) > 1 and not sections_of(session, task.id):
            departments = _of_teams(session, task, teams)
            if all(each.item_codes and len(each.people) > 1 for each in departments):
                _divide(session, actor, locked_task(session, task.id), departments)


def _of_teams(session: Session, task: Task, teams: Mapping[str, Sequence[str]]) -> list[Department]:
    """Make departments of a drawn visit's teams, which are called as their organisations; the task's lead leads."""
    leading = next(each.person_id for each in assignments_of(session, [task.id]) if each.role == LEAD)
    people = {name: tuple(UUID(each) for each in them) for name, them in teams.items()}
    names = sorted(people, key=lambda name: (leading not in people[name], name))
    query = select(Organisation.name, Organisation.id).where(Organisation.name.in_(names))
    ids: dict[str, UUID] = {row.name: row.id for row in session.execute(query)}
    claims = select(ItemClaim.item_code, ItemClaim.organisation_id).where(
        ItemClaim.item_code.in_(task.item_codes),
        ItemClaim.organisation_id.in_(ids.values()),
        ItemClaim.ended_on.is_(None),
    )
    claimed: dict[str, set[UUID]] = defaultdict(set)
    for row in session.execute(claims):
        claimed[row.item_code].add(row.organisation_id)
    belongs = {
        code: next((name for name in reversed(names) if ids.get(name) in claimed[code]), names[0])
        for code in task.item_codes
    }
    return [
        Department(ids[name], people[name], tuple(code for code in task.item_codes if belongs[code] == name))
        for name in names
        if name in ids
    ]


def _divide(session: Session, actor: Acting, task: Task, departments: Sequence[Department]) -> Task:
    people = [person for each in departments for person in each.people]
    sections = _enter(session, task, departments)
    roles = dict.fromkeys(people, ASSISTING) | {departments[0].people[0]: LEAD}
    belongs = {
        person: section.id
        for section, each in zip(sections, departments, strict=True)
        for person in each.people
    }
    before = exchange_people(session, task, roles, belongs)
    _leave(session, task, {section.id for section in sections})
    task.item_codes = [code for each in departments for code in each.item_codes]
    task.forms = list(dict.fromkeys(form for section in sections for form in section.forms))
    session.flush()
    audit.append(
        session,
        actor,
        "task.divided",
        ("task", task.id),
        {
            "departments": [
                {
                    "organisation": str(each.organisation_id),
                    "people": [str(person) for person in each.people],
                    "items": list(each.item_codes),
                }
                for each in departments
            ],
            "left": sorted(str(person) for person in before - roles.keys()),
        },
    )
    return task


def sections_of(session: Session, task_id: UUID) -> list[TaskSection]:
    """List the departments of a joint visit, the leading one first; none where it is no joint one."""
    query = select(TaskSection).where(TaskSection.task_id == task_id)
    return list(session.scalars(query.order_by(TaskSection.position)))


def section_of_author(session: Session, task_id: UUID, author_id: UUID) -> TaskSection | None:
    """Find the department for which somebody inspects, or inspected, in a visit."""
    return sections_of_author(session, [task_id], author_id).get(task_id)


def sections_of_author(
    session: Session, task_ids: Collection[UUID], author_id: UUID
) -> dict[UUID, TaskSection]:
    """Find the department for which somebody inspects, or inspected, in each of some visits that several make together."""
    query = (
        select(TaskSection)
        .join(Assignment, Assignment.section_id == TaskSection.id)
        .where(Assignment.task_id.in_(task_ids), Assignment.person_id == author_id)
    )
    return {section.task_id: section for section in session.scalars(query)}


def section_of_department(session: Session, task_id: UUID, organisation_id: UUID) -> TaskSection | None:
    """Find a department's part of a joint visit."""
    query = select(TaskSection).where(
        TaskSection.task_id == task_id, TaskSection.organisation_id == organisation_id
    )
    return session.scalar(query)


def section_of_item(session: Session, task_id: UUID, item_code: str) -> TaskSection | None:
    """Find the department that answers for an item of a joint visit."""
    return next((each for each in sections_of(session, task_id) if item_code in each.item_codes), None)


def is_complete(session: Session, task: Task) -> bool:
    """Say whether everything of a visit is final: every form, in a joint visit of every department."""
    rows = session.execute(
        select(Record.form_id, Record.final_rev, Record.author_id).where(Record.task_id == task.id)
    ).all()
    if not all(row.final_rev for row in rows):
        return False
    sections = sections_of(session, task.id)
    if not sections:
        return set(task.forms) <= {row.form_id for row in rows}
    inside = {each.person_id: each.section_id for each in assignments_of(session, [task.id])}
    return all(
        set(section.forms) <= {row.form_id for row in rows if inside.get(row.author_id) == section.id}
        for section in sections
    )


def _check(session: Session, task: Task, departments: Sequence[Department]) -> None:
    people = [person for each in departments for person in each.people]
    items = [code for each in departments for code in each.item_codes]
    bureaus = [each.organisation_id for each in departments]
    homes: dict[UUID, UUID] = {
        row.id: row.organisation_id
        for row in session.execute(select(Person.id, Person.organisation_id).where(Person.id.in_(people)))
    }
    lent = _lent(session, people, bureaus)
    faults = [
        ("多部门检查须有两个以上部门", "there are fewer than two departments", len(departments) < 2),
        ("同一部门出现两次", "a department is named twice", len(set(bureaus)) < len(bureaus)),
        ("有的部门不存在", "a department does not exist", not _exist(session, bureaus)),
        ("同一人员代表两个部门", "somebody is of two departments", len(set(people)) < len(people)),
        ("有的部门少于两名检查人员", "a department has fewer than two people", any(len(each.people) < 2 for each in departments)),
        ("有的部门没有事项", "a department has no items", not all(each.item_codes for each in departments)),
        ("同一事项归了两个部门", "an item is of two departments", len(set(items)) < len(items)),
        ("任务的事项没有全部分给部门", "an item of the task is left over", not set(task.item_codes) <= set(items)),
        (
            "检查人员不是该部门的",
            "somebody is not of the department",
            any(
                homes.get(person) != each.organisation_id and (person, each.organisation_id) not in lent
                for each in departments
                for person in each.people
            ),
        ),
    ]  # fmt: skip
    for chinese, english, is_so in faults:
        if is_so:
            raise TaskDepartmentsWrong(chinese, english)


def _exist(session: Session, bureaus: Collection[UUID]) -> bool:
    found = session.scalars(select(Organisation.id).where(Organisation.id.in_(bureaus))).all()
    return set(found) == set(bureaus)


def _lent(session: Session, people: Collection[UUID], bureaus: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Find who is lent today to which of the bureaus."""
    day = clock.today()
    query = select(Lending.person_id, Lending.organisation_id).where(
        Lending.person_id.in_(people),
        Lending.organisation_id.in_(bureaus),
        Lending.first_day <= day,
        Lending.last_day >= day,
    )
    return {(row.person_id, row.organisation_id) for row in session.execute(query)}


def _enter(session: Session, task: Task, departments: Sequence[Department]) -> list[TaskSection]:
    held = {each.organisation_id: each for each in sections_of(session, task.id)}
    entered = []
    for position, each in enumerate(departments):
        forms = checklists.forms_for(session, each.item_codes)
        if not forms:
            raise TaskDepartmentsWrong("有的部门的事项没有表单", "the items of a department have no form")
        section = held.get(each.organisation_id) or TaskSection(
            task_id=task.id, organisation_id=each.organisation_id
        )
        section.lead_id, section.position = each.people[0], position
        section.item_codes, section.forms = list(each.item_codes), forms
        section.due_on = each.due_on or task.due_on
        entered.append(section)
    session.add_all(entered)
    session.flush()
    return entered


def _leave(session: Session, task: Task, stay: Collection[UUID]) -> None:
    """Take away departments that are no longer part of the visit."""
    gone = [section for section in sections_of(session, task.id) if section.id not in stay]
    for each in assignments_of(session, [task.id]):
        if each.section_id in {section.id for section in gone}:
            each.section_id = None
    session.flush()
    for section in gone:
        session.delete(section)
    session.flush()
