"""Tables of forms: drafts that authors work on, and published versions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class FormVersion(Base):
    """One published version of a form (检查表). Its bytes never change: records in the field refer to them.

    `sha256` (hex) names the XForm's bytes; `source` is what the author wrote, `source_type` its file type;
    `lists` are the lists beside the form that it draws on, such as `tasks`; `restricted` forms are for secret
    places (涉密). A retired version is offered no longer and accepts records as before.
    """

    __tablename__ = "form_version"

    form_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    xform: Mapped[bytes] = mapped_column(deferred=True)
    source: Mapped[bytes] = mapped_column(deferred=True)
    source_type: Mapped[str]
    lists: Mapped[JsonList] = mapped_column(server_default="[]")
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class DraftState(StrEnum):
    """How far a draft is: its findings keep it from being published, it can be published, it was."""

    FAULTY = "faulty"
    READY = "ready"
    PUBLISHED = "published"


class FormDraft(Base):
    """A form that an author works on. It may be broken; `findings` tell where.

    `findings`: `[{"sheet", "row", "column", "code", "severity", "message"}]`. What identifies the form, and
    `xform`, are null as long as the source does not compile. What was previewed is what is published.
    """

    __tablename__ = "form_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    form_id: Mapped[str | None]
    version: Mapped[str | None]
    title: Mapped[str | None]
    sha256: Mapped[str | None]
    xform: Mapped[bytes | None] = mapped_column(deferred=True)
    source: Mapped[bytes] = mapped_column(deferred=True)
    source_type: Mapped[str]
    findings: Mapped[JsonList]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None] = mapped_column(index=True)

    @property
    def state(self) -> DraftState:
        """Say how far the draft is."""
        if self.published_at is not None:
            return DraftState.PUBLISHED
        return DraftState.FAULTY if self.errors else DraftState.READY

    @property
    def errors(self) -> int:
        """Count the findings that keep it from being published."""
        return sum(finding["severity"] == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """Count the findings that only inform."""
        return len(self.findings) - self.errors
