"""Reconciliation over HTTP: runs are asked for and read, differences are sent again or accounted for."""

from datetime import date
from typing import Any
from uuid import UUID

from server import http
from server.access import Permission, require
from server.http import actor, session, settings
from server.paging import PagingSchema, next_page, page
from server.platform import differences, holding_files, reconciling, schemas
from server.platform.adapters import PROVINCE, open_adapter
from server.platform.api.blueprint import blp
from server.platform.models import Difference, DifferenceState, Reconciliation
from server.problems import ReconciliationNobodyToAsk
from server.view_marks import streaming
from server.workbook import WORKBOOK_BODY, read_workbook, receive_workbook


@blp.post("/reconciliations")
@blp.arguments(schemas.DaysSchema)
@blp.response(202, schemas.RunSchema)
def ask_reconciliation(days: dict[str, date]) -> Reconciliation:
    """Ask for a comparison with the platform over some days; the worker makes it.

    Refused where no platform is set, since nobody would ever make it.
    """
    if open_adapter(settings()) is None:
        raise ReconciliationNobodyToAsk()
    return reconciling.ask(session, actor, PROVINCE, days["first"], days["last"])


@blp.post("/reconciliations/file")
@blp.arguments(schemas.DaysSchema, location="query")
@blp.response(201, schemas.RunSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def reconcile_file(days: dict[str, date]) -> Reconciliation:
    """Compare with a workbook that the platform gave out over some days: 报送编号, 回执号, 接收日期, 内容摘要."""
    require(actor, Permission.DELIVERY_MANAGE)
    content = receive_workbook(settings().max_import_bytes)
    holdings = holding_files.holdings_in(read_workbook(content))
    with http.short_transaction() as transaction:
        given = (days["first"], days["last"])
        return holding_files.reconcile_file(transaction, actor, PROVINCE, given, content, holdings)


@blp.get("/reconciliations")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, schemas.RunSchema(many=True))
def list_reconciliations(query: dict[str, Any]) -> Any:
    """List the runs over one's jurisdiction, the newest first."""
    keys = (Reconciliation.asked_at, Reconciliation.id)
    found = differences.runs_within(actor)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/reconciliations/<uuid:run_id>")
@blp.response(200, schemas.RunSchema)
def show_reconciliation(run_id: UUID) -> Reconciliation:
    """Show a run, also while it is under way."""
    return differences.find_run(session, actor, run_id)


@blp.get("/differences")
@blp.arguments(schemas.DifferencesQuerySchema, location="query")
@blp.response(200, schemas.DifferenceSchema(many=True))
def list_differences(query: dict[str, Any]) -> Any:
    """List the differences of one's jurisdiction, the newest first, with what can be done about each."""
    found = differences.differences_within(
        actor, state=query.get("state"), kind=query.get("kind"), run_id=query.get("run")
    )
    keys = (Difference.at, Difference.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return _told(rows), 200, next_page(after)


@blp.post("/differences/<uuid:difference_id>/send-again")
@blp.response(200, schemas.DifferenceSchema)
def send_difference_again(difference_id: UUID) -> dict[str, Any]:
    """Send what the platform lacks, or has no receipt for, again under the same key."""
    return _told([differences.send_again(session, actor, difference_id)])[0]


@blp.post("/differences/<uuid:difference_id>/note")
@blp.arguments(schemas.DifferenceNoteSchema)
@blp.response(200, schemas.DifferenceSchema)
def note_difference(given: dict[str, str], difference_id: UUID) -> dict[str, Any]:
    """Account for a difference with a reason."""
    return _told([differences.note(session, actor, difference_id, given["reason"].strip())])[0]


def _told(rows: list[Difference]) -> list[dict[str, Any]]:
    sendable = differences.sendable_of(session, rows)
    noted = (DifferenceState.OPEN, DifferenceState.SENT_AGAIN, DifferenceState.NOTED)
    return [
        {
            **{column.key: getattr(each, column.key) for column in Difference.__table__.columns},
            "can_send_again": each.id in sendable,
            "can_note": each.state in noted,
        }
        for each in rows
    ]
