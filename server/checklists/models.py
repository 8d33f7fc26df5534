"""Table of published forms."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class FormVersion(Base):
    """One published version of a form (检查表). Its bytes never change: records in the field refer to them.

    `sha256` (hex) names the XForm's bytes; `source` is what the author wrote, `source_type` its file type.
    """

    __tablename__ = "form_version"

    form_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    xform: Mapped[bytes] = mapped_column(deferred=True)
    source: Mapped[bytes] = mapped_column(deferred=True)
    source_type: Mapped[str]
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
