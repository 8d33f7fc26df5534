"""Tables of documents: what was issued, what waits at a desk, numbers, templates, case files."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class DocumentState(StrEnum):
    """An issued document stands until a later version takes its place, or it is withdrawn with a reason."""

    ISSUED = "issued"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Document(Base):
    """A document that was issued: nothing of it changes but its state.

    `content`: what it says, as it was printed (`blocks`) and as data; `content_sha256` (hex) is the hash of its canonical
    JSON, and stands on the paper. `file_sha256`: of the PDF, whose bytes lie in the store. A later version keeps the number.
    `reason`: why it was issued again; `ended_reason`: why it was withdrawn.
    """

    __tablename__ = "document"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), index=True)
    number: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(default=DocumentState.ISSUED.value)
    content: Mapped[Json] = mapped_column(deferred=True)
    content_sha256: Mapped[str]
    file_sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int]
    reason: Mapped[str | None]
    ended_reason: Mapped[str | None]
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("subject_id", "kind", "version"),
        UniqueConstraint("organisation_id", "number", "version"),
    )


class DocumentDraft(Base):
    """What somebody at a desk wrote for a document that is not issued yet, field by field."""

    __tablename__ = "document_draft"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    entered: Mapped[Json]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]


class DocumentCount(Base):
    """How many numbers a bureau has given documents of a kind in a year; none is left out."""

    __tablename__ = "document_count"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    given: Mapped[int] = mapped_column(default=0)


class DocumentTemplate(Base):
    """A version of a bureau's Word template of a kind; the newest counts. Without `docx` it is the one that ships."""

    __tablename__ = "document_template"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    docx: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str | None]
    note: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class CaseFileState(StrEnum):
    """A case file waits for the worker, is being made, is there, or could not be made."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class CaseFile(Base):
    """A case file (案卷) of a task as one PDF. `parts`: document ids and records whose photos it holds, in their order.

    `done` of `total` pieces are made; `held_until`: the lease of the worker that makes it. `problem`: why it could not be.
    """

    __tablename__ = "case_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), index=True)
    state: Mapped[str] = mapped_column(default=CaseFileState.WAITING.value)
    parts: Mapped[JsonList]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    held_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    file_sha256: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    pages: Mapped[int | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_case_file_state_asked_at", "state", "asked_at"),)
