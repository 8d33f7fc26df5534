"""The outbox, and its reconciliation with what the platform holds."""

from datetime import date, datetime
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
    region: Mapped[str]
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
        Index("ix_delivery_settled_at", "settled_at", "id", "region"),
        Index("ix_delivery_queued_at", "queued_at", "id", "region"),
        Index("ix_delivery_region_queued_at", "region", "queued_at", "id"),
        Index("ix_delivery_state_queued_at", "state", "queued_at", "id", "region"),
        Index("ix_delivery_region_state_queued_at", "region", "state", "queued_at", "id"),
    )


class RunSource(StrEnum):
    """What a run compares with: the platform's answer, asked each day or by a person, or a file that it gave out."""

    DAILY = "daily"
    ASKED = "asked"
    FILE = "file"


class RunState(StrEnum):
    """A run waits for the worker, compares, is done, or the platform could not be asked."""

    WAITING = "waiting"
    COMPARING = "comparing"
    DONE = "done"
    FAILED = "failed"


class Reconciliation(Base):
    """One comparison (对账) of what was delivered in a region between two days, both included, with what the platform holds.

    `here` deliveries with a receipt of those days, `there` results that the platform took in them, `agreed` keys that say the
    same on both sides; `found`: how many differences, by kind. `next_at` as in `Delivery`. `file_sha256`: of a file's bytes.
    """

    __tablename__ = "reconciliation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    target: Mapped[str]
    source: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[str] = mapped_column(default=RunState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    here: Mapped[int] = mapped_column(default=0)
    there: Mapped[int] = mapped_column(default=0)
    agreed: Mapped[int] = mapped_column(default=0)
    found: Mapped[Json]
    problem: Mapped[str | None]
    file_sha256: Mapped[str | None]

    __table_args__ = (
        Index("ix_reconciliation_asked_at", "asked_at", "id", "region"),
        Index("ix_reconciliation_state_next_at", "state", "next_at"),
        Index("ix_reconciliation_source_last", "source", "last"),
    )


class DifferenceKind(StrEnum):
    """How the two sides differ.

    We have a receipt and they have nothing; they have what was never sent; both have it and it says something else; they
    have it and we have no receipt.
    """

    MISSING_THERE = "missing-there"
    UNKNOWN_HERE = "unknown-here"
    DIFFERS = "differs"
    RECEIPT_MISSING = "receipt-missing"


class DifferenceState(StrEnum):
    """It waits for a person, was sent again, was accounted for with a reason, or a later run found both sides agreed."""

    OPEN = "open"
    SENT_AGAIN = "sent-again"
    NOTED = "noted"
    RESOLVED = "resolved"


class Difference(Base):
    """Where the two sides differ in one key. There is one of a kind for each key, however many runs see it.

    `at`: when the side that has it got it, or its receipt. `ours` and `theirs`: what each side says, with its digest.
    """

    __tablename__ = "difference"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    target: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery.id"))
    at: Mapped[datetime]
    ours: Mapped[Json | None]
    theirs: Mapped[Json | None]
    state: Mapped[str] = mapped_column(default=DifferenceState.OPEN.value)
    reason: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("target", "key", "kind"),
        Index("ix_difference_at", "at", "id", "region"),
        Index("ix_difference_state_at", "state", "at", "id", "region"),
    )


class Sighting(Base):
    """A run saw a difference."""

    __tablename__ = "difference_sighting"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation.id"), primary_key=True)
    difference_id: Mapped[UUID] = mapped_column(ForeignKey("difference.id"), primary_key=True)
