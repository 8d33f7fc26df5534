"""Millions of rows in minutes: COPY on PostgreSQL, and on SQLite many at once without a journal.

Rows are tuples of what both take as it is: text, numbers, bytes and None. Ids are 32 hexadecimal digits, truths 1
and 0, moments `2026-11-25 01:02:03` in UTC, JSON is text.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

CHUNK = 20_000

Row = tuple[Any, ...]


class Bulk:
    """Writes rows into tables of one connection. Columns that are not named are left to the database."""

    def __init__(self, connection: Connection) -> None:
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._cursor: Any = connection.connection.cursor()
        self._waiting: dict[tuple[str, str], list[Row]] = {}

    def add(self, table: str, columns: str, row: Row) -> None:
        """Write a row, in time."""
        rows = self._waiting.setdefault((table, columns), [])
        rows.append(row)
        if len(rows) >= CHUNK:
            self._write(table, columns, rows)
            rows.clear()

    def flush(self) -> None:
        """Write everything that waits."""
        for (table, columns), rows in self._waiting.items():
            if rows:
                self._write(table, columns, rows)
                rows.clear()

    def run(self, statement: str) -> None:
        """Run a statement as it is."""
        self._cursor.execute(statement)

    def _write(self, table: str, columns: str, rows: list[Row]) -> None:
        if not self._is_postgresql:
            marks = ", ".join("?" * len(rows[0]))
            self._cursor.executemany(f"insert into {table} ({columns}) values ({marks})", rows)
            return
        with self._cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def filling(engine: Engine) -> Iterator[Bulk]:
    """Open one transaction to fill a new database in. Its rows are not checked against each other: they are ours.

    A bureau's SQLite is never analysed, so this one is not either: no plan may rest on figures about it.
    """
    engine.dispose()  # SQLite lets go of its journal only when nobody else is there
    quick = create_engine(engine.url)
    is_sqlite = engine.url.get_backend_name() == "sqlite"
    with quick.connect() as connection:
        if is_sqlite:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1500000"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        else:
            connection.execute(text("set session_replication_role = replica"))
            connection.execute(text("set timezone = 'UTC'"))
        connection.commit()
        indices = _drop_indices(connection)
        bulk = Bulk(connection)
        yield bulk
        bulk.flush()
        for statement in indices:
            bulk.run(statement)
        connection.connection.commit()  # the driver's own: SQLAlchemy knows nothing of what its cursor did
    if not is_sqlite:
        with quick.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
    quick.dispose()


def _drop_indices(connection: Connection) -> list[str]:
    """Drop all indices but those of constraints, and return how they are made: sorted at once they cost a fraction."""
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(
            "select indexname, indexdef from pg_indexes where schemaname = 'public' and indexname not in"
            " (select conname from pg_constraint)"
        )
    else:
        found = connection.exec_driver_sql(
            "select name, sql from sqlite_master where type = 'index' and sql is not null"
        )
    indices = found.all()
    for index in indices:
        connection.exec_driver_sql(f"drop index {index[0]}")
    connection.commit()
    return [str(index[1]) for index in indices]


def in_chunks(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Cut a sequence into lists."""
    chunk: list[Any] = []
    for thing in things:
        chunk.append(thing)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
