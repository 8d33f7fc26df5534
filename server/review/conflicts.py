"""Records in conflict as a reviewer's business: how long the lead has to resolve one, and which are overdue."""

from datetime import datetime, time, timedelta

from sqlalchemy import Select
from sqlalchemy.orm import Session

from server import clock
from server.calendar import add_working_days, latest_start_before
from server.clock import CHINA
from server.db import Json
from server.inspections.models import Record
from server.paging import merged_page
from sync import RecordState


def conflict_of(record: Record, days: int) -> Json | None:
    """Tell since when a record is in conflict and by when it should be resolved; None when it is not in conflict."""
    if record.conflicted_at is None:
        return None
    due = add_working_days(clock.day_of(record.conflicted_at), days).on
    return {
        "since": record.conflicted_at,
        "due_on": due,
        "overdue": due < clock.today(),
        "asked": record.merge_asked,
    }


def waiting(
    session: Session, records: Select[Record], days: int, place: str | None, limit: int
) -> tuple[list[Record], str | None]:
    """Read a page of those records that wait for a reviewer, by the last day of their tasks.

    They are under review, or in conflict for longer than they may be: two walks along one index, whatever else is stored.
    """
    last = latest_start_before(clock.today(), days)
    after = datetime.combine(last + timedelta(days=1), time.min, CHINA)
    under_review = records.where(Record.state == RecordState.UNDER_REVIEW.value)
    overdue = records.where(Record.state == RecordState.CONFLICTED.value, Record.conflicted_at < after)
    return merged_page(session, [under_review, overdue], [Record.due_on, Record.id], place, limit)
