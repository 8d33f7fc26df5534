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
    UNDOING = "undoing"
    UNDONE = "undone"


class LibraryImport(Base):
    """A workbook that was imported, or waits for it; the workbook itself is kept as it came.

    `done` of `good_rows` rows have been entered by now. `errors` are rows left out, `findings` what was noticed in
    good ones, the first so many of each; `wrong_rows` counts all that are wrong. `claimed_until`: a worker is at it
    until then. `left` counts what an undo could not take back, as others had changed it meanwhile.
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
    good_rows: Mapped[int] = mapped_column(default=0)
    wrong_rows: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    findings: Mapped[JsonList]
    errors: Mapped[JsonList]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str | None]
    left: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_library_import_begun_at_id", "begun_at", "id"),
        Index("ix_library_import_state", "state"),
    )


class ImportedEntry(Base):
    """One entry of a library that an import entered or changed, with what stood there before and after.

    `before` is empty for a new entry. The numbers are in the order in which they were entered.
    """

    __tablename__ = "imported_entry"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("library_import.id"))
    subject: Mapped[str]
    name: Mapped[str]
    before: Mapped[Json]
    after: Mapped[Json]

    __table_args__ = (Index("ix_imported_entry_import_id", "import_id", "id"),)


class LibraryMonth(Base):
    """Somebody confirmed that a bureau's library was looked through and is right as of a month ("2026-11").

    It speaks for what changed behind entry `after_seq` of the audit log up to entry `until_seq`: all since the
    confirmation before.
    """

    __tablename__ = "library_month"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    library: Mapped[str]
    month: Mapped[str]
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime]
    after_seq: Mapped[int] = mapped_column(BigInteger)
    until_seq: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("organisation_id", "library", "month"),)
