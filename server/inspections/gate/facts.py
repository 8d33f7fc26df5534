"""Making visits, as the rules see them, of tasks, and of drawn visits before they open."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server import calendar, clock
from server.access import region_bounds
from server.accounts.models import Organisation
from server.inspections import gathering
from server.inspections.assigned import Assigned, Standing, assigned_to, persons_of
from server.inspections.gate import asked
from server.inspections.gate.asked import Entered
from server.inspections.gate.checks import Allowed
from server.inspections.gate.rules import Mode
from server.inspections.gate.visit import (
    Commission,
    Department,
    Papers,
    Participant,
    PlanStanding,
    Source,
    Urgency,
    Visit,
)
from server.inspections.gathering import Beside
from server.inspections.lawfulness import VisitRules, read_visit_rules
from server.inspections.models import Assignment, Task, TaskState
from server.registry import service as registry
from server.registry.models import ObjectKind


@dataclass(frozen=True)
class Known:
    """What was read for some tasks on one day: see `asked`; who is on them, and what stands beside them.

    `lists`: the codes on each bureau's published list, where it has published one.
    """

    day: date
    others: Mapping[UUID, Sequence[Any]]
    beside: Beside
    entered: Entered
    assigned: Mapping[UUID, list[Assignment]]
    persons: Mapping[UUID, Standing]
    organisations: Mapping[UUID, Organisation]
    lists: Mapping[UUID, frozenset[str]]

    @cached_property
    def rules(self) -> Mapping[UUID, VisitRules]:
        """What each bureau asks of visits."""
        return {bureau.id: read_visit_rules(bureau.rules) for bureau in self.organisations.values()}

    @cached_property
    def item_names(self) -> Mapping[str, str]:
        """What items are called, by their codes."""
        return {code: row.name for code, row in self.beside.items.items()}

    @cached_property
    def item_modes(self) -> Mapping[str, frozenset[Mode]]:
        """The modes that the list names for items, those it names none for left out."""
        return {code: frozenset(map(Mode, row.modes)) for code, row in self.beside.items.items() if row.modes}

    @cached_property
    def in_force(self) -> frozenset[str]:
        """The items that are in force on the day."""
        return frozenset(code for code, row in self.beside.items.items() if _in_force(row, self.day))

    @property
    def is_whole(self) -> bool:
        """Whether every rule can be judged by it, not only what phones are told of."""
        return self.entered.is_whole

    def allowed(self, task_id: UUID) -> list[Allowed]:
        """List what somebody allowed on a task."""
        return [
            Allowed(each.rule, each.outcome, each.reason, each.name, each.at)
            for each in self.entered.overrides.get(task_id, ())
        ]


def know(
    session: Session,
    tasks: Collection[Task],
    day: date,
    assigned: Assigned | None = None,
    beside: Beside | None = None,
    *,
    for_phones: bool = False,
) -> Known:
    """Read what is known of tasks on a day, in a dozen queries however many they are.

    `assigned`: who is on them, where that is known already, or they are not opened yet. `beside`: what stands beside
    them on that day, where it is known. `for_phones`: only what the rules ask about that phones are told of, where
    nobody allowed anything; what was allowed may be by any rule.
    """
    task_ids = {task.id for task in tasks}
    assigned = assigned or assigned_to(session, tasks)
    held: dict[UUID, list[Assignment]] = defaultdict(list)
    for each in assigned.assignments:
        held[each.task_id].append(each)
    people = {each.person_id for rows in held.values() for each in rows}
    objects = {task.object_id for task in tasks}
    beside = beside or gathering.beside_gates(session, tasks, day)
    entered = asked.entered(session, task_ids, objects, assigned, for_phones=for_phones)
    sections = [each for rows in entered.sections.values() for each in rows]
    bureaus = {task.organisation_id for task in tasks} | {each.organisation_id for each in sections}
    return Known(
        day=day,
        others=asked.others(session, objects if entered.is_whole else ()),
        beside=beside,
        entered=entered,
        assigned=held,
        persons=assigned.persons if assigned.day == day else persons_of(session, people, day),
        organisations=assigned.organisations,
        lists={
            bureau: frozenset(listed)
            for bureau, listed in registry.listed_items_of(session, bureaus, day).items()
        }
        if entered.is_whole
        else {},
    )


def visit_of(task: Task, known: Known) -> Visit:
    """Make the visit of a task, as it would be made on the day."""
    rules = known.rules[task.organisation_id]
    departments = tuple(
        Department(str(each.id), known.organisations[each.organisation_id].name, tuple(each.item_codes))
        for each in known.entered.sections.get(task.id, ())
    )
    return Visit(
        day=known.day,
        judged_on=clock.today(),
        opens_on=task.opens_on,
        due_on=task.due_on,
        items=tuple(task.item_codes),
        people=tuple(_people(task, known)),
        is_enterprise=known.beside.objects[task.object_id].kind == ObjectKind.ENTERPRISE,
        mode=Mode(task.mode),
        source=_source(task),
        plan=_plan(known.beside.plans.get(task.planned_id), rules) if task.planned_id else None,
        listed=_listed(task, known) if known.is_whole else None,
        item_names=known.item_names,
        item_modes=known.item_modes,
        papers=_papers(task, rules, known.day),
        year_count=known.beside.visits.get(task.object_id, 0) + (0 if _is_counted(task, known.day) else 1),
        cap=rules.a_year,
        beside=tuple(each.number for each in known.others.get(task.object_id, ()) if each.id != task.id),
        recusals=known.entered.recusals.get(task.id, {})
        | dict.fromkeys(known.entered.interests.get(task.object_id, ()), "recused"),
        asks_entry_code=rules.entry_code,
        is_secret=bool(known.beside.restricted & set(task.forms)),
        commission=_commission(known.entered.commissions.get(task.id), known.entered.reports),
        departments=departments,
    )


def urgency(reason: str, rules: VisitRules, day: date) -> Urgency:
    """Say until when a visit of a day, made before it was approved, has to be."""
    within = rules.approve_within
    return Urgency(reason, calendar.add_working_days(day, within).on if within else None)


def _people(task: Task, known: Known) -> Iterable[Participant]:
    """Whoever is on a task now was assigned to inspect: experts and assistants stand in records, never here."""
    for each in known.assigned.get(task.id, ()):
        person = known.persons[each.person_id]
        serving = {person.region, *person.lent_to}
        yield Participant(
            id=person.id,
            name=person.name,
            active=person.active,
            certificate=person.certificate,
            valid_to=person.valid_to,
            passed=person.passed,
            scope=frozenset(person.scope),
            serves=any(_governs(region, task.region) for region in serving),
            section=str(each.section_id) if each.section_id else None,
        )


def _is_counted(task: Task, day: date) -> bool:
    """Whether the visits that were made already hold this one."""
    return task.state == TaskState.DONE and task.closed_at is not None and task.closed_at.year == day.year


def _governs(region: str, place: str) -> bool:
    first, last = region_bounds(region)
    return first <= place <= last


def _source(task: Task) -> Source:
    if task.source:
        return Source(task.source)
    return Source.PLAN if task.planned_id else Source.TEMPORARY


def _listed(task: Task, known: Known) -> frozenset[str]:
    """Say which of a task's items are listed: by the bureau that answers for each, in force where it published none."""
    answering = {
        code: section.organisation_id
        for section in known.entered.sections.get(task.id, ())
        for code in section.item_codes
    }
    return frozenset(
        code
        for code in task.item_codes
        for published in [known.lists.get(answering.get(code, task.organisation_id))]
        if code in (known.in_force if published is None else published)
    )


def _plan(row: Any, rules: VisitRules) -> PlanStanding | None:
    if row is None:
        return None
    windows = tuple(
        (date.fromisoformat(each["first"]), date.fromisoformat(each["last"])) for each in row.windows
    )
    filed = row.filed_at is not None if rules.plan_filed else None
    return PlanStanding(row.published_at is not None, filed, windows)


def _papers(task: Task, rules: VisitRules, day: date) -> Papers:
    return Papers(
        task.approval_no,
        task.approved_on,
        task.notice_no,
        task.notice_served_on,
        urgency(task.urgent_reason, rules, day) if task.urgent_reason else None,
    )


def _commission(row: Any, reports: Collection[str]) -> Commission:
    if row is None:
        return Commission()
    qualified = f"{row.qualification} {row.qualification_no}".strip()
    return Commission(
        institution=row.institution or None,
        qualification=qualified or None,
        valid_to=row.valid_to,
        report=row.report,
        report_here=row.report in reports,
        opinion=f"{row.opinion}（{row.opinion_by}）" if row.opinion and row.opinion_by else None,
    )


def _in_force(row: Any, on: date) -> bool:
    return all(
        (first is None or first <= on) and (last is None or on <= last)
        for first, last in ((row.valid_from, row.valid_to), (row.basis_from, row.basis_to))
    )
