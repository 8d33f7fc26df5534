"""`make bench`: uploads, against `@tus/server`. Writes bench-results/uploads.json.

The same files in turns in one run: each round measures every server with every cell, so that noise of the machine
meets all alike, and the median of the rounds' ratios is told. Ours signs in, hashes, syncs to the disk and keeps
its books in a database; the other one has no accounts, no hashes and no database. CPU time is that of all processes
of a server (a separate database server, where there is one, counts as ours).
"""

import argparse
import hashlib
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench.__main__ import settings_of
from tests.bench.bureau import build_bureau
from tests.bench.machine import this_machine
from tests.bench.traffic import running_server
from tests.postgres import running_postgres

ROOT = Path(__file__).parents[2]
OUTPUT = Path("bench-results/uploads.json")
MEBIBYTE = 1024 * 1024
HEAD = 32  # bytes at the start of a file that make it another file
PEER = "@tus/server"


@dataclass(frozen=True)
class Target:
    """A server: where it takes uploads, what it is told besides, and its processes."""

    name: str
    port: int
    path: str
    headers: dict[str, str]
    roots: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """What all its processes have used since they began."""
        return sum(_cpu_seconds(pid) for root in self.roots for pid in _with_children(root))


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _with_children(int(child))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class File:
    """A file to upload: some bytes of its own, then those of a file on disk."""

    head: bytes
    body: int  # descriptor
    length: int
    sha256: bytes

    @property
    def metadata(self) -> str:
        pairs = {"filename": b"photo.jpg", "filetype": b"image/jpeg", "sha256": self.sha256.hex().encode()}
        return ",".join(f"{name} {b64encode(value).decode()}" for name, value in pairs.items())


class Files:
    """As many different files as wanted, all of one length, from one file in memory."""

    def __init__(self, folder: Path, length: int) -> None:
        rest = os.urandom(length - HEAD)
        path = folder / f"{length}.bytes"
        path.write_bytes(bytes(HEAD) + rest)
        self.rest, self.length, self.body = rest, length, os.open(path, os.O_RDONLY)

    def make(self) -> File:
        head = os.urandom(HEAD)
        hashing = hashlib.sha256(head)
        hashing.update(self.rest)
        return File(head, self.body, self.length, hashing.digest())


class Client:
    """One connection to a server, which costs the machine as little as it can."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.line = socket.create_connection(("127.0.0.1", target.port))
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def upload(self, file: File, *, at_once: bool) -> None:
        """Send a file with its creation, or in a PATCH of its own; raises unless all of it is taken."""
        described = {"Upload-Length": str(file.length), "Upload-Metadata": file.metadata}
        if at_once:
            told = self._ask("POST", self.target.path, described, 201, file)
        else:
            location = self._ask("POST", self.target.path, described, 201)["location"]
            path = "/" + location.split("/", 3)[3] if "://" in location else location
            told = self._ask("PATCH", path, {"Upload-Offset": "0"}, 204, file)
        if told["upload-offset"] != str(file.length):
            raise RuntimeError(f"{self.target.name}: {told}")

    def _ask(
        self, method: str, path: str, headers: dict[str, str], status: int, file: File | None = None
    ) -> dict[str, str]:
        sent = {"Host": "localhost", "Tus-Resumable": "1.0.0", **self.target.headers, **headers}
        sent["Content-Length"] = str(file.length if file else 0)
        if file:
            sent["Content-Type"] = "application/offset+octet-stream"
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {sent[name]}\r\n" for name in sent)
        self.line.sendall(head.encode() + b"\r\n" + (file.head if file else b""))
        start = HEAD
        while file and start < file.length:
            start += os.sendfile(self.line.fileno(), file.body, start, file.length - start)
        return self._answer(status)

    def _answer(self, status: int) -> dict[str, str]:
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = self.line.recv(4096)
            if not piece:
                raise RuntimeError(f"{self.target.name} hung up after {answer!r}")
            answer += piece
        first, *lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        if int(first.split()[1]) != status:
            raise RuntimeError(f"{self.target.name}: {answer!r}")
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


@dataclass(frozen=True)
class Cell:
    """So many clients at once, so many files of each, of so many bytes."""

    name: str
    clients: int
    each: int
    length: int
    at_once: bool

    def run(self, target: Target, make: Callable[[], File]) -> dict[str, float]:
        """MiB per second, CPU seconds per GiB and the median time of a file in milliseconds."""
        batches = [[make() for _ in range(self.each)] for _ in range(self.clients)]
        clients = [Client(target) for _ in range(self.clients)]
        seconds: list[float] = []
        failures: list[Exception] = []
        barrier = threading.Barrier(self.clients + 1)

        def send(client: Client, files: list[File]) -> None:
            barrier.wait()
            try:
                for file in files:
                    began = time.perf_counter()
                    client.upload(file, at_once=self.at_once)
                    seconds.append(time.perf_counter() - began)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=send, args=pair) for pair in zip(clients, batches, strict=True)]
        for thread in threads:
            thread.start()
        used = target.cpu_seconds()
        barrier.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - began
        used = target.cpu_seconds() - used
        for client in clients:
            client.line.close()
        if failures:
            raise failures[0]
        mebibytes = self.clients * self.each * self.length / MEBIBYTE
        return {
            "mib_per_second": mebibytes / elapsed,
            "cpu_seconds_per_gib": used / mebibytes * 1024,
            "file_ms_p50": statistics.median(seconds) * 1000,
        }


def cells(megabytes: int, photos: int) -> list[Cell]:
    return [
        Cell(f"{megabytes} MB stream", 1, 1, megabytes * 1_000_000, at_once=False),
        Cell("1 MiB photos x 32, POST and PATCH", 32, photos, MEBIBYTE, at_once=False),
        Cell("1 MiB photos x 32, POST alone", 32, photos, MEBIBYTE, at_once=True),
    ]


@contextmanager
def peer(folder: Path) -> Iterator[Target]:
    """`@tus/server` with its file store."""
    command = [ROOT / ".venv" / "bin" / "node", ROOT / "tests" / "peers" / "server.mjs", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Target(PEER, int(process.stdout.readline()), "/files", {}, (process.pid,))
    finally:
        for pid in list(_with_children(process.pid)):  # `node` may be a program that runs the real one
            os.kill(pid, signal.SIGKILL)
        process.wait()


@contextmanager
def ours(database: str, folder: Path) -> Iterator[Target]:
    """This server, with media on the local disk."""
    with ExitStack() as stack:
        url, roots = "", []
        if database == "postgres":
            cluster = stack.enter_context(running_postgres())
            admin = create_engine(f"{cluster}/postgres", isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text("create database uploads"))
                data = connection.scalar(text("show data_directory"))
            admin.dispose()
            url, roots = f"{cluster}/uploads", [int(Path(data, "postmaster.pid").read_text().split()[0])]
        bureau = build_bureau(settings_of(database, url, folder), 0)
        port, process = stack.enter_context(running_server(bureau))
        headers = {"Authorization": f"Bearer {bureau.inspectors[0].token}"}
        yield Target(f"merestone on {database}", port, "/api/v1/media", headers, (process, *roots))


Measured = dict[str, float]


def measure(
    targets: list[Target], wanted: list[Cell], files: dict[int, Files], rounds: int
) -> dict[str, dict[str, list[Measured]]]:
    """Every cell on every server in each round, after one that does not count; by cell and server."""
    found: dict[str, dict[str, list[Measured]]] = {}
    for turn in range(rounds + 1):
        for cell in wanted:
            for target in targets if turn % 2 else reversed(targets):
                told = cell.run(target, files[cell.length].make)
                if turn:
                    found.setdefault(cell.name, {}).setdefault(target.name, []).append(told)
                    print(f"    {cell.name:34} {target.name:22} {_rounded(told)}", flush=True)
    return found


def ratios(found: dict[str, dict[str, list[Measured]]]) -> dict[str, dict[str, float]]:
    """How ours compares with the other in the same round: medians of throughput and of CPU time per GiB."""
    told = {}
    for cell, by_server in found.items():
        for name in by_server:
            if name == PEER:
                continue
            pairs = list(zip(by_server[name], by_server[PEER], strict=True))
            told[f"{cell}: {name} to {PEER}"] = _rounded(
                {
                    "throughput": statistics.median(
                        mine["mib_per_second"] / its["mib_per_second"] for mine, its in pairs
                    ),
                    "cpu": statistics.median(
                        mine["cpu_seconds_per_gib"] / its["cpu_seconds_per_gib"] for mine, its in pairs
                    ),
                }
            )
    return told


def _rounded(told: Measured) -> Measured:
    return {name: round(value, 2) for name, value in told.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the stream")
    parser.add_argument("--photos", type=int, default=8, help="photos of each of the 32 clients")
    parser.add_argument("--folder", type=Path, help="where the servers keep what they take")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    wanted = cells(arguments.megabytes, arguments.photos)
    with ExitStack() as stack:

        def folder(under: Path | None) -> Path:
            return Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="merestone-bench-", dir=under))
            )

        memory = Path("/dev/shm")
        sources = folder(memory if memory.is_dir() else None)
        files = {cell.length: Files(sources, cell.length) for cell in wanted}
        targets = [stack.enter_context(peer(folder(arguments.folder)))]
        for database in arguments.databases.split(","):
            targets.append(stack.enter_context(ours(database, folder(arguments.folder))))
        found = measure(targets, wanted, files, arguments.rounds)
    results = {
        "machine": this_machine(),
        "rounds": arguments.rounds,
        "medians": {
            cell: {
                name: _rounded({key: statistics.median(each[key] for each in told) for key in told[0]})
                for name, told in by_server.items()
            }
            for cell, by_server in found.items()
        },
        "ratios": ratios(found),
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, ratio in results["ratios"].items():
        print(f"{name}: {ratio}")
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
