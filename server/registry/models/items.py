"""Tables of the item list: the items, what a bureau has claimed of them, responsibilities, published versions."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import NAMES, Base, JsonList


class ItemKind(StrEnum):
    """A general item (一般检查事项) or a key one (重点检查事项), which is inspected more."""

    GENERAL = "general"
    KEY = "key"


class ItemMode(StrEnum):
    """How an item may be inspected (抽查方式)."""

    ON_SITE = "on_site"  # 实地核查
    WRITTEN = "written"  # 书面检查
    NETWORK = "network"  # 网络监测
    COMMISSIONED = "commissioned"  # 委托专业机构


class InspectionItem(Base):
    """An inspection item (抽查事项) and the form it is inspected with; `aliases` as plans write it.

    `region` is whose item it is: 000000 for those that ship, a province's for its unified list (全省统一清单), a
    bureau's own below. The elements are those of R3-R5: `subject` 抽查主体, `object_scope` 抽查对象, `standard`
    抽查标准和要点, `modes` of ItemMode, `ratio` and `frequency` as written. In force from `valid_from` to `valid_to`
    and while its legal basis is (`basis_from` to `basis_to`); both days count, no day: no bound.
    An empty `form_id`: no form is made for it yet.
    """

    __tablename__ = "inspection_item"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    form_id: Mapped[str]
    basis: Mapped[str]
    content: Mapped[str]
    aliases: Mapped[JsonList]
    region: Mapped[str] = mapped_column(default="000000", index=True)
    category: Mapped[str] = mapped_column(default="")
    sub_item: Mapped[str] = mapped_column(default="")
    matter_no: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    object_scope: Mapped[str] = mapped_column(default="")
    object_kinds: Mapped[JsonList] = mapped_column(default=list)
    standard: Mapped[str] = mapped_column(default="")
    modes: Mapped[JsonList] = mapped_column(default=list)
    kind: Mapped[str] = mapped_column(default=ItemKind.GENERAL.value)
    ratio: Mapped[str] = mapped_column(default="")
    frequency: Mapped[str] = mapped_column(default="")
    inspector_requirement: Mapped[str] = mapped_column(default="")
    section: Mapped[str] = mapped_column(default="")
    lead_department: Mapped[str] = mapped_column(default="")
    departments: Mapped[JsonList] = mapped_column(default=list)
    remark: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    basis_from: Mapped[date | None]
    basis_to: Mapped[date | None]

    def in_force(self, on: date) -> bool:
        """Say whether the item and its legal basis hold on a day."""
        return all(
            (first is None or first <= on) and (last is None or on <= last)
            for first, last in ((self.valid_from, self.valid_to), (self.basis_from, self.basis_to))
        )


class ItemClaim(Base):
    """An item that a bureau has claimed (认领) into its own list, and what it says of it itself.

    What is empty here is as the item says. `ended_on`: the last day that it was in the list.
    """

    __tablename__ = "item_claim"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("inspection_item.code"), primary_key=True)
    region: Mapped[str] = mapped_column(index=True)
    claimed_on: Mapped[date]
    ended_on: Mapped[date | None]
    subject: Mapped[str] = mapped_column(default="")
    section: Mapped[str] = mapped_column(default="")
    ratio: Mapped[str] = mapped_column(default="")
    frequency: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")


class Responsibility(Base):
    """A line of a bureau's multi-department responsibility list (多部门监管责任事项清单).

    `lead` is the department that answers (牵头责任部门), `cooperating` those that help (相关配合部门).
    """

    __tablename__ = "responsibility"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    basis: Mapped[str]
    lead: Mapped[str]
    cooperating: Mapped[JsonList]
    item_codes: Mapped[JsonList] = mapped_column(info={NAMES: ("inspection_item",)})
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (UniqueConstraint("organisation_id", "name"),)


class ListKind(StrEnum):
    """Which list a version is of: of inspection items, or of several departments' responsibilities."""

    ITEMS = "items"
    RESPONSIBILITIES = "responsibilities"


class ListState(StrEnum):
    """A version is prepared, approved as it stands, and published. What was published stands."""

    PREPARED = "prepared"
    APPROVED = "approved"
    PUBLISHED = "published"


class ListVersion(Base):
    """A version of a bureau's list. From `effective_on` on it is the list, until the next one is.

    `data` is the list as it is published, canonical JSON, and `sha256` its hash (hex); neither ever changes.
    `number` counts from 1 within bureau and kind. `approved_by` names who approved, here or in another office
    (市审改办) under `approval_no`.
    """

    __tablename__ = "list_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default=ListState.PREPARED.value)
    effective_on: Mapped[date]
    reason: Mapped[str]
    count: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    data: Mapped[bytes] = mapped_column(deferred=True)
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[UUID]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approval_no: Mapped[str | None]
    published_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "number"),
        Index("ix_list_version_published_at_id", "published_at", "id"),
    )
