"""Uploads over real lines to the real web server: cut, reset, silent, crossing each other."""

import hashlib
import os
import signal
import threading
import time
from base64 import b64encode
from uuid import UUID

import pytest
import requests
from sqlalchemy import update

from server import clock
from server.access import Role
from server.evidence.models import Upload
from server.evidence.uploads import LEASE
from server.http import App
from tests.actors import Cast
from tests.actors.uploader import BYTES, sha256_of
from tests.server.evidence.serving import Line, children_of, free_port, installed, serving
from tests.server.evidence.wired import Phone


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory):
    with installed(database, tmp_path_factory.mktemp("served")) as app:
        yield app


@pytest.fixture(scope="module")
def server(installation: App):
    with serving(installation.settings, free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def phone(installation: App, server):
    return Phone(server.port, Cast(installation).signed_in(Role.INSPECTOR).token)


def eventually_stands_at(phone: Phone, path: str, offset: int) -> None:
    deadline = time.monotonic() + 20
    while phone.offset(path) != offset:
        assert time.monotonic() < deadline, f"{phone.offset(path)} of {offset} bytes were kept"
        time.sleep(0.05)


def written_down(installation: App, path: str) -> int:
    """How many bytes of an upload the database knows of."""
    with installation.readers() as session:
        return session.get_one(Upload, UUID(path.rpartition("/")[2])).offset


@pytest.mark.parametrize("sent", [1, 40_000, 3_158_073])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_every_byte_before_a_broken_line_is_kept(phone, end, sent):
    content = os.urandom(4_000_000)
    path = phone.create(content)
    line = phone.opens_patch(path, content)
    line.send(content[:sent])
    line.until_taken()  # what a reset overtakes on the way has not arrived

    getattr(line, end)()

    eventually_stands_at(phone, path, sent)
    assert phone.patch(path, content[sent:], sent).status_code == 204
    assert phone.fetch(content) == content


def test_a_silent_line_hands_over_when_the_phone_comes_back(phone):
    content = os.urandom(500_000)
    path = phone.create(content)
    silent = phone.opens_patch(path, content)
    silent.send(content[:123_456])
    silent.until_taken()

    began = time.monotonic()
    offset = phone.offset(path)

    assert offset == 123_456
    assert time.monotonic() - began < LEASE.total_seconds()
    assert phone.patch(path, content[offset:], offset).status_code == 204
    status, headers = silent.read_head()
    assert (status, headers["upload-offset"]) == (423, "123456")
    silent.close()
    assert phone.fetch(content) == content


def test_a_patch_that_crosses_another_stops_it_and_hears_where_to_go_on(phone):
    content = os.urandom(300_000)
    path = phone.create(content)
    first = phone.opens_patch(path, content)
    first.send(content[:100_000])
    first.until_taken()

    second = phone.patch(path, content, 0)

    assert (second.status_code, second.headers["Upload-Offset"]) == (409, "100000")
    assert first.read_head()[0] == 423
    first.close()
    assert phone.patch(path, content[100_000:], 100_000).status_code == 204
    assert phone.fetch(content) == content


def test_many_requests_writing_one_upload_at_once_leave_the_right_bytes(phone):
    content = os.urandom(1_500_000)
    path = phone.create(content)
    seen: list[int] = []

    def push() -> None:
        for _ in range(40):
            offset = phone.offset(path)
            if offset == len(content):
                return
            seen.append(phone.patch(path, content[offset : offset + 200_000], offset).status_code)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(seen) <= {204, 409, 423}
    assert seen.count(204) >= len(content) // 200_000
    assert phone.fetch(content) == content


def test_the_same_content_finished_by_several_requests_at_once_is_one_object(phone, installation):
    content = os.urandom(600_000)
    paths = [phone.create(content) for _ in range(4)]
    answers: list[int] = []

    def finish(path: str) -> None:
        answers.append(phone.patch(path, content, 0).status_code)

    threads = [threading.Thread(target=finish, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [204] * 4
    assert phone.fetch(content) == content
    objects = installation.settings.data / "media" / "objects"
    assert len(list(objects.rglob(sha256_of(content)))) == 1
    assert [phone.offset(path) for path in paths] == [len(content)] * 4


def test_an_open_upload_holds_up_nobody_else(phone):
    content = os.urandom(200_000)
    line = phone.opens_patch(phone.create(content), content)
    line.send(content[:1000])
    line.until_taken()

    began = time.monotonic()
    other = os.urandom(1000)
    assert phone.patch(phone.create(other), other, 0).status_code == 204

    assert time.monotonic() - began < LEASE.total_seconds()
    line.reset()


def test_one_connection_carries_several_uploads(phone):
    with requests.Session() as connection:
        for _ in range(3):
            content = os.urandom(100_000)
            path = phone.create(content)
            assert phone.patch(path, content[:50_000], 0, via=connection).status_code == 204
            assert phone.patch(path, content[50_000:], 50_000, via=connection).status_code == 204
            assert phone.is_stored(content)


def test_a_chunked_body_arrives_whole(phone):
    content = os.urandom(300_000)
    path = phone.create(content)

    answer = phone.patch(path, iter([content[:70_000], content[70_000:]]), 0)

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
    assert phone.fetch(content) == content


def test_a_refusal_reaches_a_phone_that_is_still_sending(phone):
    content = os.urandom(5_000_000)
    path = phone.create(content)

    answer = phone.patch(path, content[7:], 7)

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")


def test_a_phone_that_asks_before_sending_is_told_to_go_on(phone):
    content = os.urandom(1000)
    path = phone.create(content)
    line = Line(phone.port)
    announced = {"Upload-Offset": "0", "Content-Length": "1000", "Expect": "100-continue"}

    line.send_head("PATCH", path, phone.headers | BYTES | announced)
    assert line.read_head()[0] == 100
    line.send(content)

    assert line.read_head()[0] == 204
    line.close()


def test_killed_processes_have_kept_what_they_acknowledged(phone, server, installation):
    content = os.urandom(900_000)
    path = phone.create(content)
    line = phone.opens_patch(path, content)
    line.send(content[:600_000])
    deadline = time.monotonic() + 20
    while written_down(installation, path) < 600_000:
        assert time.monotonic() < deadline, "what came is to be written down every two seconds"
        time.sleep(0.05)
    for pid in children_of(server.pid):
        os.kill(pid, signal.SIGKILL)
    line.close()
    with installation.sessions.begin() as session:  # the dead process's lease runs out
        session.execute(update(Upload).values(held_until=clock.now()))

    kept = phone.offset(path)

    assert kept == 600_000
    assert phone.patch(path, content[kept:], kept).status_code == 204
    assert phone.fetch(content) == content


def test_a_lease_that_still_runs_is_waited_for_and_head_is_answered_all_the_same(phone, installation):
    content = os.urandom(1000)
    path = phone.create(content)
    phone.patch(path, content[:100], 0)
    with installation.sessions.begin() as session:  # as a process leaves it that died just now
        session.execute(update(Upload).values(held_until=clock.now() + LEASE))

    assert phone.offset(path) == 100
    answer = phone.patch(path, content[100:], 100)

    assert (answer.status_code, answer.json()["code"]) == (423, "upload.locked")
    assert int(answer.headers["Retry-After"]) > 0


def promised(content: bytes) -> str:
    return f"sha256 {b64encode(hashlib.sha256(content).digest()).decode()}"


def test_a_line_under_a_checksum_hands_over_and_what_it_had_brought_does_not_count(phone):
    content = os.urandom(500_000)
    path = phone.create(content)
    silent = phone.opens_patch(path, content, Upload_Checksum=promised(content))
    silent.send(content[:123_456])
    silent.until_taken()

    assert phone.offset(path) == 0

    status, headers = silent.read_head()
    assert (status, headers["upload-offset"]) == (423, "0")
    silent.close()
    assert phone.patch(path, content, 0).status_code == 204
    assert phone.fetch(content) == content


def test_a_body_that_takes_long_is_acknowledged_only_when_its_checksum_is_judged(phone, installation):
    content = os.urandom(400_000)
    path = phone.create(content)
    line = phone.opens_patch(path, content, Upload_Checksum=promised(content))
    for start in range(0, 400_000, 50_000):
        line.send(content[start : start + 50_000])
        if start == 350_000:
            break
        time.sleep(0.4)  # longer in all than the time after which a lease is renewed
        assert written_down(installation, path) == 0

    status, headers = line.read_head()
    assert (status, headers["upload-offset"]) == (204, str(len(content)))
    line.close()
    assert phone.fetch(content) == content


def test_a_chunked_body_is_judged_by_its_checksum(phone):
    content = os.urandom(300_000)
    path = phone.create(content)
    headers = phone.headers | BYTES | {"Upload-Offset": "0", "Upload-Checksum": promised(content)}

    def send(pieces: list[bytes]) -> int:
        return requests.patch(phone.url(path), data=iter(pieces), headers=headers, timeout=30).status_code

    assert send([content[:70_000], b"!" + content[70_001:]]) == 460
    assert phone.offset(path) == 0
    assert send([content[:70_000], content[70_000:]]) == 204
    assert phone.fetch(content) == content


def test_a_holder_that_lost_its_lease_takes_nothing_back_from_the_next(phone, installation):
    content = os.urandom(500_000)
    path = phone.create(content)
    slow = phone.opens_patch(path, content, Upload_Checksum=promised(content))
    slow.send(content[:100_000])
    slow.until_taken()
    with installation.sessions.begin() as session:  # as if its process had been stopped for a while
        session.execute(update(Upload).values(held_until=clock.now()))

    assert phone.patch(path, content[:300_000], 0).status_code == 204

    assert slow.read_head()[0] == 423
    slow.close()
    assert phone.offset(path) == 300_000
    assert phone.patch(path, content[300_000:], 300_000).status_code == 204
    assert phone.fetch(content) == content


def test_a_server_that_was_asleep_while_another_took_over_writes_nothing_into_its_file(phone, installation):
    content = os.urandom(500_000)
    port = free_port()
    with serving(installation.settings, port) as server:
        sleeper, awake = Phone(port, phone.token), phone
        path = sleeper.create(content)
        line = sleeper.opens_patch(path, content)
        line.send(content[:100_000])
        line.until_taken()

        os.killpg(server.pid, signal.SIGSTOP)
        line.send(b"?" * 200_000)  # of a phone that garbles what it sends
        with installation.sessions.begin() as session:  # its lease runs out
            session.execute(update(Upload).values(held_until=clock.now()))
        assert awake.patch(path, content[:300_000], 0).status_code == 204
        os.killpg(server.pid, signal.SIGCONT)

        status, headers = line.read_head()
        assert (status, headers["upload-offset"]) == (423, "300000")
        line.close()
    assert awake.offset(path) == 300_000
    assert awake.patch(path, content[300_000:], 300_000).status_code == 204
    assert awake.fetch(content) == content
