"""Complaints and suggestions over HTTP."""

from typing import Any
from uuid import UUID

from server.blueprint import Blueprint
from server.complaints import service
from server.complaints.models import Complaint
from server.complaints.schemas import (
    ComplaintAnswerSchema,
    ComplaintSchema,
    ComplaintsQuerySchema,
    WrittenSchema,
)
from server.complaints.service import Written
from server.db import Json
from server.http import actor, session
from server.paging import next_page, page

blp = Blueprint(
    "complaints", __name__, url_prefix="/api/v1/sync", description="What users say of the application"
)


@blp.post("/complaints")
@blp.arguments(WrittenSchema)
@blp.response(201, ComplaintSchema)
def take_complaint(written: Written) -> Json:
    """Hand in a complaint or suggestion about the application; twice under one id, it is there once."""
    return service.views(session, [service.take(session, actor, written)])[0]


@blp.get("/complaints/mine")
@blp.response(200, ComplaintSchema(many=True))
def list_own_complaints() -> list[Json]:
    """List what one wrote oneself, the newest first, with the answers."""
    return service.views(session, service.own(session, actor))


@blp.get("/complaints")
@blp.arguments(ComplaintsQuerySchema, location="query")
@blp.response(200, ComplaintSchema(many=True))
def list_complaints(query: dict[str, Any]) -> Any:
    """List complaints and suggestions of one's jurisdiction, the oldest first."""
    chosen = service.visible(actor, query["state"])
    rows, after = page(session, chosen, [Complaint.received_at, Complaint.id], query["after"], query["limit"])
    return service.views(session, rows), 200, next_page(after)


@blp.post("/complaints/<uuid:complaint_id>/answer")
@blp.arguments(ComplaintAnswerSchema)
@blp.response(200, ComplaintSchema)
def answer_complaint(given: dict[str, str], complaint_id: UUID) -> Json:
    """Answer one, once; whoever wrote it is told with the next pull."""
    answered = service.answer(session, actor, complaint_id, given["text"])
    return service.views(session, [answered])[0]
