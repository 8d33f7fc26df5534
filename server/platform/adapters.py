"""How a delivery reaches a platform. One adapter for each kind of platform, behind one protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode

import requests

from server import clock
from server.db import Json, canonical_json
from server.platform.holding import LARGEST_PAGE, Holding, Page, json_object, page_of
from server.platform.signing import signed_headers
from server.settings import Settings

PROVINCE = "province"
"""The one target there is so far: the provincial platform."""

_LARGEST_REPLY = 256 * 1024
_MOST_PAGES = 1000
KEYS_AT_ONCE = 500


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


@runtime_checkable
class Telling(Protocol):
    """A platform that can be asked what it holds. An adapter may have this; the daily reconciliation needs it.

    Both are questions, answered whole or not at all: `Unanswered` where the platform does not answer, or can't tell.
    They run while no transaction is open and may be asked any number of times.
    """

    def held_between(self, since: datetime, until: datetime) -> Sequence[Holding] | Unanswered:
        """Tell all that the platform took from a moment on, until before another."""

    def held_under(self, keys: Sequence[str]) -> Sequence[Holding] | Unanswered:
        """Tell what the platform holds under keys, whenever it took it; a key that it does not know is left out."""


@dataclass(frozen=True)
class SignedHttpAdapter:
    """Signed JSON over HTTP: `POST {url}`, with the headers of `server.platform.signing`.

    2xx with a JSON object that says something is a receipt. 409 `{"receipt": {...}}`: it was there already. 400 and
    422 with `{"errors": [...]}` reject. All else (5xx, 401, 429, redirects, timeouts, replies that can't be read) says
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
        answer = self._exchange("POST", self.url, body, headers, _LARGEST_REPLY)
        return answer if isinstance(answer, Unanswered) else self._read(*answer)

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int
    ) -> tuple[int, bytes] | Unanswered:
        try:
            with requests.request(
                method,
                url,
                data=body,
                headers={**headers, "Content-Type": "application/json; charset=utf-8"},
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, response.raw.read(most + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            return Unanswered(f"{type(error).__name__}: {error}"[:500])
        except Exception as error:
            # urllib3 raises its own kinds while a streamed body is read
            if type(error).__module__.partition(".")[0] != "urllib3":
                raise
            return Unanswered(f"{type(error).__name__}: {error}"[:500])

    def held_between(self, since: datetime, until: datetime) -> Sequence[Holding] | Unanswered:
        """Ask `GET {url}?since=…&until=…[&after=…]` page by page, until one names no `next`."""
        found: list[Holding] = []
        place: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            asked = {"since": clock.iso(since), "until": clock.iso(until), **place}
            page = self._ask("GET", f"{self.url}?{urlencode(asked)}", urlencode(asked).encode())
            if isinstance(page, Unanswered):
                return page
            found += page.held
            if page.next is None:
                return found
            if place == {"after": page.next}:
                return Unanswered("对账数据翻页不前进 · the pages do not go on")
            place = {"after": page.next}
        return Unanswered(f"对账数据超过 {_MOST_PAGES} 页 · more than {_MOST_PAGES} pages")

    def held_under(self, keys: Sequence[str]) -> Sequence[Holding] | Unanswered:
        """Ask `POST {url}/held` with `{"keys": […]}`, some at a time."""
        found: list[Holding] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            body = canonical_json({"keys": list(keys[start : start + KEYS_AT_ONCE])})
            page = self._ask("POST", f"{self.url}/held", body)
            if isinstance(page, Unanswered):
                return page
            if page.next is not None:
                return Unanswered("未一次答完 · not told whole")
            found += page.held
        return found

    def _ask(self, method: str, url: str, signed: bytes) -> Page | Unanswered:
        headers = signed_headers(self.app_key, self.secret, clock.now(), "", signed)
        answer = self._exchange(method, url, signed if method == "POST" else None, headers, LARGEST_PAGE)
        if isinstance(answer, Unanswered):
            return answer
        status, reply = answer
        page = page_of(reply) if status == 200 else None
        return page or Unanswered(f"HTTP {status}: {reply[:200].decode(errors='replace')}")

    @staticmethod
    def _read(status: int, reply: bytes) -> Answer:
        words = json_object(reply, _LARGEST_REPLY)
        receipt = words if 200 <= status < 300 else words and status == 409 and words.get("receipt")
        if isinstance(receipt, dict) and any(receipt.values()):
            return Accepted(receipt)
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


def _error_list(words: Json) -> list[Json]:
    errors: Any = words.get("errors")
    if not isinstance(errors, list):
        return []
    return [error if isinstance(error, dict) else {"message": str(error)} for error in errors[:100]]
