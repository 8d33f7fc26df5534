"""A phone that speaks to a real server over the network, and knows nothing of it but its port."""

from dataclasses import dataclass

import requests

from tests.actors.uploader import BYTES, TUS, UPLOADS, metadata, sha256_of
from tests.server.evidence.serving import Line


@dataclass
class Phone:
    """A signed-in inspector's phone; `port` is where the server, or a bad line to it, is now."""

    port: int
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {**TUS, "Authorization": f"Bearer {self.token}"}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def create(self, content: bytes, **headers: str) -> str:
        promised = {
            "Upload-Length": str(len(content)),
            "Upload-Metadata": metadata(sha256=sha256_of(content)),
        }
        answer = requests.post(self.url(UPLOADS), headers=self.headers | promised | headers, timeout=20)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def offset(self, path: str) -> int:
        answer = requests.head(self.url(path), headers=self.headers, timeout=20)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def patch(self, path: str, content, offset: int, via=requests) -> requests.Response:
        headers = self.headers | BYTES | {"Upload-Offset": str(offset)}
        return via.patch(self.url(path), data=content, headers=headers, timeout=30)

    def opens_patch(self, path: str, content: bytes, offset: int = 0, **more: str) -> Line:
        """Send the head of a PATCH that announces all of the rest, and nothing of it yet."""
        line = Line(self.port)
        announced = {"Upload-Offset": str(offset), "Content-Length": str(len(content) - offset)}
        announced |= {name.replace("_", "-"): value for name, value in more.items()}
        line.send_head("PATCH", path, self.headers | BYTES | announced)
        return line

    def is_stored(self, content: bytes) -> bool:
        asked = {"sha256": [sha256_of(content)]}
        answer = requests.post(self.url(f"{UPLOADS}/status"), json=asked, headers=self.headers, timeout=20)
        return answer.json()["media"][sha256_of(content)] == "stored"

    def fetch(self, content: bytes) -> bytes:
        answer = requests.get(self.url(f"{UPLOADS}/{sha256_of(content)}"), headers=self.headers, timeout=20)
        return answer.content
