"""Drawn tasks come in, deliveries are watched."""

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import ValidationError

from server import http
from server.access import Permission, require
from server.http import actor, session, settings
from server.paging import next_page, page
from server.platform import importing, schemas, service
from server.platform.api.blueprint import blp
from server.platform.drawn_rows import DrawnRow, rows_of_json, rows_of_sheets
from server.platform.importing import DrawImport
from server.platform.models import Delivery
from server.problems import RequestInvalid
from server.view_marks import streaming
from server.workbook import WORKBOOK_BODY, read_workbook, receive_workbook

_ROWS_BODY = {
    **WORKBOOK_BODY,
    "content": {**WORKBOOK_BODY["content"], "application/json": {"schema": schemas.DrawnRowsSchema}},
}


@blp.post("/platform/draws/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.DrawImportSchema)
@blp.doc(requestBody=_ROWS_BODY)
@streaming
def import_draws(query: dict[str, bool]) -> DrawImport:
    """Import drawn tasks with locked objects, from a workbook or JSON; publishes one draw per planned inspection.

    With a wrong row nothing is imported, unless the good rows are asked for.
    """
    require(actor, Permission.DRAW_IMPORT)
    rows = _receive_rows()
    with http.short_transaction() as transaction:
        return importing.import_draws(transaction, actor, rows, **query)


@blp.get("/deliveries")
@blp.arguments(schemas.DeliveriesQuerySchema, location="query")
@blp.response(200, schemas.DeliverySchema(many=True))
def list_deliveries(query: dict[str, Any]) -> Any:
    """List deliveries of one's jurisdiction, the newest first."""
    found = service.deliveries_within(actor, state=query.get("state"), result_id=query.get("result"))
    keys = (Delivery.queued_at, Delivery.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.post("/deliveries/<uuid:delivery_id>/retry")
@blp.response(200, schemas.DeliverySchema)
def retry_delivery(delivery_id: UUID) -> Delivery:
    """Send a rejected or given-up delivery again."""
    return service.retry(session, actor, delivery_id)


def _receive_rows() -> list[DrawnRow]:
    content = receive_workbook(settings().max_import_bytes)
    if not request.is_json:
        return rows_of_sheets(read_workbook(content))
    try:
        return rows_of_json(schemas.DrawnRowsSchema().loads(content)["rows"])
    except ValidationError as error:
        raise RequestInvalid(errors=error.messages) from error
    except (ValueError, RecursionError) as error:
        raise RequestInvalid("不是 JSON", "not JSON") from error
