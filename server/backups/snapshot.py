"""What a copy of the database holds, read from the copy or in the very snapshot that is copied."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from media import StoredObject
from server.accounts.models import Device, Person
from server.audit import GENESIS, AuditEntry
from server.evidence.models import MediaObject
from server.exchange.models import QuarantinedItem
from server.inspections.models import Attestation, Record, Revision, Task

_COUNTED = (AuditEntry, Person, Device, Task, Record, Revision, Attestation, QuarantinedItem, MediaObject)
_AT_ONCE = 1000


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database: its newest audit entry, its migration, how many rows it has by table."""

    seq: int
    hash: str
    migration: str
    counts: dict[str, int]


def read_snapshot(connection: Connection) -> Snapshot:
    """Read what the database holds in this transaction."""
    newest = connection.execute(
        select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    ).first()
    seq, digest = newest or (0, GENESIS)
    migration = MigrationContext.configure(connection).get_current_revision() or ""
    counts = {
        str(kind.__tablename__): connection.execute(select(func.count()).select_from(kind)).scalar_one()
        for kind in _COUNTED
    }
    return Snapshot(seq, digest, migration, counts)


def write_media_list(connection: Connection, path: Path) -> None:
    """Write the media that the database names, a line each: SHA-256, space, bytes; sorted."""
    query = select(MediaObject.sha256, MediaObject.size).order_by(MediaObject.sha256)
    with path.open("w", encoding="ascii") as file:
        for sha256, size in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
            file.write(f"{sha256} {size}\n")


def read_media_list(path: Path) -> Iterator[StoredObject]:
    """Read what `write_media_list` wrote."""
    with path.open(encoding="ascii") as file:
        for line in file:
            sha256, size = line.split()
            yield StoredObject(sha256, int(size))
