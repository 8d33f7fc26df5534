"""Keeping deadlines: writing one down, noting that it was met, counting again when a new notice arrives.

One table holds the deadlines of results, follow-ups and objections, so that what is overdue, how much was in time and
what a new calendar moves are each one question.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Uuid, delete, literal, select, tuple_, update
from sqlalchemy.orm import Session

from server import clock
from server.access import region_bounds
from server.accounts.models import Organisation
from server.calendar import WorkingCalendar
from server.results.calendars import Calendars
from server.results.deadlines import DeadlineKind, DeadlineRules, Due, count, read_rules
from server.results.models import CalendarNotice, Deadline, DeadlineChange, Objection, Result


def rules_for(session: Session, organisation_id: UUID, region: str) -> DeadlineRules:
    """Read a bureau's rules with the calendar of a region."""
    organisation = session.get_one(Organisation, organisation_id)
    return read_rules(organisation.rules, Calendars(session).of(region))


def calendar_of(bureau: Organisation, calendars: Calendars, region: str) -> WorkingCalendar:
    """Return the calendar that a bureau's deadlines count by: its region's, less its own days off."""
    return read_rules(bureau.rules, calendars.of(region)).working_calendar


def set_deadline(
    session: Session, kind: DeadlineKind, result: Result, due: Due, subject_id: UUID | None = None
) -> Deadline:
    """Write down when something about a result is due, over what was written before.

    `subject_id`: the follow-up or objection that it is about, if not the result itself.
    """
    subject_id = subject_id or result.id
    row = session.get(Deadline, (subject_id, kind.value))
    if row is None:
        row = Deadline(
            subject_id=subject_id,
            kind=kind.value,
            region=result.region,
            organisation_id=result.organisation_id,
        )
        session.add(row)
    row.start, row.start_on, row.days = due.start, due.start_on, due.days
    _take(row, due)
    return row


def drop_deadline(session: Session, kind: DeadlineKind, subject_id: UUID) -> None:
    """Forget a deadline that nothing has to keep any more; one that was met stays: it was done."""
    session.execute(
        delete(Deadline).where(
            Deadline.subject_id == subject_id, Deadline.kind == kind.value, Deadline.met_on.is_(None)
        )
    )


def meet(session: Session, kind: DeadlineKind, *subjects: UUID, on: date | None = None) -> None:
    """Note that it was done today, or on a day before; what was done first counts, whatever is corrected later."""
    session.flush()
    session.execute(
        update(Deadline)
        .where(Deadline.subject_id.in_(subjects), Deadline.kind == kind.value, Deadline.met_on.is_(None))
        .values(met_on=on or clock.today())
    )


def count_again(
    session: Session, notice: CalendarNotice, after: tuple[UUID, str], most: int
) -> list[Deadline]:
    """Count the deadlines again that a notice may move, `most` at a time behind a place; returns what it looked at.

    Every one that counts across a day of the notice's year: the law says when it is due, whatever we thought before.
    What moved, or is certain now, leaves a `DeadlineChange`.
    """
    first, last = region_bounds(notice.region)
    query = (
        select(Deadline)
        .where(
            tuple_(Deadline.subject_id, Deadline.kind) > tuple_(literal(after[0], Uuid()), literal(after[1])),
            Deadline.days.is_not(None),
            Deadline.due_on >= date(notice.year, 1, 1),
            Deadline.start_on < date(notice.year, 12, 31),
            Deadline.region.between(first, last),
        )
        .order_by(Deadline.subject_id, Deadline.kind)
        .limit(most)
    )
    looked_at = list(session.scalars(query))
    calendars, bureaus = Calendars(session), _bureaus(session, looked_at)
    moved = []
    for row in looked_at:
        rules = read_rules(bureaus[row.organisation_id].rules, calendars.of(row.region))
        if _recount(session, notice, row, rules):
            moved.append(row)
    _copy(session, moved)
    session.flush()
    return looked_at


def _bureaus(session: Session, rows: Sequence[Deadline]) -> Mapping[UUID, Organisation]:
    wanted = {row.organisation_id for row in rows}
    return {
        each.id: each for each in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    }


def _recount(session: Session, notice: CalendarNotice, row: Deadline, rules: DeadlineRules) -> bool:
    assert row.start is not None
    assert row.days is not None
    was, calendar_was = row.due_on, row.calendar
    due = count(row.start, row.start_on, row.days, rules.working_calendar)
    if (due.on, due.calendar_version, due.estimated) == (was, calendar_was, row.estimated):
        return False
    _take(row, due)
    session.add(
        DeadlineChange(
            notice_id=notice.id,
            subject_id=row.subject_id,
            kind=row.kind,
            was=was,
            now=due.on,
            calendar_was=calendar_was,
            calendar=due.calendar_version,
            at=clock.now(),
        )
    )
    return True


def _take(row: Deadline, due: Due) -> None:
    row.due_on, row.estimated, row.rule = due.on, due.estimated, due.rule
    row.calendar = due.calendar_version


def _copy(session: Session, moved: Sequence[Deadline]) -> None:
    """Let results and objections say what their deadlines say."""
    ids = [row.subject_id for row in moved]
    results = {each.id: each for each in session.scalars(select(Result).where(Result.id.in_(ids)))}
    objections = {each.id: each for each in session.scalars(select(Objection).where(Objection.id.in_(ids)))}
    for row in moved:
        if row.kind == DeadlineKind.ENTRY:
            result = results[row.subject_id]
            result.due_on, result.due_rule, result.estimated = row.due_on, row.rule, row.estimated
        elif row.kind == DeadlineKind.PUBLICATION:
            results[row.subject_id].publish_on = row.due_on
        elif row.kind == DeadlineKind.OBJECTION:
            objections[row.subject_id].decide_by = row.due_on
