"""What is told of requests: each has a name that its log bears, and its answer is counted and logged."""

import logging
import re
import time
from secrets import token_hex

from prometheus_client import CollectorRegistry, Counter, Histogram

from server.access import Actor
from server.logs import request_id

log = logging.getLogger("merestone.http")

_KEYED = re.compile(r"(?i)^(?!/api/)(.*?openrosa/+)[^/]+")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

METRICS = CollectorRegistry()
_REQUESTS = Counter("merestone_requests", "Requests answered.", ["view", "status"], registry=METRICS)
_SECONDS = Histogram("merestone_request_seconds", "Time to answer, by view.", ["view"], registry=METRICS)


def take_request_id(given: str) -> str:
    """Name the request that this thread answers as it names itself, or anew; what is logged meanwhile bears the name."""
    name = given if _REQUEST_ID.fullmatch(given) else token_hex(8)
    request_id.set(name)
    return name


def note_answer(view: str, status: int, began: float, method: str, path: str, asking: Actor) -> None:
    """Count an answer that is ready to be given, and log it. `began`: when the request did, by `time.perf_counter`."""
    seconds = time.perf_counter() - began
    _REQUESTS.labels(view, int(status)).inc()
    _SECONDS.labels(view).observe(seconds)
    log.info(
        "answered",
        extra={
            "method": method,
            "path": _logged(path),
            "status": int(status),
            "ms": round(seconds * 1000, 1),
            "actor": asking.name,
        },
    )


def _logged(path: str) -> str:
    """Write an address without the key that stands in it: whoever reads a log must not be able to ask with it.

    Also where nothing lies at it, because somebody wrote it by hand.
    """
    return _KEYED.sub(r"\1…", path)
