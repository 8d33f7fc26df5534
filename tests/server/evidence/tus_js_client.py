"""tus-js-client in a process of its own (`tests/peers/upload.mjs`), and what it tells."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.server.evidence.tus_checking import Endpoint

PEERS = Path(__file__).parents[2] / "peers"
NODE = Path(__file__).parents[3] / ".venv" / "bin" / "node"

#: Seconds after which a client that has not ended is killed.
PATIENCE = 90

Event = dict[str, Any]


class TusJs:
    """Uploads to one endpoint, as whoever its token is of."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def uploads(self, *files: Path, **more: Any) -> list[Event]:
        """Run until every upload has succeeded or failed; return what was told."""
        with self.uploading(*files, **more) as told:
            return list(told)

    @contextmanager
    def uploading(self, *files: Path, **more: Any) -> Iterator[Iterator[Event]]:
        """Run for a block, which reads what is told; at its end the process is killed if it still runs."""
        options = {"endpoint": self.endpoint.url} | more.pop("options", {})
        options = {name: value for name, value in options.items() if value is not None}
        given = {
            "files": [str(file) for file in files],
            "tokens": [self.endpoint.token],
            "options": options,
            **more,
        }
        command = [NODE, PEERS / "upload.mjs", json.dumps(given)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout
            self._process = process
            patience = threading.Timer(PATIENCE, _kill, [process])  # one that hangs is a failure, not a wait
            patience.start()
            try:
                yield map(json.loads, process.stdout)
            finally:
                patience.cancel()
                _kill(process)

    def goes_on(self, token: str = "") -> None:
        """End a pause; with a `token` it has been given another, and uses it when it hears 401."""
        assert self._process.stdin
        self._process.stdin.write(f"{token}\n")
        self._process.stdin.flush()


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill node itself, too: what was started is a program that runs it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["event"] == kind]


def methods(events: list[Event]) -> list[str]:
    """The methods of the requests, in their order."""
    return [event["method"] for event in of_kind(events, "request")]
