"""The table of complaints and suggestions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class ComplaintState(StrEnum):
    """How far a complaint has come."""

    RECEIVED = "received"
    ANSWERED = "answered"


class Complaint(Base):
    """A complaint or suggestion (投诉、建议) about the application, as somebody wrote it, and the answer to it.

    `id` is the phone's, so that sending it twice leaves it there once; `written_at` is by the phone's clock.
    """

    __tablename__ = "complaint"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    region: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=ComplaintState.RECEIVED.value)
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_complaint_state_received_at", "state", "received_at", "id", "region"),
        Index("ix_complaint_person_id_received_at", "person_id", "received_at", "id"),
    )
