"""The quarantine desk over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from server.blueprint import Blueprint
from server.db import Json
from server.http import actor, session
from server.inspections.models import QuarantineCase
from server.paging import next_page, page
from server.quarantine import schemas, service, views

blp = Blueprint("quarantine", __name__, url_prefix="/api/v1/quarantine", description="The quarantine desk")


@blp.get("")
@blp.arguments(schemas.CasesQuerySchema, location="query")
@blp.response(200, schemas.CaseSummarySchema(many=True))
def list_cases(query: dict[str, Any]) -> Any:
    """List what is in quarantine in one's jurisdiction, the oldest first."""
    chosen = service.sought_cases(actor, query["sought"])
    keys = [QuarantineCase.arrived_at, QuarantineCase.id]
    rows, after = page(session, chosen, keys, query["after"], query["limit"])
    return views.summaries(session, rows), 200, next_page(after)


@blp.get("/<uuid:case_id>")
@blp.response(200, schemas.CaseSchema)
def show_case(case_id: UUID) -> Json:
    """Show a case: why, what could be read out of the bytes, and what it would take to admit it."""
    return views.whole(session, service.visible_case(session, actor, case_id))


@blp.get("/<uuid:case_id>/bytes")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def send_case_bytes(case_id: UUID) -> Response:
    """Send what came, byte for byte: the revision, or the item as JSON."""
    name, data = service.exact_bytes(session, service.visible_case(session, actor, case_id))
    response = Response(data, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blp.post("/<uuid:case_id>/admit")
@blp.arguments(schemas.AdmissionSchema)
@blp.response(200, schemas.CaseSchema)
def admit_case(given: dict[str, Any], case_id: UUID) -> Json:
    """Admit it: it becomes part of its record by the normal rules, flagged. Its bytes are never altered."""
    service.admit(session, actor, case_id, given["reason"], given["task"])
    return _shown(case_id)


@blp.post("/<uuid:case_id>/dismiss")
@blp.arguments(schemas.CaseReasonSchema)
@blp.response(200, schemas.CaseSchema)
def dismiss_case(given: dict[str, str], case_id: UUID) -> Json:
    """Put it aside: it is kept, and no more on the list of what waits."""
    service.dismiss(session, actor, case_id, given["reason"])
    return _shown(case_id)


@blp.post("/<uuid:case_id>/reopen")
@blp.arguments(schemas.CaseReasonSchema)
@blp.response(200, schemas.CaseSchema)
def reopen_case(given: dict[str, str], case_id: UUID) -> Json:
    """Take a dismissal back."""
    service.reopen(session, actor, case_id, given["reason"])
    return _shown(case_id)


def _shown(case_id: UUID) -> Json:
    session.flush()
    return views.whole(session, service.visible_case(session, actor, case_id))
