"""A bureau that runs for itself, in processes of its own, on ports that are free."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

PATIENCE = 400.0


@contextlib.contextmanager
def make_run(folder: Path, *more: str) -> Iterator[str]:
    """The demo bureau as `make run` serves it, with a mock platform that is tried again soon; `more`: options of `serve`."""
    port = _two_free_ports()
    environment = os.environ | {
        "MERESTONE_DATA": str(folder / "data"),
        "MERESTONE_RESERVE_BYTES": "0",
        "MERESTONE_PLATFORM_RETRY_SECONDS": "1",
        "PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "server", "serve", "--demo", *more]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: server.poll() is None and _is_ready(url), "the bureau opens")
            yield url
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _two_free_ports() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


def _is_ready(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/readyz", timeout=30).status_code == requests.codes.ok
    return False


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds, for some minutes at most."""
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"{what}: it does not")
        time.sleep(0.3)
