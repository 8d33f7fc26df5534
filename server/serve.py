"""`merestone serve`: everything a small installation needs, in one command.

Brings the database up to date, guards the epoch, then runs the web server with the worker beside it.
Large installations run `merestone web` and `merestone worker` as processes of their own.
"""

import gc
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from gunicorn.app.base import BaseApplication

from server.app import create_app
from server.db import open_engine, open_sessions
from server.http import App
from server.installation import guard_epoch, open_installation
from server.lanes import Lane, Lanes, LaneWorker, next_to_fill
from server.logs import configure_logs
from server.migrate import migrate
from server.settings import Settings

#: Files and connections that a web process may have open.
OPEN_FILES: Final = 8192

_OBJECTS_BEFORE_A_SEARCH: Final = 20_000


class Web(BaseApplication):  # type: ignore[misc]
    """The web server: threads, because a slow phone holds one for as long as it sends, in lanes."""

    def __init__(self, settings: Settings, lanes: Collection[Lane]) -> None:
        self.settings = settings
        processes = {Lane.REQUESTS: settings.processes, Lane.MEDIA: settings.upload_processes}
        threads = {Lane.REQUESTS: settings.threads, Lane.MEDIA: settings.upload_threads}
        self.lanes = Lanes(
            {lane: processes[lane] for lane in lanes}, threads, affinity=settings.keeps_to_processors
        )
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what our settings mean for it."""
        config = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": sum(self.lanes.processes.values()),
            "worker_class": LaneWorker,
            "pre_fork": self._give_a_lane,
            "timeout": 120,
            "graceful_timeout": 15,
            "keepalive": 75,
            # All that gunicorn and nginx read: ODK's phones ask about two hundred tasks in one address.
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
        }
        for name, value in config.items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)

    def _give_a_lane(self, arbiter: Any, worker: LaneWorker) -> None:
        working = list(arbiter.WORKERS.values())
        lane = next_to_fill(self.lanes.processes, [each.lane for each in working])
        taken = {each.place for each in working if each.lane is lane}
        free = (place for place in range(self.lanes.processes[lane]) if place not in taken)
        place = next(free, 0)  # on a reload the new ones come before the old ones go
        worker.take_place(self.lanes, lane, place)

    def load(self) -> App:
        """Build the application inside each web process."""
        configure_logs(self.settings.log_level)
        app = create_app(self.settings)
        # What was loaded now stays for good: looking through it for garbage costs every push. And a push makes tens of
        # thousands of objects that are gone without a search when it ends.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS_BEFORE_A_SEARCH, 20, 20)
        return app


def prepare_installation(settings: Settings) -> str | None:
    """Migrate the database and guard the epoch; return why a new epoch began, if one did."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url, pool_size=2)
    try:
        migrate(engine)
        _, readers = open_sessions(engine)
        with readers() as session:
            return guard_epoch(open_installation(settings), session)
    finally:
        engine.dispose()


def serve_web(settings: Settings, lanes: Collection[Lane] = tuple(Lane)) -> None:
    """Run the web server until it is told to stop: both lanes, or one where a proxy sends to each."""
    _allow_open_files()
    Web(settings, lanes).run()


def _allow_open_files() -> None:
    """Every upload holds a connection and a file; what systems allow unasked is often too few."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def serve_all(settings: Settings, environment: Mapping[str, str], beside: list[list[str]]) -> None:
    """Run the web server with the given `merestone` commands beside it; all stop together."""
    with ExitStack() as stack:
        for command in beside:
            stack.enter_context(_running(command, environment))
        serve_web(settings)


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process: subprocess.Popen[Any] = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "server", *command], env=dict(environment)
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
