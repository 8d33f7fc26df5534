"""The worker's heartbeat: it is written by the loop that does the work, so that one that hangs is not taken for alive."""

import platform
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete

from server import clock
from server.db import Sessions
from server.health.models import WorkerBeat

#: Between two beats; a round that takes longer beats when it is over.
EVERY: Final = timedelta(seconds=30)
_FORGOTTEN: Final = timedelta(days=1)


@dataclass
class Heartbeat:
    """The heart of one worker."""

    sessions: Sessions
    id: UUID = field(default_factory=uuid4)
    _started_at: datetime | None = field(default=None, init=False)
    _beat_at: datetime | None = field(default=None, init=False)

    def beat(self) -> None:
        """Write that a round begins, unless that was written a moment ago."""
        now = clock.now()
        if self._beat_at is not None and now - self._beat_at < EVERY:
            return
        self._started_at = self._started_at or now
        beat = WorkerBeat(id=self.id, host=platform.node(), started_at=self._started_at, beat_at=now)
        with self.sessions.begin() as session:
            session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < now - _FORGOTTEN))
            session.merge(beat)
        self._beat_at = now

    def end(self) -> None:
        """Forget the worker: it was stopped in order."""
        with self.sessions.begin() as session:
            session.execute(delete(WorkerBeat).where(WorkerBeat.id == self.id))
