"""Connections to PostgreSQL that were ended while nobody used them; how transactions begin on SQLite."""

import sqlite3
import traceback
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from server import db

ENDED = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'forgotten' and pid <> pg_backend_pid()"
)


@pytest.fixture
def engine(postgres):
    engine = db.open_engine(f"{postgres}/postgres?application_name=forgotten", pool_size=3)
    yield engine
    engine.dispose()


def use(engine, count):
    """Use so many connections at once and give them back."""
    connections = [engine.connect() for _ in range(count)]
    try:
        return [connection.scalar(text("select 1")) for connection in connections]
    finally:
        for connection in connections:
            connection.close()


def end_all(postgres):
    other = db.open_engine(f"{postgres}/postgres", pool_size=1)
    with other.connect() as connection:
        assert len(connection.execute(ENDED).all()) == 3
    other.dispose()


def test_what_was_idle_for_a_while_is_asked_first_and_replaced(engine, postgres, monkeypatch):
    assert use(engine, 3) == [1, 1, 1]
    end_all(postgres)
    monkeypatch.setattr(db, "_TRUSTED_SECONDS", -1.0)

    assert use(engine, 3) == [1, 1, 1]


def test_what_was_used_a_moment_ago_is_trusted_and_fails_once_for_all(engine, postgres, monkeypatch):
    monkeypatch.setattr(db, "_TRUSTED_SECONDS", 600.0)
    assert use(engine, 3) == [1, 1, 1]
    end_all(postgres)

    with pytest.raises(OperationalError):
        use(engine, 1)
    assert use(engine, 3) == [1, 1, 1]


def test_on_sqlite_a_writer_says_so_as_it_begins_and_readers_are_not_held_up(tmp_path):
    engine = db.open_engine(f"sqlite:///{tmp_path}/one", pool_size=1)
    sessions, readers = db.open_sessions(engine)
    with readers() as session:
        session.execute(text("pragma busy_timeout = 1"))  # of the one connection there is
    with closing(sqlite3.connect(tmp_path / "one", isolation_level=None)) as other:
        other.execute("begin immediate")

        with readers.begin() as session:
            assert session.scalar(text("select 1")) == 1
        with pytest.raises(OperationalError, match="locked"), sessions.begin() as session:
            session.connection()
    engine.dispose()


def test_what_a_statement_was_given_stands_in_no_failure(database, tmp_path):
    secret = "SECRET"
    engine = db.open_engine(database.fresh_url(tmp_path), pool_size=1)
    with engine.connect() as connection, pytest.raises(DBAPIError) as failure:
        connection.execute(text("select nothing from person where password_hash = :hash"), {"hash": secret})
    engine.dispose()

    assert secret not in "".join(traceback.format_exception(failure.value))
