"""Tables of frozen snapshots, from which every report is made."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json

LEDGER_FORMAT = 2
"""Written as `facts["format"]` by snapshots from which ledgers and pictures can be made."""


class ReportSnapshot(Base):
    """How things stood at one moment in a region, of the visits that open between two days, both included.

    `seq`: the newest entry of the audit log then. `facts`: names, the library and the risk classes as they were.
    `sha256`: over the facts and all rows (`snapshots.digest`); `rows` of them.
    """

    __tablename__ = "report_snapshot"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    first: Mapped[date]
    last: Mapped[date]
    as_of: Mapped[datetime]
    seq: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[Json] = mapped_column(deferred=True)
    rows: Mapped[int]
    sha256: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (Index("ix_report_snapshot_region_as_of", "region", "as_of", "id"),)


class ReportRow(Base):
    """One item of one visit as it stood: written once with its snapshot, and never changed.

    `codes` and `followup_codes` are the text of their lists. `problem`: any of the codes is one. `public`: the public
    could read it. `crime_unsent`: a transfer to the police that was ordered and had not gone out.

    What stands from `task_number` on is for ledgers and maps; no number is counted by a person. `lead` and `assisting`
    are names. `published_at` and `disclosure_id`: of what is public now. `latitude_cell` and `longitude_cell`: hundredths
    of a degree, about a kilometre, so that a picture gives nobody's position away. Snapshots of before have none of it.
    """

    __tablename__ = "report_row"

    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey("report_snapshot.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    region: Mapped[str]
    organisation_id: Mapped[UUID]
    planned_id: Mapped[UUID | None]
    task_id: Mapped[UUID]
    item_code: Mapped[str]
    object_id: Mapped[UUID]
    object_kind: Mapped[str]
    tags: Mapped[str]
    risk_class: Mapped[str | None]
    task_due: Mapped[date]
    inspected_on: Mapped[date | None]
    state: Mapped[str | None]
    codes: Mapped[str]
    followup_codes: Mapped[str]
    problem: Mapped[bool]
    public: Mapped[bool]
    closed: Mapped[bool]
    entry_due: Mapped[date | None]
    entry_met: Mapped[date | None]
    publication_due: Mapped[date | None]
    publication_met: Mapped[date | None]
    followups: Mapped[int]
    followups_over: Mapped[int]
    followups_late: Mapped[int]
    crime_unsent: Mapped[int]
    task_number: Mapped[str | None]
    task_name: Mapped[str | None]
    mode: Mapped[str | None]
    object_name: Mapped[str | None]
    uscc: Mapped[str | None]
    lead: Mapped[str | None]
    assisting: Mapped[str | None]
    findings_text: Mapped[str | None]
    rectify_by: Mapped[date | None]
    revisits: Mapped[int | None]
    revisits_over: Mapped[int | None]
    revisited_on: Mapped[date | None]
    disclosure_id: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    latitude_cell: Mapped[int | None]
    longitude_cell: Mapped[int | None]


class FileState(StrEnum):
    """A file waits for the worker, is being made, is there, could not be made, or was forgotten after its week."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class ReportFile(Base):
    """A ledger that the worker makes: of a snapshot, `chosen` lines of it; or, without one, `chosen` layers of places. `region`: of either.

    `order_sha256` (hex) names what was asked for: of one order there is one file at a time. `done` of `total` lines are written;
    `held_until`: the lease of the worker that makes it. `problem`: why it could not be.
    """

    __tablename__ = "report_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("report_snapshot.id"), index=True)
    region: Mapped[str]
    kind: Mapped[str]
    chosen: Mapped[Json]
    order_sha256: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=FileState.WAITING.value)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    held_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_report_file_asked_at", "asked_at", "id", "region"),
        Index("ix_report_file_state_asked_at", "state", "asked_at"),
        Index("ix_report_file_state_expires_at", "state", "expires_at"),
    )


LEDGER_COLUMNS = frozenset(
    {
        "task_number",
        "task_name",
        "mode",
        "object_name",
        "uscc",
        "lead",
        "assisting",
        "findings_text",
        "rectify_by",
        "revisits",
        "revisits_over",
        "revisited_on",
        "disclosure_id",
        "published_at",
        "latitude_cell",
        "longitude_cell",
    }
)
"""What snapshots hold only since they are in `LEDGER_FORMAT`; their hash covers it since then."""
