"""Everybody at once: pushes get through, reading waits, and no phone is ever locked out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from server.accounts import passwords
from server.admission import LATER, MOST_WAITING, Admission, Turns
from server.problems import Busy, SyncInFlight
from tests.actors import Cast
from tests.actors.phone import UNSIGNED

PUSH, PULL = "/api/v1/sync/push", "/api/v1/sync/pull"
THREADS = 4


@pytest.fixture
def phones(fresh_app):
    """Four phones, the first two with work for a task, on a server with as many threads."""
    fresh_app.admission = Admission(THREADS)
    cast = Cast(fresh_app)
    phones = [cast.phone() for _ in range(THREADS)]
    task = cast.task(*phones[:2])
    for each in phones[:2]:
        each.syncs()
        each.fills(task, UNSIGNED)
    return phones


@contextmanager
def writers_held_up(app):
    """Nobody gets to write, as while the database is slow."""
    for _ in range(app.gate._initial_value):
        app.gate.acquire()
    try:
        yield
    finally:
        for _ in range(app.gate._initial_value):
            app.gate.release()


def until(holds):
    for _ in range(2000):
        if holds():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it never came to that")


def test_while_threads_are_scarce_reading_is_refused_and_every_push_lands(phones, fresh_app):
    lead, second, *others = phones
    empty = {"epoch": lead.state.epoch, "batch": str(lead.device), "items": []}
    with ThreadPoolExecutor(THREADS) as pool:
        with writers_held_up(fresh_app):
            pushes = [pool.submit(each.call, "POST", PUSH, json=empty) for each in others]
            pushes += [
                pool.submit(each.call, "POST", PUSH, json=each.envelope(*each.state.outbox))
                for each in (lead, second)
            ]
            until(lambda: fresh_app.admission.requests == THREADS)
            for path in (PULL, "/api/v1/me", "/api/v1/devices"):
                refused = second.call("GET", path)
                assert (refused.status_code, refused.get_json()["code"]) == (503, "server.busy")
                assert 1 <= int(refused.headers["Retry-After"]) <= LATER
            assert second.call("GET", "/healthz").status_code == 200
            assert not any(push.done() for push in pushes)
        assert {push.result().status_code for push in pushes} == {200}
    second.syncs()
    assert len(second.shows("record")) == 2


def test_when_everybody_comes_at_once_every_push_lands_and_nobody_starves(phones, fresh_app):
    fresh_app.admission = Admission(2)
    workers, refusals = phones[:2], []
    task = next(iter(workers[0].shows("task")))

    def sync(phone):
        for _ in range(4):
            phone.fills(UUID(task), UNSIGNED)
            phone.pushes()
            for _ in range(1000):
                pulled = phone.call("GET", PULL)
                if pulled.status_code == 200:
                    break
                refusals.append((pulled.status_code, pulled.get_json()["code"]))
                threading.Event().wait(0.005)
        return pulled.status_code

    with ThreadPoolExecutor(len(workers)) as pool:
        assert list(pool.map(sync, workers)) == [200, 200]
    assert set(refusals) <= {(503, "server.busy")}
    for each in workers:
        assert not each.state.outbox
        each.pulls()
        assert len(each.shows("record")) == 2 * 5


def test_those_who_are_refused_do_not_all_come_back_together(phones, fresh_app):
    with ExitStack() as stack:
        for _ in range(THREADS):
            stack.enter_context(fresh_app.admission.inside())
        told = {phones[0].call("GET", PULL).headers["Retry-After"] for _ in range(40)}
    assert len(told) > 5


def test_a_phones_next_push_waits_for_the_one_before_it_and_its_pull_for_none(phones, fresh_app):
    lead, second, *_ = phones
    turns, phone = fresh_app.turns, f"{PUSH} Bearer {lead.token}"
    body = lead.envelope(*lead.state.outbox)
    with ThreadPoolExecutor(3) as pool:
        with writers_held_up(fresh_app):
            first = pool.submit(lead.call, "POST", PUSH, json=body)
            until(lambda: turns.requests_of(phone) == 1)
            again = pool.submit(lead.call, "POST", PUSH, json=body)
            until(lambda: turns.requests_of(phone) == 2)
            assert lead.call("GET", PULL).status_code == 200
            assert second.call("GET", PULL).status_code == 200
            assert not again.done()
        (one,), (other,) = (each.result().get_json()["items"] for each in (first, again))
    assert (one["replayed"], other["replayed"]) == (False, True)
    assert one["receipt"] == other["receipt"]


def test_the_newest_request_of_a_phone_is_never_the_one_that_is_refused(phones, fresh_app):
    lead = phones[0]
    body = lead.envelope(*lead.state.outbox)
    turns, phone = fresh_app.turns, f"{PUSH} Bearer {lead.token}"
    with ThreadPoolExecutor(10) as pool:
        with writers_held_up(fresh_app):
            sent = []
            for number in range(MOST_WAITING + 3):
                sent.append(pool.submit(lead.call, "POST", PUSH, json=body))
                until(lambda number=number: turns.requests_of(phone) == min(number, MOST_WAITING) + 1)
        answers = [each.result() for each in sent]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200, 200, 200]
    assert answers[1].get_json()["code"] == "sync.in-flight"
    assert int(answers[1].headers["Retry-After"]) >= 1
    receipts = {answer.get_json()["items"][0]["receipt"] for answer in answers if answer.status_code == 200}
    assert len(receipts) == 1


def test_strangers_who_try_passwords_leave_threads_for_pushes_and_memory_for_all(
    phones, fresh_app, monkeypatch
):
    lead, stranger = phones[0], Cast(fresh_app).stranger()
    attempts = [{"username": f"nobody{number}", "password": "wrong"} for number in range(10)]
    attempt = attempts.pop()
    go_on, inside, together, let_in = threading.Event(), [], [], []
    compare = passwords.compare

    def noted(*its):
        let_in.append(its)
        return compare(*its)

    def slowly(_hasher, _hash, _password):
        inside.append(1)
        together.append(len(inside))
        go_on.wait(30)
        inside.pop()
        return False

    monkeypatch.setattr(passwords, "compare", noted)
    monkeypatch.setattr(PasswordHasher, "verify", slowly)
    fresh_app.admission = Admission(12)
    with ThreadPoolExecutor(10) as pool:
        tries = [pool.submit(stranger.post, "/api/v1/session", each, expect=401) for each in attempts]
        until(lambda: len(let_in) == 9 and len(inside) == 4)
        refused = [
            stranger.post("/api/v1/session", attempt, expect=503),
            stranger.post(
                "/api/v1/session/password", attempt | {"code": "x", "password": "long enough"}, expect=503
            ),
        ]
        pushed = lead.call("POST", PUSH, json=lead.envelope(*lead.state.outbox))
        go_on.set()
        for each in tries:
            each.result()
    assert {each["code"] for each in refused} == {"server.busy"}
    assert pushed.status_code == 200
    assert max(together) == 4


def test_a_request_that_never_ends_locks_nobody_out():
    turns = Turns(patience=0.05)
    with turns.of("phone"), turns.of("phone"), turns.of("phone"):
        pass
    assert turns.requests_of("phone") == 0


def test_a_turn_that_fails_is_over():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.of("phone"):
        raise ZeroDivisionError
    with turns.of("phone"):
        pass
    assert turns.requests_of("phone") == 0


def test_who_made_room_is_told_at_once():
    turns = Turns()
    refused = []

    def wait():
        try:
            with turns.of("phone"):
                pass
        except SyncInFlight as problem:
            refused.append(problem)

    waiting = [threading.Thread(target=wait) for _ in range(MOST_WAITING + 2)]
    with turns.of("phone"):
        for each in waiting:
            each.start()
        until(lambda: len(refused) == 2)
    for each in waiting:
        each.join(5)
    assert len(refused) == 2


@pytest.mark.parametrize(("threads", "readers"), [(1, 1), (2, 1), (4, 3), (8, 6), (32, 24)])
def test_a_quarter_of_the_threads_is_kept_for_those_who_bring_something(threads, readers):
    admission = Admission(threads)
    with ExitStack() as stack:
        for _ in range(readers):
            stack.enter_context(admission.inside())
        admission.admit_reading()
        stack.enter_context(admission.inside())
        with pytest.raises(Busy):
            admission.admit_reading()
    admission.admit_reading()
