"""The tables of decisions, and of what was answered when the machine asked."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class Verdict(StrEnum):
    """What a reviewer decides: the record stands, or goes back to the phone."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class Decision(Base):
    """One decision about one revision. `marks`: `[{"path", "reason"}]`, the answers to correct.

    `open_doubts`: `[{"id", "code", "keys"}]`, the questions of the machine that nobody had answered by then.
    """

    __tablename__ = "decision"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    rev: Mapped[str] = mapped_column(ForeignKey("revision.rev"))
    verdict: Mapped[str]
    reason: Mapped[str | None]
    marks: Mapped[JsonList]
    due_on: Mapped[date | None]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    open_doubts: Mapped[JsonList] = mapped_column(default=list, server_default="[]")


class DoubtAnswer(Base):
    """What a reviewer says about one question (疑问): `keys` name what was looked at, `fine` that nothing is wrong."""

    __tablename__ = "doubt_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    rev: Mapped[str] = mapped_column(ForeignKey("revision.rev"))
    code: Mapped[str]
    keys: Mapped[JsonList]
    fine: Mapped[bool]
    note: Mapped[str | None]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime]
