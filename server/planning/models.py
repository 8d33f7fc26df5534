"""Tables of annual plans and their rows."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import NAMES, Base, Json, JsonList


class PlanKind(StrEnum):
    """A bureau's own plan, a joint one of several departments (部门联合), or the province's list."""

    INTERNAL = "internal"
    JOINT = "joint"
    PROVINCIAL = "provincial"


class PlanState(StrEnum):
    """How far a plan is: a section's draft, aggregated (汇总) by the policy section, approved, published.

    A draft can be replaced; what was published stands, and is changed by an amendment only.
    """

    DRAFT = "draft"
    AGGREGATED = "aggregated"
    APPROVED = "approved"
    PUBLISHED = "published"


class AmendmentState(StrEnum):
    """How far a change of a published plan is: proposed, approved, published with the plan; or refused."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    REFUSED = "refused"


class Plan(Base):
    """An annual plan of a bureau. `number` is its document number (发文文号); `findings` of its import.

    `section` (科室) proposed it. A draft that was aggregated into another plan names it in `part_of_id` and stays
    as it was proposed. `version` counts publications; `filed_at` and `filing_no` are its filing with the level
    above (报上级备案).
    """

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
    section: Mapped[str] = mapped_column(default="")
    part_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"), index=True)
    aggregated_at: Mapped[datetime | None]
    aggregated_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    approval_no: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)
    filed_at: Mapped[datetime | None]
    filing_no: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("organisation_id", "year", "kind", "name"),)


class PlannedInspection(Base):
    """One row of a plan (抽查任务): values as read, beside the texts as written.

    `sampling` holds "targeted" (定向) and "untargeted" (不定向); `windows` first and last days; `ratio` as
    `Ratio.as_json`; `notes` the findings of this row. `item_codes` name only items of the item list.
    `chosen_time`: at a time of one's own choice within the windows (择机). `frame` says by rule which objects
    `object_scope` means, as `Frame.as_json`; None until somebody has said it. `particulars` hold what other
    layouts tell beside (field, category, mode, levels, remark …), as written. A row that an amendment took out
    of a published plan stays, with `withdrawn_at`.
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
    item_codes: Mapped[JsonList] = mapped_column(info={NAMES: ("inspection_item",)})
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
    chosen_time: Mapped[bool] = mapped_column(default=False)
    frame: Mapped[Json | None]
    particulars: Mapped[Json] = mapped_column(default=dict)
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("plan_id", "row_no"),
        Index("ix_planned_inspection_region", "region"),
    )


class PlanVersion(Base):
    """A plan as it was published: `document` is what everybody may read, `sha256` of its canonical JSON (hex).

    Neither ever changes. `number` counts from 1; `reason` says why there is a new one.
    """

    __tablename__ = "plan_version"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime]
    reason: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    document: Mapped[Json]


class PlanAmendment(Base):
    """A change of a published plan: what, why, who asked and who allowed it.

    `changes` are as sent: rows changed, added or withdrawn, in the words of the plan. `answer` is what the one who
    decided said; `published_version` the version of the plan that it became.
    """

    __tablename__ = "plan_amendment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    region: Mapped[str]
    state: Mapped[str] = mapped_column(default=AmendmentState.PROPOSED.value)
    reason: Mapped[str]
    changes: Mapped[JsonList]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    approval_no: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    published_version: Mapped[int | None]


class WorkScheme(Base):
    """A work scheme (抽查工作方案) of a planned inspection, by version; what was published stands.

    `body` is its text; `sha256` of the canonical JSON that is published, once it is.
    """

    __tablename__ = "work_scheme"

    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_inspection.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    region: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID]
    published_at: Mapped[datetime | None]
    sha256: Mapped[str | None]


class PlanIntake(Base):
    """A plan's source as it came (workbook or text) and what people corrected in it; kept, never altered.

    `corrections` are cells by row and column key: the source is read with them, again and again, until it can be
    entered as `plan_id`.
    """

    __tablename__ = "plan_intake"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    kind: Mapped[str | None]
    layout: Mapped[str | None]
    name: Mapped[str]
    source: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    corrections: Mapped[JsonList]
    received_at: Mapped[datetime]
    received_by: Mapped[UUID]
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"))


class Launch(Base):
    """A planned inspection was launched (发起): a draw of it was published, on a day, with so many objects."""

    __tablename__ = "plan_launch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_inspection.id"), index=True)
    launched_at: Mapped[datetime]
    launched_on: Mapped[date]
    objects: Mapped[int]
