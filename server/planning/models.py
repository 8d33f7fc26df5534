"""Tables of annual plans and their rows."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class PlanKind(StrEnum):
    """A bureau's own plan, a joint one of several departments (部门联合), or the province's list."""

    INTERNAL = "internal"
    JOINT = "joint"
    PROVINCIAL = "provincial"


class PlanState(StrEnum):
    """A draft can be replaced; what was published stands."""

    DRAFT = "draft"
    PUBLISHED = "published"


class Plan(Base):
    """An annual plan of a bureau. `number` is its document number (发文文号); `findings` of its import."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    number: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=PlanState.DRAFT.value)
    source: Mapped[str]
    findings: Mapped[JsonList]
    imported_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("organisation_id", "year", "kind", "name"),)


class PlannedInspection(Base):
    """One row of a plan (抽查任务): values as read, beside the texts as written.

    `sampling` holds "targeted" (定向) and "untargeted" (不定向); `windows` first and last days; `ratio` as
    `Ratio.as_json`; `notes` the findings of this row. `item_codes` name only items of the item list.
    """

    __tablename__ = "planned_inspection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    region: Mapped[str]
    row_no: Mapped[int]
    plan_no: Mapped[str | None]
    plan_name: Mapped[str | None]
    task_no: Mapped[str | None]
    name: Mapped[str]
    sampling: Mapped[JsonList]
    items: Mapped[JsonList]
    item_codes: Mapped[JsonList]
    object_scope: Mapped[str]
    ratio: Mapped[Json]
    ratio_text: Mapped[str]
    risk_rule: Mapped[str | None]
    windows: Mapped[JsonList]
    window_text: Mapped[str]
    initiator: Mapped[str]
    lead: Mapped[str | None]
    cooperators: Mapped[JsonList]
    inspecting_body: Mapped[str | None]
    notes: Mapped[JsonList]

    __table_args__ = (
        UniqueConstraint("plan_id", "row_no"),
        Index("ix_planned_inspection_region", "region"),
    )
