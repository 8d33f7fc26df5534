"""Records and decisions over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from server.accounts import keys
from server.blueprint import Blueprint
from server.db import Json
from server.http import actor, looker, session, settings, short_transaction, store
from server.inspections import service as inspections
from server.inspections.models import Record
from server.inspections.service import Choices
from server.paging import PagingSchema, next_page, page
from server.review import (
    conflicts,
    dossier,
    service,
    stamped,
    stock_reasons,
    under_key,
)
from server.review.doubts import asking
from server.review.doubts.asking import Answer
from server.review.schemas.decisions import AcceptanceSchema, AskMergeSchema, ReturnSchema, StockReasonsSchema
from server.review.schemas.doubts import DoubtReplySchema, DoubtSchema
from server.review.schemas.merging import ChoicesSchema, MergeDraftSchema, MergeSchema
from server.review.schemas.records import (
    RecordQuerySchema,
    RecordSchema,
    RecordsQuerySchema,
    RecordSummarySchema,
)
from server.review.schemas.under_key import RecordUnderKeySchema
from server.review.schemas.versions import CompareQuerySchema, ComparisonSchema
from server.review.service import Return
from server.view_marks import streaming, untransacted

blp = Blueprint("review", __name__, url_prefix="/api/v1", description="Records and their review")


@blp.get("/records")
@blp.arguments(RecordsQuerySchema, location="query")
@blp.response(200, RecordSummarySchema(many=True))
def list_records(query: dict[str, Any]) -> Any:
    """List records of one's jurisdiction, or of the tasks one is on, the oldest first; those of a state or that wait, by their task's last day."""
    chosen = inspections.sought_records(actor, query.get("state"), query.get("task"))
    keys = [Record.due_on if "state" in query else Record.created_at, Record.id]
    if query["waiting"]:
        rows, after = conflicts.waiting(
            session, chosen, settings().conflict_days, query["after"], query["limit"]
        )
    else:
        rows, after = page(session, chosen, keys, query["after"], query["limit"])
    return _with_deadlines(rows, dossier.summaries(session, rows)), 200, next_page(after)


@blp.get("/records/<uuid:record_id>")
@blp.arguments(RecordQuerySchema, location="query")
@blp.response(200, RecordSchema)
def show_record(query: dict[str, Any], record_id: UUID) -> Json:
    """Show a record with answers in words, findings, files and how far they have come, versions, decisions."""
    shown = dossier.dossier(session, actor, record_id, query["rev"])
    [shown] = _with_deadlines([session.get_one(Record, record_id)], [shown])
    return shown | {"doubts": asking.show(session, actor, record_id, query["rev"])}


@blp.post("/records/<uuid:record_id>/doubts/<string:doubt_id>/answer")
@blp.arguments(DoubtReplySchema)
@blp.response(200, DoubtSchema)
def answer_doubt(given: Answer, record_id: UUID, doubt_id: str) -> Json:
    """Answer a question of the machine about a record under review: looked at, fine or not fine."""
    return asking.answer(session, actor, record_id, doubt_id, given)


@blp.post("/records/<uuid:record_id>/return")
@blp.arguments(ReturnSchema)
@blp.response(200, RecordSummarySchema)
def return_record(given: Return, record_id: UUID) -> Json:
    """Send a record back to its inspector's phone, with the answers to correct."""
    record = service.return_record(session, actor, record_id, given)
    return dossier.summaries(session, [record])[0]


@blp.post("/records/<uuid:record_id>/accept")
@blp.arguments(AcceptanceSchema)
@blp.response(200, RecordSummarySchema)
def accept_record(given: dict[str, str | None], record_id: UUID) -> Json:
    """Accept a record: it is final, and its results are drafted."""
    record = service.accept_record(session, actor, record_id, given["rev"])
    return dossier.summaries(session, [record])[0]


@blp.get("/review/reasons")
@blp.response(200, StockReasonsSchema)
def list_stock_reasons() -> Json:
    """List the reasons that reviewers of one's bureau write most often; none where it keeps to those that ship."""
    return {"reasons": stock_reasons.stock_reasons(session, actor)}


@blp.put("/review/reasons")
@blp.arguments(StockReasonsSchema)
@blp.response(200, StockReasonsSchema)
def set_stock_reasons(given: dict[str, list[str]]) -> Json:
    """Set the reasons that reviewers of one's bureau choose from."""
    return {"reasons": stock_reasons.set_stock_reasons(session, actor, given["reasons"])}


@blp.get("/records/<uuid:record_id>/compare")
@blp.arguments(CompareQuerySchema, location="query")
@blp.response(200, ComparisonSchema)
def compare_versions(query: dict[str, str], record_id: UUID) -> Json:
    """Lay two versions of a record side by side: answers in words and files, by path."""
    return dossier.compare(session, actor, record_id, query["old"], query["new"])


@blp.get("/records/<uuid:record_id>/merge")
@blp.response(200, MergeSchema)
def show_merge(record_id: UUID) -> Json:
    """Propose how the heads of a record in conflict come together: what is automatic, and what is to choose."""
    return inspections.show_merge(session, actor, record_id)


@blp.post("/records/<uuid:record_id>/merge")
@blp.arguments(ChoicesSchema)
@blp.response(200, MergeDraftSchema)
@untransacted
def draft_merge(given: Choices, record_id: UUID) -> Json:
    """Write the version that choices come to, for the lead inspector to complete and seal. Nothing is stored."""
    with short_transaction(writing=False) as reading:
        return inspections.draft_merge(reading, actor, record_id, given)


@blp.post("/records/<uuid:record_id>/merge/ask")
@blp.arguments(AskMergeSchema)
@blp.response(200, RecordSummarySchema)
def ask_for_merge(given: dict[str, str | None], record_id: UUID) -> Json:
    """Ask the lead inspector to bring the heads of a record in conflict together; the phones are told."""
    record = inspections.ask_for_merge(session, actor, record_id, given["note"])
    [shown] = _with_deadlines([record], dossier.summaries(session, [record]))
    return shown


@blp.get("/devices/<uuid:device_id>/keys/<key_id>/records")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, RecordUnderKeySchema(many=True))
def list_records_under_key(query: dict[str, Any], device_id: UUID, key_id: str) -> Any:
    """List the records that hold something signed with a key, and what is in doubt about each of those now."""
    key = keys.key_of_device(session, actor, device_id, key_id)
    chosen = under_key.records_under(actor, key)
    rows, after = page(session, chosen, [Record.created_at, Record.id], query["after"], query["limit"])
    return under_key.as_json(session, key, rows), 200, next_page(after)


@blp.get("/records/<uuid:record_id>/media/<string:name>/stamped")
@blp.arguments(RecordQuerySchema, location="query")
@blp.response(200, content_type="image/jpeg", description="A JPEG with a band of text below the picture.")
@streaming
def send_stamped_copy(query: dict[str, Any], record_id: UUID, name: str) -> Response:
    """Send a photo of a record with task, object, time, place and inspectors below it: not the original."""
    with short_transaction(writing=False) as reading:
        photo = stamped.stamped_photo(reading, actor, record_id, name, query["rev"], settings().zone)
    response = Response(stamped.stamped_copy(store(), looker(), photo), mimetype="image/jpeg")
    response.headers["X-Derivative-Of"] = f"sha256:{photo.sha256}"
    response.headers["Content-Disposition"] = f'inline; filename="{photo.sha256[:12]}-stamped.jpg"'
    return response


def _with_deadlines(records: Sequence[Record], shown: Sequence[Json]) -> list[Json]:
    """Tell with records how long those in conflict may stay so."""
    days = settings().conflict_days
    pairs = zip(records, shown, strict=True)
    return [line | {"conflict": conflicts.conflict_of(record, days)} for record, line in pairs]
