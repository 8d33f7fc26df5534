"""Verbs of draws: publish one, find those one may see."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.draws import counting
from server.draws.models import Draw, DrawnVisit, DrawSource
from server.planning.launches import note_launch
from server.planning.models import PlannedInspection
from server.problems import DrawNotFound, DrawUnusable

counts_too = counting.counts_too


@dataclass(frozen=True)
class VisitDraft:
    """One visit to be drawn: the object, who goes there (the lead first, two or more), what for and when."""

    object_id: UUID
    inspector_ids: tuple[UUID, ...]
    task_no: str
    task_name: str
    forms: tuple[str, ...]
    item_codes: tuple[str, ...]
    opens_on: date
    due_on: date
    approval_no: str | None = None
    notice_no: str | None = None
    teams: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    expert_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class DrawDraft:
    """A draw of one planned inspection, before it is published. Without a `number` it gets the bureau's next one."""

    source: DrawSource
    locked: bool
    visits: tuple[VisitDraft, ...]
    number: str = ""


def publish(session: Session, actor: Actor, planned: PlannedInspection, draft: DrawDraft) -> Draw:
    """Publish a draw that was delivered: from now on it stands, and its tasks open. DrawUnusable as `enter`."""
    require(actor, Permission.DRAW_IMPORT, planned)
    note_launch(session, planned, len(draft.visits))
    return enter(session, actor, planned, draft, planned.region)


def enter(session: Session, actor: Actor, planned: PlannedInspection, draft: DrawDraft, region: str) -> Draw:
    """Enter a published draw in a region; whoever calls has asked for permission.

    DrawUnusable when a visit has fewer than two different inspectors (不少于两名执法人员), nothing to fill in
    or ends before it begins, or when an object is drawn twice.
    """
    _check(draft)
    draw = Draw(
        region=region,
        organisation_id=actor.organisation_id,
        planned_id=planned.id,
        number=draft.number or _next_number(session, actor, planned),
        source=draft.source.value,
        locked=draft.locked,
        published_at=clock.now(),
    )
    session.add(draw)
    session.flush()
    session.add_all(_visit(draw, each) for each in draft.visits)
    session.flush()
    details = {
        "number": draw.number,
        "planned": str(planned.id),
        "source": draw.source,
        "visits": len(draft.visits),
    }
    audit.append(session, actor, "draw.published", ("draw", draw.id), details)
    return draw


def draws_within(actor: Actor, *, planned_id: UUID | None = None) -> Select[Draw]:
    """Select the draws that the actor may see, all or those of one planned inspection."""
    require(actor, Permission.DRAW_READ)
    query = select(Draw).where(_visible(actor))
    return query.where(Draw.planned_id == planned_id) if planned_id else query


def find_draw(session: Session, actor: Actor, draw_id: UUID) -> Draw:
    """Return a draw that the actor may see; others are not found."""
    draw = session.scalar(draws_within(actor).where(Draw.id == draw_id))
    if draw is None:
        raise DrawNotFound()
    return draw


def visits_of(session: Session, draw_ids: Collection[UUID]) -> list[DrawnVisit]:
    """Return the visits of draws, by task number."""
    query = select(DrawnVisit).where(DrawnVisit.draw_id.in_(draw_ids))
    return list(session.scalars(query.order_by(DrawnVisit.draw_id, DrawnVisit.task_no, DrawnVisit.id)))


def is_drawn(session: Session, organisation_id: UUID, task_no: str, object_id: UUID) -> bool:
    """Say whether a bureau holds a visit to an object under a task number already."""
    query = (
        select(DrawnVisit.id)
        .join(Draw, Draw.id == DrawnVisit.draw_id)
        .where(
            DrawnVisit.task_no == task_no,
            DrawnVisit.object_id == object_id,
            Draw.organisation_id == organisation_id,
            Draw.superseded_at.is_(None),
        )
    )
    return session.scalar(query.limit(1)) is not None


def _visible(actor: Actor) -> ColumnElement[bool]:
    # In the field, one sees the draws that send one somewhere.
    here = within(actor, Draw.region)
    if actor.sees_region(Permission.DRAW_READ):
        return here
    sent = cast(DrawnVisit.inspector_ids, String).contains(str(actor.person_id))
    return and_(here, exists().where(DrawnVisit.draw_id == Draw.id, sent))


def _check(draft: DrawDraft) -> None:
    if not draft.visits:
        raise DrawUnusable("没有抽取任何对象", "nothing is drawn")
    objects = [visit.object_id for visit in draft.visits]
    if len(set(objects)) < len(objects):
        raise DrawUnusable("同一对象被抽取两次", "an object is drawn twice")
    for visit in draft.visits:
        if len(set(visit.inspector_ids)) < 2 or len(set(visit.inspector_ids)) < len(visit.inspector_ids):
            raise DrawUnusable("每个对象须有两名以上不同的检查人员", "two or more different inspectors each")
        if not (visit.forms and visit.item_codes):
            raise DrawUnusable("没有检查事项或表单", "no items or forms to inspect with")
        if visit.due_on < visit.opens_on:
            raise DrawUnusable("截止日期早于开始日期", "a visit ends before it begins")


def _next_number(session: Session, actor: Actor, planned: PlannedInspection) -> str:
    # The planned row is locked, so that two imports at once don't choose the same number.
    session.refresh(planned, with_for_update=True)
    count = session.scalar(
        select(func.count())
        .select_from(Draw)
        .where(Draw.planned_id == planned.id, Draw.organisation_id == actor.organisation_id)
    )
    name = planned.task_no or planned.plan_no or str(planned.id)[:8]
    return f"{name}/{planned.row_no}-{(count or 0) + 1}"


def _visit(draw: Draw, draft: VisitDraft) -> DrawnVisit:
    return DrawnVisit(
        draw_id=draw.id,
        object_id=draft.object_id,
        lead_id=draft.inspector_ids[0],
        inspector_ids=[str(each) for each in draft.inspector_ids],
        task_no=draft.task_no,
        task_name=draft.task_name,
        forms=list(draft.forms),
        item_codes=list(draft.item_codes),
        opens_on=draft.opens_on,
        due_on=draft.due_on,
        approval_no=draft.approval_no,
        notice_no=draft.notice_no,
        teams={name: [str(each) for each in people] for name, people in draft.teams.items()},
        expert_ids=[str(each) for each in draft.expert_ids],
    )
