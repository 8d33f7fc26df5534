"""The tables of health: which workers are at it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class WorkerBeat(Base):
    """A worker that runs, and when it last began a round; one that ended is forgotten after a day."""

    __tablename__ = "worker_beat"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
