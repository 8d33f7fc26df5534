"""What waits for whom: work that stands still until somebody does something, in one's jurisdiction. Counts end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require, within
from server.complaints.models import Complaint, ComplaintState
from server.health import inside
from server.health.findings import Level, Words
from server.inspections.models import CaseState, QuarantineCase
from server.platform.models import Delivery, DeliveryState
from server.publicity.models import Publication, PublicationState, Target

_LONG = timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """So many things of one kind that wait; `is_more`: there are more than were counted. `for_whom` in words."""

    kind: str
    name: Words
    for_whom: Words
    count: int
    is_more: bool
    level: Level


def what_waits(session: Session, actor: Actor, today: date, now: datetime) -> list[Waiting]:
    """Count what waits in the actor's jurisdiction."""
    require(actor, Permission.STATUS_READ)
    return [_count(session, *kind) for kind in _kinds(actor, today, now)]


def _kinds(actor: Actor, today: date, now: datetime) -> list[tuple[Any, ...]]:
    deliveries = select(Delivery.id).where(within(actor, Delivery.region))
    unsent = (PublicationState.DUE.value, PublicationState.FAILED.value)
    publications = select(Publication.id).where(
        Publication.target.in_([each.value for each in Target]),
        Publication.state.in_(unsent),
        within(actor, Publication.region),
    )
    return [
        (
            "quarantine",
            ("隔离区待处理", "cases in quarantine"),
            ("审核人员", "supervisors"),
            select(QuarantineCase.id).where(
                QuarantineCase.state == CaseState.OPEN.value, within(actor, QuarantineCase.region)
            ),
            Level.MIND,
        ),
        (
            "complaints",
            ("投诉与建议待答复", "complaints and suggestions to be answered"),
            ("审核人员、系统管理员", "supervisors, administrators"),
            select(Complaint.id).where(
                Complaint.state == ComplaintState.RECEIVED.value, within(actor, Complaint.region)
            ),
            Level.MIND,
        ),
        (
            "deliveries_refused",
            ("平台退回或推送失败", "deliveries refused or given up"),
            ("平台对接人员", "platform operators"),
            deliveries.where(Delivery.state.in_([DeliveryState.REJECTED.value, DeliveryState.DEAD.value])),
            Level.BAD,
        ),
        (
            "deliveries_waiting",
            ("推送等待超过一天", "deliveries that wait for more than a day"),
            ("平台对接人员", "platform operators"),
            deliveries.where(
                Delivery.state.in_([DeliveryState.PENDING.value, DeliveryState.SENT.value]),
                Delivery.queued_at < now - _LONG,
            ),
            Level.MIND,
        ),
        (
            "publications_overdue",
            ("公示逾期", "publications overdue"),
            ("公示人员", "publishers"),
            publications.where(Publication.due_on < today),
            Level.BAD,
        ),
        (
            "publications_failed",
            ("公示被退回", "publications refused"),
            ("公示人员", "publishers"),
            publications.where(Publication.state == PublicationState.FAILED.value),
            Level.MIND,
        ),
        (
            "publications_to_take_back",
            ("待各渠道撤回的公示", "publications to be taken back"),
            ("公示人员", "publishers"),
            select(Publication.id).where(
                Publication.target.in_([each.value for each in Target]),
                Publication.state.in_(
                    [PublicationState.TAKE_BACK.value, PublicationState.TAKE_BACK_FAILED.value]
                ),
                within(actor, Publication.region),
            ),
            Level.MIND,
        ),
    ]


def _count(
    session: Session, kind: str, name: Words, for_whom: Words, query: Select[Any], level: Level
) -> Waiting:
    count = inside.up_to_most(session, query)
    return Waiting(kind, name, for_whom, count, count == inside.MOST, level if count else Level.GOOD)
