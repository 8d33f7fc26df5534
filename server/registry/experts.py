"""Experts (专家名录库) and the leading group (领导小组): people who take part or answer, and inspect nothing.

An expert has no account and no certificate, is drawn apart from inspectors and never counted as one of them.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require, within
from server.db import Json
from server.problems import ExpertNotFound, LeaderNotFound
from server.registry.drafts import ExpertDraft, said_of
from server.registry.item_list import check_codes
from server.registry.models import Expert, Leader
from server.registry.states import row_as_json


@dataclass(frozen=True)
class LeaderDraft:
    """A member of the leading group since a day; see Leader."""

    name: str
    post: str
    duty: str
    since: date


def enter_expert(session: Session, actor: Actor, draft: ExpertDraft) -> tuple[Expert, Json]:
    """Enter an expert of the actor's bureau, or bring the one of that name and unit up to date.

    Returns what stood there before, if anything; nothing happens where nothing is different.
    """
    require(actor, Permission.LIST_WRITE)
    check_codes(session, draft.scope)
    expert = session.scalar(
        select(Expert).where(
            Expert.organisation_id == actor.organisation_id,
            Expert.name == draft.name,
            Expert.unit == draft.unit,
        )
    )
    before = row_as_json(expert) if expert else {}
    said = said_of(draft, is_new=expert is None)
    expert = expert or Expert(organisation_id=actor.organisation_id, region=actor.region)
    for name, value in said.items():
        setattr(expert, name, value)
    expert.active = True
    session.add(expert)
    session.flush()
    if row_as_json(expert) != before:
        details = {"name": expert.name, "unit": expert.unit}
        action = "expert.changed" if before else "expert.added"
        audit.append(session, actor, action, ("expert", expert.id), details)
    return expert, before


def retire_expert(session: Session, actor: Actor, expert_id: UUID, reason: str) -> Expert:
    """Take an expert out of the library; who they were stays known."""
    expert = session.get(Expert, expert_id)
    if expert is None:
        raise ExpertNotFound()
    require(actor, Permission.LIST_WRITE, expert)
    expert.active = False
    session.flush()
    details = {"name": expert.name, "reason": reason}
    audit.append(session, actor, "expert.removed", ("expert", expert.id), details)
    return expert


def experts_within(actor: Actor) -> Select[Expert]:
    """Select the experts of the jurisdiction."""
    require(actor, Permission.PERSON_READ)
    return select(Expert).where(within(actor, Expert.region), Expert.active)


def enter_leader(session: Session, actor: Actor, draft: LeaderDraft) -> Leader:
    """Enter a member of the leading group of the actor's bureau since a day."""
    require(actor, Permission.LIST_WRITE)
    leader = Leader(
        organisation_id=actor.organisation_id,
        region=actor.region,
        name=draft.name,
        post=draft.post,
        duty=draft.duty,
        since=draft.since,
    )
    session.add(leader)
    session.flush()
    details = {"name": draft.name, "post": draft.post, "since": draft.since.isoformat()}
    audit.append(session, actor, "leader.entered", ("leader", leader.id), details)
    return leader


def end_leader(session: Session, actor: Actor, leader_id: UUID, last_day: date) -> Leader:
    """Let a member leave the leading group after a day."""
    leader = session.get(Leader, leader_id)
    if leader is None:
        raise LeaderNotFound()
    require(actor, Permission.LIST_WRITE, leader)
    leader.until = last_day
    session.flush()
    details = {"name": leader.name, "last_day": last_day.isoformat()}
    audit.append(session, actor, "leader.left", ("leader", leader.id), details)
    return leader


def leaders_on(session: Session, actor: Actor, on: date) -> list[Leader]:
    """List the leading groups of the jurisdiction as they were on a day, in the order of entry."""
    require(actor, Permission.LIST_READ)
    query = select(Leader).where(
        within(actor, Leader.region), Leader.since <= on, or_(Leader.until.is_(None), Leader.until >= on)
    )
    return list(session.scalars(query.order_by(Leader.region, Leader.since, Leader.name)))
