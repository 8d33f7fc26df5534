"""Tables of results: their versions, what follows them, objections, deadlines and the calendars they count by."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class ResultState(StrEnum):
    """Drafted from the record, confirmed by an inspector of the task, released by a supervisor."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RELEASED = "released"


class Result(Base):
    """The result of one task and one item, drawn from revision `rev` of its record.

    `version` grows with every change of what it says; each is kept as a `ResultVersion`. `due_on` is when it must be
    entered, by `due_rule`; `publish_on` when a normal result must be public; `estimated`: a calendar on the way is not
    published yet (copies of its `Deadline` rows, for lists). `correction`: why a released result was changed.
    `objection`: how the newest objection to it stands. `closed_at`: it is released and nothing about it is open (完结).
    """

    __tablename__ = "result"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    item_code: Mapped[str]
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"), index=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    rev: Mapped[str] = mapped_column(ForeignKey("revision.rev"))
    codes: Mapped[JsonList]
    followup_codes: Mapped[JsonList]
    findings_text: Mapped[str]
    rectify_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(default=ResultState.DRAFT.value)
    version: Mapped[int] = mapped_column(default=1)
    correction: Mapped[str | None]
    inspected_on: Mapped[date]
    due_on: Mapped[date]
    due_rule: Mapped[str]
    publish_on: Mapped[date | None]
    estimated: Mapped[bool]
    drafted_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    objection: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("task_id", "item_code"),
        Index("ix_result_region_due_on", "region", "due_on", "id"),
        Index("ix_result_due_on", "due_on", "id", "region"),
        Index("ix_result_state_publish_on", "state", "publish_on", "id", "region"),
        Index("ix_result_state_due_on", "state", "due_on", "id", "region"),
        Index("ix_result_region_state_publish_on", "region", "state", "publish_on", "id"),
        Index("ix_result_region_state_due_on", "region", "state", "due_on", "id"),
    )


class ResultVersion(Base):
    """What a result said in one version, as it was written: never changed, but for when it was first released."""

    __tablename__ = "result_version"

    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    codes: Mapped[JsonList]
    followup_codes: Mapped[JsonList]
    findings_text: Mapped[str]
    rectify_by: Mapped[date | None]
    correction: Mapped[str | None]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]


class FollowupState(StrEnum):
    """Where a follow-up stands.

    `open` was ordered; `sent` went to whoever has to act, with a reference number; `received` has their receipt; `done`
    happened and has to be entered; `entered` is over; `cancelled` fell away, with a reason.
    """

    OPEN = "open"
    SENT = "sent"
    RECEIVED = "received"
    DONE = "done"
    ENTERED = "entered"
    CANCELLED = "cancelled"


class Followup(Base):
    """One thing that is done about a result (后续处置), from the order to the entry of its outcome.

    `version`: of the result that ordered it. `act_by`: by when the entity has to have put it right. `reference_no`: of
    the order, letter or decision; `receipt`: `{"no", "by", "on"}` of whoever took it over. `task_id`: the revisit.
    `evidence`: `{"record": id}` or `{"media": sha256}` each. `ended_reason`: why it fell away.
    """

    __tablename__ = "followup"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"), index=True)
    version: Mapped[int]
    code: Mapped[str]
    state: Mapped[str] = mapped_column(default=FollowupState.OPEN.value)
    act_by: Mapped[date | None]
    to_body: Mapped[str | None]
    reference_no: Mapped[str | None]
    receipt: Mapped[Json | None]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    evidence: Mapped[JsonList] = mapped_column(default=list)
    outcome: Mapped[str] = mapped_column(default="")
    done_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]

    __table_args__ = (
        Index("ix_followup_region_opened_at", "region", "opened_at", "id"),
        Index("ix_followup_opened_at", "opened_at", "id", "region"),
        Index("ix_followup_state_opened_at", "state", "opened_at", "id", "region"),
        Index("ix_followup_code_opened_at", "code", "opened_at", "id", "region"),
        Index("ix_followup_code_state_opened_at", "code", "state", "opened_at", "id", "region"),
    )


class ObjectionState(StrEnum):
    """Filed, and then upheld (成立: the result is to be corrected), rejected (不成立) or taken back."""

    FILED = "filed"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Objection(Base):
    """An objection (异议) of the inspected entity to a version of a result, and what was decided, by when."""

    __tablename__ = "objection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"), index=True)
    version: Mapped[int]
    grounds: Mapped[str]
    filed_on: Mapped[date]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]
    decide_by: Mapped[date]
    state: Mapped[str] = mapped_column(default=ObjectionState.FILED.value)
    decision: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class Deadline(Base):
    """When one thing about a result, a follow-up or an objection is due, and when it was done.

    `days` working days after `start_on`, which is what `start` names; without `start` the closing day of a task.
    `calendar`: by which calendar it was counted; `estimated` while one on the way is not published yet.
    """

    __tablename__ = "deadline"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    start: Mapped[str | None]
    start_on: Mapped[date]
    days: Mapped[int | None]
    due_on: Mapped[date]
    estimated: Mapped[bool]
    calendar: Mapped[str]
    rule: Mapped[str]
    met_on: Mapped[date | None]

    __table_args__ = (Index("ix_deadline_due_on", "due_on", "subject_id", "kind"),)


class CalendarNotice(Base):
    """A year's days off as a notice tells them (放假通知): of the nation, region 000000, or a region's own.

    Of several about one region and year the one that was entered last counts; the others stay as they were.
    """

    __tablename__ = "calendar_notice"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    year: Mapped[int]
    version: Mapped[str]
    days_off: Mapped[JsonList]
    make_up: Mapped[JsonList]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("region", "year", "version"),)


class DeadlineChange(Base):
    """The trace of a deadline that a new notice moved, or made certain."""

    __tablename__ = "deadline_change"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("calendar_notice.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    was: Mapped[date]
    now: Mapped[date]
    calendar_was: Mapped[str]
    calendar: Mapped[str]
    at: Mapped[datetime]
