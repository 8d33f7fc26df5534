"""Tables about the libraries as a whole: what phones are offered, what changed, imports, monthly maintenance."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class ReferenceList(Base):
    """A list that phones hold, as JSON; of those of one name the one that was offered last counts."""

    __tablename__ = "reference_list"

    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True, index=True)
    title: Mapped[str]
    title_en: Mapped[str]
    count: Mapped[int]
    data: Mapped[bytes]
    offered_at: Mapped[datetime]


class Library(StrEnum):
    """A list or library that is kept, imported and exported."""

    ITEMS = "items"
    OBJECTS = "objects"
    INSPECTORS = "inspectors"
    EXPERTS = "experts"


class ImportState(StrEnum):
    """Where an import is. Only what is `done` can be undone."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # rows are wrong, and not only the good ones were wanted: nothing stays
    UNDONE = "undone"


class LibraryImport(Base):
    """A workbook that was imported, or waits for it; the workbook itself is kept as it came.

    `read` of `rows` rows have been entered by now. `errors` are rows left out, `findings` what was noticed in good
    ones; `claimed_until`: a worker is at it until then.
    """

    __tablename__ = "library_import"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    library: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str]
    person_id: Mapped[UUID]
    state: Mapped[str]
    dry_run: Mapped[bool]
    take_good_rows: Mapped[bool]
    sheet: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(deferred=True)
    rows: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    findings: Mapped[JsonList]
    errors: Mapped[JsonList]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str | None]

    __table_args__ = (
        Index("ix_library_import_begun_at_id", "begun_at", "id"),
        Index("ix_library_import_state", "state"),
    )


class LibraryChange(Base):
    """One change of one entry of a library, with what stood there before and after.

    `before` is None for a new entry, `after` for one that was taken out. The numbers are in the order of changes.
    """

    __tablename__ = "library_change"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    library: Mapped[str]
    region: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("library_import.id"))
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    at: Mapped[datetime]
    actor: Mapped[str]

    __table_args__ = (
        Index("ix_library_change_library_region_at", "library", "region", "at"),
        Index("ix_library_change_subject", "subject", "id"),
        Index("ix_library_change_import_id", "import_id", "id"),
    )


class LibraryMonth(Base):
    """Somebody confirmed that a library was looked through and is right as of a month ("2026-11")."""

    __tablename__ = "library_month"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    library: Mapped[str]
    month: Mapped[str]
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime]
    entries: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("organisation_id", "library", "month"),)
