"""Tables of what is public, and of its way to each place where it is to be public."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base, Json, JsonList


class Target(StrEnum):
    """Where results are to be public (R83): our own portal, the government column, the province, the credit system."""

    PORTAL = "portal"
    COLUMN = "column"
    PLATFORM = "platform"
    CREDIT = "credit"


class PublicationState(StrEnum):
    """Where one disclosure stands at one target.

    `not_due` waits until its problems are handled, where the bureau wants that; `due` has to go out; `sent` went and was
    not acknowledged; `failed` was refused; `corrected`: a newer version took its place; `withdrawn` was taken back.
    `take_back` was corrected or withdrawn and may still stand there: it has to be taken back, with the same answers.
    """

    NOT_DUE = "not_due"
    DUE = "due"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    TAKE_BACK = "take_back"
    TAKE_BACK_SENT = "take_back_sent"
    TAKE_BACK_FAILED = "take_back_failed"


class DisclosureState(StrEnum):
    """`held` is not public yet; of `corrected` and `withdrawn` the public sees that they were, and why.

    `elsewhere` is public, and not on our own portal: its bureau publishes in other places only.
    """

    HELD = "held"
    PUBLIC = "public"
    ELSEWHERE = "elsewhere"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


PUBLISHED = (DisclosureState.PUBLIC.value, DisclosureState.ELSEWHERE.value)
"""A disclosure that is public, wherever."""


class Outcome(StrEnum):
    """What a result comes to for whoever looks through many: no problem, a problem, or neither (moved away, closed …)."""

    NO_PROBLEM = "no_problem"
    PROBLEM = "problem"
    OTHER = "other"


class Disclosure(Base):
    """What the public may read of one version of a result: `body`, written once out of the whitelist.

    `name_key`: the object's name as it is looked up by, see `searching.name_key`; `uscc` only where it is one.
    `object_id`, `item_code`, `inspected_on` and `outcome` are what results are looked through by.
    `objection` and `closed_on` go with the result. `reason`: a code of `Reason`, once it was corrected or withdrawn.
    `changed_at` moves with everything that the public sees of it: the bulk files are read in that order.
    """

    __tablename__ = "disclosure"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"))
    version: Mapped[int]
    region: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name_key: Mapped[str]
    uscc: Mapped[str | None]
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    item_code: Mapped[str]
    inspected_on: Mapped[date]
    outcome: Mapped[str]
    body: Mapped[Json]
    state: Mapped[str]
    objection: Mapped[str | None]
    closed_on: Mapped[date | None]
    reason: Mapped[str | None]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("result_id", "version"),
        Index("ix_disclosure_state_name_key", "state", "name_key", "id", "region", "outcome"),
        Index("ix_disclosure_state_outcome_name_key", "state", "outcome", "name_key", "id", "region"),
        Index("ix_disclosure_state_region_name_key", "state", "region", "name_key", "id", "outcome"),
        Index("ix_disclosure_state_uscc", "state", "uscc", "name_key", "id"),
        Index("ix_disclosure_state_inspected_on", "state", "inspected_on", "id", "region"),
        Index("ix_disclosure_state_item_code", "state", "item_code", "inspected_on", "id", "region"),
        Index("ix_disclosure_state_outcome", "state", "outcome", "inspected_on", "id", "region"),
        Index("ix_disclosure_state_region", "state", "region", "inspected_on", "id", "outcome"),
        Index("ix_disclosure_object_id", "object_id", "inspected_on", "id"),
        Index("ix_disclosure_changed_at", "changed_at", "id"),
        Index("ix_disclosure_state_region_published_at", "state", "region", "published_at", "id"),
        Index("ix_disclosure_state_published_at", "state", "published_at", "id", "region"),
    )


class Publication(Base):
    """One disclosure on its way to one target. `batch`: the file it went out with; `receipt` and `errors` of the target.

    `due_on`: by when it has to be public there; None where the law sets no term.
    """

    __tablename__ = "publication"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    disclosure_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure.id"))
    target: Mapped[str]
    region: Mapped[str]
    state: Mapped[str]
    due_on: Mapped[date | None]
    batch: Mapped[UUID | None] = mapped_column(index=True)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    receipt: Mapped[Json | None]
    errors: Mapped[JsonList]

    disclosure: Mapped[Disclosure] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("disclosure_id", "target"),
        Index("ix_publication_region_queued_at", "region", "queued_at", "id", "target"),
        Index("ix_publication_region_state_queued_at", "region", "state", "queued_at", "id"),
        Index("ix_publication_queued_at", "queued_at", "id", "region"),
        Index("ix_publication_state_queued_at", "state", "queued_at", "id", "region"),
        Index("ix_publication_target_queued_at", "target", "queued_at", "id", "region"),
        Index("ix_publication_target_state_queued_at", "target", "state", "queued_at", "id", "region"),
    )
