"""What a snapshot keeps of each row for ledgers and maps, as columns of the one statement that freezes it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Subquery, cast, func, select

from server.access import region_bounds
from server.accounts.models import Person
from server.inspections.models import Assignment, Task
from server.inspections.tasks import LEAD
from server.publicity.models import PUBLISHED, Disclosure
from server.registry.models import InspectedObject
from server.reports.models import ReportSnapshot
from server.results.models import Result

_CELLS = 100
"""Cells of a map in a degree."""


def standing_disclosures(snapshot: ReportSnapshot) -> Subquery:
    """Select what is public now of each result of a region: `result_id, id, published_at`, one row for each."""
    newest = func.row_number().over(
        partition_by=Disclosure.result_id, order_by=(Disclosure.published_at.desc(), Disclosure.id)
    )
    public = (
        select(Disclosure.result_id, Disclosure.id, Disclosure.published_at, newest.label("newest"))
        .where(
            Disclosure.state.in_(PUBLISHED),
            Disclosure.region.between(*region_bounds(snapshot.region)),
        )
        .subquery()
    )
    return (
        select(public.c.result_id, public.c.id, public.c.published_at).where(public.c.newest == 1).subquery()
    )


def ledger_columns(followups: Subquery, standing: Subquery) -> Mapping[str, Any]:
    """Name the columns; `followups` and `standing` are joined to the rows."""
    return {
        "task_number": Task.number,
        "task_name": Task.name,
        "mode": Task.mode,
        "object_name": InspectedObject.name,
        "uscc": InspectedObject.uscc,
        "lead": _names(Assignment.role == LEAD),
        "assisting": _names(Assignment.role != LEAD),
        "findings_text": Result.findings_text,
        "rectify_by": Result.rectify_by,
        "revisits": func.coalesce(followups.c.revisits, 0),
        "revisits_over": func.coalesce(followups.c.revisits_over, 0),
        "revisited_on": followups.c.revisited_on,
        "disclosure_id": standing.c.id,
        "published_at": standing.c.published_at,
        "latitude_cell": cast(func.round(InspectedObject.latitude * _CELLS), Integer),
        "longitude_cell": cast(func.round(InspectedObject.longitude * _CELLS), Integer),
    }


def _names(role: Any) -> Any:
    """Name those who are on a visit in a role, in one order."""
    people = (
        select(Person.name)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.task_id == Task.id, Assignment.ended_at.is_(None), role)
        .correlate(Task)
        .order_by(Person.name, Person.id)
        .subquery()
    )
    return select(func.aggregate_strings(people.c.name, "、")).scalar_subquery()
