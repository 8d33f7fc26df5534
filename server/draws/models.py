"""Tables of draws and the visits they ordain."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class DrawSource(StrEnum):
    """Who drew: a provincial platform, or this house."""

    PLATFORM = "platform"
    OWN = "own"


class Draw(Base):
    """A published draw of one planned inspection.

    `locked` says that objects may not be exchanged any more: they were drawn by a platform (锁定对象).
    """

    __tablename__ = "draw"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_inspection.id"))
    number: Mapped[str]
    source: Mapped[str]
    locked: Mapped[bool]
    published_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("planned_id", "number"),)


class DrawnVisit(Base):
    """One object with the inspectors who visit it. `inspector_ids` are ids as text, the lead (主检) first."""

    __tablename__ = "drawn_visit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    inspector_ids: Mapped[JsonList]
    task_no: Mapped[str]
    task_name: Mapped[str]
    forms: Mapped[JsonList]
    item_codes: Mapped[JsonList]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    approval_no: Mapped[str | None]
    notice_no: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("draw_id", "object_id"),
        Index("ix_drawn_visit_task_no_object_id", "task_no", "object_id"),
    )
