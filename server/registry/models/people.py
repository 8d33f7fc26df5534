"""Tables of the people of inspections: certificates, exams and scope of inspectors, lending, experts, leaders."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class Certificate(Base):
    """An enforcement certificate (执法证) of a person, who may hold several; whoever has a valid one may inspect.

    `kind`: "department" (部门执法证) or "government" (省政府执法证); None where nobody said.
    """

    __tablename__ = "certificate"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[str]
    issuer: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    kind: Mapped[str | None]

    __table_args__ = (UniqueConstraint("issuer", "number"), Index("ix_certificate_number", "number"))


class CertificateDay(Base):
    """Up to which day it was told whose certificates ran out or began, and which risk classes began: one row."""

    __tablename__ = "certificate_day"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]


class InspectorProfile(Base):
    """What the inspector library (执法检查人员名录库) says of a person, beside the account.

    `scope`: codes of the items the person may inspect (执法事项清单范围), empty: all. `tags` are specialities
    (执法专长), `function` the department's function (部门内部职能), `post_class` the kind of inspector (岗位大类).
    No identity number is kept: the certificate tells people apart (个人信息最小必要). Whoever left the library on
    `ended_on` keeps the page, and is drawn no more.
    """

    __tablename__ = "inspector_profile"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    region: Mapped[str] = mapped_column(index=True)
    scope: Mapped[JsonList] = mapped_column(default=list)
    tags: Mapped[JsonList] = mapped_column(default=list)
    function: Mapped[str] = mapped_column(default="")
    post_class: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="")
    born: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    work_no: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    duty: Mapped[str] = mapped_column(default="")
    district: Mapped[str] = mapped_column(default="")
    education: Mapped[str] = mapped_column(default="")
    major: Mapped[str] = mapped_column(default="")
    post_since: Mapped[date | None]
    title: Mapped[str] = mapped_column(default="")
    qualifications: Mapped[JsonList] = mapped_column(default=list)
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None]


class TrainingExam(Base):
    """A year's training exam (培训考试) of a person. Who did not pass is not in the next year's library (R23)."""

    __tablename__ = "training_exam"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    passed: Mapped[bool]
    held_on: Mapped[date | None]


class Lending(Base):
    """An inspector lent (借调支持) to another bureau, from the first to the last day, both included."""

    __tablename__ = "lending"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]


class Expert(Base):
    """An expert (专家名录库), who takes part and is never counted as an inspector. `scope` as of inspectors."""

    __tablename__ = "expert"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    unit: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    tags: Mapped[JsonList] = mapped_column(default=list)
    scope: Mapped[JsonList] = mapped_column(default=list)
    qualifications: Mapped[JsonList] = mapped_column(default=list)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (UniqueConstraint("organisation_id", "name", "unit"),)


class Leader(Base):
    """A member of a bureau's leading group (领导小组) since a day; without `until` still one.

    `post` is what they are in the group (组长, 副组长, 成员, 办公室主任), `duty` what they are in the bureau.
    """

    __tablename__ = "leader"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    region: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    post: Mapped[str]
    duty: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
