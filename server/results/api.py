"""Results over HTTP."""

from typing import Any
from uuid import UUID

from server.http import Blueprint, actor, session
from server.paging import next_page, page
from server.results import schemas, service
from server.results.models import Result
from server.results.service import Confirmation

blp = Blueprint("results", __name__, url_prefix="/api/v1", description="Results, from draft to release")


@blp.get("/results")
@blp.arguments(schemas.ResultsQuerySchema, location="query")
@blp.response(200, schemas.ResultSchema(many=True))
def list_results(query: dict[str, Any]) -> Any:
    """List results, what is due first; inspectors see those of their own tasks."""
    found = service.results_within(actor, state=query.get("state"), task_id=query.get("task"))
    rows, after = page(session, found, (Result.due_on, Result.id), query["after"], query["limit"])
    return rows, 200, next_page(after)


@blp.get("/results/<uuid:result_id>")
@blp.response(200, schemas.ResultSchema)
def show_result(result_id: UUID) -> Result:
    """Show one result."""
    return service.find_result(session, actor, result_id)


@blp.post("/results/<uuid:result_id>/confirm")
@blp.arguments(schemas.ConfirmationSchema)
@blp.response(200, schemas.ResultSchema)
def confirm_result(given: Confirmation, result_id: UUID) -> Result:
    """Confirm a result, corrected where need be; by an inspector of its task."""
    return service.confirm(session, actor, result_id, given)


@blp.post("/results/<uuid:result_id>/release")
@blp.response(200, schemas.ResultSchema)
def release_result(result_id: UUID) -> Result:
    """Release a confirmed result; by a supervisor who did not inspect."""
    return service.release(session, actor, result_id)
