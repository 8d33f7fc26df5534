"""A person of the cast."""

from typing import Any

from server.http import App
from tests.actors.client import Client

PASSWORD = "merestone-demo"


class Someone(Client):
    """A person at a browser or a phone."""

    def __init__(self, app: App, username: str, person_id: Any) -> None:
        super().__init__(app)
        self.username = username
        self.person_id = person_id
        self.session: dict[str, Any] = {}

    def sign_in(
        self, password: str = PASSWORD, expect: int = 201, device: dict[str, Any] | None = None
    ) -> Any:
        """Sign in; keeps the tokens."""
        body = {"username": self.username, "password": password} | ({"device": device} if device else {})
        self.token = None
        answer = self.post("/api/v1/session", body, expect=expect)
        if expect == 201:
            self.session, self.token = answer, answer["token"]
        return answer
