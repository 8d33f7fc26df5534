"""The outbox."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class DeliveryState(StrEnum):
    """Where a delivery stands.

    `sent` was handed over at least once and has no answer yet; `rejected` has one, with errors; `corrected`
    was rejected and a newer version has taken its place; `dead` was tried as often as is sensible.
    """

    PENDING = "pending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    DEAD = "dead"


class Delivery(Base):
    """One version of one released result on its way to one platform.

    `key` is the idempotency key: task number, object code, item code and version. `payload` is what is sent,
    fixed when the result was released. `next_at`: not tried before; while `sent`, the end of the claim.
    """

    __tablename__ = "delivery"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"), index=True)
    target: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    payload: Mapped[Json]
    state: Mapped[str] = mapped_column(default=DeliveryState.PENDING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    receipt: Mapped[Json | None]
    errors: Mapped[JsonList]

    __table_args__ = (
        UniqueConstraint("target", "key"),
        Index("ix_delivery_state_next_at", "state", "next_at"),
    )
