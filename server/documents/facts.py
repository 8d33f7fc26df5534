"""What the house knows of a visit that documents tell: object, people with certificates, items with their legal basis."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.db import Json
from server.documents.fields import clean, day
from server.documents.rows import Inspector, Item
from server.inspections import service as inspections
from server.inspections.models import Task, TaskState
from server.registry.models import InspectedObject, InspectionItem

MODES: Final = {
    "on_site": "实地核查",
    "written": "书面检查",
    "network": "网络监测",
    "commissioned": "委托专业机构",
    "adopted": "采用其他机关的结果或专业意见",
}
_SOURCES: Final = {
    "plan": "年度抽查计划",
    "temporary": "临时任务",
    "ordered": "上级部署的专项检查",
    "referred": "转办交办",
    "complaint": "投诉举报",
}
_ROLES: Final = {"lead": "主检", "assisting": "协检"}


@dataclass(frozen=True)
class Facts:
    """A task and what is known of it; `body` is the task as its phones see it."""

    task: Task
    found: InspectedObject
    body: Json
    bureau: Organisation
    items: Mapping[str, InspectionItem]
    units: Mapping[str, str]

    @property
    def row(self) -> Mapping[str, str]:
        """What the house knows beforehand (`tasks.csv`)."""
        row: Mapping[str, str] = self.body["prefill"].value["tasks"]
        return row

    @property
    def texts(self) -> Mapping[str, str]:
        """The bureau's own words for its documents, by field."""
        given: Mapping[str, Any] = self.bureau.rules.get("documents") or {}
        texts: Mapping[str, str] = given.get("texts") or {}
        return texts

    @cached_property
    def inspectors(self) -> tuple[Inspector, ...]:
        """Who is on the task now, the lead first."""
        return tuple(
            Inspector(
                name=clean(each["name"]),
                certificate=each["certificate"] or "",
                valid_to=each["certificate_valid_to"] or "",
                unit=self.units.get(each["id"], ""),
                role=_ROLES[each["role"]],
            )
            for each in self.body["inspectors"]
        )

    @property
    def source(self) -> str:
        """What the visit comes from, in words."""
        return _SOURCES.get(self.task.source or "", self.row["task_source"])

    @property
    def frequency(self) -> str:
        """Which visit of the year this is, and how many there may be (年度检查频次)."""
        cap = self.body["rules"]["a_year"]
        most = f"；本年度检查频次上限 {cap} 次" if cap else "；本单位未设年度频次上限"
        # What is known beforehand counts finished visits and one more; of one that is finished that one is it.
        visit = int(self.row["year_count"]) - (self.task.state == TaskState.DONE)
        return f"本年度第 {max(visit, 1)} 次检查{most}"

    @property
    def period(self) -> str:
        """From when to when the visit may be made."""
        return f"{day(self.task.opens_on)} 至 {day(self.task.due_on)}"

    def party(self) -> dict[str, str]:
        """Who is inspected, as every document says it."""
        return {
            "object_name": clean(self.found.name),
            "uscc": self.found.uscc or self.found.registration_no or "",
            "address": clean(self.found.address),
            "legal_rep": clean(self.found.legal_representative),
        }

    def of_task(self) -> dict[str, str]:
        """Which task it is."""
        return {"task_no": self.task.number, "task_name": clean(self.task.name)}

    def listed(self, codes: Iterable[str]) -> tuple[Item, ...]:
        """Items with their content and legal basis, as the item list has them."""
        return tuple(self.item(code) for code in codes)

    def item(self, code: str) -> Item:
        """One item; one that is in no list has no basis."""
        known = self.items.get(code)
        if known is None:
            return Item(code=code, name=code)
        return Item(code=code, name=clean(known.name), content=clean(known.content), basis=clean(known.basis))


def facts_of(session: Session, task: Task) -> Facts:
    """Gather the facts of a task, in a fixed number of queries."""
    body = inspections.task_view(session, [task.id])[task.id]
    return Facts(
        task=task,
        found=session.get_one(InspectedObject, task.object_id),
        body=body,
        bureau=session.get_one(Organisation, task.organisation_id),
        items={each.code: each for each in _items(session, task.item_codes)},
        units=_units(session, [UUID(each["id"]) for each in body["inspectors"]]),
    )


def names_of(session: Session, people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Name people."""
    ids = {each for each in people if each}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: clean(row.name) for row in rows}


def _items(session: Session, codes: Sequence[str]) -> Iterable[InspectionItem]:
    return session.scalars(select(InspectionItem).where(InspectionItem.code.in_(codes)))


def _units(session: Session, people: Sequence[UUID]) -> dict[str, str]:
    rows = session.execute(
        select(Person.id, Organisation.name)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(people))
    )
    return {str(row.id): row.name for row in rows}
