"""Evidence packages over HTTP."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.blueprint import Blueprint
from server.db import hold_still
from server.http import actor, installation, looker, settings, short_transaction, store
from server.notary.service import Notary
from server.packages import gathering, package
from server.packages.package import Contents
from server.packages.schemas import PackageQuerySchema
from server.review.stamped import stamped_copy
from server.view_marks import streaming
from sync import ServerKey

Gathering = Callable[[Session, Actor, UUID, ServerKey, ZoneInfo | None], Contents]

blp = Blueprint("packages", __name__, url_prefix="/api/v1", description="Evidence packages")


@blp.get("/records/<uuid:record_id>/package")
@blp.arguments(PackageQuerySchema, location="query")
@blp.response(200, content_type="application/zip", description="A zip; `verify.py` in it checks it.")
@streaming
def send_record(query: dict[str, Any], record_id: UUID) -> Response:
    """Send the evidence package of a record: revisions, originals, signatures, its part of the audit log."""
    return _send(record_id, gathering.of_record, gathering.note_record, query)


@blp.get("/tasks/<uuid:task_id>/package")
@blp.arguments(PackageQuerySchema, location="query")
@blp.response(200, content_type="application/zip", description="A zip; `verify.py` in it checks it.")
@streaming
def send_case(query: dict[str, Any], task_id: UUID) -> Response:
    """Send the case file of a visit: all its records with their evidence, decisions and results, in one package."""
    return _send(task_id, gathering.of_case, gathering.note_case, query)


def _send(
    subject: UUID,
    gather: Gathering,
    note: Callable[[Session, Actor, UUID, Notary], None],
    query: dict[str, Any],
) -> Response:
    if request.method != "HEAD":
        with short_transaction() as writing:
            note(writing, actor, subject, Notary(installation().key, settings().zone))
    with short_transaction(writing=False) as reading:
        hold_still(reading)  # what is decided meanwhile would be in one part and not in another
        zone = settings().zone if query["stamped"] else None
        contents = gather(reading, actor, subject, installation().key, zone)
    pieces: Iterable[bytes] = ()
    if request.method != "HEAD":
        printing = partial(stamped_copy, store(), looker())
        pieces = package.stream(contents, store(), installation().key, clock.now(), printing)
    response = Response(pieces, mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{subject}.zip"'
    return response
