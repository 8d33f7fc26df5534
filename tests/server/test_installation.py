"""Keys and the epoch live outside the database, and notice when it was taken back."""

import stat

from sqlalchemy import text

from server import audit
from server.access import SYSTEM
from server.installation import guard_epoch, open_installation


def write(app, times=1):
    for _ in range(times):
        with audit.transaction(app.sessions) as session:
            audit.append(session, SYSTEM, "thing.done", ("thing", "1"))


def test_the_keys_are_made_once_and_only_the_owner_reads_them(fresh_app):
    settings = fresh_app.settings

    again = open_installation(settings)

    assert again.key.key_id == fresh_app.installation.key.key_id
    assert again.secret == fresh_app.installation.secret
    for name in ("server.pem", "secret"):
        assert stat.S_IMODE((settings.keys / name).stat().st_mode) == 0o600


def test_the_epoch_stays_while_the_database_only_grows(fresh_app):
    epoch = fresh_app.installation.epoch
    write(fresh_app, 3)
    with fresh_app.readers() as session:
        fresh_app.installation.remember_head(session)
    write(fresh_app, 2)

    with fresh_app.readers() as session:
        assert guard_epoch(fresh_app.installation, session) is None
    assert fresh_app.installation.epoch == epoch


def test_a_database_taken_back_begins_a_new_epoch_that_every_process_sees(fresh_app):
    epoch = fresh_app.installation.epoch
    other = open_installation(fresh_app.settings)
    assert other.epoch == epoch
    write(fresh_app, 3)
    with fresh_app.readers() as session:
        fresh_app.installation.remember_head(session)
    with fresh_app.sessions.begin() as session:
        session.execute(text("delete from audit where seq > 1"))

    with fresh_app.readers() as session:
        assert guard_epoch(fresh_app.installation, session) == "database-behind"
    assert fresh_app.installation.epoch > epoch
    assert other.epoch == fresh_app.installation.epoch


def test_a_database_with_another_past_begins_a_new_epoch(fresh_app):
    write(fresh_app, 3)
    with fresh_app.readers() as session:
        fresh_app.installation.remember_head(session)
    with fresh_app.sessions.begin() as session:
        session.execute(text("update audit set hash = 'another' where seq = 3"))

    with fresh_app.readers() as session:
        assert guard_epoch(fresh_app.installation, session) == "hash-differs"
