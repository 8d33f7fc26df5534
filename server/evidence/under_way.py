"""How much is on its way: what one person may have unfinished, and whether all of it still fits.

A phone gone wild must not fill the disk for everybody, and two phones must not both be promised the last of it.
Both are asked before an upload is begun and before a length told later is taken, in one query over the uploads
that are neither finished nor ended.
"""

from dataclasses import dataclass

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from media import Store, StoreFull
from server import clock, locks
from server.access import Actor
from server.db import is_postgresql
from server.evidence.models import Upload
from server.locks import Lock
from server.problems import UploadQuotaReached

# Made once: building a statement costs more than running it.
_ROWS = Upload.__table__.c
# The column has its type from the one it refers to, which may not be known yet.
_MINE = _ROWS.owner_id == bindparam("person", type_=Uuid())
_PROMISED = func.coalesce(_ROWS.length, _ROWS.offset)
_COUNT = select(
    func.count().filter(_MINE),
    func.coalesce(func.sum(_PROMISED).filter(_MINE), 0),
    func.coalesce(func.sum(_PROMISED - _ROWS.offset).filter(_ROWS.mismatched.is_(None)), 0),
).where(_ROWS.finished_at.is_(None), _ROWS.ended_at.is_(None), _ROWS.expires_at > bindparam("now"))


@dataclass(frozen=True)
class Quota:
    """What one person may have unfinished, on all devices together: bytes promised, and uploads."""

    size: int
    uploads: int


def require(
    session: Session, actor: Actor, store: Store, size: int, quota: Quota, *, uploads: int = 0
) -> None:
    """Refuse unless so many bytes (and so many uploads) more may be promised to a person and fit in the store.

    What was promised to others and has not come yet counts as taken. Nothing that is here already is touched.
    Raises `UploadQuotaReached`, `StoreFull`.
    """
    if is_postgresql(session):
        # One at a time counts what there is and adds to it; beside the append lock of the audit log, taken without it.
        locks.take(session, Lock.PROMISE)
    asked = {"person": actor.person_id, "now": clock.now()}
    own_uploads, own_size, missing = session.execute(_COUNT, asked).one()
    if own_uploads + uploads > quota.uploads or own_size + size > quota.size:
        raise UploadQuotaReached(unfinished=own_uploads, promised=int(own_size)).with_headers(
            Retry_After="60"
        )
    free = store.free_space() - int(missing)
    if free < size:
        raise StoreFull(f"{size} bytes do not fit: {free} are free and promised to nobody")
