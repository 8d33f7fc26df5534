"""Two who ask the same in the same moment; on an application whose commits are real (`fresh_app`)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.actors.client import Client


def at_once(client: Client, method: str, address: str, body: Any = None) -> list[int]:
    """What both are answered."""
    gate = threading.Barrier(2)

    def ask() -> int:
        gate.wait()
        return client.call(method, address, json=body).status_code

    with ThreadPoolExecutor(2) as pool:
        return sorted(future.result() for future in [pool.submit(ask), pool.submit(ask)])
