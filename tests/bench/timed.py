"""`merestone web` as it is, with a clock around each call: `python -m tests.bench.timed`."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from server.lanes import Lane
from server.serve import Web
from server.settings import Settings

HEADER = "Server-Timing"


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


if __name__ == "__main__":
    TimedWeb(Settings.from_environment(os.environ), list(Lane)).run()
