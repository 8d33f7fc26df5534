"""The table of results."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class ResultState(StrEnum):
    """Drafted from the record, confirmed by an inspector of the task, released by a supervisor."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RELEASED = "released"


class Result(Base):
    """The result of one task and one item, drawn from revision `rev` of its record.

    `version` grows with every change of what it says. `due_on` is when it must be entered, by `due_rule`;
    `publish_on` when a normal result must be public; `estimated`: a calendar on the way is not published yet.
    `correction`: why a released result was changed.
    """

    __tablename__ = "result"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    item_code: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"), index=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    rev: Mapped[str] = mapped_column(ForeignKey("revision.rev"))
    codes: Mapped[JsonList]
    followup_codes: Mapped[JsonList]
    findings_text: Mapped[str]
    rectify_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(default=ResultState.DRAFT.value)
    version: Mapped[int] = mapped_column(default=1)
    correction: Mapped[str | None]
    inspected_on: Mapped[date]
    due_on: Mapped[date]
    due_rule: Mapped[str]
    publish_on: Mapped[date | None]
    estimated: Mapped[bool]
    drafted_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("task_id", "item_code"),
        Index("ix_result_region_due_on", "region", "due_on", "id"),
    )
