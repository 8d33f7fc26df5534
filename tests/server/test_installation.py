"""Keys and the epoch live outside the database, and notice when it was taken back."""

import stat
import threading
from datetime import timedelta

from sqlalchemy import text

from server import audit, clock
from server.access import SYSTEM
from server.installation import BEACON_SERVES, guard_epoch, open_installation
from server.worker import make_worker
from sync import read_beacon, read_guard


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


def test_those_who_pull_together_share_a_beacon_that_is_never_of_a_moment_to_come(fresh_app):
    installation, now = fresh_app.installation, clock.now()
    one_tick = timedelta(milliseconds=1)

    first = installation.beacon(now, "01A")
    shared = installation.beacon(now + BEACON_SERVES - one_tick, "01A")
    later = installation.beacon(now + BEACON_SERVES, "01A")
    set_back = installation.beacon(now, "01A")
    other_epoch = installation.beacon(now, "01B")

    assert shared == first
    key = installation.key.public_jwk
    told = [read_beacon(key, each) for each in (first, later, set_back, other_epoch)]
    assert [(each.at, each.epoch) for each in told] == [
        (now, "01A"),
        (now + BEACON_SERVES, "01A"),
        (now, "01A"),
        (now, "01B"),
    ]


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


def test_a_database_taken_back_under_a_running_worker_is_noticed(fresh_app):
    worker = make_worker(fresh_app)
    write(fresh_app, 3)
    worker.guard_epoch()
    epoch = fresh_app.installation.epoch
    worker.guard_epoch()
    assert fresh_app.installation.epoch == epoch
    with fresh_app.sessions.begin() as session:
        session.execute(text("delete from audit where seq > 1"))

    worker.guard_epoch()

    assert fresh_app.installation.epoch > epoch


def test_a_second_copy_is_believed_only_of_this_epoch_and_this_past(fresh_app):
    ours = fresh_app.installation
    ours.second_copy = True
    write(fresh_app, 3)
    with fresh_app.readers() as session:
        seq, digest = audit.head(session)
        first = ours.epoch
        assert not ours.remember_durable(session, first, seq, "ab" * 32)
        assert not ours.remember_durable(session, first, seq + 1, digest)
        assert ours.durable_seq == 0
        assert ours.remember_durable(session, first, seq, digest)
        assert ours.durable_seq == seq
        ours.begin_epoch(seq, digest)
        assert ours.durable_seq == 0
        assert not ours.remember_durable(session, first, seq, digest)
        assert ours.durable_seq == 0
    ours.second_copy = False
    with fresh_app.readers() as session:
        ours.remember_durable(session, ours.epoch, seq, digest)
    assert (ours.durable_seq, ours.guard.durable_seq) == (0, seq)


def test_nobody_writes_back_an_epoch_that_is_over(fresh_app):
    write(fresh_app, 1)
    begun = []

    def begin():
        ours = open_installation(fresh_app.settings)
        begun.extend(ours.begin_epoch(1, "ab" * 32) for _ in range(15))

    def remember():
        ours = open_installation(fresh_app.settings)
        for _ in range(15):
            write(fresh_app)
            with fresh_app.readers() as session:
                ours.remember_head(session)
                ours.remember_durable(session, ours.epoch, *audit.head(session))

    threads = [threading.Thread(target=target) for target in (begin, begin, remember)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(begun)) == 30
    assert read_guard(fresh_app.settings.epoch_file).epoch == max(begun)


def test_of_several_who_see_the_same_one_begins_the_epoch(fresh_app):
    ours = fresh_app.installation
    before = ours.epoch

    first = ours.begin_epoch(0, "", instead_of=before)

    assert ours.begin_epoch(0, "", instead_of=before) == first > before
