"""Structured logs: one JSON object a line, each with its request id. Secrets are never handed to it."""

import json
import logging
import sys
from contextvars import ContextVar
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


def configure_logs(level: str) -> None:
    """Send everything to standard error in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it speaks at every readiness check
