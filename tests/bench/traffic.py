"""A server process, and phones that talk to it over loopback with as little work of their own as possible."""

import contextlib
import gzip
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from forms import ListTable
from tests.bench.bureau import Bureau, Inspector
from tests.bench.sealing import Item, batches, days_items, sealed_items, sealed_revisions
from tests.bench.timed import read_header

BUSY = frozenset({429, 503})
PATIENCE = 20
"""How often a phone of the measurement comes back with the same push before it gives up."""


@contextlib.contextmanager
def running_server(bureau: Bureau) -> Iterator[tuple[int, int]]:
    """Run the web server on a free port; gives the port and the process. Bound in time by the caller."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = bureau.settings
    processes = "1" if settings.database_url.startswith("sqlite") else "2"
    environment = os.environ | {
        "MERESTONE_DATA": str(settings.data),
        "MERESTONE_DATABASE_URL": settings.database_url,
        "MERESTONE_LOG_LEVEL": "ERROR",
        "MERESTONE_THREADS": "40",
        "MERESTONE_PROCESSES": processes,
        "MERESTONE_UPLOAD_PROCESSES": processes,
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.timed"], env=environment)
    try:
        for _ in range(1200):  # a machine that is busy otherwise takes its time
            try:
                with contextlib.closing(
                    http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                ) as connection:
                    connection.request("GET", "/healthz")
                    connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the server did not start")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


class Caller:
    """One keep-alive connection of one inspector."""

    def __init__(self, port: int, inspector: Inspector) -> None:
        self.inspector = inspector
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {inspector.token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: bytes | None = None) -> dict:
        self.connection.request(method, path, body, self.headers)
        response = self.connection.getresponse()
        data = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {data[:500]!r}")
        return json.loads(
            gzip.decompress(data) if response.headers.get("Content-Encoding") == "gzip" else data
        )

    def timed(self, method: str, path: str, body: bytes | None = None, **headers: str) -> "Answer":
        """Ask and tell how long it took until the whole answer was here."""
        started = time.perf_counter()
        self.connection.request(method, path, body, self.headers | headers)
        response = self.connection.getresponse()
        data = response.read()
        elapsed = (time.perf_counter() - started) * 1000
        if response.status in BUSY:
            raise Busy(float(response.headers["Retry-After"]))
        if response.status not in {200, 204}:
            raise RuntimeError(f"{response.status}: {data[:500]!r}")
        server, cpu = read_header(response.headers["Server-Timing"])
        told = sum(
            len(f"{name}: {value}\r\n") for name, value in response.headers.items() if name != "Server-Timing"
        )
        return Answer(
            elapsed,
            server,
            cpu,
            told + len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n") + len(data),
        )

    def patiently(self, path: str, body: bytes, waits: list[float]) -> "Answer":
        """Push as a phone does: told to wait, wait for as long and send the same again; `waits` are the seconds."""
        for _ in range(PATIENCE):
            try:
                return self.timed("POST", path, body)
            except Busy as busy:
                waits.append(busy.seconds)
                time.sleep(busy.seconds)
        raise RuntimeError(f"told to wait {PATIENCE} times")


class Busy(Exception):
    """The server has no room just now, and says in `Retry-After` when to come back."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"busy for {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Answer:
    """Milliseconds over loopback, within the WSGI call, and of the processor in it; bytes with all headers."""

    wall: float
    server: float
    cpu: float
    size: int


def first_sync(caller: Caller) -> tuple[float, int, str]:
    """Pull everything from nothing; returns milliseconds, items, and the last cursor."""
    started, items, cursor = time.perf_counter(), 0, ""
    while True:
        page = caller.call("GET", "/api/v1/sync/pull?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        items, cursor = items + len(page["items"]), page["next"]
        if not page["more"]:
            return (time.perf_counter() - started) * 1000, items, cursor


def known_lists(caller: Caller) -> dict[str, ListTable]:
    """The lists that forms draw on, written from the tasks that a phone has pulled."""
    rows, cursor = [], ""
    while True:
        page = caller.call("GET", "/api/v1/sync/pull?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        rows += [item["body"]["prefill"]["tasks"] for item in page["items"] if item["kind"] == "task"]
        cursor = page["next"]
        if not page["more"]:
            return {"tasks": ListTable(rows)}


def records(bureau: Bureau, callers: list[Caller], each: int) -> list[list[Item]]:
    """Seal so many records of the dearest form for each caller."""
    return [sealed_items(bureau, caller.inspector, known_lists(caller), each) for caller in callers]


def days_work(bureau: Bureau, epoch: str, callers: list[Caller], each: int) -> list[list[Item]]:
    """Seal what a day brings for each caller. What it co-signs is pushed by its colleague before."""
    pairs = [(caller, known_lists(caller)) for caller in callers]
    signed = []
    for caller, lists in pairs:
        colleague = caller.inspector
        found = sealed_revisions(bureau, colleague, lists, bureau.forms, colleague.together)
        sealed = list(islice(found, each // 2))
        for body in batches(epoch, sealed, 50):
            caller.call("POST", "/api/v1/sync/push", body)
        signed.append(sealed)
    return [
        days_items(bureau, caller.inspector, lists, each, signed[place ^ 1])
        for place, (caller, lists) in enumerate(pairs)
    ]


def push_rate(
    port: int, bureau: Bureau, epoch: str, clients: int, size: int, items_each: int, *, days: bool = False
) -> dict[str, float]:
    """Items per second when so many phones push at once, the latency of one push, and what an item costs.

    Everything to be sent is made before the clock starts: records of the dearest form, or with `days` what a day
    brings, see `days_items`. `server_cpu_ms_per_item` is the processor's time within the
    WSGI calls, `client_cpu_ms_per_item` that of this process, which shares the machine; the database's is neither.
    Told to come back later (`Retry-After`), a caller does: the rate counts the waiting, `told_to_wait` says how often.
    """
    callers = [Caller(port, inspector) for inspector in bureau.inspectors[:clients]]
    items = days_work(bureau, epoch, callers, items_each) if days else records(bureau, callers, items_each)
    bodies = [batches(epoch, each, size) for each in items]
    answers: list[Answer] = []
    waits: list[float] = []
    failures: list[Exception] = []
    barrier = threading.Barrier(clients + 1)

    def send(caller: Caller, its_bodies: list[bytes]) -> None:
        barrier.wait()
        try:
            answers.extend(caller.patiently("/api/v1/sync/push", body, waits) for body in its_bodies)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=send, args=pair) for pair in zip(callers, bodies, strict=True)]
    for thread in threads:
        thread.start()
    barrier.wait()
    started, cpu_started = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    if failures:
        raise failures[0]
    return {
        "clients": clients,
        "batch": size,
        "days_work": days,
        "items_per_second": round(clients * items_each / elapsed, 1),
        "push_ms_p50": round(statistics.median(each.wall for each in answers), 2),
        "push_ms_max": round(max(each.wall for each in answers), 2),
        "told_to_wait": len(waits),
        "server_cpu_ms_per_item": round(sum(each.cpu for each in answers) / (clients * items_each), 3),
        "client_cpu_ms_per_item": round(cpu * 1000 / (clients * items_each), 3),
    }


def batch_gain(port: int, bureau: Bureau, epoch: str, rounds: int, size: int = 20) -> float:
    """How many times faster one push of `size` items is than `size` pushes of one.

    Both are timed in each round, one after the other, and the median of the rounds' ratios is told: a machine
    that is slow for a while is slow for both.
    """
    caller = Caller(port, bureau.inspectors[0])
    [once], [again] = (records(bureau, [caller], size * rounds) for _ in range(2))
    singles, together = batches(epoch, once, 1), batches(epoch, again, size)
    gains = []
    for turn in range(rounds):
        alone = sum(
            caller.timed("POST", "/api/v1/sync/push", body).wall
            for body in singles[turn * size : (turn + 1) * size]
        )
        gains.append(alone / caller.timed("POST", "/api/v1/sync/push", together[turn]).wall)
    return statistics.median(gains)
