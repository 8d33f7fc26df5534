"""The first step of a ceremony: what will be drawn is announced, with the hash of a secret nobody has seen.

Whatever is drawn anew ends here, with its reason; its list stays public.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.draws import lottery
from server.draws.finding import at_step, note
from server.draws.models import (
    STANDING,
    UNDER_WAY,
    Ceremony,
    CeremonyKind,
    CeremonyState,
    Draw,
    LockedObject,
)
from server.draws.sealing import new_secret, seal_secret
from server.planning.models import Plan, PlannedInspection, PlanState
from server.planning.service import find_row
from server.problems import CeremonyNotFound, CeremonyOutOfOrder, CeremonyUnderWay, DrawUnusable


@dataclass(frozen=True)
class Announcement:
    """What is announced before anything is drawn.

    `planned_id` for a draw of objects; `locked_by` for a match: the ceremony whose objects get their people.
    `randomness_source` names public randomness that nobody can know yet (a round of drand, a lottery to come).
    `supersedes` with `reason`: the ceremony that is drawn anew.
    """

    kind: CeremonyKind
    opens_on: date
    due_on: date
    planned_id: UUID | None = None
    locked_by: UUID | None = None
    randomness_source: str = ""
    supersedes: UUID | None = None
    reason: str = ""


def announce(session: Session, actor: Actor, key: bytes, announced: Announcement) -> Ceremony:
    """Begin a ceremony: make its secret, seal it with `key`, and publish the hash.

    One at a time for a planned inspection and region (CeremonyUnderWay), so that nobody chooses among several.
    DrawUnusable for a plan that is not published, for days in the wrong order, or a match without locked objects.
    """
    planned, region = _planned(session, actor, announced)
    if announced.due_on < announced.opens_on:
        raise DrawUnusable("截止日期早于开始日期", "it ends before it begins")
    session.refresh(planned, with_for_update=True)
    secret, ceremony_id = new_secret(), uuid4()
    if announced.supersedes:
        _supersede(session, actor, announced, planned, region)
    under_way = select(Ceremony.id).where(
        Ceremony.planned_id == planned.id, Ceremony.region == region, Ceremony.state.in_(UNDER_WAY)
    )
    if session.scalar(under_way.limit(1)) is not None:
        raise CeremonyUnderWay()
    ceremony = Ceremony(
        id=ceremony_id,
        region=region,
        organisation_id=actor.organisation_id,
        planned_id=planned.id,
        kind=announced.kind.value,
        number=_next_number(session, planned),
        state=CeremonyState.COMMITTED.value,
        opens_on=announced.opens_on,
        due_on=announced.due_on,
        locked_by_id=announced.locked_by,
        supersedes_id=announced.supersedes,
        commitment=lottery.commitment(secret),
        randomness_source=announced.randomness_source,
        sealed_secret=seal_secret(key, ceremony_id, secret),
        committed_at=clock.now(),
    )
    session.add(ceremony)
    session.flush()
    details = {
        "planned": str(planned.id),
        "kind": ceremony.kind,
        "commitment": ceremony.commitment,
        "randomness_source": ceremony.randomness_source,
    }
    note(session, actor, ceremony, "ceremony.committed", details)
    return ceremony


def _planned(session: Session, actor: Actor, announced: Announcement) -> tuple[PlannedInspection, str]:
    """Find what is drawn for, and in which region."""
    require(actor, Permission.DRAW_RUN)
    if announced.kind != CeremonyKind.MATCH:
        if announced.planned_id is None or announced.locked_by is not None:
            raise DrawUnusable("须指明计划任务", "name the planned inspection")
        planned = find_row(session, actor, announced.planned_id)
        require(actor, Permission.DRAW_RUN, planned)
        if session.get_one(Plan, planned.plan_id).state != PlanState.PUBLISHED:
            raise DrawUnusable("计划尚未公布", "the plan is not published")
        if planned.withdrawn_at is not None:
            raise DrawUnusable("该任务已经计划变更撤销", "an amendment of the plan withdrew it")
        return planned, planned.region
    # The city's ceremony lies outside a county's jurisdiction; what it locked to the county does not.
    waiting = select(LockedObject.object_id).where(
        LockedObject.ceremony_id == announced.locked_by,
        LockedObject.region == actor.region,
    )
    locking = session.get(Ceremony, announced.locked_by) if announced.locked_by else None
    if locking is None or session.scalar(waiting.limit(1)) is None:
        raise CeremonyNotFound()
    if locking.state != CeremonyState.PUBLISHED:
        raise CeremonyOutOfOrder(state=locking.state)
    if announced.opens_on < locking.opens_on or locking.due_on < announced.due_on:
        raise DrawUnusable("检查日期超出锁定时公布的期限", "the days lie outside those that were announced")
    return session.get_one(PlannedInspection, locking.planned_id), actor.region


def _supersede(
    session: Session, actor: Actor, announced: Announcement, planned: PlannedInspection, region: str
) -> None:
    """End what is drawn anew; its list stays public, with the reason. Its tasks are withdrawn after the commit."""
    assert announced.supersedes is not None
    earlier = at_step(session, actor, announced.supersedes, CeremonyState.REVEALED, CeremonyState.PUBLISHED)
    if (earlier.planned_id, earlier.region, earlier.kind) != (planned.id, region, announced.kind):
        raise DrawUnusable("重新抽取须针对同一计划任务", "a redraw is of the same planned inspection")
    if not announced.reason:
        raise DrawUnusable("重新抽取须说明理由", "a redraw needs a reason")
    built_on = select(Ceremony.id).where(
        Ceremony.locked_by_id == earlier.id, Ceremony.state.in_((*UNDER_WAY, *STANDING))
    )
    if session.scalar(built_on.limit(1)) is not None:
        raise DrawUnusable(
            "锁定对象已有匹配，不能重新抽取", "its locked objects are being matched, or have been"
        )
    earlier.state, earlier.ended_at = CeremonyState.SUPERSEDED.value, clock.now()
    earlier.reason = announced.reason
    session.execute(update(LockedObject).where(LockedObject.matched_id == earlier.id).values(matched_id=None))
    session.flush()
    note(session, actor, earlier, "ceremony.superseded", {"reason": announced.reason})
    if earlier.draw_id:
        draw = session.get_one(Draw, earlier.draw_id)
        draw.superseded_at = earlier.ended_at
        session.flush()
        details = {"number": draw.number, "reason": announced.reason}
        audit.append(session, actor, "draw.superseded", ("draw", draw.id), details)


def _next_number(session: Session, planned: PlannedInspection) -> str:
    # The planned row is locked: two at once don't choose the same number.
    count = session.scalar(
        select(func.count()).select_from(Ceremony).where(Ceremony.planned_id == planned.id)
    )
    name = planned.task_no or planned.plan_no or str(planned.id)[:8]
    return f"{name}/{planned.row_no}-抽{(count or 0) + 1}"
