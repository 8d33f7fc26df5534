"""Uploads go in a lane of their own: however many and slow they are, nobody else waits for them."""

import os
import resource
import select
import signal
import socket
import time
from concurrent.futures import Future
from uuid import uuid4

import pytest
import requests
from gunicorn.config import Config
from sqlalchemy import func
from sqlalchemy import select as sql_select
from werkzeug.wrappers import Response

from server.access import Role
from server.evidence.models import Upload
from server.lanes import Connection, Lane, Lanes, LaneWorker, next_to_fill, share_of
from server.logs import Seldom
from server.serve import OPEN_FILES
from tests.actors import Cast
from tests.actors.collect_phone import message_of
from tests.actors.uploader import BYTES, UPLOADS
from tests.server.evidence.serving import Line, children_of, free_port, installed, serving
from tests.server.evidence.wired import Phone

SLOW_PHONES = 200
PULL = "/api/v1/sync/pull"


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory):
    with installed(database, tmp_path_factory.mktemp("lanes")) as app:
        yield app


@pytest.fixture(scope="module")
def server(installation):
    with serving(installation.settings, free_port()) as running:
        yield running


@pytest.fixture
def phone(installation, server):
    return Phone(int(server.port), Cast(installation).signed_in(Role.INSPECTOR).token)


def eventually(holds, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def pulls(phone: Phone, via=requests) -> int:
    return via.get(phone.url(PULL), headers=phone.headers, timeout=20).status_code


def test_two_hundred_slow_phones_do_not_keep_a_pull_waiting(phone, installation):
    content = os.urandom(4000)
    lines: list[Line] = []
    for _ in range(SLOW_PHONES):
        lines.append(Line(phone.port))
        announced = {"Upload-Length": "4000", "Content-Length": "4000"}
        lines[-1].send_head("POST", UPLOADS, phone.headers | BYTES | announced)

    def are_under_way() -> bool:
        with installation.readers() as session:
            under_way = sql_select(func.count()).where(Upload.held_until.is_not(None))
            return session.scalar(under_way) >= SLOW_PHONES

    eventually(are_under_way)
    for start in range(0, 2000, 100):
        for line in lines:
            line.send(content[start : start + 100])
        assert pulls(phone) == 200
    answered, _, _ = select.select([line.socket for line in lines], [], [], 0)
    assert not answered, "every upload is still open"

    for line in lines:
        line.send(content[2000:])
    for line in lines:
        status, headers = line.read_head()
        assert (status, headers["upload-offset"]) == (201, "4000")
        line.close()


def test_one_connection_changes_lanes_as_often_as_its_requests_do(phone):
    with requests.Session() as connection:
        for _ in range(3):
            content = os.urandom(50_000)
            assert pulls(phone, via=connection) == 200
            path = phone.create(content)
            assert phone.patch(path, content[:20_000], 0, via=connection).status_code == 204
            assert pulls(phone, via=connection) == 200
            assert phone.patch(path, content[20_000:], 20_000, via=connection).status_code == 204
            assert phone.fetch(content) == content


def test_an_address_may_name_two_hundred_things(phone):
    named = ",".join(str(uuid4()) for _ in range(200))
    answered = requests.get(phone.url(f"{PULL}?limit=1&id={named}"), headers=phone.headers, timeout=20)
    assert answered.status_code == 200


def test_requests_sent_behind_each_other_are_answered_in_order_whatever_their_lane(phone):
    line = Line(phone.port)
    head = f"Host: localhost\r\nAuthorization: Bearer {phone.token}\r\n"
    line.send(f"GET {PULL} HTTP/1.1\r\n{head}\r\nOPTIONS {UPLOADS} HTTP/1.1\r\n{head}\r\n".encode())

    status, headers = line.read_head()
    assert (status, headers["content-type"]) == (200, "application/json")
    line.socket.recv(int(headers["content-length"]), 0x100)  # MSG_WAITALL
    status, headers = line.read_head()
    assert (status, headers["tus-resumable"]) == (204, "1.0.0")
    line.close()


def test_a_process_that_dies_is_replaced_in_its_lane_and_loses_nothing_acknowledged(phone, server):
    content = os.urandom(500_000)
    path = phone.create(content)
    phone.patch(path, content[:200_000], 0)
    for pid in children_of(server.pid):
        os.kill(pid, signal.SIGKILL)
        eventually(lambda dead=pid: dead not in children_of(server.pid))

        eventually(lambda: len(children_of(server.pid)) == len(Lane))
        assert pulls(phone) == 200
        assert phone.offset(path) == 200_000

    assert phone.patch(path, content[200_000:], 200_000).status_code == 204
    assert phone.fetch(content) == content


def test_web_processes_may_open_a_file_for_each_of_many_uploads(server):
    for pid in children_of(server.pid):
        allowed, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        assert allowed == resource.RLIM_INFINITY or allowed >= min(OPEN_FILES, most)


@pytest.mark.parametrize(
    ("processors", "processes", "shares"),
    [
        ({0}, 1, [[0]]),
        ({0, 1}, 2, [[0], [1]]),
        ({2, 3, 6, 7}, 2, [[2, 3], [6, 7]]),
        (range(8), 3, [[0, 1, 2], [3, 4, 5], [6, 7]]),
        ({0, 1}, 3, [[0, 1]] * 3),
    ],
)
def test_the_processors_are_shared_out_where_there_is_one_for_each_process(processors, processes, shares):
    assert [share_of(processors, processes, place) for place in range(processes)] == shares


@pytest.mark.parametrize("wanted", ["yes", "no"])
def test_each_web_process_of_a_lane_keeps_to_its_share_of_the_processors(installation, wanted, monkeypatch):
    ours = os.sched_getaffinity(0)
    processes = 1 if installation.settings.database_url.startswith("sqlite") else min(2, len(ours))
    monkeypatch.setenv("MERESTONE_CPU_AFFINITY", wanted)
    monkeypatch.setenv("MERESTONE_PROCESSES", str(processes))
    monkeypatch.setenv("MERESTONE_UPLOAD_PROCESSES", str(processes))
    shares = [share_of(ours, processes, place) for place in range(processes)]
    expected = sorted(shares * 2) if wanted == "yes" else [sorted(ours)] * 2 * processes

    with serving(installation.settings, free_port()) as running:
        eventually(
            lambda: (
                sorted(sorted(os.sched_getaffinity(each)) for each in children_of(running.pid)) == expected
            )
        )
        assert os.sched_getaffinity(running.pid) == ours


def test_the_lane_that_lacks_a_process_most_gets_the_next():
    wanted = {Lane.REQUESTS: 2, Lane.MEDIA: 1}
    taken: list[Lane] = []
    for _ in range(3):
        taken.append(next_to_fill(wanted, taken))
    assert sorted(taken) == [Lane.MEDIA, Lane.REQUESTS, Lane.REQUESTS]

    assert next_to_fill(wanted, [Lane.REQUESTS, Lane.REQUESTS]) is Lane.MEDIA
    assert next_to_fill(wanted, [Lane.REQUESTS, Lane.MEDIA]) is Lane.REQUESTS

    for _ in range(3):  # on a reload the new ones come before the old ones go
        taken.append(next_to_fill(wanted, taken))
    assert sorted(taken[3:]) == [Lane.MEDIA, Lane.REQUESTS, Lane.REQUESTS]


class Log:
    """What a process of gunicorn writes its lines with."""

    def __init__(self):
        self.lines = []

    def warning(self, line, *told):
        self.lines.append(line % told)


@pytest.fixture
def answered_when_full():
    """How a process answers what it should hand over to a lane that takes nothing; and what it writes into its log."""
    lanes = Lanes(dict.fromkeys(Lane, 1), dict.fromkeys(Lane, 8))
    lanes.inbox(Lane.MEDIA).close()  # nobody there will ever take one
    worker = object.__new__(LaneWorker)
    worker.take_place(lanes, Lane.REQUESTS, 0)
    worker.log = Log()

    def answered(request: bytes) -> bytes:
        phone, line = socket.socketpair()
        with phone:
            phone.sendall(request)
            phone.shutdown(socket.SHUT_WR)  # it says nothing more: nobody lingers over it
            worker._hand_over(Connection(Config(), line, "phone", "server"), lanes.outbox(Lane.REQUESTS))
            return phone.recv(2000)

    yield answered, worker.log
    for end in (lanes.inbox, lanes.outbox):
        for lane in Lane:
            end(lane).close()


def test_hundreds_that_find_the_other_lane_full_are_told_to_come_again_and_fill_one_line_of_the_log(
    answered_when_full,
):
    answered, log = answered_when_full

    answers = [answered(b"") for _ in range(200)]

    assert all(b" 503 " in answer and b"Retry-After" in answer for answer in answers)
    assert [line.rpartition("(")[2] for line in log.lines] == ["1 since the last line)"]


@pytest.mark.parametrize(
    ("asked", "in_words"),
    [
        (b"POST /openrosa/key/submission", True),
        (b"GET /openrosa/key/formList", True),
        (b"HEAD /openrosa/key/submission", False),
        (b"POST /api/v1/media/uploads", False),
        (b"", False),
    ],
)
def test_a_stock_phone_that_finds_the_other_lane_full_is_told_so_in_words_that_it_can_show(
    answered_when_full, asked, in_words
):
    answered, _ = answered_when_full

    head, _, body = answered(asked + b" HTTP/1.1\r\nHost: localhost\r\n\r\n").partition(b"\r\n\r\n")

    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ") for line in lines)
    assert first == "HTTP/1.1 503 Service Unavailable"
    assert 1 <= int(headers["Retry-After"]) <= 4
    assert int(headers["Content-Length"]) == len(body)
    assert (headers.get("Content-Type"), headers.get("X-OpenRosa-Version")) == (
        ("text/xml; charset=utf-8", "1.0") if in_words else (None, None)
    )
    assert message_of(Response(body)) == ("服务器繁忙。请稍后重试。" if in_words else "")


@pytest.mark.parametrize(("others", "leaves"), [(1, True), (2, False), (3, False)])
def test_whoever_has_more_connections_than_another_leaves_a_new_one_to_that(others, leaves, monkeypatch):
    lanes = Lanes({Lane.REQUESTS: 2}, {Lane.REQUESTS: 8})
    lanes.held[Lane.REQUESTS][1] = others
    worker, taken, by_the_other = object.__new__(LaneWorker), [], []
    worker.take_place(lanes, Lane.REQUESTS, 0)
    lanes.held[Lane.REQUESTS][0] = worker.nr_conns = 2
    worker.cfg, worker.alive, worker.enqueue_req = Config(), False, taken.append
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        monkeypatch.setattr("server.lanes.time.sleep", lambda _: by_the_other.append(listener.accept()[0]))
        with socket.create_connection(listener.getsockname()):
            select.select([listener], [], [], 10)
            worker.accept(listener)

            assert (len(by_the_other), len(taken)) == ((1, 0) if leaves else (0, 1))
            assert list(lanes.held[Lane.REQUESTS]) == [2 if leaves else 3, others]
            for line in by_the_other:
                line.close()
            for conn in taken:
                answered = Future()
                answered.set_result(False)
                worker.finish_request(conn, answered)
    assert list(lanes.held[Lane.REQUESTS]) == [2, others]


def test_a_line_that_comes_seldom_says_for_how_many_it_is():
    now = [0.0]
    seldom = Seldom(10, now=lambda: now[0])

    assert [seldom.count() for _ in range(5)] == [1, 0, 0, 0, 0]
    now[0] = 10.5
    assert [seldom.count() for _ in range(3)] == [5, 0, 0]
