"""Evidence packages over HTTP."""

from collections.abc import Callable, Iterable
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.http import Blueprint, actor, installation, settings, short_transaction, store, streaming
from server.notary.service import Notary
from server.packages import gathering, package
from server.packages.package import Contents

blp = Blueprint("packages", __name__, url_prefix="/api/v1", description="Evidence packages")


@blp.get("/records/<uuid:record_id>/package")
@blp.response(200, content_type="application/zip", description="A zip; `verify.py` in it checks it.")
@streaming
def send_record(record_id: UUID) -> Response:
    """Send the evidence package of a record: revisions, originals, signatures, its part of the audit log."""
    return _send(record_id, gathering.of_record, gathering.note_record)


@blp.get("/tasks/<uuid:task_id>/package")
@blp.response(200, content_type="application/zip", description="A zip; `verify.py` in it checks it.")
@streaming
def send_case(task_id: UUID) -> Response:
    """Send the case file of a visit: all its records with their evidence, decisions and results, in one package."""
    return _send(task_id, gathering.of_case, gathering.note_case)


def _send(
    subject: UUID,
    gather: Callable[[Session, Actor, UUID], Contents],
    note: Callable[[Session, Actor, UUID, Notary], None],
) -> Response:
    if request.method != "HEAD":
        with short_transaction() as writing:
            note(writing, actor, subject, Notary(installation().key, settings().zone))
    with short_transaction(writing=False) as reading:
        contents = gather(reading, actor, subject)
    pieces: Iterable[bytes] = ()
    if request.method != "HEAD":
        pieces = package.stream(contents, store(), installation().key, clock.now())
    response = Response(pieces, mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{subject}.zip"'
    return response
