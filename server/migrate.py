"""Brings the database to the shape the code expects, and back."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


def migrate(engine: Engine, to: str = "head") -> None:
    """Upgrade to a revision, or downgrade when it lies behind (`base` undoes everything)."""
    with engine.connect() as connection:
        config = _config(connection)
        if to == "head" or to not in _applied_and_base(connection):
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)
        connection.commit()


def pending_revisions(connection: Connection) -> list[str]:
    """List revisions that this database still lacks; empty when it is up to date."""
    applied = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(connection))
    return [each.revision for each in script.iterate_revisions("head", applied or "base")]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _applied_and_base(connection: Connection) -> set[str]:
    script = ScriptDirectory.from_config(_config(connection))
    applied = MigrationContext.configure(connection).get_current_revision()
    behind = {each.revision for each in script.iterate_revisions(applied or "base", "base")}
    return behind | {"base"}
