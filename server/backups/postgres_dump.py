"""Dumping a PostgreSQL database with its own tools, and reading a dump back."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from server.backups.manifest import BackupError
from server.backups.snapshot import Snapshot, read_snapshot, write_media_list
from server.backups.sqlite_copy import Told
from server.locks import Lock

FILE: Final = "database.pgdump"
#: Schemas that a restore has set aside are named so; no backup takes them along.
SET_ASIDE: Final = "replaced_"


def dump(database_url: str, draft: Path, media_list: Path, told: Told) -> Snapshot | None:
    """Dump the database into a folder and say what it holds; None when somebody else is at it already.

    Everything is read in one snapshot, which `pg_dump` shares. Raises BackupError.
    """
    program, target = _tool("pg_dump"), draft / FILE
    engine = _engine(database_url)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("set transaction read only"))
        if not connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": Lock.BACKUP.value}):
            return None
        exported = connection.scalar(text("select pg_export_snapshot()"))
        told("数据库 database: pg_dump")
        _run(
            program,
            "--format=custom",
            f"--snapshot={exported}",
            f"--exclude-schema={SET_ASIDE}*",
            f"--file={target}",
            url=database_url,
        )
        snapshot = read_snapshot(connection)
        write_media_list(connection, media_list)
    _run(_tool("pg_restore"), "--list", str(target))
    return snapshot


def load(database_url: str, dumped: Path) -> None:
    """Load a dump into a database whose schema is empty, all of it or nothing. Raises BackupError."""
    _run(
        _tool("pg_restore"),
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        str(dumped),
        url=database_url,
    )


def is_used(database_url: str) -> bool:
    """Say whether somebody else is connected to the database."""
    others = (
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    with _engine(database_url).connect() as connection:
        return bool(connection.scalar(text(f"{others} and backend_type = 'client backend'")))


def set_aside(database_url: str, name: str) -> None:
    """Give the present schema another name and make an empty one in its place."""
    with _engine(database_url).begin() as connection:
        schema = _schema(connection)
        connection.execute(text(f'alter schema "{schema}" rename to "{name}"'))
        connection.execute(text(f'create schema "{schema}"'))


def put_back(database_url: str, name: str) -> None:
    """Undo `set_aside`, while the schema in its place is empty."""
    with _engine(database_url).begin() as connection:
        schema = _schema(connection)
        connection.execute(text(f'drop schema "{schema}"'))
        connection.execute(text(f'alter schema "{name}" rename to "{schema}"'))


def _schema(connection: Connection) -> str:
    return str(connection.scalar(text("select current_schema()")))


def _engine(database_url: str) -> Engine:
    # Dumping takes longer than a request may think.
    options = "-c idle_in_transaction_session_timeout=0 -c timezone=UTC"
    return create_engine(database_url, poolclass=NullPool, connect_args={"options": options})


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"本机没有 {name}，请安装 PostgreSQL 客户端，或改用基础备份加 WAL 归档（docs/restore.md） / "
            f"there is no {name} on this machine: install PostgreSQL's client programs, or use base backups and a "
            "WAL archive instead (docs/restore.md)"
        )
    return found


def _run(program: str, *arguments: str, url: str | None = None) -> None:
    environment, where = dict(os.environ), []
    if url is not None:
        parsed = make_url(url)
        if parsed.password:
            environment["PGPASSWORD"] = str(parsed.password)
        plain = parsed.set(drivername="postgresql", password=None)
        where = [f"--dbname={plain.render_as_string(hide_password=False)}"]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        [program, *where, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        name = Path(program).name
        raise BackupError(f"{name} 失败 / {name} failed: {done.stderr.strip()[-1000:]}")
