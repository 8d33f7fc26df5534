"""Builds the application: settings → database → store → rooms."""

from http import HTTPStatus
from threading import BoundedSemaphore
from types import ModuleType
from typing import cast

from flask import Response
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from media import Looker, open_store
from server import house, http, web
from server.accounts import api as accounts_api
from server.accounts import passwords
from server.accounts import service as accounts_service
from server.admission import Admission, Throttle, Tries, Turns
from server.board import api as board_api
from server.checklists import api as checklists_api
from server.complaints import api as complaints_api
from server.db import open_engine, open_sessions
from server.description import DescribedApi
from server.documents import api as documents_api
from server.draws import api as draws_api
from server.evidence import api as evidence_api
from server.exchange import api as exchange_api
from server.health import api as health_api
from server.http import App
from server.inspections import api as inspections_api
from server.installation import open_installation
from server.maps import api as maps_api
from server.notary import api as notary_api
from server.noticeboard import api as noticeboard_api
from server.nudges import Nudges
from server.openrosa import api as openrosa_api
from server.packages import api as packages_api
from server.planning import api as planning_api
from server.platform import api as platform_api
from server.publicity import api as publicity_api
from server.quarantine import api as quarantine_api
from server.registry import api as registry_api
from server.reports import api as reports_api
from server.results import api as results_api
from server.review import api as review_api
from server.settings import Settings
from server.trail import api as trail_api
from server.view_marks import public

VERSION = "0.1.0"

# Threads of one process that write to PostgreSQL at a time.
WRITERS = 4

# A new room's endpoints are one line here.
ROOMS: list[ModuleType] = [
    notary_api,
    accounts_api,
    registry_api,
    planning_api,
    checklists_api,
    inspections_api,
    exchange_api,
    complaints_api,
    openrosa_api,
    packages_api,
    quarantine_api,
    evidence_api,
    maps_api,
    draws_api,
    review_api,
    results_api,
    publicity_api,
    platform_api,
    documents_api,
    reports_api,
    board_api,
    trail_api,
    health_api,
]


class Compression(Compress):  # type: ignore[misc]
    """Compresses what is worth it, and says nothing about the encoding of what has no body."""

    def after_request(self, response: Response) -> Response:
        """Compress a response."""
        if response.status_code == HTTPStatus.NO_CONTENT:
            return response
        return cast("Response", super().after_request(response))


def create_app(settings: Settings) -> App:
    """Build the application of one process. The database has to be migrated before it answers."""
    app = App("merestone", static_folder=None)
    app.settings = settings
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_MIMETYPES=["application/json", "application/problem+json", "text/html"],
        COMPRESS_STREAMS=False,
        API_TITLE="Merestone 界石",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="docs",
        OPENAPI_SWAGGER_UI_URL="/api/docs/files/",
        API_SPEC_OPTIONS={
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )
    app.sessions, app.readers = open_sessions(open_engine(settings.database_url, pool_size=settings.threads))
    app.gate = BoundedSemaphore(1 if settings.database_url.startswith("sqlite") else WRITERS)
    app.admission, app.turns = Admission(settings.threads), Turns()
    app.throttle = Throttle(settings.public_a_minute)
    app.tries = Tries(passwords.ATTEMPTS, passwords.PAUSE)
    app.installation = open_installation(settings)
    app.store = open_store(settings.store_url, reserve_bytes=settings.reserve_bytes)
    app.looker, app.copier = (Looker(settings.data / "looking") for _ in range(2))
    app.identify = accounts_service.identify
    app.note_use = accounts_service.note_use
    app.nudges = Nudges(app.readers, settings.nudge_streams, accounts_service.ended_sessions)
    Compression(app)
    app.wsgi_app = openrosa_api.Announcing(app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    api = DescribedApi(app)
    http.prepare(app)  # after the API, whose own error answers it replaces
    for room in ROOMS:
        for blueprint in (room.blp, getattr(room, "public_blp", None)):
            if blueprint is not None:
                api.register_blueprint(blueprint)
    api.register_blueprint(house.blp)
    for pages in (house.pages, web.pages, openrosa_api.pages, noticeboard_api.pages, noticeboard_api.root):
        app.register_blueprint(pages)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            public(view)  # the description holds nothing that a phone's program does not
    return app
