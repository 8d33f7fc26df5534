"""What a database holds, put aside and put back: quickly, because every schedule and every restore does it."""

import itertools
import shutil
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

_numbers = itertools.count(1)
#: Not part of what a backup of ours holds.
_TABLES = "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' order by 1"


class Copies(Protocol):
    """Copies of one database. Nobody uses it while it is copied."""

    def save(self) -> Any:
        """Put aside what it holds."""

    def load(self, saved: Any) -> None:
        """Make it hold again what was put aside; what was put aside stays."""

    def somebody_waits(self) -> bool:
        """Say whether some transaction waits for another one."""

    def close(self) -> None:
        """Close what was opened for it."""


class CopiedFiles:
    """SQLite: files are copied, and the engine is sent to the newest one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.file = Path(str(engine.url.database))
        event.listen(engine, "do_connect", self._connect)

    def save(self) -> Path:
        self.engine.dispose()  # closing the last connection folds the log into the file
        return self._copy(self.file)

    def load(self, saved: Path) -> None:
        self.engine.dispose()
        self.file = self._copy(saved)

    def somebody_waits(self) -> bool:
        return False  # writers queue before they begin

    def close(self) -> None:
        event.remove(self.engine, "do_connect", self._connect)

    def _copy(self, file: Path) -> Path:
        return Path(shutil.copy(file, file.with_name(f"{next(_numbers)}.sqlite3")))

    def _connect(self, _dialect: Any, _record: Any, given: list[Any], _named: Any) -> None:
        given[0] = str(self.file)


class DumpedRows:
    """PostgreSQL: the rows of every table, as a dump has them; a database from a template takes half a second."""

    def __init__(self, engine: Engine) -> None:
        url = make_url(engine.url).set(drivername="postgresql")
        self.line = psycopg.connect(url.render_as_string(), autocommit=True)
        self.line.execute("set session_replication_role = replica")  # rows come in the order of their tables
        self.tables = [name for (name,) in self.line.execute(_TABLES)]

    def save(self) -> dict[str, bytes]:
        saved = {}
        for table in self.tables:
            with self.line.cursor().copy(f"copy {table} to stdout") as copy:
                saved[table] = b"".join(bytes(piece) for piece in copy)
        return {table: rows for table, rows in saved.items() if rows}

    def load(self, saved: dict[str, bytes]) -> None:
        with self.line.transaction():
            self.line.execute("; ".join(f"delete from {table}" for table in self.tables))
            for table, rows in saved.items():
                with self.line.cursor().copy(f"copy {table} from stdin") as copy:
                    copy.write(rows)

    def somebody_waits(self) -> bool:
        found = self.line.execute("select exists(select 1 from pg_locks where not granted)").fetchone()
        return bool(found and found[0])

    def close(self) -> None:
        self.line.close()


def copies_of(engine: Engine) -> Copies:
    """Choose how the database behind an engine is copied."""
    return DumpedRows(engine) if engine.dialect.name == "postgresql" else CopiedFiles(engine)
