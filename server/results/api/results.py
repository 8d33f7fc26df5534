"""Results over HTTP: from draft to release, their versions, deadlines and objections."""

from typing import Any
from uuid import UUID

from server.http import actor, session
from server.paging import next_page, page
from server.results import objections, schemas, service
from server.results.api.blueprint import blp
from server.results.models import Objection, Result
from server.results.naming import named_results
from server.results.service import Confirmation


@blp.get("/results")
@blp.arguments(schemas.ResultsQuerySchema, location="query")
@blp.response(200, schemas.NamedResultSchema(many=True))
def list_results(query: dict[str, Any]) -> Any:
    """List results, what is due first; inspectors see those of their own tasks."""
    found = service.results_within(actor, state=query.get("state"), task_id=query.get("task"))
    rows, after = page(session, found, (Result.due_on, Result.id), query["after"], query["limit"])
    return named_results(session, rows), 200, next_page(after)


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
@blp.arguments(schemas.ReleaseSchema)
@blp.response(200, schemas.ResultSchema)
def release_result(given: dict[str, int | None], result_id: UUID) -> Result:
    """Release a confirmed result; by a supervisor who did not inspect."""
    return service.release(session, actor, result_id, given["version"])


@blp.get("/results/<uuid:result_id>/versions")
@blp.response(200, schemas.ResultVersionSchema(many=True))
def list_result_versions(result_id: UUID) -> Any:
    """List what a result said in each of its versions, with the reason for each correction."""
    return service.versions_of(session, actor, result_id)


@blp.get("/results/<uuid:result_id>/deadlines")
@blp.response(200, schemas.DeadlinesSchema)
def list_result_deadlines(result_id: UUID) -> Any:
    """List when a result and what it brought about are due, and how new calendars moved that."""
    deadlines, changes = service.deadlines_of(session, actor, result_id)
    return {"deadlines": deadlines, "changes": changes}


@blp.get("/results/<uuid:result_id>/objections")
@blp.response(200, schemas.ObjectionSchema(many=True))
def list_objections(result_id: UUID) -> Any:
    """List the objections to a result."""
    return objections.objections_of(session, service.find_result(session, actor, result_id))


@blp.post("/results/<uuid:result_id>/objections")
@blp.arguments(schemas.ObjectionDraftSchema)
@blp.response(201, schemas.ObjectionSchema)
def file_objection(given: dict[str, Any], result_id: UUID) -> Objection:
    """Take down an objection of the inspected entity to a released result."""
    result = service.find_result(session, actor, result_id, lock=True)
    return objections.file(session, actor, result, **given)


@blp.post("/results/<uuid:result_id>/objections/<uuid:objection_id>/decide")
@blp.arguments(schemas.ObjectionDecisionSchema)
@blp.response(200, schemas.ObjectionSchema)
def decide_objection(given: dict[str, Any], result_id: UUID, objection_id: UUID) -> Objection:
    """Decide an objection; by somebody who neither inspected nor confirmed."""
    result = service.find_result(session, actor, result_id, lock=True)
    return objections.decide(session, actor, result, objection_id, **given)
