"""Case files: asked for, watched, sent."""

from uuid import UUID

from flask import Response

from server.documents import case_files, schemas
from server.documents.api.blueprint import PDF, blp, send_stored
from server.documents.models import CaseFile
from server.http import actor, session, store
from server.inspections.models import Task


@blp.post("/tasks/<uuid:task_id>/case-file")
@blp.response(202, schemas.CaseFileSchema)
def ask_for_case_file(task_id: UUID) -> CaseFile:
    """Ask for the case file (案卷) of a task; the worker makes it. If nothing changed, the one that is there."""
    return case_files.ask(session, actor, task_id)


@blp.get("/case-files/<uuid:case_file_id>")
@blp.response(200, schemas.CaseFileSchema)
def show_case_file(case_file_id: UUID) -> CaseFile:
    """Show how far a case file is."""
    return case_files.find(session, actor, case_file_id)


@blp.get("/case-files/<uuid:case_file_id>/pdf")
@blp.response(200, content_type=PDF)
def send_case_file(case_file_id: UUID) -> Response:
    """Send a case file that is ready."""
    case_file = case_files.ready(session, actor, case_file_id)
    number = session.get_one(Task, case_file.task_id).number
    return send_stored(store(), str(case_file.file_sha256), f"案卷 {number}.pdf")
