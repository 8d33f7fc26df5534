"""Where processes of the program come from: one that has read all of it, and forks another in a moment.

A new process takes seconds to read the program, and some tests start a dozen of them. What is forked here goes the
same way from there on, with its own environment, in a process group of its own. That a process which reads the
program itself goes that way, too, is shown by `tests/journeys`.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from server import cli
from server.evidence import held
from server.serve import serve_web
from server.settings import Settings

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def web(silence: float | None = None) -> None:
    """What `merestone web` does; `silence`: seconds for which a body may bring nothing, where it isn't the usual."""
    if silence:
        held.Arriving = partial(held.Arriving, silence=silence)
    serve_web(Settings.from_environment(os.environ))


def command(*arguments: str) -> None:
    """What `merestone` does with these arguments."""
    cli.main(arguments)


class Forked:
    """A process as `subprocess` has them: `run(*arguments)` until it returns."""

    def __init__(self, environment: Mapping[str, str], run: Callable[..., None], *arguments: Any) -> None:
        said = f"/proc/{os.getpid()}/fd/2"  # pytest shows what was written there
        given = (dict(environment), said, run, arguments)
        self._process = _FORKS.Process(target=_live, args=given, daemon=True)
        self._process.start()
        self.pid = self._process.pid
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """How it ended, minus the number of the signal that killed it; None while it lives."""
        with self._lock:
            return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Wait until it has ended; raises TimeoutError."""
        with self._lock:
            self._process.join(seconds)
            ended = self._process.exitcode
        if ended is None:
            raise TimeoutError(f"process {self.pid} goes on")
        return ended

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _live(environment: Mapping[str, str], said: str, run: Callable[..., None], arguments: tuple) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    with suppress(OSError):
        sys.stderr.flush()
        os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), 2)
    run(*arguments)
