"""What a standby or an archive has is known by entry, and never believed to be more than it is."""

import time
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import text

from server import audit
from server.access import SYSTEM
from server.backups.following import Following, end_of_segment
from tests.postgres import standby_of
from tests.server.backups.bureau import Bureau


def say(app):
    """Write one fact; returns its number."""
    with audit.transaction(app.sessions) as session:
        fact = audit.append(session, SYSTEM, "thing.done", ("thing", "1"))
    return fact.seq


def refresh(app, following):
    with app.readers() as session:
        following.refresh(session)
    return app.installation.durable_seq


def reaches(app, following, seq):
    """Wait until the second copy is known to have an entry."""
    for _ in range(1200):
        if refresh(app, following) >= seq:
            break
        time.sleep(0.05)
    return app.installation.durable_seq


@contextmanager
def bureau_with(database, folder, kind, name=""):
    more = {"MERESTONE_SECOND_COPY": kind, "MERESTONE_STANDBY_NAME": name}
    bureau = Bureau(database.fresh_url(folder), folder, **more)
    try:
        yield bureau.starts()
    finally:
        bureau.stops()


def test_an_entry_is_durable_when_the_named_standby_has_it_on_its_disk(on_postgres, tmp_path):
    name = f"standby_{uuid4().hex[:8]}"
    with bureau_with(on_postgres, tmp_path, "standby", name) as app:
        following = Following(app.installation, "standby", name)
        first = say(app)
        assert refresh(app, following) == 0  # there is no standby yet
        with standby_of(on_postgres.url, name) as standby:
            assert reaches(app, following, first) == first
            stranger = Following(app.installation, "standby", "another")
            second = say(app)
            assert refresh(app, stranger) == first
            assert reaches(app, following, second) == second
            assert standby.poll() is None
        third = say(app)
        assert refresh(app, following) == second
        assert third > second


def test_an_entry_is_durable_when_the_log_up_to_it_is_archived(on_postgres, tmp_path):
    with bureau_with(on_postgres, tmp_path, "archive") as app:
        following = Following(app.installation, "archive")
        first = say(app)
        assert refresh(app, following) == 0
        with app.readers() as session:
            session.execute(text("select pg_switch_wal()"))
        assert reaches(app, following, first) == first
        second = say(app)
        assert refresh(app, following) == first < second


def test_what_was_noted_in_an_epoch_that_is_over_is_forgotten(on_postgres, tmp_path):
    with bureau_with(on_postgres, tmp_path, "archive") as app:
        following = Following(app.installation, "archive")
        seq = say(app)
        refresh(app, following)
        with app.readers() as session:
            digest = audit.head(session)[1]
            before = app.installation.epoch
            app.installation.begin_epoch(seq, digest)
            assert not app.installation.remember_durable(session, before, seq, digest)
        assert app.installation.durable_seq == 0


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("000000010000000000000001", 2 * 2**24),
        ("00000001000000020000003F", 2 * 2**32 + 64 * 2**24),
        ("000000020000000000000001", None),  # of another timeline
        ("00000001.history", None),
        ("000000010000000000000003.00000028.backup", None),
        (None, None),
    ],
)
def test_a_segment_ends_where_its_name_says(name, end):
    assert end_of_segment(name, 2**24, "00000001") == end
