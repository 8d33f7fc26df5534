"""A platform to try deliveries on: it verifies signatures, keeps one result for each key, and misbehaves as told.

`POST /results` takes a delivery, `GET /results` shows what it holds; asked with a signature, it tells what it took between
two moments, and `POST /results/held` what it holds under keys. It is a program of its own, for demonstrations and tests; it
keeps everything in memory.
"""

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from server import clock
from server.db import Json, canonical_json
from server.platform.signing import is_signed, key_in

_LARGEST_BODY = 1024 * 1024
_PAGE = 200
_MANDATORY = ("task_no", "object", "item", "result", "version")


@dataclass(frozen=True)
class Faults:
    """How often, from 0 to 1, something goes wrong, and how long a delayed answer takes, in seconds.

    A lost request never arrives. A lost reply: it arrived, but the sender does not learn it. A duplicated
    request arrives twice. Rejection depends on the key alone: sent again, it is rejected again; a corrected
    version has another key.
    """

    lose_request: float = 0.0
    lose_reply: float = 0.0
    delay: float = 0.0
    duplicate: float = 0.0
    reject: float = 0.0
    delay_seconds: float = 2.0


GOOD = Faults()
NASTY = Faults(lose_request=0.15, lose_reply=0.15, delay=0.1, duplicate=0.15, reject=0.1)


@dataclass
class Held:
    """One result that the platform holds: payload, receipt, and how often it arrived."""

    payload: Json
    receipt: Json
    arrivals: int = 1

    def told(self, key: str) -> Json:
        """Tell what is held under a key, with the digest of the payload as it stands here now."""
        return {
            "key": key,
            "sha256": hashlib.sha256(canonical_json(self.payload)).hexdigest(),
            "receipt_no": self.receipt["receipt_no"],
            "received_at": self.receipt["received_at"],
            "region": self.payload.get("region"),
        }


@dataclass
class MockPlatform:
    """The platform as a WSGI application. The same seed misbehaves in the same way."""

    app_key: str
    secret: str
    faults: Faults = GOOD
    seed: int = 0
    held: dict[str, Held] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    """Keys in the order in which a result was entered: each once, if senders and platform do their part."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - misbehaviour, not secrets
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = _LARGEST_BODY
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if path == "/results/held" and request.method == "POST":
            return self._signed(request, request.get_data(), self._tell_under)
        if path != "/results":
            return _reply(404, {"errors": []})
        if request.method == "GET" and "since" in request.args:
            return self._signed(request, request.query_string, self._tell_between)
        if request.method == "GET":
            with self._lock:
                return _reply(200, {"held": [{"key": key} | vars(each) for key, each in self.held.items()]})
        if request.method != "POST":
            return _reply(405, {})
        return self._take(request, request.get_data())

    def _signed(self, request: Request, signed: bytes, answer: Callable[[Request], Response]) -> Response:
        """Answer a question that is signed: its body, or what it asks for in its address."""
        if not is_signed(dict(request.headers), self.app_key, self.secret, clock.now(), signed):
            return _reply(401, {"message": "签名无效 · the signature does not hold"})
        return answer(request)

    def _tell_between(self, request: Request) -> Response:
        """Tell, page by page, what was taken from `since` on until before `until`, in the order in which it came."""
        since, until = (datetime.fromisoformat(request.args[name]) for name in ("since", "until"))
        behind = int(request.args.get("after", "0"))
        with self._lock:
            told = [each.told(key) for key, each in self.held.items()]
        there = [each for each in told if since <= datetime.fromisoformat(each["received_at"]) < until]
        page = there[behind : behind + _PAGE]
        last = behind + len(page)
        return _reply(200, {"held": page, "next": str(last) if last < len(there) else None})

    def _tell_under(self, request: Request) -> Response:
        with self._lock:
            keys = [key for key in json.loads(request.get_data())["keys"] if key in self.held]
            return _reply(200, {"held": [self.held[key].told(key) for key in keys], "next": None})

    def _take(self, request: Request, body: bytes) -> Response:
        if self._happens(self.faults.lose_request):
            raise ConnectionAbortedError("the request is lost")  # the server drops the line without a word
        if not is_signed(dict(request.headers), self.app_key, self.secret, clock.now(), body):
            return _reply(401, {"message": "签名无效 · the signature does not hold"})
        key = key_in(dict(request.headers))
        response = self._enter(key, body)
        if self._happens(self.faults.duplicate):
            response = self._enter(key, body)
        if self._happens(self.faults.delay):
            time.sleep(self.faults.delay_seconds)
        if self._happens(self.faults.lose_reply):
            raise ConnectionAbortedError("the reply is lost")
        return response

    def _enter(self, key: str, body: bytes) -> Response:
        errors, payload = self._errors(key, body)
        if errors:
            return _reply(422, {"errors": errors})
        with self._lock:
            known = self.held.get(key)
            if known is not None:
                known.arrivals += 1
                if canonical_json(known.payload) != canonical_json(payload):
                    return _reply(
                        422, {"errors": [{"field": "key", "message": "同一编号内容不同 · key reused"}]}
                    )
                return _reply(409, {"message": "重复 · duplicate", "receipt": known.receipt})
            receipt = {"receipt_no": f"SJ{len(self.held) + 1:08d}", "received_at": clock.iso(clock.now())}
            self.held[key] = Held(payload, receipt)
            self.effects.append(key)
        return _reply(201, receipt)

    def _errors(self, key: str, body: bytes) -> tuple[list[Json], Json]:
        try:
            payload = json.loads(body)
        except ValueError:
            payload = None
        if not key or not isinstance(payload, dict):
            return [{"field": "", "message": "报文无法读取 · unreadable"}], {}
        errors = [
            {"field": name, "message": "不能为空 · mandatory"} for name in _MANDATORY if not payload.get(name)
        ]
        # Seeded by the key, so that the same delivery meets the same clerk each time.
        if random.Random(f"{self.seed}:{key}").random() < self.faults.reject:  # noqa: S311
            errors.append({"field": "result", "message": "检查结果与字典不符 · not in the dictionary"})
        return errors, payload

    def _happens(self, share: float) -> bool:
        with self._lock:
            return self._random.random() < share


def make_mock_server(platform: MockPlatform, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """Put the platform behind a real socket; port 0 takes a free one. Run it with `serve_forever`."""
    return make_server(host, port, platform, threaded=True, request_handler=_Line)


class _Line(WSGIRequestHandler):
    """One connection; losing a request or a reply closes it, as a cut line would."""

    def connection_dropped(self, _error: BaseException, _environ: Any = None) -> None:
        """Let go of the line, instead of waiting on it for another request."""
        self.close_connection = True

    def log(self, kind: str, message: str, *args: Any) -> None:
        """Keep quiet: the sender logs what it was answered."""


def _reply(status: int, body: Json) -> Response:
    return Response(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
    )
