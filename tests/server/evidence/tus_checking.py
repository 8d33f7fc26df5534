"""The cases of `tus_cases` put to a server at any address.

From the command line, to see where another server differs:

    python -m tests.server.evidence.tus_checking http://127.0.0.1:1080/files
    python -m tests.server.evidence.tus_checking https://bureau.example/api/v1/media --token TOKEN

Each case that is answered otherwise is one line; the program ends with 1 when there are any. What `@tus/server`
answers otherwise is written down in `tests/peers/README.md`.
"""

import argparse
import sys
from dataclasses import dataclass
from urllib.parse import urljoin

import requests

from tests.server.evidence.tus_cases import ANY, BYTES, CASES, UNKNOWN, Case, Given

VERSION = {"Tus-Resumable": "1.0.0"}


@dataclass
class Endpoint:
    """Where uploads are created, who asks, and at what path an upload is looked for that never was."""

    url: str
    token: str = ""
    unknown: str = "uploads/00000000-0000-4000-8000-000000000000"

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(
        self, method: str, url: str, headers: dict[str, str | None], body: bytes = b""
    ) -> requests.Response:
        sent = {k: v for k, v in (self.authorization | VERSION | headers).items() if v is not None}
        return requests.request(method, url, headers=sent, data=body, timeout=20)

    def make(self, given: Given) -> str:
        """Bring an upload to where a case begins."""
        length = (
            {"Upload-Defer-Length": "1"} if given.length is None else {"Upload-Length": str(given.length)}
        )
        described = {"Upload-Metadata": given.metadata} if given.metadata else {}
        created = self.ask("POST", self.url, length | described)
        assert created.status_code == 201, created.text
        url = urljoin(self.url, created.headers["Location"])
        if given.has:
            sent = self.ask("PATCH", url, {**BYTES, "Upload-Offset": "0"}, given.has)
            assert sent.status_code == 204, sent.text
        if given.ended:
            assert self.ask("DELETE", url, {}).status_code == 204
        return url


def differences(endpoint: Endpoint, case: Case) -> list[str]:
    """Put one case to a server and say in what its answer is another one than it should be."""
    url = endpoint.url
    if isinstance(case.given, Given):
        url = endpoint.make(case.given)
    elif case.given == UNKNOWN:
        url = f"{endpoint.url}/{endpoint.unknown}"
    answer = endpoint.ask(case.method, url, case.sends, case.body)
    allowed = case.status if isinstance(case.status, tuple) else (case.status,)
    found = []
    if answer.status_code not in allowed:
        found.append(f"{answer.status_code} instead of {' or '.join(map(str, allowed))}: {answer.text[:200]}")
    for name, value in {**VERSION, **case.answers}.items():
        header = answer.headers.get(name)
        if (header is None) if value == ANY else (header != value):
            found.append(f"{name}: {header} instead of {value}")
    if case.then is not None:
        after = endpoint.ask("HEAD", urljoin(url, answer.headers.get("Location", url)), {})
        stands = int(after.headers.get("Upload-Offset", "-1"))
        if stands != case.then:
            found.append(f"stands at {stands} instead of {case.then}")
    return found


def main() -> int:
    """Put every case to the server that is named; return 1 when it answers one otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("url", help="where uploads are created")
    parser.add_argument("--token", default="", help="a bearer token")
    asked = parser.parse_args()
    differing = 0
    for case in CASES:
        try:
            found = differences(Endpoint(asked.url, asked.token), case)
        except AssertionError as error:
            found = [f"the upload that it begins with can't be made: {error}"]
        if found:
            differing += 1
            sys.stdout.write(f"{case}: {'; '.join(found)}\n")
    sys.stdout.write(f"{len(CASES) - differing} of {len(CASES)} cases are answered as tus has it\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
