"""Take the frozen away as files: ledgers as workbooks and as CSV. Whoever does so is written down."""

from typing import Any
from uuid import UUID

from flask import Response, send_file

from server import http
from server.http import actor, streaming
from server.reports import schemas
from server.reports.api.blueprint import blp
from server.reports.ledger import LedgerFilter
from server.reports.taking import MIME_TYPES, FileKind, Wanted, make_at_once, note_taken
from server.workbook import XLSX

_BINARY = {"type": "string", "format": "binary"}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/ledger.xlsx")
@blp.arguments(schemas.LedgerFilterSchema, location="query")
@blp.response(200, _BINARY, content_type=XLSX, description="A workbook")
@streaming
def send_ledger_workbook(query: dict[str, Any], snapshot_id: UUID) -> Response:
    """Send a ledger (台账) with live formulas: a summary, a sheet for each item, the days off."""
    return _send(Wanted(FileKind.LEDGER_XLSX, snapshot_id, LedgerFilter(**query)))


@blp.get("/reports/snapshots/<uuid:snapshot_id>/ledger.csv")
@blp.arguments(schemas.LedgerFilterSchema, location="query")
@blp.response(200, {"type": "string"}, content_type="text/csv")
@streaming
def send_ledger_lines(query: dict[str, Any], snapshot_id: UUID) -> Response:
    """Send exactly the filtered lines of a ledger, in the order of the list."""
    return _send(Wanted(FileKind.LEDGER_CSV, snapshot_id, LedgerFilter(**query)))


def _send(wanted: Wanted) -> Response:
    with http.short_transaction(writing=False) as reading:
        finish = make_at_once(reading, actor, wanted)
    made = finish()
    with http.short_transaction() as writing:
        note_taken(writing, actor, wanted, made.lines)
    return send_file(
        made.content, mimetype=MIME_TYPES[wanted.kind], as_attachment=True, download_name=made.name
    )
