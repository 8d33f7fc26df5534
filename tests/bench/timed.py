"""`merestone web` as it is, with a clock around each call: `python -m tests.bench.timed`."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Engine, event

from server.lanes import Lane
from server.serve import Web
from server.settings import Settings

HEADER = "Server-Timing"
#: Milliseconds that every commit is to take longer.
FLUSH = "MERESTONE_BENCH_FLUSH_MS"


class Timed:
    """Tells in `Server-Timing` the milliseconds of each WSGI call, and of the processor's time in them."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, cpu_began = time.perf_counter(), time.thread_time()
        given: list[Any] = []
        answer = self._app(environ, lambda *head: given.append(head))
        body = list(answer)
        if close := getattr(answer, "close", None):
            close()
        taken, cpu = (time.perf_counter() - began) * 1000, (time.thread_time() - cpu_began) * 1000
        status, headers, *rest = given[0]
        start_response(status, [*headers, (HEADER, f"app;dur={taken:.3f}, cpu;dur={cpu:.3f}")], *rest)
        return body


class TimedWeb(Web):
    """The web server of the measurement."""

    def load(self) -> Any:
        return Timed(super().load())


def read_header(value: str) -> tuple[float, float]:
    """Milliseconds in the application, and of the processor."""
    app, cpu = (float(part.rpartition("=")[2]) for part in value.split(","))
    return app, cpu


def slow_flushes(milliseconds: float) -> None:
    """Let every commit of a writing transaction take so much longer, with its locks held: a disk that flushes slowly."""

    def wait(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading", False):
            time.sleep(milliseconds / 1000)

    event.listen(Engine, "commit", wait)


if __name__ == "__main__":
    if FLUSH in os.environ:
        slow_flushes(float(os.environ[FLUSH]))
    TimedWeb(Settings.from_environment(os.environ), list(Lane)).run()
