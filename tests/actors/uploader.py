"""How a phone sends its photos: a tus client that survives a broken line."""

import hashlib
import io
from base64 import b64encode
from typing import Any

from werkzeug.test import TestResponse

from tests.actors.client import Client

UPLOADS = "/api/v1/media"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def metadata(**pairs: str | None) -> str:
    """`Upload-Metadata` of text values; None leaves a key out."""
    given = {key: value for key, value in pairs.items() if value is not None}
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in given.items())


def cut_body(arrives: bytes, announced: int) -> dict[str, Any]:
    """A request body that announces so many bytes and ends after those that arrive."""
    return {
        "input_stream": io.BytesIO(arrives),
        "environ_overrides": {"CONTENT_LENGTH": str(announced)},
    }


class Uploader:
    """Uploads over a signed-in person's connection."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def upload(self, content: bytes, cut_after: int | None = None, **promised: Any) -> str:
        """Send a file until it is whole; with `cut_after`, each request loses its line after so many bytes.

        Returns its SHA-256.
        """
        url = self.create(content, **promised)
        offset = self.offset(url)
        while offset < len(content):
            self.send(url, content, offset, cut_after, expect=None)
            before, offset = offset, self.offset(url)
            assert offset > before, "an upload has to get on"
        return sha256_of(content)

    def create(
        self,
        content: bytes,
        *,
        sha256: str | None = "",
        name: str = "照片 1.jpg",
        filetype: str = "image/jpeg",
        record: str | None = None,
        with_upload: bool = False,
        expect: int = 201,
        **headers: str,
    ) -> str:
        """Create an upload and return its URL; `sha256=None` promises no hash, "" the true one."""
        promised = sha256_of(content) if sha256 == "" else sha256
        sent = {
            **(BYTES if with_upload else TUS),
            "Upload-Length": str(len(content)),
            "Upload-Metadata": metadata(filename=name, filetype=filetype, sha256=promised, record=record),
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        answer = self.client.call("POST", UPLOADS, headers=sent, data=content if with_upload else None)
        self._expect(answer, expect)
        self.last = answer
        return answer.headers.get("Location", "")

    def send(
        self,
        url: str,
        content: bytes,
        offset: int = 0,
        cut_after: int | None = None,
        expect: int | None = 204,
        **headers: str,
    ) -> TestResponse:
        """PATCH what is left from `offset`; with `cut_after` the line breaks after so many bytes."""
        rest = content[offset:]
        arrives = rest if cut_after is None else rest[:cut_after]
        sent = {**BYTES, "Upload-Offset": str(offset)}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        answer = self.client.call("PATCH", url, headers=sent, **cut_body(arrives, len(rest)))
        return self._expect(answer, expect)

    def head(self, url: str, expect: int | None = 200) -> TestResponse:
        return self._expect(self.client.call("HEAD", url, headers=TUS), expect)

    def offset(self, url: str) -> int:
        """Where the server says to go on."""
        return int(self.head(url).headers["Upload-Offset"])

    def end(self, url: str, expect: int = 204) -> TestResponse:
        return self._expect(self.client.call("DELETE", url, headers=TUS), expect)

    def status(self, *shas: str) -> dict[str, str]:
        answer = self.client.post("/api/v1/media/status", {"sha256": list(shas)})
        found: dict[str, str] = answer["media"]
        return found

    def _expect(self, answer: TestResponse, expect: int | None) -> TestResponse:
        if expect is not None:
            assert answer.status_code == expect, (
                f"{answer.status_code}: {answer.get_data(as_text=True)[:500]}"
            )
        return answer
