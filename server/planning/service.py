"""Finding plans and their rows; what becomes of plans is in `stages`, `amendments` and `schemes`."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require, within
from server.planning.models import Plan, PlannedInspection, PlanState
from server.problems import PlanNotFound


def plans_within(actor: Actor, *, year: int | None = None, state: PlanState | None = None) -> Select[Plan]:
    """Select the plans of the jurisdiction: of one year, at one stage, or all."""
    require(actor, Permission.PLAN_READ)
    query = select(Plan).where(within(actor, Plan.region))
    query = query.where(Plan.state == state.value) if state else query
    return query.where(Plan.year == year) if year else query


def find_plan(session: Session, actor: Actor, plan_id: UUID) -> Plan:
    """Return a plan of the jurisdiction; others are not found."""
    plan = session.scalar(plans_within(actor).where(Plan.id == plan_id))
    if plan is None:
        raise PlanNotFound()
    return plan


def held_plan(session: Session, actor: Actor, plan_id: UUID) -> Plan:
    """Return a plan of the jurisdiction to change it, and hold its row until the transaction ends."""
    plan = find_plan(session, actor, plan_id)
    session.refresh(plan, with_for_update=True)
    return plan


def rows_of(session: Session, plan_ids: Collection[UUID]) -> list[PlannedInspection]:
    """Return the rows of plans in the order of their tables."""
    query = select(PlannedInspection).where(PlannedInspection.plan_id.in_(plan_ids))
    return list(session.scalars(query.order_by(PlannedInspection.plan_id, PlannedInspection.row_no)))


def standing_rows(actor: Actor) -> Select[PlannedInspection]:
    """Select the rows of the jurisdiction that count: not those of drafts that went into a plan, nor withdrawn ones."""
    require(actor, Permission.PLAN_READ)
    return (
        select(PlannedInspection)
        .join(Plan, Plan.id == PlannedInspection.plan_id)
        .where(
            within(actor, PlannedInspection.region),
            PlannedInspection.withdrawn_at.is_(None),
            Plan.part_of_id.is_(None),
        )
    )


def rows_of_year(actor: Actor, year: int) -> Select[PlannedInspection]:
    """Select the rows of a year that count; `Plan` is joined."""
    return standing_rows(actor).where(Plan.year == year)


def plans_of(session: Session, rows: Collection[PlannedInspection]) -> dict[UUID, Plan]:
    """Return the plans of rows by id, in one query."""
    query = select(Plan).where(Plan.id.in_({row.plan_id for row in rows}))
    return {plan.id: plan for plan in session.scalars(query)}


def find_row(session: Session, actor: Actor, planned_id: UUID) -> PlannedInspection:
    """Return a planned inspection of the jurisdiction; others are not found."""
    require(actor, Permission.PLAN_READ)
    row = session.scalar(
        select(PlannedInspection).where(
            PlannedInspection.id == planned_id, within(actor, PlannedInspection.region)
        )
    )
    if row is None:
        raise PlanNotFound()
    return row
