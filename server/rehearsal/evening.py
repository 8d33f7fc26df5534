"""What the day comes to for everybody: results that the public finds, and figures from a frozen snapshot."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from server.rehearsal.door import Door

PATIENCE = 60.0


def found_by_everybody(
    office: Door, stranger: Door, results: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Look for what was released by the enterprises' names, as anybody may, until all of it is there or time is up."""
    names = {
        office.ask("GET", f"/api/v1/objects/{each}")["name"]
        for each in {str(one["object_id"]) for one in results}
    }
    items = {str(each["item_code"]) for each in results}
    until = time.monotonic() + PATIENCE
    while True:
        pages = [stranger.ask("GET", "/public/results", params={"name": name}) for name in sorted(names)]
        found = [each for page in pages for each in page if each["item_code"] in items]
        if len(found) >= len(results) or time.monotonic() > until:
            return found
        time.sleep(0.3)


def counted(office: Door) -> Mapping[str, Any]:
    """Freeze the visits of these days and return the sum of the work report, with the snapshot's hash."""
    today = date.today()  # noqa: DTZ011 - a date on the wall
    span = {"first": (today - timedelta(days=1)).isoformat(), "last": (today + timedelta(days=1)).isoformat()}
    snapshot = office.ask("POST", "/api/v1/reports/snapshots", span)
    told = office.ask("GET", f"/api/v1/reports/snapshots/{snapshot['id']}/statistics")
    check = office.ask("GET", f"/api/v1/reports/snapshots/{snapshot['id']}/check")
    return {**told["total"], "holds": check["holds"], "sha256": snapshot["sha256"]}
