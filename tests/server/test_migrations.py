"""Migrations build exactly the tables that the code declares, and can be undone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from server import tables
from server.db import Base, open_engine
from server.migrate import migrate, pending_revisions


@pytest.fixture(params=["sqlite", "postgres"])
def empty_engine(request, tmp_path):
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/empty.sqlite3")
    else:
        url = request.getfixturevalue("postgres")
        name = f"empty_{tmp_path.name}".replace("-", "_").lower()[:60]
        admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'create database "{name}"'))
        admin.dispose()
        engine = open_engine(f"{url}/{name}")
    yield engine
    engine.dispose()


def test_migrating_up_builds_what_the_code_declares(empty_engine):
    assert tables.ALL
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        assert pending_revisions(connection) == []
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert difference == []


def test_migrating_down_leaves_nothing_and_up_again_works(empty_engine):
    migrate(empty_engine)
    migrate(empty_engine, "base")
    assert set(inspect(empty_engine).get_table_names()) <= {"alembic_version"}

    with empty_engine.connect() as connection:
        assert pending_revisions(connection)
    migrate(empty_engine)
    assert "audit" in inspect(empty_engine).get_table_names()


def test_migrating_twice_changes_nothing(empty_engine):
    migrate(empty_engine)
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        assert pending_revisions(connection) == []
