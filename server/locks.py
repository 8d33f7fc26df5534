"""PostgreSQL's locks that belong to no row, which end with their transaction. SQLite has one writer, and needs none.

All stand here: two that had the same number would wait for each other.
"""

from enum import Enum, unique

from sqlalchemy import text
from sqlalchemy.orm import Session

# Made once: building a statement costs more than running it.
_TAKE = text("select pg_advisory_xact_lock(:key)")


@unique
class Lock(Enum):
    """What one transaction at a time does: append to the log, make roots, take a backup, promise room for uploads, draw."""

    APPEND = 815001
    ROOT = 815002
    BACKUP = 815003
    PROMISE = 815004
    DRAW = 815005


def take(session: Session, lock: Lock) -> None:
    """Wait for a lock and hold it to the end of the transaction."""
    session.execute(_TAKE, {"key": lock.value})
