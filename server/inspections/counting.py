"""Which tasks count among the visits of an enterprise in a year beside what was drawn: those that were arranged by hand."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select

from server.draws.service import counts_too
from server.inspections.gate.visit import Source
from server.inspections.models import Task, TaskState


@counts_too
def arranged_visits(first: date, last: date) -> Select[UUID]:
    """Select the objects of visits by hand that open in some days and were not called off.

    Every kind counts but special inspections ordered from above (上级部署的专项检查; 司法部 25 问).
    """
    return select(Task.object_id).where(
        Task.drawn_visit_id.is_(None),
        Task.state != TaskState.WITHDRAWN.value,
        or_(Task.source.is_(None), Task.source != Source.ORDERED.value),
        Task.opens_on.between(first, last),
    )
