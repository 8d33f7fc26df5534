"""Ending uploads that nobody finished in time. A duty of the worker.

claim (short transaction) → perform (none) → settle (short transaction).
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from media import Store
from server import audit, clock
from server.access import SYSTEM
from server.db import Json
from server.evidence import uploads
from server.evidence.models import Upload
from server.evidence.uploads import Hold

#: After so long an upload that was claimed and never settled is claimed again.
LEASE: Final = timedelta(minutes=5)


def claim(session: Session, limit: int = 100) -> list[Hold]:
    """Take hold of uploads that have expired, the oldest first; nobody can go on with them any more."""
    now = clock.now()
    expired = session.scalars(
        select(Upload)
        .where(
            Upload.expires_at <= now,
            Upload.finished_at.is_(None),
            Upload.ended_at.is_(None),
            or_(Upload.held_until.is_(None), Upload.held_until <= now),
            # What is whole never expires: it waits for `finishing`.
            or_(Upload.length.is_(None), Upload.offset < Upload.length, Upload.mismatched.is_not(None)),
        )
        .order_by(Upload.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    holds = [hold for hold in (uploads.take(session, each) for each in expired) if hold]
    for each in expired:
        each.held_until = now + LEASE
    return holds


def perform(store: Store, work: Hold) -> Json:
    """Forget the bytes. Raises `StoreError`: then try again."""
    store.discard(work.name, work.progress)
    return {"offset": work.offset, "length": work.length}


def settle(session: Session, work: Hold, facts: Json) -> None:
    """End the upload."""
    if uploads.change(session, work, ended_at=clock.now(), held_until=None):
        audit.append(session, SYSTEM, "upload.swept", ("upload", work.upload_id), facts)
