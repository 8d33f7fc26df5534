"""A phone that speaks to a real server over the network, and knows nothing of it but its port."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import requests

from tests.actors.someone import PASSWORD
from tests.actors.uploader import BYTES, TUS, UPLOADS, metadata, sha256_of
from tests.server.evidence.serving import Line, LineBroken


@dataclass
class Phone:
    """A signed-in inspector's phone; `port` is where the server, or a bad line to it, is now.

    With a `username` it signs in again when its session has run out on the way.
    """

    port: int
    token: str
    username: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {**TUS, "Authorization": f"Bearer {self.token}"}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def sign_in(self) -> None:
        given = {"username": self.username, "password": PASSWORD}
        answer = requests.post(self.url("/api/v1/session"), json=given, timeout=20)
        answer.raise_for_status()
        self.token = answer.json()["token"]

    def create(self, content: bytes, **headers: str) -> str:
        promised = {
            "Upload-Length": str(len(content)),
            "Upload-Metadata": metadata(sha256=sha256_of(content)),
        }
        answer = self._asks("POST", self.url(UPLOADS), promised | headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def offset(self, path: str) -> int:
        answer = self._asks("HEAD", self.url(path), {})
        answer.raise_for_status()
        return int(answer.headers["Upload-Offset"])

    def _asks(self, method: str, url: str, headers: dict[str, str]) -> requests.Response:
        answer = requests.request(method, url, headers=self.headers | headers, timeout=20)
        if answer.status_code == 401 and self.username:
            self.sign_in()
            answer = requests.request(method, url, headers=self.headers | headers, timeout=20)
        return answer

    def patch(self, path: str, content, offset: int, via=requests) -> requests.Response:
        headers = self.headers | BYTES | {"Upload-Offset": str(offset)}
        return via.patch(self.url(path), data=content, headers=headers, timeout=30)

    def opens_patch(self, path: str, content: bytes, offset: int = 0, **more: str | None) -> Line:
        """Send the head of a PATCH that announces all of the rest, and nothing of it yet; None leaves one out."""
        line = Line(self.port)
        announced = {"Upload-Offset": str(offset), "Content-Length": str(len(content) - offset)}
        announced |= {name.replace("_", "-"): value for name, value in more.items()}
        announced = {name: value for name, value in announced.items() if value is not None}
        line.send_head("PATCH", path, self.headers | BYTES | announced)
        return line

    def is_stored(self, content: bytes) -> bool:
        asked = {"sha256": [sha256_of(content)]}
        answer = requests.post(self.url(f"{UPLOADS}/status"), json=asked, headers=self.headers, timeout=20)
        return answer.json()["media"][sha256_of(content)] == "stored"

    def fetch(self, content: bytes) -> bytes:
        answer = requests.get(self.url(f"{UPLOADS}/{sha256_of(content)}"), headers=self.headers, timeout=20)
        return answer.content


@dataclass
class Sending:
    """One file on its way, as a careful phone sends it: it asks where to go on, and goes on there.

    `acknowledged` is the most that the server ever said it has; less than that is a loss. `pause` seconds lie
    between two pieces; `on_piece` is called with the offset behind each piece that is on the line.
    """

    phone: Phone
    content: bytes
    path: str
    piece: int = 64 * 1024
    pause: float = 0.0
    on_piece: Callable[[int], None] = lambda _offset: None
    acknowledged: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.acknowledged == len(self.content)

    def until_whole(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_whole:
            assert time.monotonic() < deadline, f"{self.acknowledged} of {len(self.content)}: {self.failures}"
            try:
                self._hears(self.phone.offset(self.path))
                if not self.is_whole:
                    self._sends_the_rest()
            except (OSError, requests.RequestException, LineBroken) as error:
                self.failures.append(type(error).__name__)
                time.sleep(0.1)

    def _sends_the_rest(self) -> None:
        with closing(self.phone.opens_patch(self.path, self.content, self.acknowledged)) as line:
            for start in range(self.acknowledged, len(self.content), self.piece):
                line.send(self.content[start : start + self.piece])
                self.on_piece(min(start + self.piece, len(self.content)))
                if line.is_answered:
                    break
                time.sleep(self.pause)
            status, headers = line.read_head()
        if status == 204:
            self._hears(int(headers["upload-offset"]))
        else:
            self.failures.append(str(status))
            time.sleep(0.1)

    def _hears(self, offset: int) -> None:
        assert offset >= self.acknowledged, f"{self.acknowledged} bytes were acknowledged, {offset} are left"
        self.acknowledged = offset
