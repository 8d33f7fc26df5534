"""Several server processes over one database, of which a random one is killed every now and then."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.server.evidence.serving import free_port
from tests.simulation.processes_wire import Letter, LineBroken, carry

_HEALTH = Letter.of("GET", "/readyz", None, {})


@dataclass(frozen=True)
class Server:
    """One `merestone web`: its port, and the process that leads its group."""

    port: int
    pid: int


class Servers:
    """Keeps `count` servers and a spare one under way; those that answer are in `ready`."""

    def __init__(self, environment: Mapping[str, str], count: int, log: Path) -> None:
        command = [sys.executable, "-m", "tests.simulation.processes_nursery"]
        with log.open("w") as said:
            self._nursery = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        self.count, self.log = count, log
        self.kills = 0
        self.ready: list[Server] = []
        self._lock = threading.Lock()
        self._young: list[Server] = []
        self._closed = threading.Event()
        for _ in range(count + 1):
            self._bear()
        self._nurse = threading.Thread(target=self._watch, daemon=True)
        self._nurse.start()

    def any(self, dice: random.Random, patience: float = 60.0) -> int:
        """The port of a server that answers."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if ready := self.ready[:]:
                return dice.choice(ready).port
            time.sleep(0.01)
        raise TimeoutError("no server answers")

    def kill_one(self, dice: random.Random) -> None:
        """Kill a server with all its processes, unless nobody would be left, and begin another one."""
        with self._lock:
            if len(self.ready) < 2:
                return
            server = self.ready.pop(dice.randrange(len(self.ready)))
            os.killpg(server.pid, signal.SIGKILL)
            self.kills += 1
            self._bear()

    def renew(self) -> None:
        """Kill all at once, so that nothing goes on that somebody asked for and no longer waits for, and begin others."""
        with self._lock:
            for server in self.ready:
                os.killpg(server.pid, signal.SIGKILL)
                self._bear()
            self.ready.clear()

    def wait(self) -> None:
        """Wait until as many answer as there should be."""
        deadline = time.monotonic() + 90
        while len(self.ready) < self.count:
            if time.monotonic() > deadline:
                raise TimeoutError("the servers do not come up")
            time.sleep(0.05)

    def close(self) -> None:
        """Kill them all."""
        self._closed.set()
        self._nurse.join(30)
        with suppress(BrokenPipeError):
            self._nursery.stdin.close()
        for server in (*self.ready, *self._young):
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
        self._nursery.wait(30)
        self._nursery.stdout.close()

    def _bear(self) -> None:
        port = free_port()
        self._nursery.stdin.write(f"{port}\n")
        self._nursery.stdin.flush()
        self._young.append(Server(port, int(self._nursery.stdout.readline())))

    def _watch(self) -> None:
        """See which of the young answer by now."""
        dice = random.Random(0)
        while not self._closed.wait(0.03):
            for server in self._young[:]:
                with suppress(LineBroken):
                    if carry(_HEALTH, server.port, dice).status_code == 200:
                        with self._lock:
                            self._young.remove(server)
                            self.ready.append(server)
