"""Migrations build exactly the tables that the code declares, and can be undone."""

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Text, column, inspect, select, table

from server import clock, tables
from server.db import Base, JsonType, UtcDateTime, open_engine
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


def test_photos_that_were_there_before_are_looked_into_again_the_newest_first(empty_engine):
    # Written by hand: the table of that time, not of today's code.
    moments, words = ("stored_at", "inspect_after"), ("sha256", "family", "state")
    media = table(
        "media_object",
        *(column(name, Text()) for name in words),
        *(column(name, UtcDateTime()) for name in moments),
        column("size", BigInteger()),
        column("facts", JsonType),
    )
    migrate(empty_engine, "20261125_02")
    began = clock.now()
    rows = [
        {"sha256": name, "size": 1, "family": family, "state": "stored", "facts": {}, "stored_at": moment}
        for name, family, moment in [
            ("old", "image", began - timedelta(days=300)),
            ("new", "image", began - timedelta(days=1)),
            ("sound", "audio", began),
        ]
    ]
    with empty_engine.begin() as connection:
        connection.execute(media.insert(), rows)
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        found = connection.execute(select(media.c.sha256, media.c.inspect_after))
        again = dict(found.all())
    assert again["sound"] == began
    assert began <= again["new"] < again["old"] < began + timedelta(minutes=5)
