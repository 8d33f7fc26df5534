"""What every endpoint gets: one transaction, one actor, one limit to what it takes."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from media import Looker, Store
from server import audit, problems
from server.access import STRANGER, Actor
from server.admission import Admission, Throttle, Tries, Turns
from server.answered import note_answer, take_request_id
from server.bodies import inflate
from server.db import Sessions
from server.installation import Installation
from server.logs import request_id
from server.nudges import Nudges
from server.refusals import answer_refusals
from server.routes import Addresses, Route
from server.settings import Settings
from server.written import WritingProvider

session = cast("Session", LocalProxy(lambda: g.session))
actor = cast("Actor", LocalProxy(lambda: g.actor))

PUBLIC_PLACE = "/public/"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class App(Flask):
    """The WSGI application with what requests need of it."""

    url_rule_class = Route
    url_map_class = Addresses
    json_provider_class = WritingProvider
    settings: Settings
    sessions: Sessions
    readers: Sessions
    installation: Installation
    store: Store
    looker: Looker  # for what is quick
    copier: Looker  # for copies of recordings, which take as long as they play
    gate: BoundedSemaphore
    admission: Admission
    turns: Turns
    throttle: Throttle
    tries: Tries
    nudges: Nudges
    identify: Callable[[Session, str], Actor]  # (session, bearer token); raises SessionMissing and the like
    note_use: Callable[[Session, Actor], None]  # of a session in which nothing was asked before

    def close(self) -> None:
        """Close the connections of this process to the database, and end its helpers."""
        self.nudges.close_all()
        self.looker.close()
        self.copier.close()
        self.sessions.kw["bind"].dispose()

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Answer a request, and count it meanwhile."""
        with self.admission.inside():
            return super().wsgi_app(environ, start_response)

    def dispatch_request(self, *args: Any) -> Any:
        """Run the view when it is its turn. Reading is refused first when there is too much to do."""
        if request.url_rule is None or request.routing_exception is not None:
            return super().dispatch_request(*args)  # raises the 404 or 405
        view = self.view_functions[request.url_rule.endpoint]
        if request.path.startswith(PUBLIC_PLACE):
            # What everybody may read comes after what inspectors bring, and not from one address all the time.
            self.throttle.admit(request.remote_addr or "")
            self.admission.admit_reading()
        exempt = getattr(view, "public", False) or getattr(view, "streaming", False)
        if (request.method in _READING and not exempt) or getattr(view, "hashing", False):
            self.admission.admit_reading()
        if getattr(view, "in_turn", False):
            # A session belongs to one phone, and its token is known before anything is asked of the database.
            # A push and a pull don't wait for each other: neither holds up the other on the phone.
            with self.turns.of(f"{request.path} {request.headers.get('Authorization', '')}"):
                return self._heard(view, *args)
        return self._heard(view, *args)

    def _heard(self, view: Any, *args: Any) -> Any:
        """Run the view, and note when its session was never asked in before: once in the life of an access token.

        It is noted after the view's own transaction, which may only read, and before anything is answered.
        """
        try:
            return self._run(view, *args)
        finally:
            actor = g.get("actor", STRANGER)
            if actor.is_new_here:
                with self.transaction() as session:
                    self.note_use(session, actor)

    def _run(self, view: Any, *args: Any) -> Any:
        """Run the view in one transaction: sealed and committed if it returns, rolled back if it raises.

        The response is serialised by then, so nothing is answered before it is committed.
        """
        identify_apart: Callable[[], Actor] | None = getattr(view, "identify_apart", None)
        if identify_apart is not None:
            g.actor = identify_apart()
            return super().dispatch_request(*args)
        if getattr(view, "streaming", False) or getattr(view, "untransacted", False):
            with self.readers.begin() as g.session:
                g.actor = self._who(view)
            del g.session
            return super().dispatch_request(*args)
        if request.method in _READING:
            with self.readers.begin() as g.session:
                g.actor = self._who(view)
                return super().dispatch_request(*args)
        with self.transaction() as g.session:
            g.actor = self._who(view)
            return super().dispatch_request(*args)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing transaction, once it is this thread's turn.

        SQLite has one writer, and its own waiting is by chance; on PostgreSQL more threads than cores would
        hold locks while they wait for Python. So threads queue here, holding nothing. Never open one inside
        another.
        """
        with self.gate, audit.transaction(self.sessions) as session:
            yield session

    def _who(self, view: Callable[..., Any]) -> Actor:
        if getattr(view, "public", False) or request.method == "OPTIONS":
            return STRANGER
        identify: Callable[[Session], Actor] | None = getattr(view, "identify", None)
        if identify is not None:
            return identify(g.session)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise problems.SessionMissing()
        return self.identify(g.session, token.strip())


def short_transaction(writing: bool = True) -> AbstractContextManager[Session]:
    """Open a transaction for one step of a streaming view. Hold it over no reading from the network."""
    app = cast("App", current_app)
    return app.transaction() if writing else app.readers.begin()


def settings() -> Settings:
    """Return the settings of the application that answers this request."""
    return cast("App", current_app).settings


def installation() -> Installation:
    """Return the keys and the epoch of this installation."""
    return cast("App", current_app).installation


def count_try(name: str) -> Callable[[], None]:
    """Count a try of a password from where the request comes; call what is returned when it was right."""
    tries, address = cast("App", current_app).tries, request.remote_addr or ""
    tries.begin(name, address)
    return partial(tries.succeeded, name, address)


def nudges() -> Nudges:
    """Return the streams by which phones of this process are told to pull."""
    return cast("App", current_app).nudges


def store() -> Store:
    """Return the store that media goes to."""
    return cast("App", current_app).store


def looker() -> Looker:
    """Return what opens strangers' files, in a process of its own."""
    return cast("App", current_app).looker


def prepare(app: App) -> None:
    """Give an application its request ids, limits, refusals and metrics."""
    app.before_request(_begin)
    app.after_request(_finish)
    answer_refusals(app)


def _begin() -> None:
    take_request_id(request.headers.get("X-Request-ID", ""))
    g.started = time.perf_counter()
    if "\0" in request.path or b"%00" in request.query_string:
        raise problems.RequestUnreadable("地址含空字符", "a NUL character in the address")
    view = current_app.view_functions.get(getattr(request.url_rule, "endpoint", ""))
    if getattr(view, "streaming", False):
        request.max_content_length = None
        return
    if getattr(view, "importing", False):
        request.max_content_length = settings().max_import_bytes
    # The body is here whole before the transaction begins: a slow network must not hold the writer's lock,
    # and what was cut on the way never comes to a view.
    inflate()
    request.get_data()


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id.get()
    if response.status_code != HTTPStatus.NO_CONTENT:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    view = getattr(request.url_rule, "endpoint", "none")
    began = g.get("started", time.perf_counter())
    note_answer(view, response.status_code, began, request.method, request.path, g.get("actor", STRANGER))
    return response
