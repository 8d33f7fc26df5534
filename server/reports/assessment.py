"""Work-assessment data (督查考核数据) of each unit: what was due, what was done in time, what the liability list names.

Of units, never of people; in the order of their region's code, never of their numbers: nothing here ranks anybody
(国办函〔2026〕12号). What is neither done nor due yet counts for nothing.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from server import clock
from server.db import Json
from server.reports.figures import INSPECTED, Share, count_where, objects_where
from server.reports.models import ReportRow, ReportSnapshot
from server.results.models import ResultState


def assessment(session: Session, snapshot: ReportSnapshot) -> Json:
    """Count for each unit: one question, however many there are."""
    day = clock.day_of(snapshot.as_of)
    query = (
        select(ReportRow.organisation_id, *_counts(day))
        .where(ReportRow.snapshot_id == snapshot.id)
        .group_by(ReportRow.organisation_id)
    )
    units = [_unit(snapshot, row) for row in session.execute(query)]
    return {"units": sorted(units, key=lambda unit: (unit["region"], unit["name"]))}


def _counts(day: date) -> list[Any]:
    entry = (ReportRow.entry_due, ReportRow.entry_met)
    publication = (ReportRow.publication_due, ReportRow.publication_met)
    return [
        func.count(ReportRow.task_id.distinct()).label("visits"),
        objects_where(INSPECTED).label("inspected"),
        objects_where(and_(INSPECTED, ReportRow.problem)).label("with_problems"),
        count_where(_due(*entry, day)).label("entries"),
        count_where(_in_time(*entry)).label("entries_in_time"),
        count_where(_due(*publication, day)).label("publications"),
        count_where(_in_time(*publication)).label("publications_in_time"),
        func.coalesce(func.sum(ReportRow.followups), 0).label("followups"),
        func.coalesce(func.sum(ReportRow.followups_over), 0).label("followups_over"),
        func.coalesce(func.sum(ReportRow.followups_late), 0).label("followups_late"),
        # 尽职照单免责、失职照单问责 (R103): the four things that units answer for.
        count_where(and_(ReportRow.inspected_on.is_(None), ReportRow.task_due < day)).label("not_inspected"),
        count_where(and_(_due(*publication, day), ~_in_time(*publication))).label("not_published"),
        count_where(or_(ReportRow.inspected_on > ReportRow.task_due)).label("delayed"),
        func.coalesce(func.sum(ReportRow.crime_unsent), 0).label("crimes_not_transferred"),
        count_where(ReportRow.state == ResultState.RELEASED.value).label("released"),
    ]


def _due(due: Any, met: Any, day: date) -> ColumnElement[bool]:
    """It has been done, or its day is over."""
    return and_(due.is_not(None), or_(met.is_not(None), due < day))


def _in_time(due: Any, met: Any) -> ColumnElement[bool]:
    return func.coalesce(met <= due, False)


def _unit(snapshot: ReportSnapshot, row: Any) -> Json:
    bureau = snapshot.facts["organisations"][str(row.organisation_id)]
    return {
        "organisation_id": str(row.organisation_id),
        "name": bureau["name"],
        "region": bureau["region"],
        "visits": row.visits,
        "objects_inspected": row.inspected,
        "results_released": row.released,
        "discovery": Share(row.with_problems, row.inspected).as_json(),
        "entry_in_time": Share(row.entries_in_time, row.entries).as_json(),
        "publication_in_time": Share(row.publications_in_time, row.publications).as_json(),
        "followups_over": Share(row.followups_over, row.followups).as_json(),
        "liability": {
            "not_inspected": row.not_inspected,
            "not_published_in_time": row.not_published,
            "delayed": row.delayed,
            "followups_late": row.followups_late,
            "crimes_not_transferred": row.crimes_not_transferred,
        },
    }
