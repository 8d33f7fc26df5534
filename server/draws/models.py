"""Tables of draws: the ceremony of drawing, the objects it locks, and published draws with their visits."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import NAMES, Base, Json, JsonList


class DrawSource(StrEnum):
    """Who drew: a provincial platform, or this house."""

    PLATFORM = "platform"
    OWN = "own"


class Draw(Base):
    """A published draw of one planned inspection.

    `locked` says that objects may not be exchanged any more: a platform or a ceremony drew them (锁定对象).
    `superseded_at`: it was drawn anew since, with a reason; it stays as it was published.
    """

    __tablename__ = "draw"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_inspection.id"))
    number: Mapped[str]
    source: Mapped[str]
    locked: Mapped[bool]
    published_at: Mapped[datetime] = mapped_column(index=True)
    superseded_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("planned_id", "number"),)


class DrawnVisit(Base):
    """One object with the inspectors who visit it. `inspector_ids` are ids as text, the lead (主检) first.

    `teams` are the same inspectors by department, where several go together; `expert_ids` never count as inspectors.
    `visited_at`: when the last record of the visit was accepted; from then on it stays who went there.
    """

    __tablename__ = "drawn_visit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    inspector_ids: Mapped[JsonList] = mapped_column(info={NAMES: ("person",)})
    task_no: Mapped[str]
    task_name: Mapped[str]
    forms: Mapped[JsonList]
    item_codes: Mapped[JsonList] = mapped_column(info={NAMES: ("inspection_item",)})
    opens_on: Mapped[date]
    due_on: Mapped[date]
    approval_no: Mapped[str | None]
    notice_no: Mapped[str | None]
    teams: Mapped[Json] = mapped_column(default=dict)
    expert_ids: Mapped[JsonList] = mapped_column(default=list, info={NAMES: ("expert",)})
    visited_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("draw_id", "object_id"),
        Index("ix_drawn_visit_task_no_object_id", "task_no", "object_id"),
    )


class CeremonyKind(StrEnum):
    """What is drawn: objects with inspectors, only objects (locked to counties), or inspectors for locked objects."""

    FULL = "full"
    OBJECTS = "objects"
    MATCH = "match"


class CeremonyState(StrEnum):
    """How far a ceremony is; it goes through the first four in this order, and can end before."""

    COMMITTED = "committed"
    FROZEN = "frozen"
    REVEALED = "revealed"
    PUBLISHED = "published"
    ABANDONED = "abandoned"  # given up before anything was revealed, or as its row was withdrawn since
    SUPERSEDED = "superseded"  # drawn anew, with a reason; what it gave stays public


UNDER_WAY = (CeremonyState.COMMITTED.value, CeremonyState.FROZEN.value, CeremonyState.REVEALED.value)
STANDING = (CeremonyState.REVEALED.value, CeremonyState.PUBLISHED.value)


class Ceremony(Base):
    """A draw of our own, step by step: commitment, frame, secret, list and pairs, publication.

    `sealed_secret` can be opened with the installation's key only, and is gone once `secret` is revealed. `frame`
    is the canonical frame, deflated; `outcome` a `lottery.Outcome`; `people` tells persons and experts (ids as
    text) by the ids that the frame knows them by. `locked_by_id`: the ceremony whose objects are matched here.
    """

    __tablename__ = "ceremony"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_inspection.id"), index=True)
    kind: Mapped[str]
    number: Mapped[str]
    state: Mapped[str]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    locked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("ceremony.id"))
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("ceremony.id"))
    reason: Mapped[str] = mapped_column(default="")
    commitment: Mapped[str]
    randomness_source: Mapped[str] = mapped_column(default="")
    sealed_secret: Mapped[bytes | None] = mapped_column(deferred=True)
    secret: Mapped[str] = mapped_column(default="")
    randomness: Mapped[str] = mapped_column(default="")
    frame_digest: Mapped[str] = mapped_column(default="")
    frame: Mapped[bytes | None] = mapped_column(deferred=True)
    people: Mapped[Json] = mapped_column(deferred=True, default=dict, info={NAMES: ("person", "expert")})
    seed: Mapped[str] = mapped_column(default="")
    outcome: Mapped[Json | None] = mapped_column(deferred=True)
    draw_id: Mapped[UUID | None] = mapped_column(ForeignKey("draw.id"), index=True)
    committed_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("planned_id", "number"),
        Index("ix_ceremony_region_committed_at", "region", "committed_at"),
        Index("ix_ceremony_committed_at_id", "committed_at", "id"),
    )


class LockedObject(Base):
    """An object that a ceremony drew: it can't be exchanged. `matched_id`: the ceremony that gave it its people."""

    __tablename__ = "locked_object"

    ceremony_id: Mapped[UUID] = mapped_column(ForeignKey("ceremony.id"), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"), primary_key=True)
    region: Mapped[str]
    matched_id: Mapped[UUID | None] = mapped_column(ForeignKey("ceremony.id"))

    __table_args__ = (Index("ix_locked_object_object_id", "object_id"),)


class ReplacementCause(StrEnum):
    """Why somebody who was drawn can't go; this much is public, the words beside it are not."""

    UNAVAILABLE = "unavailable"  # 不能到岗：病、事假、调离
    RECUSAL = "recusal"  # 回避
    UNQUALIFIED = "unqualified"  # 证件失效、不在名录库


class Substitution(Base):
    """One person who can't go after all, and who goes instead, by the names of the frame; in their order."""

    __tablename__ = "substitution"

    ceremony_id: Mapped[UUID] = mapped_column(ForeignKey("ceremony.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    team: Mapped[str]
    out: Mapped[str]
    into: Mapped[str]
    cause: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class Recusal(Base):
    """An interest (利害关系) between a person or an expert and an object: they are not sent there (依法回避).

    `subject_id` is a person's or an expert's id.
    """

    __tablename__ = "recusal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(index=True, info={NAMES: ("person", "expert")})
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"), index=True)
    region: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
