"""Copying an SQLite database while it is served: its online backup, within one snapshot."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from server.backups.manifest import BackupError
from server.backups.snapshot import Snapshot, read_snapshot, write_media_list

FILE = "database.sqlite3"
#: So many pages are copied between two words about the progress.
_STEP = 4096

Told = Callable[[str], None]


def dump(database: Path, draft: Path, media_list: Path, told: Told) -> Snapshot:
    """Copy the database into a folder, check the copy and say what it holds. Raises BackupError.

    The snapshot is opened first: whoever writes meanwhile changes nothing of it, and is not kept waiting.
    """
    if not database.is_file():
        raise BackupError(f"没有数据库 {database} / there is no database at {database}")
    target = draft / FILE
    source = sqlite3.connect(f"file:{quote(str(database))}?mode=rw", uri=True, isolation_level=None)
    with closing(source), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        source.execute("PRAGMA busy_timeout=30000")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def progress(_status: int, left: int, pages: int) -> None:
            told(f"数据库 database: {pages - left} / {pages}")

        source.backup(copy, pages=_STEP, progress=progress)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, that needs no other beside it
        wrong = [row[0] for row in copy.execute("PRAGMA quick_check")]
    if wrong != ["ok"]:
        raise BackupError(f"数据库副本有误 / the copy of the database is damaged: {wrong[0]}")
    engine = create_engine(f"sqlite:///{target}", poolclass=NullPool)
    with engine.connect() as connection:
        snapshot = read_snapshot(connection)
        write_media_list(connection, media_list)
    return snapshot


def is_used(database: Path) -> bool:
    """Say whether somebody else has the database open. Leaves its log folded into it, one file, unless it is damaged."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0.2)) as connection:
        try:
            # Leaving WAL needs the file for oneself.
            return str(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]) != "delete"
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:
            return False
