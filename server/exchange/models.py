"""Tables of the push ledger, of what could not be read, and of what is said about the application."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json
from server.rows import LARGE


class PushedOperation(Base):
    """One operation of a phone and the answer it got, so that a retry gets the same one.

    `content` names what was pushed; `reply` and `seq` are empty only inside the transaction that applies it.
    """

    __tablename__ = "pushed_operation"

    op: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    content: Mapped[str]
    reply: Mapped[Json | None] = mapped_column(info={LARGE: True})
    seq: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]


class QuarantinedItem(Base):
    """An item that could not be read or applied, as it came: nothing authenticated is thrown away."""

    __tablename__ = "quarantined_item"

    op: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    device_id: Mapped[UUID | None]
    reason: Mapped[str]
    raw: Mapped[bytes]
    received_at: Mapped[datetime]


class DigestAllowance(Base):
    """How many sums and buckets a person asked for in this hour and on this day: one row each, written over."""

    __tablename__ = "digest_allowance"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sums: Mapped[int]
    sums_since: Mapped[datetime]
    buckets: Mapped[int]
    buckets_since: Mapped[datetime]


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
