"""Tables of the push ledger and of what could not be read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
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
