"""Brings the database to the shape the code expects, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def migrate(engine: Engine, to: str = "head") -> None:
    """Upgrade to a revision, or downgrade when it lies behind (`base` undoes everything)."""
    with engine.connect() as connection, _tables_remade(connection):
        config = _config(connection)
        if to == "head" or to not in _applied_and_base(connection):
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)
        connection.commit()


@contextmanager
def _tables_remade(connection: Connection) -> Iterator[None]:
    """Let SQLite make tables anew that others refer to: it changes most of a table by copying and dropping it.

    With foreign keys on, dropping would be refused once there are rows. They are checked at the end instead, all of
    them (the twelve steps of SQLite's own documentation of ALTER TABLE).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")  # before the transaction begins: inside one it does nothing
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows refer to what is not there: {broken[:5]}")
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def pending_revisions(connection: Connection) -> list[str]:
    """List revisions that this database still lacks; empty when it is up to date."""
    applied = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(connection))
    return [each.revision for each in script.iterate_revisions("head", applied or "base")]


def is_known(revision: str) -> bool:
    """Say whether this program can go on from a revision: it knows none that are newer than itself."""
    try:
        ScriptDirectory(str(_SCRIPTS)).get_revision(revision or "base")
    except CommandError:
        return False
    return True


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _applied_and_base(connection: Connection) -> set[str]:
    script = ScriptDirectory.from_config(_config(connection))
    applied = MigrationContext.configure(connection).get_current_revision()
    behind = {each.revision for each in script.iterate_revisions(applied or "base", "base")}
    return behind | {"base"}
