"""Which objects a plan's words mean: 全县生产矿山企业 said as a rule that the database can follow.

A draw freezes what the rule gives on its day; before, the rule tells how many there are and where plans overlap.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, region_bounds, require
from server.db import Json, is_postgresql
from server.planning.launches import launched
from server.planning.models import PlannedInspection
from server.planning.ratios import QuotaRule, Ratio, quota
from server.planning.rules import quota_rule
from server.planning.service import find_row
from server.problems import PlanDrawn, PlanIncomplete
from server.registry import service as registry
from server.registry.models import InspectedObject, Licence


@dataclass(frozen=True)
class Frame:
    """Active objects of `kinds`, with one of `tags`, with a licence of `licences`, of the key library if `key_only`.

    What says nothing leaves nothing out.
    """

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    key_only: bool = False

    def as_json(self) -> Json:
        """Write the rule as a row keeps it."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Frame":
        """Read what `as_json` wrote."""
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in written.items()
        }
        return cls(**plain)


def set_frame(session: Session, actor: Actor, planned_id: UUID, frame: Frame) -> PlannedInspection:
    """Say which objects a planned inspection means; PlanDrawn once a draw stands on it."""
    planned = find_row(session, actor, planned_id)
    require(actor, Permission.PLAN_WRITE, planned)
    if launched(session, [planned.id]):
        raise PlanDrawn()
    planned.frame = frame.as_json()
    session.flush()
    audit.append(session, actor, "planned.framed", ("planned", planned.id), planned.frame)
    return planned


def in_frame(
    session: Session, frame: Frame, region: str, on: date | None = None
) -> list[ColumnElement[bool]]:
    """Say the rule as conditions on objects of a region; of the key library as of a day, today where none is named."""
    conditions: list[ColumnElement[bool]] = [
        InspectedObject.region.between(*region_bounds(region)),
        InspectedObject.active.is_(True),
    ]
    if frame.kinds:
        conditions.append(InspectedObject.kind.in_(frame.kinds))
    if frame.tags:
        conditions.append(or_(*(_has_tag(session, tag) for tag in frame.tags)))
    if frame.licences:
        held = exists().where(
            Licence.object_id == InspectedObject.id,
            Licence.kind.in_(frame.licences),
            Licence.ended_on.is_(None),
        )
        conditions.append(held)
    if frame.key_only:
        conditions.append(registry.is_key(on or clock.today()))
    return conditions


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    """Say that an object carries a label: without taking its list apart, which costs ten times as much."""
    if is_postgresql(session):
        return InspectedObject.tags.op("?")(tag)
    # A quote inside a label is written with a backslash before it: only whole labels stand between quotes.
    written = json.dumps(tag, ensure_ascii=False)
    return func.instr(cast(InspectedObject.tags, Text), written) > 0


def expected(
    session: Session, planned: PlannedInspection, rules: Mapping[str, Any], frame: Frame | None = None
) -> Json:
    """Reckon how many a draw of a planned inspection would take today, and how.

    With its own frame or one that is only tried; PlanIncomplete without any.
    """
    if frame is None and planned.frame is None:
        raise PlanIncomplete("尚未确定抽查对象", "nobody has said which objects it means")
    tried = frame or Frame.from_json(planned.frame or {})
    query = (
        select(InspectedObject.risk_class, func.count())
        .where(*in_frame(session, tried, planned.region))
        .group_by(InspectedObject.risk_class)
    )
    sizes = {key or "": size for key, size in session.execute(query)}
    rule: QuotaRule = quota_rule(rules, rising=bool(planned.risk_rule))
    found = quota(Ratio.from_json(planned.ratio), sizes, rule)
    return {
        "frame": sizes,
        "strata": dict(found.strata),
        "total": found.total,
        "draws": found.draws,
        "arithmetic": [{"text": step.text, "text_en": step.text_en} for step in found.arithmetic],
    }
