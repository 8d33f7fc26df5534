"""Finding what a platform's row means in our own lists: plan row, object, people."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor, Role, within
from server.accounts.models import Person
from server.planning import service as planning
from server.planning.models import Plan, PlannedInspection, PlanState
from server.platform.drawn_rows import DrawnRow
from server.registry import service as registry
from server.registry.models import InspectedObject

_BLANK = re.compile(r"\s+")
_IN_THE_FIELD = {Role.INSPECTOR.value, Role.LEAD.value}


class _Planned(NamedTuple):
    row: PlannedInspection
    year: int
    is_published: bool


@dataclass
class Matcher:
    """Finds within the actor's jurisdiction; asks the database once for each spelling."""

    session: Session
    actor: Actor
    _planned: list[_Planned] | None = None
    _people: dict[str, list[Person]] = field(default_factory=dict)
    _objects: dict[tuple[str, str], list[InspectedObject]] = field(default_factory=dict)
    _certified: dict[tuple[UUID, date], bool] = field(default_factory=dict)

    def planned(self, drawn: DrawnRow) -> PlannedInspection | None:
        """Find the planned inspection by plan or task number, else by name; noted in the row if there is none.

        Only plans that are published are drawn for: the rows of others may still be replaced. A name that several rows bear
        is settled by the name of the task, then by the year in which the visit begins.
        """
        key = "plan_no" if drawn.plan_no else "planned"
        wanted = _spelling(drawn.plan_no or drawn.planned)
        if not wanted:
            drawn.row.wrong("planned", "计划编号和计划任务名称不能都为空", "name the planned inspection")
            return None
        named = [each for each in self._all_planned() if wanted in _names(each.row)]
        found = _settle(drawn, wanted, [each for each in named if each.is_published])
        if len(found) == 1 and found[0].item_codes:
            return found[0]
        if len(found) == 1:
            drawn.row.wrong(
                key, "该计划任务没有可检查的事项", "this planned inspection has no items to inspect"
            )
        elif named and not found:
            drawn.row.wrong(
                key, "该任务所在的计划尚未公布，请先公布", "its plan is not published: publish it first"
            )
        else:
            drawn.row.wrong(
                key, "计划中没有唯一对应的任务", "no planned inspection, or more than one, goes by this name"
            )
        return None

    def object(self, drawn: DrawnRow) -> InspectedObject | None:
        """Find the object by its credit code, else by its name; noted in the row if there is not just one."""
        key = (drawn.uscc, drawn.object_name)
        if key not in self._objects:
            found = registry.objects_named(self.session, self.actor, drawn.uscc or None, drawn.object_name)
            self._objects[key] = [each for each in found if each.active]
        found = self._objects[key]
        if len(found) == 1:
            return found[0]
        if found:
            drawn.row.wrong("object_name", "有多个同名检查对象", "several objects go by this name")
        else:
            drawn.row.wrong("object_name", "检查对象名录库中没有", "no such inspected object")
        return None

    def people(self, drawn: DrawnRow) -> tuple[UUID, ...]:
        """Find the inspectors, the lead first; noted in the row where one is unknown, uncertified, or alone."""
        found = [self._person(drawn, name) for name in drawn.people]
        known = list(dict.fromkeys(each.id for each in found if each is not None))
        if None not in found and len(known) < 2:
            drawn.row.wrong(
                "inspectors", "检查人员不得少于两人", "an inspection takes two inspectors or more"
            )
        return tuple(known)

    def _person(self, drawn: DrawnRow, name: str) -> Person | None:
        if name not in self._people:
            self._people[name] = self._find_people(name)
        found = self._people[name]
        if len(found) != 1:
            chinese = "有多名同名检查人员，请填证号" if found else "检查人员名录库中没有"
            english = "several inspectors, give the certificate number" if found else "no such inspector"
            drawn.row.wrong("inspectors", f"{chinese}：{name[:40]}", f"{english}: {name[:40]}")
            return None
        if drawn.opens_on and not self._is_certified(found[0].id, drawn.opens_on):
            drawn.row.wrong(
                "inspectors",
                f"检查开始日没有有效执法证：{name[:40]}",
                f"no valid certificate on the first day: {name[:40]}",
            )
        return found[0]

    def _find_people(self, name: str) -> list[Person]:
        by_number = registry.inspectors_named(self.session, self.actor, "", name)
        if by_number:
            return by_number
        query = select(Person).where(
            Person.username == name, Person.active, within(self.actor, Person.region)
        )
        by_username = [each for each in self.session.scalars(query) if _IN_THE_FIELD & set(each.roles)]
        return by_username or registry.inspectors_named(self.session, self.actor, name, None)

    def _is_certified(self, person_id: UUID, on: date) -> bool:
        key = (person_id, on)
        if key not in self._certified:
            self._certified[key] = registry.valid_certificate(self.session, person_id, on) is not None
        return self._certified[key]

    def _all_planned(self) -> list[_Planned]:
        if self._planned is None:
            query = planning.standing_rows(self.actor).add_columns(Plan.year, Plan.state)
            self._planned = [
                _Planned(row, year, state == PlanState.PUBLISHED)
                for row, year, state in self.session.execute(query.order_by(PlannedInspection.id))
            ]
        return self._planned


def _settle(drawn: DrawnRow, wanted: str, named: list[_Planned]) -> list[PlannedInspection]:
    found = named
    if len(found) > 1:
        also = {_spelling(drawn.planned), _spelling(drawn.task_name)} - {"", wanted}
        found = [each for each in found if also & _names(each.row)] or found
    if len(found) > 1 and drawn.opens_on:
        found = [each for each in found if each.year == drawn.opens_on.year]
    return [each.row for each in found]


def _names(planned: PlannedInspection) -> set[str]:
    names = (planned.plan_no, planned.task_no, planned.plan_name, planned.name)
    return {_spelling(name) for name in names if name}


def _spelling(text: str) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", text))
