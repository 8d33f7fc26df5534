"""Results and follow-ups in lists, where people read names: of the object, the task and the item."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.inspections.models import Task
from server.registry.models import InspectedObject, InspectionItem
from server.results.models import Followup, Result


@dataclass(frozen=True)
class Named:
    """A result or a follow-up beside the names of what it is about; everything else is its own."""

    own: Result | Followup
    object_name: str
    task_number: str
    item_name: str

    def __getattr__(self, name: str) -> Any:
        """Look the rest up where it is."""
        return getattr(self.own, name)


def named_results(session: Session, results: Sequence[Result]) -> list[Named]:
    """Name results, with one statement however many there are."""
    names = _names(session, {result.id for result in results})
    return [Named(result, *names[result.id]) for result in results]


def named_followups(session: Session, followups: Sequence[Followup]) -> list[Named]:
    """Name follow-ups after the results that they belong to."""
    names = _names(session, {followup.result_id for followup in followups})
    return [Named(followup, *names[followup.result_id]) for followup in followups]


def _names(session: Session, results: Collection[UUID]) -> dict[UUID, tuple[str, str, str]]:
    rows = session.execute(
        select(Result.id, InspectedObject.name, Task.number, InspectionItem.name, Result.item_code)
        .join(InspectedObject, InspectedObject.id == Result.object_id)
        .join(Task, Task.id == Result.task_id)
        .outerjoin(InspectionItem, InspectionItem.code == Result.item_code)
        .where(Result.id.in_(results))
    )
    return {result: (site, number, item or code) for result, site, number, item, code in rows}
