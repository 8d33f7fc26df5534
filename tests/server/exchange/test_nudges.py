"""Nudges: who looks on is told to pull, by a process that did not write the change; nothing hangs on it."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
import requests
from sqlalchemy import event

from server import audit, clock, feed, gateway
from server.access import SYSTEM
from server.accounts import service as accounts
from server.gateway import Ringing, SignedGateway
from server.nudges import MOST_OF_ONE, MUCH_LATER, Nudges
from server.platform.signing import is_signed
from server.problems import Busy
from tests.actors import Cast
from tests.actors.phone import UNSIGNED
from tests.server.evidence.serving import Line, free_port, installed, serving

EVENTS, PULL = "/api/v1/sync/events", "/api/v1/sync/pull"


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory):
    with installed(database, tmp_path_factory.mktemp("nudges")) as app:
        yield app


@pytest.fixture(scope="module")
def server(installation):
    with serving(installation.settings, free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def team(installation):
    cast = Cast(installation)
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return lead, second, task


@contextmanager
def listening(server, phone):
    url = f"http://127.0.0.1:{server.port}{EVENTS}"
    headers = {"Authorization": f"Bearer {phone.token}"}
    with requests.get(url, headers=headers, stream=True, timeout=15) as answer:
        assert answer.status_code == 200, answer.text
        yield answer


def next_pull(lines):
    """Wait until the stream says to pull; what it says besides holds nothing."""
    for line in lines:
        if line == "event: pull":
            assert next(lines) == "data: {}"
            return True
    return False


def test_who_sees_a_change_is_told_to_pull_by_a_process_that_did_not_write_it(server, team):
    lead, second, task = team
    with listening(server, second) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        assert next_pull(lines), "a stream begins with one: something may have come before it"
        lead.fills(task, UNSIGNED)
        lead.pushes()
        assert next_pull(lines)
    second.syncs()
    assert len(second.shows("record")) >= 1


def test_nothing_new_takes_less_than_400_bytes_on_the_line_with_all_headers(server, team):
    lead, *_ = team
    lead.syncs()
    line = Line(server.port)
    path = f"{PULL}?cursor={lead.state.cursor}"
    line.send_head("GET", path, {"Authorization": f"Bearer {lead.token}", "Prefer": "return=minimal"})
    line.socket.settimeout(10)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += line.socket.recv(1)
    line.close()
    assert answer.startswith(b"HTTP/1.1 204")
    assert len(answer) < 400


def stream_of(nudges, *recipients, session_id=None, seconds=60.0):
    return nudges.open(recipients, session_id, clock.now() + timedelta(seconds=seconds))


def test_streams_have_a_cap_which_a_phone_that_comes_again_does_not_use_up(fresh_app):
    nudges = fresh_app.nudges = Nudges(fresh_app.readers, 2, accounts.ended_sessions)
    phone, other = uuid4(), uuid4()
    before = stream_of(nudges, "user:1", session_id=phone)
    stream_of(nudges, "user:2", session_id=other)
    again = stream_of(nudges, "user:1", session_id=phone)
    assert (before.ended, again.ended) == (True, False)
    assert len(list(nudges.words(before))) == 1
    with pytest.raises(Busy) as refused:
        stream_of(nudges, "user:3", session_id=uuid4())
    assert 1 <= int(refused.value.headers["Retry-After"]) <= MUCH_LATER
    nudges.close(again)
    nudges.close(stream_of(nudges, "user:3", session_id=uuid4()))


def test_one_person_does_not_have_all_streams_there_are(fresh_app):
    nudges = fresh_app.nudges = Nudges(fresh_app.readers, MOST_OF_ONE + 1, accounts.ended_sessions)
    person, until = uuid4(), clock.now() + timedelta(seconds=60)
    theirs = [nudges.open(["user:1"], uuid4(), until, person) for _ in range(MOST_OF_ONE + 3)]
    assert [each.ended for each in theirs] == [True] * 3 + [False] * MOST_OF_ONE
    other = nudges.open(["user:2"], uuid4(), until, uuid4())
    for each in (*theirs, other):
        nudges.close(each)


def test_where_no_streams_are_wanted_none_is_opened(fresh_app):
    with pytest.raises(Busy):
        stream_of(Nudges(fresh_app.readers, 0, accounts.ended_sessions), "user:1")


def test_a_stream_ends_with_its_token(fresh_app):
    nudges = Nudges(fresh_app.readers, 1, accounts.ended_sessions)
    stream = stream_of(nudges, "user:nobody", seconds=0.1)
    words = list(nudges.words(stream))
    assert [b"event: pull" in each for each in words] == [True]
    nudges.close(stream)


def test_a_stream_ends_when_its_session_was_ended(fresh_app):
    phone = Cast(fresh_app).phone()
    nudges = Nudges(fresh_app.readers, 1, accounts.ended_sessions)
    with fresh_app.readers() as session:
        actor = accounts.identify(session, phone.token)
    stream = stream_of(nudges, feed.user(phone.person_id), session_id=actor.session_id)
    words = nudges.words(stream)
    next(words)
    phone.call("DELETE", "/api/v1/session")
    assert list(words) == []
    nudges.close(stream)


def test_looking_costs_one_question_however_many_streams_there_are(fresh_app):
    nudges = fresh_app.nudges = Nudges(fresh_app.readers, 100, accounts.ended_sessions)
    streams = [stream_of(nudges, f"user:{uuid4()}") for _ in range(50)]
    asked = []
    engine = fresh_app.sessions.kw["bind"].engine

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        nudges._tell(streams)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1


class Listener(ThreadingHTTPServer):
    """A push gateway; `answers` is the status it gives."""

    def __init__(self, status=204):
        self.status, self.heard = status, []
        super().__init__(("127.0.0.1", 0), Hearing)


class Hearing(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = is_signed(self.headers, "app", "secret", clock.now(), body)
        self.server.heard.append((signed, json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def running_gateway(status=204):
    server = Listener(status)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, SignedGateway(f"http://127.0.0.1:{server.server_port}/", "app", "secret")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def change(app, task):
    with audit.transaction(app.sessions) as session:
        feed.touch(session, "task", task)
        audit.append(session, SYSTEM, "task.changed", ("task", task))


def test_the_gateway_is_told_whose_feed_changed_once_and_signed(fresh_app, monkeypatch):
    cast = Cast(fresh_app)
    lead, second, _third = (cast.phone() for _ in range(3))
    task = cast.task(lead, second)
    with running_gateway() as (server, adapter):
        ringing = Ringing(fresh_app.readers, adapter)
        ringing.ring()
        assert server.heard == [], "what was there before is no news"
        change(fresh_app, task)
        ringing.ring()
        ringing.ring()
        ((signed, body),) = server.heard
        assert signed
        assert (body["nudge"], body["people"]) == (
            "pull",
            sorted(str(each.person_id) for each in (lead, second)),
        )

        monkeypatch.setattr(gateway, "MOST_PEOPLE", 1)
        change(fresh_app, task)
        ringing.ring()
        assert [len(body["people"]) for _, body in server.heard[1:]] == [1, 1]


def test_a_gateway_that_refuses_or_is_gone_harms_nothing(fresh_app, monkeypatch):
    cast = Cast(fresh_app)
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    monkeypatch.setattr(gateway, "MOST_PEOPLE", 1)
    with running_gateway(status=500) as (server, adapter):
        ringing = Ringing(fresh_app.readers, adapter)
        ringing.ring()
        change(fresh_app, task)
        assert ringing.ring() is False
        assert len(server.heard) == 1, "the rest is not tried: it would wait for the same"
    change(fresh_app, task)
    assert ringing.ring() is False
