"""From the drawn list to the platform's receipt, with real processes: what `make run` and `merestone simulate` do."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests


def merestone(*arguments, environment, **options):
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


def two_free_ports():
    """A port whose neighbour is free as well: the mock platform listens there."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


@pytest.fixture
def installation(database, tmp_path):
    """A demo installation, served as `make run` does; yields its environment and its address."""
    port = two_free_ports()
    environment = os.environ | {
        "MERESTONE_DATA": str(tmp_path / "data"),
        "MERESTONE_DATABASE_URL": database.empty_url(tmp_path),
        "MERESTONE_RESERVE_BYTES": "0",
        "MERESTONE_PLATFORM_RETRY_SECONDS": "1",  # what the mock platform loses is not waited for long
        "PORT": str(port),
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--demo"], env=environment, stdout=log, stderr=log
        )
        try:
            wait_until_ready(server, f"http://127.0.0.1:{port}", tmp_path / "log")
            yield environment, f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(40)


def wait_until_ready(server, address, log):
    for _ in range(600):
        assert server.poll() is None, log.read_text()[-3000:]
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text()[-3000:])


def test_days_in_the_field_run_to_the_platforms_receipts(installation, tmp_path):
    environment, address = installation

    # A second day, up to its evening, finds the numbers, people and phones of the first one taken.
    for more, said in (((), "Done: all"), (("--leave", "1"), "wait for a review")):
        day = merestone("simulate", "--url", address, *more, environment=environment)

        log = (tmp_path / "log").read_text()[-3000:]
        assert day.returncode == 0, day.stdout[-3000:] + day.stderr[-2000:] + log
        assert said in day.stdout
    chain = merestone("verify-audit", environment=environment)
    assert chain.returncode == 0, chain.stdout + chain.stderr
    assert "the audit chain holds" in chain.stdout
