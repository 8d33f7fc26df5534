"""How a delivery reaches a platform. One adapter for each kind of platform, behind one protocol."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from server import clock
from server.db import Json, canonical_json
from server.platform.signing import signed_headers
from server.settings import Settings

PROVINCE = "province"
"""The one target there is so far: the provincial platform."""

_LARGEST_REPLY = 256 * 1024


@dataclass(frozen=True)
class Accepted:
    """The platform holds it; its receipt."""

    receipt: Json


@dataclass(frozen=True)
class Rejected:
    """The platform has read it and will not take it: what a person has to correct."""

    errors: list[Json]


@dataclass(frozen=True)
class Unanswered:
    """Nobody knows whether it arrived, or the platform can't take anything now: send the same again later."""

    reason: str


Answer = Accepted | Rejected | Unanswered


class PlatformAdapter(Protocol):
    """Carries one payload to one platform.

    `deliver` may be called any number of times with one key and must have one effect at the platform. It
    returns an answer for everything a platform or a network can do, takes no longer than its own timeouts, and
    runs while no transaction is open. It raises only for faults of the program.
    """

    @property
    def target(self) -> str:
        """The platform's name in the outbox."""

    def deliver(self, payload: Json, key: str) -> Answer:
        """Hand over one payload under its idempotency key."""


@dataclass(frozen=True)
class SignedHttpAdapter:
    """Signed JSON over HTTP: `POST {url}`, with the headers of `server.platform.signing`.

    2xx with a JSON object is a receipt. 409 `{"receipt": {...}}`: it was there already. 400 and 422 with
    `{"errors": [...]}` reject. All else (5xx, 401, 429, redirects, timeouts, replies that can't be read) says
    nothing about the result, and the same is sent again. Timeouts in seconds.
    """

    url: str
    app_key: str
    secret: str
    target: str = PROVINCE
    connect_timeout: float = 5.0
    read_timeout: float = 20.0

    def deliver(self, payload: Json, key: str) -> Answer:
        """Send the payload; the same payload is the same bytes each time."""
        body = canonical_json(payload)
        headers = signed_headers(self.app_key, self.secret, clock.now(), key, body)
        try:
            with requests.post(
                self.url,
                data=body,
                headers=headers | {"Content-Type": "application/json; charset=utf-8"},
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = response.raw.read(_LARGEST_REPLY + 1, decode_content=True)
                return self._read(response.status_code, reply)
        except (requests.RequestException, OSError) as error:
            return Unanswered(f"{type(error).__name__}: {error}"[:500])
        except Exception as error:
            # urllib3 raises its own kinds while a streamed body is read
            if type(error).__module__.partition(".")[0] != "urllib3":
                raise
            return Unanswered(f"{type(error).__name__}: {error}"[:500])

    @staticmethod
    def _read(status: int, reply: bytes) -> Answer:
        words = _json_object(reply)
        if 200 <= status < 300 and words is not None:
            return Accepted(words)
        if status == 409 and words is not None and isinstance(words.get("receipt"), dict):
            return Accepted(words["receipt"])
        if status in {400, 422} and words is not None and _error_list(words):
            return Rejected(_error_list(words))
        return Unanswered(f"HTTP {status}: {reply[:200].decode(errors='replace')}")


def open_adapter(settings: Settings) -> PlatformAdapter | None:
    """Return the adapter that settings name; None while no platform is set: deliveries wait."""
    if not settings.platform_url:
        return None
    return SignedHttpAdapter(
        settings.platform_url, app_key=settings.platform_app_key, secret=settings.platform_secret
    )


def _json_object(reply: bytes) -> Json | None:
    if len(reply) > _LARGEST_REPLY:
        return None
    try:
        words = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, dict) else None


def _error_list(words: Json) -> list[Json]:
    errors: Any = words.get("errors")
    if not isinstance(errors, list):
        return []
    return [error if isinstance(error, dict) else {"message": str(error)} for error in errors[:100]]
