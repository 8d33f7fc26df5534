"""Structured logs: one JSON object a line, each with its request id. Secrets are never handed to it."""

import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock
from time import monotonic
from typing import Any

from server import clock

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes a record and its extras as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; extras that JSON can't hold are written as text."""
        line: dict[str, Any] = {
            "at": clock.iso(clock.now()),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Seldom:
    """Lets what happens to hundreds at once be told in one line: at most one in so many seconds, and how many it is for."""

    def __init__(self, seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._lock = Lock()
        self._untold = 0
        self._next_at = float("-inf")

    def count(self) -> int:
        """Count one more. Returns of how many a line is to tell now, the ones since the last line; 0: write none yet."""
        with self._lock:
            self._untold += 1
            now = self._now()
            if now < self._next_at:
                return 0
            told, self._untold = self._untold, 0
            self._next_at = now + self._seconds
            return told


def configure_logs(level: str) -> None:
    """Send everything to standard error in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it speaks at every readiness check
