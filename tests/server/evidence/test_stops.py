"""A server that stops, and processes that are killed: what was acknowledged is there when they are back."""

import os
import random
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import update

from server import clock
from server.access import Role
from server.evidence.models import Upload
from server.http import App
from tests.actors import Cast
from tests.nursery import Forked, command
from tests.s3 import running_rclone
from tests.server.evidence.serving import children_of, environment_of, free_port, installed, serving
from tests.server.evidence.wired import Phone, Sending

PATIENCE = 60


def test_a_server_that_is_told_to_stop_acknowledges_every_byte_that_came(database, tmp_path):
    content = os.urandom(2_000_000)
    with installed(database, tmp_path) as app:
        phone = Phone(free_port(), Cast(app).signed_in(Role.INSPECTOR).token)
        with serving(app.settings, phone.port) as server:
            paths = [phone.create(content) for _ in range(3)]
            silent, busy = (phone.opens_patch(path, content) for path in paths[::2])
            chunked = phone.opens_patch(paths[1], content, Transfer_Encoding="chunked", Content_Length=None)
            silent.send(content[:123_456])
            chunked.send(b"%x\r\n%b\r\n" % (70_000, content[:70_000]))
            chunked.send(b"%x\r\n" % 70_000 + content[70_000:71_000])  # a chunk of which not all has come
            for line in (silent, chunked):
                line.until_taken()
            sent = [123_456, 71_000, keeps_sending(busy, content)]
            server.terminate()
            answers = [line.read_head() for line in (silent, chunked, busy)]
            chunked.close()
            busy.close()
            assert server.wait(PATIENCE) == 0
        silent.close()

        assert [status for status, _ in answers] == [503] * 3
        assert all(int(headers["retry-after"]) > 0 for _, headers in answers)
        told = [int(headers["upload-offset"]) for _, headers in answers]
        assert told[:2] == sent[:2]
        assert told[2] >= sent[2]
        with serving(app.settings, phone.port):
            assert [phone.offset(path) for path in paths] == told
            for path in paths:
                assert phone.patch(path, content[phone.offset(path) :], phone.offset(path)).status_code == 204
            assert phone.fetch(content) == content


def keeps_sending(line, content: bytes) -> int:
    """Send without a pause until the server has enough; tells how much of it was sent a moment ago."""
    sent = 0

    def send() -> None:
        nonlocal sent
        try:
            for start in range(0, len(content) - 20_000, 5_000):
                line.send(content[start : start + 5_000])
                sent = start + 5_000
                time.sleep(0.02)
        except OSError:
            return

    threading.Thread(target=send, daemon=True).start()
    time.sleep(0.6)
    before = sent
    line.until_taken()
    return before


class Processes:
    """Every process of an installation whose media goes to a bucket; each may be killed and comes back."""

    def __init__(self, app: App, buckets: Path, store_port: int, stack: ExitStack) -> None:
        self.app, self.buckets, self.store_port, self.stack = app, buckets, store_port, stack
        self.port = free_port()
        self.start_web()
        self.start_worker()
        self.start_store()

    def start_web(self) -> None:
        self.web = self.stack.enter_context(serving(self.app.settings, self.port))

    def start_worker(self) -> None:
        self.worker = Forked(environment_of(self.app.settings, self.port), command, "worker")
        self.stack.callback(_kill, self.worker)

    def start_store(self) -> None:
        self.store = self.stack.enter_context(running_rclone(self.buckets, self.store_port))

    def kill_web(self) -> None:
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()
        self.leases_run_out()
        self.start_web()

    def kill_a_process_of_the_web(self, chance: random.Random) -> None:
        os.kill(chance.choice(children_of(self.web.pid)), signal.SIGKILL)
        self.leases_run_out()

    def kill_worker(self) -> None:
        _kill(self.worker)
        self.start_worker()

    def kill_store(self) -> None:
        _kill(self.store.process)
        self.start_store()

    def leases_run_out(self) -> None:
        with self.app.sessions.begin() as session:
            session.execute(update(Upload).values(held_until=clock.now()))


def until_stored(phone: Phone, content: bytes) -> None:
    deadline = time.monotonic() + PATIENCE
    while not phone.is_stored(content):
        assert time.monotonic() < deadline, "what was acknowledged is nowhere"
        time.sleep(0.1)


def _kill(process: Forked | subprocess.Popen) -> None:
    process.kill()
    process.wait()


def test_nothing_acknowledged_is_lost_when_processes_are_killed_while_files_arrive(database, tmp_path):
    chance = random.Random(database.name)
    buckets, store_port = tmp_path / "buckets", free_port()
    (buckets / "media").mkdir(parents=True)
    store = (
        f"s3://inspector:secret%2F%2B%25@127.0.0.1:{store_port}/media?secure=false&staging={tmp_path}/staging"
    )
    with installed(database, tmp_path, MERESTONE_STORE_URL=store) as app, ExitStack() as stack:
        processes = Processes(app, buckets, store_port, stack)
        phone = Phone(processes.port, Cast(app).signed_in(Role.INSPECTOR).token)
        finishing = threading.Event()
        sendings = []
        for size in (12_000_000, 6_000_000, 3_000_000, 900_000):
            content = chance.randbytes(size)
            sending = Sending(phone, content, phone.create(content), pause=0.01)
            sendings.append(sending)
        last = len(sendings[1].content)
        sendings[1].on_piece = lambda offset: finishing.set() if offset == last else None
        with ThreadPoolExecutor() as pool:
            ends = [pool.submit(sending.until_whole) for sending in sendings]
            for kill in (
                processes.kill_worker,
                partial(processes.kill_a_process_of_the_web, chance),
                processes.kill_web,
            ):
                time.sleep(chance.uniform(0.1, 0.5))
                kill()
            assert finishing.wait(60)
            time.sleep(chance.uniform(0.0, 0.1))
            processes.kill_store()
            for end in ends:
                end.result()

        assert any(sending.failures for sending in sendings), "nobody noticed"
        processes.leases_run_out()  # of the worker, too, which was putting away a file when the store died
        for sending in sendings:
            assert phone.offset(sending.path) == len(sending.content)
            until_stored(phone, sending.content)
            assert phone.fetch(sending.content) == sending.content
