"""A photo must be cheap to take in: how often the database is asked, and which thread waits for what is slow."""

import time
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from server.access import Role
from server.evidence import grip
from server.evidence.later import Later
from server.evidence.models import Upload
from tests.actors import Cast
from tests.actors.uploader import Uploader

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def phone(fresh_app):
    return Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))


@contextmanager
def counting(app):
    """Count transactions and statements; locks and the beginnings of transactions are no statements here."""
    engine, told = app.sessions.kw["bind"], {"transactions": 0, "statements": 0}

    def count_transaction(_connection):
        told["transactions"] += 1

    def count_statement(_connection, _cursor, statement, *_rest):
        told["statements"] += not statement.startswith(("BEGIN", "select pg_advisory_xact_lock"))

    event.listen(engine, "begin", count_transaction)
    event.listen(engine, "before_cursor_execute", count_statement)
    try:
        yield told
    finally:
        event.remove(engine, "begin", count_transaction)
        event.remove(engine, "before_cursor_execute", count_statement)


def test_a_photo_that_comes_with_its_creation_costs_three_transactions(fresh_app, phone):
    with counting(fresh_app) as told:
        phone.create(CONTENT, with_upload=True)
    assert told == {"transactions": 3, "statements": 9}


def test_a_photo_that_comes_in_a_patch_costs_six_transactions(fresh_app, phone):
    with counting(fresh_app) as told:
        phone.send(phone.create(CONTENT), CONTENT)
    assert told == {"transactions": 6, "statements": 13}


def test_a_lease_is_kept_while_finishing_takes_long(fresh_app, phone, monkeypatch):
    monkeypatch.setattr(grip, "_RENEWAL", 0.02)
    monkeypatch.setattr(grip, "_later", Later(0.02))
    fresh_app.store = slow = Slow(fresh_app.store, fresh_app)
    phone.create(CONTENT, with_upload=True)
    assert slow.renewals >= 2


class Slow:
    """A store that finishes a file only when the lease of its upload was lengthened twice."""

    def __init__(self, store, app):
        self._store, self._app, self.renewals = store, app, 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def write(self, upload_id, progress, **options):
        writing = self._store.write(upload_id, progress, **options)
        finish = writing.finish

        def finish_late(sha256):
            until, deadline = self._lease(), time.monotonic() + 20
            while self.renewals < 2 and time.monotonic() < deadline:
                if self._lease() > until:
                    until, self.renewals = self._lease(), self.renewals + 1
                time.sleep(0.01)
            return finish(sha256)

        writing.finish = finish_late
        return writing

    def _lease(self):
        with self._app.readers() as session:
            return session.scalars(select(Upload.held_until)).one()
