"""How a plan becomes one: sections propose, the policy section aggregates, it is approved, published, filed.

Each step has its permission and its fact in the audit log. What was proposed stays as it was proposed: rows are
copied into the aggregated plan, and the drafts name the plan that they went into. One draft alone becomes the plan
itself.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.lateness import too_late
from server.db import Json
from server.planning.entering import drop_rows
from server.planning.models import Plan, PlannedInspection, PlanState
from server.planning.service import held_plan, plans_within, rows_of
from server.planning.versions import publish_version
from server.problems import PlanIncomplete, PlanNotFound, PlanOwnWork, PlansDiffer, PlanStage

AGGREGATED = "aggregated"
_NOT_COPIED = {"id", "plan_id", "row_no"}


def aggregate_plans(
    session: Session, actor: Actor, draft_ids: Sequence[UUID], *, name: str = "", number: str = ""
) -> Plan:
    """Aggregate drafts of one bureau, year and kind into its plan; of several, the plan needs a name.

    PlanStage where one is no draft any more, PlansDiffer, PlanIncomplete where one has no rows.
    """
    require(actor, Permission.PLAN_AGGREGATE)
    drafts = _drafts(session, actor, draft_ids)
    first = drafts[0]
    if len({(each.organisation_id, each.year, each.kind) for each in drafts}) > 1:
        raise PlansDiffer()
    rows = rows_of(session, [each.id for each in drafts])
    empty = {each.id for each in drafts} - {row.plan_id for row in rows}
    if empty:
        raise PlanIncomplete("计划没有任务", "a plan without rows", plans=[str(each) for each in empty])
    if len(drafts) == 1 and name in ("", first.name):
        plan = first
        plan.number = number or plan.number
    else:
        plan = _join(session, drafts, rows, name, number)
    plan.state, plan.aggregated_at, plan.aggregated_by = (
        PlanState.AGGREGATED.value,
        clock.now(),
        actor.person_id,
    )
    session.flush()
    _note(session, actor, "plan.aggregated", plan, {"drafts": [str(each.id) for each in drafts]})
    return plan


def approve_plan(session: Session, actor: Actor, plan_id: UUID, approval_no: str = "") -> Plan:
    """Approve an aggregated plan. PlanOwnWork: whoever aggregated it does not approve it."""
    plan = held_plan(session, actor, plan_id)
    require(actor, Permission.PLAN_APPROVE, plan)
    _check(plan, PlanState.AGGREGATED)
    if plan.aggregated_by == actor.person_id:
        raise PlanOwnWork()
    plan.state, plan.approved_at, plan.approved_by = PlanState.APPROVED.value, clock.now(), actor.person_id
    plan.approval_no = approval_no
    session.flush()
    _note(session, actor, "plan.approved", plan, {"approval_no": approval_no})
    return plan


def return_plan(session: Session, actor: Actor, plan_id: UUID, reason: str) -> Plan:
    """Send an aggregated or approved plan back: it and the drafts it was made of can be worked on again."""
    plan = held_plan(session, actor, plan_id)
    require(actor, Permission.PLAN_APPROVE, plan)
    _check(plan, PlanState.AGGREGATED, PlanState.APPROVED)
    plan.state, plan.approved_at, plan.approved_by = PlanState.DRAFT.value, None, None
    parts = update(Plan).where(Plan.part_of_id == plan.id)
    session.execute(parts.values(part_of_id=None, state=PlanState.DRAFT.value))
    session.flush()
    _note(session, actor, "plan.returned", plan, {"reason": reason})
    return plan


def publish_plan(session: Session, actor: Actor, plan_id: UUID, number: str = "") -> Plan:
    """Publish an approved plan under its document number: from then on it stands, readable for everybody."""
    plan = held_plan(session, actor, plan_id)
    require(actor, Permission.PLAN_PUBLISH, plan)
    _check(plan, PlanState.APPROVED)
    plan.number = number or plan.number
    if not plan.number:
        raise PlanIncomplete("没有发文文号", "the plan has no document number")
    plan.state, plan.published_at = PlanState.PUBLISHED.value, clock.now()
    version = publish_version(session, plan, reason="")
    _note(session, actor, "plan.published", plan, {"version": version.number, "sha256": version.sha256})
    return plan


def file_plan(session: Session, actor: Actor, plan_id: UUID, filing_no: str) -> Plan:
    """Note that the level above has the plan on file (报上级备案), under which number."""
    plan = held_plan(session, actor, plan_id)
    require(actor, Permission.PLAN_PUBLISH, plan)
    _check(plan, PlanState.APPROVED, PlanState.PUBLISHED)
    plan.filed_at, plan.filing_no = clock.now(), filing_no
    session.flush()
    _note(session, actor, "plan.filed", plan, {"filing_no": filing_no})
    return plan


def _drafts(session: Session, actor: Actor, draft_ids: Sequence[UUID]) -> list[Plan]:
    """Load drafts in the order they were named; those of other places are not found."""
    wanted = list(dict.fromkeys(draft_ids))
    # Locked, so that no two plans are made of one draft.
    query = plans_within(actor).where(Plan.id.in_(wanted)).order_by(Plan.id).with_for_update()
    found = {each.id: each for each in session.scalars(query)}
    if not wanted or set(found) != set(wanted):
        raise PlanNotFound()
    drafts = [found[each] for each in wanted]
    for each in drafts:
        require(actor, Permission.PLAN_AGGREGATE, each)
        _check(each, PlanState.DRAFT)
    return drafts


def _join(
    session: Session, drafts: Sequence[Plan], rows: Sequence[PlannedInspection], name: str, number: str
) -> Plan:
    """Make one plan of several drafts, its rows numbered through; one that was returned is made anew."""
    first = drafts[0]
    if not name:
        raise PlanIncomplete("汇总多份计划须给出计划名称", "several drafts make a plan that needs a name")
    plan = session.scalar(
        select(Plan).where(
            Plan.organisation_id == first.organisation_id,
            Plan.year == first.year,
            Plan.kind == first.kind,
            Plan.name == name,
        )
    )
    if plan is None:
        plan = Plan(
            region=first.region,
            organisation_id=first.organisation_id,
            year=first.year,
            kind=first.kind,
            name=name,
        )
        session.add(plan)
    elif plan.source != AGGREGATED or plan in drafts or plan.state != PlanState.DRAFT:
        raise PlanStage("已有同名计划", "there is a plan of that name")
    plan.number, plan.source, plan.findings, plan.imported_at = number, AGGREGATED, [], clock.now()
    session.flush()
    drop_rows(session, plan)
    order = {each.id: place for place, each in enumerate(drafts)}
    ordered = sorted(rows, key=lambda row: (order[row.plan_id], row.row_no))
    session.add_all(_copy(row, plan, place) for place, row in enumerate(ordered, 1))
    for each in drafts:
        each.part_of_id, each.state = plan.id, PlanState.AGGREGATED.value
    return plan


def _copy(row: PlannedInspection, plan: Plan, place: int) -> PlannedInspection:
    columns = PlannedInspection.__table__.columns.keys()
    values = {name: getattr(row, name) for name in columns if name not in _NOT_COPIED}
    return PlannedInspection(**values, plan_id=plan.id, row_no=place)


def _check(plan: Plan, *allowed: PlanState) -> None:
    """Refuse a step that a plan is not ready for, or that its being part of another one forbids."""
    if plan.part_of_id is not None or plan.state not in allowed:
        raise too_late(PlanStage, plan, "plan", state=plan.state, allowed=[state.value for state in allowed])


def _note(session: Session, actor: Actor, action: str, plan: Plan, details: Json) -> None:
    about = {"year": plan.year, "name": plan.name, "number": plan.number}
    audit.append(session, actor, action, ("plan", plan.id), about | details)
