"""Tables of tasks: who is on them, their departments, and what was entered about their legality."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import NAMES, Base, InByteOrder, JsonList
from server.terms import Term, kept_beside, labels


class TaskState(StrEnum):
    """Where a task stands; `open` from its first record on, `done` when all its records are final."""

    ASSIGNED = "assigned"
    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


CLOSED = (TaskState.DONE.value, TaskState.WITHDRAWN.value)
"""States of a task that is over: it stays as it is, whatever changes beside it."""


class Task(Base):
    """One visit to one inspected object (检查任务), with the forms to fill and the dates to keep.

    `mode` is one of the gate's `Mode`, `source` of its `Source`, None where nobody said what it comes from.
    `approved_on` and `notice_served_on` are the days of the papers; `urgent_reason`: inspected before it was approved.
    Whoever changes who may see it, or what hangs on it, locks its row first (R1 of docs/protocol.md).
    """

    __tablename__ = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(InByteOrder)
    name: Mapped[str]
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    draw_id: Mapped[UUID | None] = mapped_column(index=True)
    drawn_visit_id: Mapped[UUID | None] = mapped_column(unique=True)
    planned_id: Mapped[UUID | None]
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    forms: Mapped[JsonList]
    item_codes: Mapped[JsonList] = mapped_column(info={NAMES: ("inspection_item",)})
    opens_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(default=TaskState.ASSIGNED.value)
    approval_no: Mapped[str | None]
    notice_no: Mapped[str | None]
    mode: Mapped[str] = mapped_column(default="on_site", server_default="on_site")
    source: Mapped[str | None]
    approved_on: Mapped[date | None]
    notice_served_on: Mapped[date | None]
    urgent_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_task_due_on_id", "due_on", "id", "region"),
        Index("ix_task_region_due_on", "region", "due_on", "id"),
        Index("ix_task_state_due_on", "state", "due_on", "id", "region"),
        Index("ix_task_region_state_due_on", "region", "state", "due_on", "id"),
        Index("ix_task_organisation_id_due_on", "organisation_id", "due_on", "id"),
        Index("ix_task_organisation_id_state_due_on", "organisation_id", "state", "due_on", "id"),
        Index("ix_task_planned_id_due_on", "planned_id", "due_on", "id"),
        Index("ix_task_object_id_due_on", "object_id", "due_on", "id"),
        Index("ix_task_number", "number", "id", "region"),
    )


class TaskTerm(Term, Base):
    """The forms of a task, by which it is found."""

    __tablename__ = "task_term"

    task_id: Mapped[UUID] = mapped_column(
        ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, index=True
    )


kept_beside(Task, TaskTerm, {"task_id": "id"}, ("forms",), lambda task: labels(task.forms))


class Assignment(Base):
    """A person on a task, as lead (主检) or assisting (协检). `ended_at`: taken off it again.

    `section_id`: the department for which the person inspects, of a joint visit.
    """

    __tablename__ = "assignment"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str]
    ended_at: Mapped[datetime | None]
    section_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_section.id"))

    __table_args__ = (Index("ix_assignment_person_id", "person_id"),)


class TaskSection(Base):
    """The part of one department in a joint visit (联合检查): its items, forms, lead and closing day.

    One visit has one task; each department fills its own forms, and answers for its own results (谁检查谁录入谁公示).
    """

    __tablename__ = "task_section"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    item_codes: Mapped[JsonList] = mapped_column(info={NAMES: ("inspection_item",)})
    forms: Mapped[JsonList]
    due_on: Mapped[date]
    position: Mapped[int]

    __table_args__ = (UniqueConstraint("task_id", "organisation_id"),)


class Commission(Base):
    """The institution that a task commissioned (委托专业机构), or the opinion that it adopts (专业意见).

    `qualification_no` of the institution, valid to the last of `valid_to`. `report`: the SHA-256 of the report, a file
    as any other evidence. An institution supports: it inspects nothing by itself (国办发〔2024〕54号).
    """

    __tablename__ = "commission"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(default="")
    uscc: Mapped[str | None]
    qualification: Mapped[str] = mapped_column(default="")
    qualification_no: Mapped[str] = mapped_column(default="")
    valid_to: Mapped[date | None]
    report: Mapped[str | None]
    opinion: Mapped[str] = mapped_column(default="")
    opinion_by: Mapped[str] = mapped_column(default="")
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class RecusalAnswer(Base):
    """What somebody on a task declared last about an interest in it (回避声明): `no_interest` or `recused`.

    `told_at`: when the server was told; what the phone's clock said is in the bytes of the record.
    """

    __tablename__ = "recusal_answer"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    answer: Mapped[str]
    told_at: Mapped[datetime]


class GateOverride(Base):
    """Somebody allowed, with a reason, what a rule of the gate forbids a task. It counts for this outcome only."""

    __tablename__ = "gate_override"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
