"""Tables of the records that are brought back from tasks."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base, Json, JsonList
from server.rows import LARGE


class EvidenceLevel(StrEnum):
    """What vouches for a revision's bytes besides the session that brought them."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    INVALID_SIGNATURE = "invalid_signature"
    UNKNOWN_ALGORITHM = "unknown_algorithm"


class RevisionStatus(StrEnum):
    """What became of a revision; `received` is none of the others yet: its bytes are safe, nothing is judged."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    LATE = "late"
    QUARANTINED = "quarantined"


class CaseState(StrEnum):
    """What became of work in quarantine; `settled`: it became part of its record when it was judged again."""

    OPEN = "open"
    DISMISSED = "dismissed"
    ADMITTED = "admitted"
    SETTLED = "settled"


_IS_FINAL = text("final_rev is not null")


class Record(Base):
    """An inspection record (检查记录): one form filled on one task. The phone chose its id.

    `merge_asked`, `{"by", "at", "note"}`: a reviewer asked the lead inspector to bring its heads together; it goes with
    the conflict. `state` is derived from `heads`, the signatures of the only head and the reviewer's last act
    (`review_act` on `review_rev`); `flags` are what a reviewer should know. `marks` and `return_reason`
    hold while the record is returned, until it is submitted again; `conflicted_at` while several heads stand
    beside each other. `due_on` repeats the last day of its task, so that what waits is read in that order.
    """

    __tablename__ = "record"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    region: Mapped[str]
    due_on: Mapped[date]
    form_id: Mapped[str]
    form_version: Mapped[str]
    state: Mapped[str]
    heads: Mapped[JsonList]
    review_act: Mapped[str | None]
    review_rev: Mapped[str | None]
    final_rev: Mapped[str | None]
    marks: Mapped[JsonList | None]
    return_reason: Mapped[str | None]
    merge_asked: Mapped[Json | None]
    flags: Mapped[JsonList] = mapped_column(default=list)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    conflicted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_record_region_state_due_on", "region", "state", "due_on", "id"),
        Index("ix_record_state_due_on", "state", "due_on", "id", "region"),
        Index("ix_record_region_created_at", "region", "created_at", "id"),
        Index("ix_record_created_at", "created_at", "id", "region"),
        Index("ix_record_task_id", "task_id", "state"),
        # Of finished records alone: a task's body tells of the last visit, and most that are sent come before it.
        Index(
            "ix_record_final",
            *("task_id", "finished_at", "final_rev"),
            sqlite_where=_IS_FINAL,
            postgresql_where=_IS_FINAL,
        ),
    )

    @property
    def shown_rev(self) -> str:
        """The version to show unasked: the one that was accepted, or the (first) head."""
        return self.final_rev or self.heads[0]


class Revision(Base):
    """One state of a record as its author sealed it: the exact bytes, and what was read out of them.

    `data` is never changed, merged or written again; all else is an index of it and what was judged. A
    quarantined revision has a `reason` and belongs to no record; a `QuarantineCase` tells what becomes of it.
    `task_id`: where it belongs, which is not what the bytes say where a supervisor bound it to a task.
    `prev_dev_rev`: as the bytes say; unknown of those before it was kept.
    `signatures`: {"required": [...], "given": [...]}, roles on the form; `clock`: the interval in which it
    was sealed.
    """

    __tablename__ = "revision"

    rev: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(deferred=True)
    received_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=RevisionStatus.RECEIVED.value)
    reason: Mapped[str | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"), index=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"))
    alg: Mapped[str | None]
    key: Mapped[str | None]
    sig: Mapped[str | None]
    evidence_level: Mapped[str | None]
    device_id: Mapped[UUID | None]
    dev_seq: Mapped[int | None] = mapped_column(BigInteger)
    prev_dev_rev: Mapped[str | None]
    parents: Mapped[JsonList] = mapped_column(default=list)
    wall_time: Mapped[datetime | None]
    clock: Mapped[Json | None]
    form_id: Mapped[str | None]
    form_version: Mapped[str | None]
    answers: Mapped[Json | None] = mapped_column(deferred=True, info={LARGE: True})
    findings: Mapped[JsonList] = mapped_column(default=list, info={LARGE: True})
    media: Mapped[JsonList] = mapped_column(default=list)
    signatures: Mapped[Json | None]
    flags: Mapped[JsonList] = mapped_column(default=list)
    position: Mapped[Json | None]

    # Only so that a new record is written before the revision that refers to it.
    record: Mapped[Record | None] = relationship(lazy="raise")

    __table_args__ = (Index("ix_revision_device_id_dev_seq", "device_id", "dev_seq"),)


class Attestation(Base):
    """A co-signature (会签): a person vouches for a revision in a role. It may come before the revision.

    `alg`: None of those before it was kept, which are ES256. `valid`: the signature holds and the key is the person's; whether the person is on the task is asked when
    the record's state is derived.
    """

    __tablename__ = "attestation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rev: Mapped[str]
    role: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    alg: Mapped[str | None]
    key: Mapped[str]
    sig: Mapped[str]
    valid: Mapped[bool]
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("rev", "role", "person_id", "key"),)


class QuarantineCase(Base):
    """Something a phone sent that is no part of a record (yet), and what a supervisor does about it.

    `rev`: a revision whose bytes are kept; `op`: an item kept as it came, which is unreadable or failed. `region`: whose
    supervisors see it, that of its record or task and else the sender's. `task_id`, `record_id` and form are what the
    bytes claim, whether it exists or not; `beacon_at` is their time beacon as it was checked when they came.
    `bound_task_id`: the task that a supervisor named for them.
    """

    __tablename__ = "quarantine_case"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rev: Mapped[str | None] = mapped_column(ForeignKey("revision.rev"), unique=True)
    op: Mapped[UUID | None] = mapped_column(ForeignKey("quarantined_item.op"), unique=True)
    region: Mapped[str]
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    device_id: Mapped[UUID | None]
    reason: Mapped[str]
    arrived_at: Mapped[datetime]
    task_id: Mapped[UUID | None] = mapped_column(index=True)
    record_id: Mapped[UUID | None] = mapped_column(index=True)
    form_id: Mapped[str | None]
    form_version: Mapped[str | None]
    beacon_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=CaseState.OPEN.value)
    bound_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]

    __table_args__ = (
        Index("ix_quarantine_case_state_arrived_at", "state", "arrived_at", "id", "region"),
        Index("ix_quarantine_case_state_reason", "state", "reason", "arrived_at", "id", "region"),
        Index("ix_quarantine_case_form_id_form_version", "form_id", "form_version"),
    )


class OperationReuse(Base):
    """An operation id that came again with other content: `content` is what came, `rev` the revision it names.

    What a phone does that was set back to an earlier state, or copied. Its work came again under another id.
    """

    __tablename__ = "operation_reuse"

    op: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(primary_key=True)
    rev: Mapped[str | None] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    device_id: Mapped[UUID | None]
    at: Mapped[datetime]
