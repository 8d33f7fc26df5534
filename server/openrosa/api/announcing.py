"""The question before every submission, answered before the framework: what it is told is the same for all.

A stock phone asks `HEAD /openrosa/{key}/submission` before each POST. The way through routing, contexts and hooks costs
ten times what the answer does. It is left to all that is not answered here: other addresses, and keys that never were.
"""

import re
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

from server.access import STRANGER
from server.answered import note_answer, take_request_id
from server.http import App
from server.openrosa import holders
from server.openrosa.api import wire
from server.openrosa.writing import CONTENT_TYPE
from server.problems import OpenrosaKeyDead

_SUBMISSION: Final = re.compile(r"/openrosa/([^/]+)/submission")
_VIEW: Final = f"{wire.pages.name}.{wire.tell_limit.__name__}"
#: As the view gives them, which answers GET.
_HEADERS: Final = (
    ("Content-Type", CONTENT_TYPE),
    ("X-OpenRosa-Accept-Content-Length", str(wire.BATCH_BYTES)),
    ("X-OpenRosa-Version", "1.0"),
    ("Cache-Control", "no-store"),
)


class Announcing:
    """Answers a phone that is about to send, and leaves every other request to the application."""

    def __init__(self, app: App) -> None:
        self._app, self._others = app, app.wsgi_app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        if not self._is_about_to_send(environ):
            answered: Iterable[bytes] = self._others(environ, start_response)
            return answered
        began = time.perf_counter()
        name = take_request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        headers = [*_HEADERS, ("Date", formatdate(usegmt=True)), ("X-Request-ID", name)]
        start_response(f"{HTTPStatus.NO_CONTENT.value} NO CONTENT", headers)
        note_answer(_VIEW, HTTPStatus.NO_CONTENT, began, "HEAD", environ["PATH_INFO"], STRANGER)
        return []

    def _is_about_to_send(self, environ: Any) -> bool:
        asked = _SUBMISSION.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "HEAD" else None
        if asked is None:
            return False
        try:
            holders.read(self._app.installation.secret, asked[1], None)
        except OpenrosaKeyDead:
            return False  # which is answered with 403
        return True
