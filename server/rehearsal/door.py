"""The server's door as a client sees it: JSON over HTTP, one retry loop, and uploads that can be cut."""

import io
import time
from typing import Any

import requests

PATIENCE = 30.0
_AGAIN = frozenset({429, 503})
_READS = frozenset({"GET", "HEAD"})


class RefusedError(Exception):
    """The server said no. Carries its problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')} {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


class CutBody(io.BytesIO):
    """A body whose sender loses the network after so many bytes."""

    def __init__(self, data: bytes, after: int) -> None:
        super().__init__(data)
        self.after = after
        self.length = len(data)

    def __len__(self) -> int:
        return self.length

    def read(self, size: int | None = -1) -> bytes:
        """Give the next piece; fail as a lost network does once `after` bytes are gone."""
        left = self.after - self.tell()
        if left <= 0:
            raise ConnectionAbortedError("the network is gone")
        return super().read(left if size is None or size < 0 else min(size, left))


class Door:
    """One caller at the server's door."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.http = requests.Session()
        self.http.trust_env = False  # a proxy of the environment has no business between us
        self.token: str | None = None

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request; a busy server is asked again as it says, for a while."""
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        until = time.monotonic() + PATIENCE
        while True:
            try:
                response = self.http.request(
                    method, self._address(path), headers=headers, timeout=60, **options
                )
            except requests.ConnectionError:
                # A line that was kept open and is closed by now; what only reads is asked again, as any client does.
                if method not in _READS or time.monotonic() > until:
                    raise
                continue
            if response.status_code not in _AGAIN or time.monotonic() > until:
                return response
            time.sleep(float(response.headers.get("Retry-After", "1")))

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send JSON and return the answer's JSON; raise RefusedError on anything but success."""
        if body is not None:
            options["json"] = body
        response = self.call(method, path, **options)
        answer = response.json() if response.content else None
        if response.status_code >= requests.codes.bad_request:
            raise RefusedError(response.status_code, answer or {})
        return answer

    def sign_in(self, username: str, password: str, device: dict[str, Any] | None = None) -> dict[str, Any]:
        """Sign in and keep the token."""
        body = {"username": username, "password": password} | ({"device": device} if device else {})
        session: dict[str, Any] = self.ask("POST", "/api/v1/session", body)
        self.token = session["token"]
        return session

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path
