"""The first days of a new demo: what happens at a bureau, so that whoever looks around finds something on each page."""

import time
from collections.abc import Callable
from datetime import timedelta

import requests

from server import clock
from server.rehearsal.door import Door
from server.rehearsal.story import PASSWORD, StoryBrokenError, leave_for_review, rehearse

_PATIENCE = 120.0
_WAITING = 2  # days whose records wait for a supervisor


def play_first_days(url: str, say: Callable[[str], None]) -> None:
    """Wait for the server, then play one day to its end and the field part of two more, and take a snapshot of reports.

    StoryBrokenError where the server does not come, or the story breaks.
    """
    _wait_for(url)
    leave_for_review(url, say, _WAITING)
    rehearse(url, say)
    supervisor = Door(url)
    supervisor.sign_in("supervisor1", PASSWORD)
    today = clock.today()
    period = {"first": f"{today - timedelta(days=60)}", "last": f"{today}"}
    supervisor.ask("POST", "/api/v1/reports/snapshots", json=period)


def _wait_for(url: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            requests.get(f"{url}/public/", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.5)
        else:
            return
    raise StoryBrokenError("the server does not answer")
