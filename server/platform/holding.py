"""What a platform says that it holds: one entry for each key, read from a page of its answer."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from server.db import Json

LARGEST_PAGE: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Holding:
    """What is held under a key; whatever the platform does not tell is None.

    `sha256`: hex, of the canonical JSON of the payload as it is held there.
    """

    key: str
    sha256: str | None = None
    receipt_no: str | None = None
    received_at: datetime | None = None
    region: str | None = None

    def as_json(self) -> Json:
        """Write it as a difference keeps it."""
        at = self.received_at
        return {
            "sha256": self.sha256,
            "receipt_no": self.receipt_no,
            "received_at": at.isoformat() if at else None,
        }


@dataclass(frozen=True)
class Page:
    """Some of it, and the place to read on from; None on the last page."""

    held: list[Holding]
    next: str | None


def page_of(reply: bytes) -> Page | None:
    """Read `{"held": [{"key", "sha256", "receipt_no", "received_at", "region"}…], "next"}`; None if it is none."""
    words = json_object(reply, LARGEST_PAGE)
    rows: Any = words.get("held") if words else None
    if words is None or not isinstance(rows, list):
        return None
    try:
        held = [_holding(row) for row in rows]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None
    place = words.get("next")
    return Page(held, str(place) if place else None)


def json_object(reply: bytes, most: int) -> Json | None:
    """Read a JSON object of at most so many bytes; None if it is none."""
    if len(reply) > most:
        return None
    try:
        words = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, dict) else None


def _holding(row: Any) -> Holding:
    received = row.get("received_at")
    at = datetime.fromisoformat(received) if received else None
    if at is not None and at.tzinfo is None:
        raise ValueError(received)
    told = {name: _words(row[name]) if row.get(name) else None for name in ("sha256", "receipt_no", "region")}
    told["sha256"] = told["sha256"].lower() if told["sha256"] else None
    return Holding(_words(row["key"]), received_at=at.astimezone(UTC) if at else None, **told)


def _words(told: Any) -> str:
    """Read what a database can keep."""
    if not isinstance(told, str | int) or not str(told) or "\0" in str(told):
        raise ValueError(told)
    return str(told)
