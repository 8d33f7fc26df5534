"""Importing what a provincial platform drew: locked objects, inspectors, dates.

The rows of one planned inspection become one published draw. A row that names what we don't have, or breaks a
rule, is told with its number; nothing is imported then, unless only the good rows are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from server.access import Actor, Permission, require
from server.checklists import service as checklists
from server.draws import service as draws
from server.draws.models import Draw, DrawSource
from server.draws.service import DrawDraft, VisitDraft
from server.planning.models import PlannedInspection
from server.platform.drawn_rows import DrawnRow
from server.platform.matching import Matcher
from server.problems import ImportRows
from server.workbook import RowError


@dataclass
class DrawImport:
    """The outcome of one import: rows read, visits taken, the draws that were published, rows left out."""

    dry_run: bool
    rows: int
    visits: int = 0
    draws: list[Draw] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


@dataclass
class _Group:
    planned: PlannedInspection
    forms: tuple[str, ...]
    visits: dict[UUID, VisitDraft] = field(default_factory=dict)


def import_draws(
    session: Session,
    actor: Actor,
    rows: Sequence[DrawnRow],
    *,
    take_good_rows: bool = False,
    dry_run: bool = False,
) -> DrawImport:
    """Publish one locked draw for each planned inspection that rows belong to.

    ImportRows lists the rows that can't be taken, unless `take_good_rows`; a dry run only tells them.
    """
    require(actor, Permission.DRAW_IMPORT)
    matcher = Matcher(session, actor)
    groups: dict[UUID, _Group] = {}
    for drawn in rows:
        _sort(session, actor, matcher, drawn, groups)
    outcome = DrawImport(dry_run, len(rows), sum(len(group.visits) for group in groups.values()))
    outcome.errors = [error for drawn in rows for error in drawn.row.errors]
    if dry_run:
        return outcome
    if outcome.errors and not take_good_rows:
        raise ImportRows(errors=[error.as_json() for error in outcome.errors])
    outcome.draws = [
        draws.publish(
            session,
            actor,
            group.planned,
            DrawDraft(DrawSource.PLATFORM, locked=True, visits=tuple(group.visits.values())),
        )
        for group in groups.values()
    ]
    return outcome


def _sort(
    session: Session, actor: Actor, matcher: Matcher, drawn: DrawnRow, groups: dict[UUID, _Group]
) -> None:
    """Put a good row's visit into its group; what is wrong is noted in the row."""
    planned, found, people = matcher.planned(drawn), matcher.object(drawn), matcher.people(drawn)
    if planned is None or found is None or not drawn.row.good or not drawn.opens_on or not drawn.due_on:
        return
    group = groups.get(planned.id)
    if group is None:
        # Who imports the same list in the same moment finds it imported.
        session.refresh(planned, ["id"], with_for_update=True)
        group = groups[planned.id] = _Group(planned, tuple(checklists.forms_for(session, planned.item_codes)))
    if found.id in group.visits:
        drawn.row.wrong("object_name", "同一计划任务中对象重复", "this object is drawn twice")
    elif draws.is_drawn(session, actor.organisation_id, drawn.task_no, found.id):
        drawn.row.wrong("task_no", "该任务已经导入", "this task has been imported before")
    else:
        group.visits[found.id] = VisitDraft(
            object_id=found.id,
            inspector_ids=people,
            task_no=drawn.task_no,
            task_name=drawn.task_name,
            forms=group.forms,
            item_codes=tuple(planned.item_codes),
            opens_on=drawn.opens_on,
            due_on=drawn.due_on,
            approval_no=drawn.approval_no,
            notice_no=drawn.notice_no,
        )
        return
    if not group.visits:
        del groups[planned.id]
