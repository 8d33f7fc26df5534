"""The description of the API (OpenAPI 3): written when somebody first asks for it."""

from collections.abc import Callable
from threading import Lock
from typing import cast

from flask import Flask, Response
from flask_smorest import Api


class DescribedApi(Api):  # type: ignore[misc]
    """An API that describes its views late: it takes a tenth of a second, and most processes are never asked."""

    def __init__(self, app: Flask) -> None:
        self._waiting: list[Callable[[], None]] = []
        self._writing = Lock()
        super().__init__(app)

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Keep what describes the views of a blueprint until somebody asks."""
        self._waiting.append(describe)

    def _openapi_json(self) -> Response:
        with self._writing:
            while self._waiting:
                self._waiting.pop(0)()
        return cast("Response", super()._openapi_json())
