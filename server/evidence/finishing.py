"""Finishing uploads that are whole and that nobody finished: the process died, the store was down. A duty of the worker.

A phone that heard "all is here" may have deleted its copy. So what is whole never waits for the phone to ask
again, and never expires.

claim (short transaction) → perform (short ones around the long work) → settle (nothing is left to write).
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from media import Store, tus
from server import clock
from server.access import NOBODY, SYSTEM, Actor
from server.evidence import uploads
from server.evidence.grip import Dealings, Transaction
from server.evidence.held import Held
from server.evidence.models import Upload
from server.evidence.under_way import Quota
from server.evidence.uploads import Hold
from server.problems import Problem

_NO_MORE: Final = Quota(0, 0)
_WORKER: Final = Actor(NOBODY, SYSTEM.name, frozenset(), NOBODY, "none")

log = logging.getLogger("merestone.evidence")


@dataclass(frozen=True)
class Finishing:
    """The duty over one store; `transaction(writing=…)` opens a short one."""

    store: Store
    transaction: Transaction

    def claim(self, session: Session, limit: int = 10) -> list[Hold]:
        """Take hold of whole uploads that nobody holds, as a request would; the lease is as short."""
        now = clock.now()
        whole = session.scalars(
            select(Upload)
            .where(
                Upload.offset == Upload.length,
                Upload.finished_at.is_(None),
                Upload.ended_at.is_(None),
                Upload.mismatched.is_(None),
                or_(Upload.held_until.is_(None), Upload.held_until <= now),
            )
            .order_by(Upload.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        return [hold for hold in (uploads.take(session, each) for each in whole) if hold]

    def perform(self, hold: Hold) -> None:
        """Make the upload an object. Raises `StoreError`: then it is claimed again when the lease is over."""
        with self.transaction() as session:
            if not uploads.keep(session, hold):
                return
        held = Held(Dealings(self.store, self.transaction, _WORKER, timedelta(0), _NO_MORE), hold)
        try:
            held.resume()
            if held.whole:
                held.complete()
            else:  # a loss of power left fewer bytes than were acknowledged: the phone hears where to go on
                held.let_go()
        except (Problem, tus.OffsetMismatch) as refusal:
            # A promise is broken, bytes are lost, or another was faster: the row says which, and nothing is left to do.
            log.warning("upload not finished", extra={"upload": hold.name, "reason": str(refusal)[:300]})
        finally:
            held.close()

    def settle(self, _session: Session, _hold: Hold, _outcome: None) -> None:
        """Write nothing: it is written."""
