"""How the cast talks to the server: JSON over the test client, with a bearer token."""

from typing import Any

from werkzeug.test import TestResponse

from server.http import App


class Client:
    """One signed-in (or strange) caller."""

    def __init__(self, app: App, token: str | None = None) -> None:
        self.app = app
        self.token = token

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request as it is."""
        headers = dict(options.pop("headers", {}))
        options.setdefault("buffered", True)  # read to the end and closed, as a server does
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.app.test_client().open(path, method=method, headers=headers, **options)

    def get(self, path: str, expect: int = 200, **options: Any) -> Any:
        return self._expect(self.call("GET", path, **options), expect)

    def post(self, path: str, json: Any = None, expect: int = 200, **options: Any) -> Any:
        if json is not None:
            options["json"] = json
        return self._expect(self.call("POST", path, **options), expect)

    def put(self, path: str, json: Any = None, expect: int = 200, **options: Any) -> Any:
        if json is not None:
            options["json"] = json
        return self._expect(self.call("PUT", path, **options), expect)

    def patch(self, path: str, json: Any, expect: int = 200, **options: Any) -> Any:
        return self._expect(self.call("PATCH", path, json=json, **options), expect)

    def delete(self, path: str, expect: int = 204, **options: Any) -> Any:
        return self._expect(self.call("DELETE", path, **options), expect)

    @staticmethod
    def _expect(response: TestResponse, expect: int) -> Any:
        assert response.status_code == expect, (
            f"{response.status_code}: {response.get_data(as_text=True)[:2000]}"
        )
        return response.get_json() if response.data and "json" in (response.content_type or "") else response
