"""Freezing how things stand: one statement copies every item of every visit, one hash tells whether it is still that.

Reports are questions to the copy. So they say the same a year later, whoever asks, and two offices that compare numbers
compare the same numbers.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, case, cast, exists, false, func, insert, literal, or_, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from server import audit, clock
from server.access import Actor, Permission, region_bounds, require, within
from server.db import canonical_json, is_postgresql
from server.inspections.models import Task, TaskState
from server.problems import ReportNotFound, ReportPeriodWrong
from server.registry.models import InspectedObject
from server.reports.facts import facts_now
from server.reports.ledger_columns import ledger_columns, standing_disclosures
from server.reports.models import LEDGER_COLUMNS, LEDGER_FORMAT, ReportRow, ReportSnapshot
from server.results.closing import OVER
from server.results.codes import PROBLEMS, FollowupCode
from server.results.deadlines import DeadlineKind
from server.results.models import Deadline, Followup, FollowupState, Result

_FROZEN = [column.key for column in ReportRow.__table__.columns]
_NONE = "[]"
REVISITS = (FollowupCode.REVISIT.value, FollowupCode.SECOND_CHECK.value)
"""回访 and 再次检查: somebody goes there again to see how it is now."""


def freeze(session: Session, actor: Actor, region: str, first: date, last: date) -> ReportSnapshot:
    """Freeze the visits of a region that open between two days, with all that came of them until now."""
    require(actor, Permission.REPORT_MAKE, _Place(region))
    if not first <= last:
        raise ReportPeriodWrong()
    snapshot = ReportSnapshot(
        region=region,
        organisation_id=actor.organisation_id,
        first=first,
        last=last,
        as_of=clock.now(),
        seq=audit.head(session)[0],
        facts={},
        rows=0,
        sha256="",
        made_by=actor.person_id,
    )
    session.add(snapshot)
    session.flush()
    session.execute(insert(ReportRow).from_select(_FROZEN, _rows(session, snapshot)))
    snapshot.facts = facts_now(session, snapshot)
    snapshot.rows, snapshot.sha256 = digest(session, snapshot)
    session.flush()
    told = {
        "rows": snapshot.rows,
        "sha256": snapshot.sha256,
        "region": region,
        "first": str(first),
        "last": str(last),
    }
    audit.append(session, actor, "report.frozen", ("report", snapshot.id), told)
    return snapshot


def snapshots_within(actor: Actor) -> Select[ReportSnapshot]:
    """Select the snapshots of the jurisdiction."""
    require(actor, Permission.REPORT_READ)
    return select(ReportSnapshot).where(within(actor, ReportSnapshot.region))


def find_snapshot(session: Session, actor: Actor, snapshot_id: UUID) -> ReportSnapshot:
    """Return a snapshot of the jurisdiction; others are not found."""
    snapshot = session.scalar(snapshots_within(actor).where(ReportSnapshot.id == snapshot_id))
    if snapshot is None:
        raise ReportNotFound()
    return snapshot


def digest(session: Session, snapshot: ReportSnapshot) -> tuple[int, str]:
    """Count the rows of a snapshot, and hash them: SHA-256 over its facts and its rows in order, as canonical JSON."""
    told = hashlib.sha256(canonical_json(snapshot.facts))
    left_out = {"snapshot_id"} | (frozenset() if has_ledger(snapshot) else LEDGER_COLUMNS)
    columns = [column for column in ReportRow.__table__.columns if column.key not in left_out]
    query = select(*columns).where(ReportRow.snapshot_id == snapshot.id).order_by(ReportRow.place)
    count = 0
    for row in session.execute(query.execution_options(yield_per=2000)).mappings():
        told.update(canonical_json({name: _plain(value) for name, value in row.items()}))
        count += 1
    return count, told.hexdigest()


def has_ledger(snapshot: ReportSnapshot) -> bool:
    """Say whether a snapshot was taken since snapshots hold what ledgers and pictures tell."""
    found: int = snapshot.facts.get("format", 1)
    return found >= LEDGER_FORMAT


class _Place:
    """A region as something that lies in one."""

    def __init__(self, region: str) -> None:
        self.region = region


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _rows(session: Session, snapshot: ReportSnapshot) -> Select[Any]:
    """Every item of every visit, with its result where there is one: columns in the order of the table."""
    items = _each(session, Task.item_codes)
    item: ColumnElement[str] = items.c.value
    entry, publication = aliased(Deadline), aliased(Deadline)
    followups = _followups(clock.today()).subquery()
    standing = standing_disclosures(snapshot)
    codes = func.coalesce(cast(Result.codes, Text), _NONE)
    ordered = func.coalesce(cast(Result.followup_codes, Text), _NONE)
    columns: Mapping[str, Any] = {
        "snapshot_id": literal(snapshot.id, ReportRow.snapshot_id.type),
        "place": func.row_number().over(order_by=(Task.number, Task.id, item)),
        "region": Task.region,
        # In a joint visit each department answers for its own results.
        "organisation_id": func.coalesce(Result.organisation_id, Task.organisation_id),
        "planned_id": Task.planned_id,
        "task_id": Task.id,
        "item_code": item,
        "object_id": Task.object_id,
        "object_kind": InspectedObject.kind,
        "tags": cast(InspectedObject.tags, Text),
        "risk_class": InspectedObject.risk_class,
        "task_due": Task.due_on,
        "inspected_on": Result.inspected_on,
        "state": Result.state,
        "codes": codes,
        "followup_codes": ordered,
        "problem": _is(or_(*(codes.contains(f'"{code.value}"') for code in sorted(PROBLEMS)))),
        "public": _is(standing.c.result_id.is_not(None)),
        "closed": _is(Result.closed_at.is_not(None)),
        "entry_due": entry.due_on,
        "entry_met": entry.met_on,
        "publication_due": publication.due_on,
        "publication_met": publication.met_on,
        "followups": func.coalesce(followups.c.ordered, 0),
        "followups_over": func.coalesce(followups.c.over, 0),
        "followups_late": func.coalesce(followups.c.late, 0),
        "crime_unsent": func.coalesce(followups.c.unsent, 0),
        **ledger_columns(followups, standing),
    }
    return (
        select(*(columns[name].label(name) for name in _FROZEN))
        .select_from(Task)
        .join(items, true())
        .join(InspectedObject, InspectedObject.id == Task.object_id)
        .outerjoin(Result, and_(Result.task_id == Task.id, Result.item_code == item))
        .outerjoin(standing, standing.c.result_id == Result.id)
        .outerjoin(entry, and_(entry.subject_id == Result.id, entry.kind == DeadlineKind.ENTRY.value))
        .outerjoin(
            publication,
            and_(publication.subject_id == Result.id, publication.kind == DeadlineKind.PUBLICATION.value),
        )
        .outerjoin(followups, followups.c.result_id == Result.id)
        .where(
            Task.region.between(*region_bounds(snapshot.region)),
            Task.opens_on.between(snapshot.first, snapshot.last),
            Task.state != TaskState.WITHDRAWN.value,
            # A visit to see whether something was put right is part of the first one, not another that was drawn.
            ~exists().where(Followup.task_id == Task.id),
        )
    )


def _followups(today: date) -> Any:
    """What follows each result: how many, how many are over, late, and crimes that have not gone to the police."""
    waiting = Followup.state.not_in(OVER)
    late = or_(
        and_(waiting, Followup.act_by < today, Followup.done_on.is_(None)),
        Deadline.due_on < func.coalesce(Deadline.met_on, today),
    )
    unsent = and_(
        Followup.code == FollowupCode.TRANSFER_POLICE.value, Followup.state == FollowupState.OPEN.value
    )
    revisit = Followup.code.in_(REVISITS)
    return (
        select(
            Followup.result_id,
            func.count().label("ordered"),
            _sum(Followup.state.in_(OVER)).label("over"),
            _sum(late).label("late"),
            _sum(unsent).label("unsent"),
            _sum(revisit).label("revisits"),
            _sum(and_(revisit, Followup.state.in_(OVER))).label("revisits_over"),
            func.max(case((revisit, Followup.done_on))).label("revisited_on"),
        )
        .outerjoin(
            Deadline, and_(Deadline.subject_id == Followup.id, Deadline.kind == DeadlineKind.FOLLOWUP.value)
        )
        .where(Followup.state != FollowupState.CANCELLED.value)
        .group_by(Followup.result_id)
    )


def _each(session: Session, column: Any) -> Any:
    """A list's values as rows, in either database."""
    if is_postgresql(session):
        return func.jsonb_array_elements_text(column).table_valued("value").render_derived()
    return func.json_each(column).table_valued("value")


def _is(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return case((condition, true()), else_=false())


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
