"""Files that the worker makes: asked for, watched, taken away."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from media import ObjectUnknown, Reading, StoreError
from server import http
from server.http import actor, session, store
from server.paging import next_page, page
from server.problems import StoreUnavailable
from server.reports import asking, place_taking, taking
from server.reports.api.blueprint import blp
from server.reports.ledger import LedgerFilter
from server.reports.making import derivative_of
from server.reports.models import FileState, ReportFile
from server.reports.schemas.files import (
    FileOrderSchema,
    FilesQuerySchema,
    PlacesOrderSchema,
    ReportFileSchema,
)
from server.reports.taking import Wanted
from server.view_marks import streaming

_BINARY = {"type": "string", "format": "binary"}


@blp.post("/reports/snapshots/<uuid:snapshot_id>/files")
@blp.arguments(FileOrderSchema)
@blp.response(202, ReportFileSchema)
def ask_for_report_file(order: dict[str, Any], snapshot_id: UUID) -> ReportFile:
    """Ask for a ledger of any size; the worker makes it. The same one again, while it is there or on its way."""
    kind = order.pop("kind")
    return asking.ask(session, actor, Wanted(kind, snapshot_id, LedgerFilter(**order)))


@blp.post("/reports/places/files")
@blp.arguments(PlacesOrderSchema)
@blp.response(202, ReportFileSchema)
def ask_for_places_file(order: dict[str, Any]) -> ReportFile:
    """Ask for a file of places of any size; the worker makes it. The same one again, while it is on its way."""
    wanted = place_taking.want(actor, order["kind"], order.get("layers"), order.get("region"))
    return asking.ask_for_places(session, actor, wanted)


@blp.get("/reports/files")
@blp.arguments(FilesQuerySchema, location="query")
@blp.response(200, ReportFileSchema(many=True))
def list_report_files(query: dict[str, Any]) -> Any:
    """List the files of one's jurisdiction, and of places that one asked for, that are not forgotten, the newest first."""
    found = asking.files_within(actor, query.get("snapshot"))
    if query.get("places"):
        found = asking.of_places(found)
    keys = (ReportFile.asked_at, ReportFile.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/reports/files/<uuid:file_id>")
@blp.response(200, ReportFileSchema)
def show_report_file(file_id: UUID) -> ReportFile:
    """Show how far a file is."""
    return asking.find(session, actor, file_id)


@blp.get("/reports/files/<uuid:file_id>/content")
@blp.response(200, _BINARY, content_type="application/octet-stream", description="The file")
@streaming
def send_report_file(file_id: UUID) -> Response:
    """Send a file that is there; one that the store has lost is made anew. Whoever takes it is written down."""
    with http.short_transaction() as transaction:
        file = asking.ready(transaction, actor, file_id)
        try:
            reading = store().open_derivative(*derivative_of(file))
        except ObjectUnknown:
            asking.make_anew(file)
        except StoreError as error:
            raise StoreUnavailable().with_headers(Retry_After="5") from error
        else:
            mimetype = _note_taken(transaction, file)
    if file.state != FileState.READY:
        raise asking.not_ready(file)
    response = Response(_pieces(reading), mimetype=mimetype, direct_passthrough=True)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    response.content_length = reading.length
    return response


def _note_taken(transaction: Session, file: ReportFile) -> str:
    """Write down who takes it; tells what it is."""
    wanted = asking.wanted_of(file)
    if isinstance(wanted, Wanted):
        taking.note_taken(transaction, actor, wanted, file.total)
        return taking.MIME_TYPES[wanted.kind]
    place_taking.note_taken(transaction, actor, wanted, file.total)
    return place_taking.MIME_TYPES[wanted.kind]


def _pieces(reading: Reading) -> Iterator[bytes]:
    with reading:
        for piece in reading:
            yield bytes(piece)
