"""Time-stamps by an authority (时间戳, RFC 3161) on roots. A duty of the worker.

Asked for is the newest root that still wants one: its stamp vouches for everything before it, too. An authority
that does not answer, or answers wrongly, is asked again with growing waits; nothing else waits for it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server import clock
from server.jobs import wait_before
from server.notary.authority import Stamp, StampRefusedError, TimeStampAuthority
from server.notary.models import AuditRoot

#: After so long a stamp that was asked for and never settled is asked for again.
LEASE: Final = timedelta(minutes=2)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """One root that wants a time-stamp."""

    size: int
    statement: bytes


@dataclass(frozen=True)
class Stamping:
    """The duty, with the authority that is asked."""

    authority: TimeStampAuthority

    def claim(self, session: Session) -> list[Asked]:
        """Take the newest root that wants a stamp, if its time has come."""
        now = clock.now()
        root = session.scalar(
            select(AuditRoot)
            .where(AuditRoot.stamp_after.is_not(None))
            .order_by(AuditRoot.size.desc())
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if root is None or root.stamp_after is None or root.stamp_after > now:
            return []
        root.stamp_after = now + LEASE
        root.stamp_attempts += 1
        return [Asked(root.size, root.statement)]

    def perform(self, work: Asked) -> Stamp | StampRefusedError:
        """Ask; what the authority or the network can do wrong comes back as an answer."""
        try:
            return self.authority.stamp(work.statement)
        except StampRefusedError as refused:
            return refused

    def settle(self, session: Session, work: Asked, answer: Stamp | StampRefusedError) -> None:
        """Keep the stamp, and want none for older roots any more; or wait and ask again."""
        root = session.get_one(AuditRoot, work.size, with_for_update=True)
        if root.stamp is not None:
            return
        if isinstance(answer, StampRefusedError):
            root.stamp_error = str(answer)[:500]
            root.stamp_after = clock.now() + wait_before(root.stamp_attempts, _FIRST_WAIT, _LONGEST_WAIT)
            return
        root.stamp, root.stamped_at, root.stamp_error = answer.data, answer.at, None
        session.execute(update(AuditRoot).where(AuditRoot.size <= work.size).values(stamp_after=None))
