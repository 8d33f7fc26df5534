"""Migrations build exactly the tables that the code declares, and can be undone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from server import tables
from server.db import Base, open_engine
from server.migrate import migrate, pending_revisions


@pytest.fixture
def empty_engine(database, tmp_path):
    engine = open_engine(database.empty_url(tmp_path))
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
