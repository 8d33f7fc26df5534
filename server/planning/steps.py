"""What is next for a plan, who may do it, and why somebody may not: as `stages` decides when it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import GRANTS, Actor, Permission, Role
from server.accounts.models import Person
from server.planning.models import Plan, PlanState
from server.problems import PlanOwnWork

MOST_NAMED = 10


@dataclass(frozen=True)
class Step:
    """A step that a plan can take now.

    `allowed` to who asks; else `why` in Chinese and English. `people` of the bureau may do it, the first so many.
    """

    name: str
    allowed: bool
    why: tuple[str, str]
    people: tuple[str, ...]


@dataclass(frozen=True)
class _Way:
    """A step: from which states, with which permission, and whose own work it may not be."""

    name: str
    states: frozenset[PlanState]
    permission: Permission
    not_by: Callable[[Plan], UUID | None] = lambda _: None


_WAYS = (
    _Way("aggregate", frozenset({PlanState.DRAFT}), Permission.PLAN_AGGREGATE),
    _Way(
        "approve",
        frozenset({PlanState.AGGREGATED}),
        Permission.PLAN_APPROVE,
        lambda plan: plan.aggregated_by,
    ),
    _Way("return", frozenset({PlanState.AGGREGATED, PlanState.APPROVED}), Permission.PLAN_APPROVE),
    _Way("publish", frozenset({PlanState.APPROVED}), Permission.PLAN_PUBLISH),
    _Way("amend", frozenset({PlanState.PUBLISHED}), Permission.PLAN_WRITE),
    _Way("file", frozenset({PlanState.APPROVED, PlanState.PUBLISHED}), Permission.PLAN_PUBLISH),
)
_NOT_YOURS = "您没有这一步的权限", "You may not do this."


def next_steps(session: Session, actor: Actor, plan: Plan) -> list[Step]:
    """Tell the steps that a plan can take now; none for a draft that went into another plan."""
    if plan.part_of_id is not None:
        return []
    ways = [way for way in _WAYS if plan.state in way.states]
    staff = session.scalars(
        select(Person)
        .where(Person.organisation_id == plan.organisation_id, Person.active.is_(True))
        .order_by(Person.name, Person.id)
    ).all()
    return [_step(actor, plan, way, staff) for way in ways]


def _step(actor: Actor, plan: Plan, way: _Way, staff: Sequence[Person]) -> Step:
    own = way.not_by(plan)
    able = [each.name for each in staff if _holds(each, way.permission) and each.id != own]
    why = ("", "")
    if not actor.may(way.permission):
        why = _NOT_YOURS
    elif own is not None and own == actor.person_id:
        why = PlanOwnWork.title
    return Step(way.name, not why[0], why, tuple(able[:MOST_NAMED]))


def _holds(person: Person, permission: Permission) -> bool:
    return any(permission in GRANTS[Role(role)] for role in person.roles)
