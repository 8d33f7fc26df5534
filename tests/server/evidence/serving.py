"""The real web server in a process of its own, and lines to it that break."""

import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.app import create_app
from server.http import App
from server.installation import guard_epoch
from server.settings import Settings
from tests.conftest import Database, settings_for
from tests.nursery import Forked, web


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def installed(database: Database, folder: Path, **settings: str) -> Iterator[App]:
    """An installation with a database of its own, to be served; the application is our own way in."""
    app = create_app(settings_for(database.fresh_url(folder), folder, **settings))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    try:
        yield app
    finally:  # a connection that is left open would fail another test, whichever looks through its garbage
        app.close()


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """What a process of an installation of the tests is started with."""
    return os.environ | {
        "MERESTONE_DATA": str(settings.data),
        "MERESTONE_DATABASE_URL": settings.database_url,
        "MERESTONE_STORE_URL": settings.store_url,
        "MERESTONE_RESERVE_BYTES": "0",
        "MERESTONE_UPLOAD_ORIGINS": settings.upload_origins,
        "MERESTONE_THREADS": "8",
        "MERESTONE_LOG_LEVEL": "ERROR",
        "PORT": str(port),
    }


@contextmanager
def serving(settings: Settings, port: int, silence: float | None = None) -> Iterator[Forked]:
    """Serve an installation whose database is ready, until the block ends.

    `silence`: seconds for which a body may bring nothing, where waiting as long as in earnest teaches nothing.
    """
    server = Forked(environment_of(settings, port), web, silence)
    server.port = port
    try:
        _wait_for(port, server)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except TimeoutError:
            server.kill()
            server.wait()


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for(port: int, server: Forked) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, "the web server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the web server does not listen")


def is_taken(line: socket.socket, seconds: float = 20.0) -> bool:
    """Wait until the other end's program has taken all that was sent to it, as the kernel's own table says.

    What it has not taken, the end of a line may overtake; and however long one sleeps, a busy machine may take longer.
    """
    mine, theirs = (f":{end[1]:04X}" for end in (line.getsockname(), line.getpeername()))
    deadline = time.monotonic() + seconds
    while _waiting(mine, theirs):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _waiting(mine: str, theirs: str) -> bool:
    """Whether bytes wait to be sent at one end, or to be taken at the other."""
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = row.split()
        to_send, to_take = (int(each, 16) for each in queues.split(":"))
        ends = local[-5:], remote[-5:]
        if (ends == (mine, theirs) and to_send) or (ends == (theirs, mine) and to_take):
            return True
    return False


class LineBroken(Exception):
    """The server hung up without an answer."""


class Line:
    """One connection of a phone, on which exactly these bytes are sent."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)  # as little as a phone's

    def send_head(self, method: str, path: str, headers: dict[str, str]) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def until_taken(self) -> None:
        """Wait until the server has taken all that was sent."""
        assert is_taken(self.socket), "the server takes nothing"

    @property
    def is_answered(self) -> bool:
        """Whether the server has said something, or hung up."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def read_head(self) -> tuple[int, dict[str, str]]:
        """Status and headers (names in lower case) of the answer."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(1)
            if not piece:
                raise LineBroken(f"the line was closed after {head!r}")
            head += piece
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value for name, value in pairs}

    def close(self) -> None:
        """Hang up (FIN)."""
        self.socket.close()

    def reset(self) -> None:
        """Break (RST): as when a phone's address changes under it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
