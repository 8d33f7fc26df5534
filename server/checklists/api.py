"""Writing, publishing and reading forms over HTTP."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, request, send_file

from server.access import Permission, require
from server.blueprint import Blueprint
from server.checklists import schemas, service
from server.checklists.models import FormVersion
from server.db import Json, JsonList
from server.http import actor, session, short_transaction
from server.problems import MediaTypeWrong
from server.view_marks import importing, untransacted

blp = Blueprint(
    "checklists", __name__, url_prefix="/api/v1", description="Forms: drafts and published versions"
)

FILE_TYPES = {
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_SOURCE = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES},
}
_XFORM = {"type": "string", "format": "binary"}
_SOURCE_ANSWER = {"200": {"description": "OK", "content": _SOURCE["content"]}}
_IMMUTABLE = "private, max-age=31536000, immutable"


@blp.post("/forms")
@blp.doc(requestBody=_SOURCE)
@blp.response(201, schemas.FormDraftSchema)
@importing
@untransacted
def draft_form() -> Json:
    """Keep an XLSForm, given as Markdown, CSV or xlsx, as a draft; what is wrong with it is told, not refused."""
    written = _read_body()
    with short_transaction() as transaction:
        draft = service.create_draft(transaction, actor, written)
        return service.draft_views(transaction, [draft])[0]


@blp.get("/forms")
@blp.response(200, schemas.FormVersionSchema(many=True))
def list_forms() -> list[FormVersion]:
    """List every published version of every form."""
    return service.versions(session, actor)


@blp.get("/forms/overview")
@blp.arguments(schemas.FormsQuerySchema, location="query")
@blp.response(200, schemas.FormLineSchema(many=True))
def list_form_lines(query: dict[str, str]) -> JsonList:
    """List the forms, each with its versions and the items it is inspected with."""
    return service.overview(session, actor, query.get("state"))


@blp.get("/forms/drafts")
@blp.response(200, schemas.FormDraftSummarySchema(many=True))
def list_form_drafts() -> list[Json]:
    """List the drafts that are not published, those that changed last first."""
    return service.draft_views(session, service.open_drafts(session, actor))


@blp.get("/forms/drafts/<uuid:draft_id>")
@blp.response(200, schemas.FormDraftSchema)
def show_form_draft(draft_id: UUID) -> Json:
    """Show a draft with what was found in it: sheet, row, column and what to do."""
    return service.draft_views(session, [service.find_draft(session, actor, draft_id)])[0]


@blp.put("/forms/drafts/<uuid:draft_id>")
@blp.doc(requestBody=_SOURCE)
@blp.response(200, schemas.FormDraftSchema)
@importing
@untransacted
def change_form_draft(draft_id: UUID) -> Json:
    """Put another source in a draft's place."""
    written = _read_body()
    with short_transaction() as transaction:
        draft = service.change_draft(transaction, actor, draft_id, written)
        return service.draft_views(transaction, [draft])[0]


@blp.delete("/forms/drafts/<uuid:draft_id>")
@blp.response(204)
def delete_form_draft(draft_id: UUID) -> None:
    """Throw a draft away."""
    service.delete_draft(session, actor, draft_id)


@blp.get("/forms/drafts/<uuid:draft_id>/preview")
@blp.response(200, schemas.FormPreviewSchema)
def preview_form_draft(draft_id: UUID) -> Json:
    """Show what a draft will ask, and what changes against the newest published version."""
    return service.preview(session, service.find_draft(session, actor, draft_id))


@blp.get("/forms/drafts/<uuid:draft_id>/xform")
@blp.response(200, _XFORM, content_type="application/xml")
def send_draft_xform(draft_id: UUID) -> Response:
    """Send the XForm of a draft, to try it out."""
    xform = service.xform_of(service.find_draft(session, actor, draft_id))
    return Response(xform, content_type="application/xml; charset=utf-8")


@blp.get("/forms/drafts/<uuid:draft_id>/source")
@blp.doc(responses=_SOURCE_ANSWER)
def send_draft_source(draft_id: UUID) -> Response:
    """Send the file that a draft was made from, byte for byte."""
    draft = service.find_draft(session, actor, draft_id)
    return _source_file(draft.source, draft.source_type, f"draft-{draft.id}")


@blp.get("/forms/drafts/<uuid:draft_id>/sheets")
@blp.response(200, schemas.FormSheetSchema(many=True))
@untransacted
def show_draft_sheets(draft_id: UUID) -> JsonList:
    """Show the file of a draft as rows and cells, to see what was found where it stands; empty if it can't be read."""
    with short_transaction(writing=False) as reading:
        draft = service.find_draft(reading, actor, draft_id)
        source, source_type = draft.source, draft.source_type
    return service.sheets_of(source, source_type)


@blp.post("/forms/drafts/<uuid:draft_id>/publish")
@blp.response(201, schemas.FormVersionSchema)
def publish_form_draft(draft_id: UUID) -> FormVersion:
    """Publish a draft without errors, byte for byte as it was previewed; a published version never changes."""
    return service.publish_draft(session, actor, draft_id)


@blp.get("/forms/<form_id>/versions/<version>")
@blp.response(200, schemas.FormVersionSchema)
def show_form(form_id: str, version: str) -> FormVersion:
    """Show one version of a form."""
    require(actor, Permission.FORM_READ)
    return service.published(session, form_id, version)


@blp.get("/forms/<form_id>/versions/<version>/xform")
@blp.response(200, _XFORM, content_type="application/xml")
def send_xform(form_id: str, version: str) -> Response:
    """Send the XForm of one version; its bytes never change."""
    require(actor, Permission.FORM_READ)
    row = service.published(session, form_id, version)
    response = Response(row.xform, content_type="application/xml; charset=utf-8")
    response.set_etag(row.sha256)
    response.headers["Cache-Control"] = _IMMUTABLE
    return response


@blp.get("/forms/<form_id>/versions/<version>/source")
@blp.doc(responses=_SOURCE_ANSWER)
def send_form_source(form_id: str, version: str) -> Response:
    """Send the file that a version was published from, byte for byte, to write the next one from."""
    require(actor, Permission.FORM_PUBLISH)
    row = service.published(session, form_id, version)
    return _source_file(row.source, row.source_type, f"{row.form_id}-{row.version}")


@blp.post("/forms/<form_id>/versions/<version>/retire")
@blp.response(200, schemas.FormVersionSchema)
def retire_form(form_id: str, version: str) -> FormVersion:
    """Offer a version no longer; records made with it are taken as before."""
    return service.retire(session, actor, form_id, version)


@blp.post("/forms/<form_id>/versions/<version>/restore")
@blp.response(200, schemas.FormVersionSchema)
def restore_form(form_id: str, version: str) -> FormVersion:
    """Offer a retired version again."""
    return service.restore(session, actor, form_id, version)


@blp.get("/forms/<form_id>/versions/<old>/compare/<new>")
@blp.response(200, schemas.FormChangesSchema)
def compare_form_versions(form_id: str, old: str, new: str) -> Json:
    """Tell what changes from one version of a form to another."""
    return service.compare(session, actor, form_id, old, new).as_json()


@blp.post("/forms/<form_id>/versions/<old>/migrate/<new>")
@blp.doc(requestBody={"required": True, "content": {"application/xml": {"schema": _XFORM}}})
@blp.response(200, schemas.MigratedInstanceSchema)
def migrate_instance(form_id: str, old: str, new: str) -> Json:
    """Move an open draft of a record to another version of its form; what has no place there is told, not dropped.

    Nothing is stored: the phone keeps the draft it sent, and seals what its inspector makes of the answer.
    """
    return service.migrate(session, actor, form_id, old, new, request.get_data())


def _read_body() -> Any:
    """Compile and lint the request's body; no transaction is open meanwhile."""
    require(actor, Permission.FORM_PUBLISH)
    file_type = FILE_TYPES.get(request.mimetype)
    if file_type is None:
        raise MediaTypeWrong(", ".join(FILE_TYPES))
    return service.read_source(request.get_data(), file_type)


def _source_file(source: bytes, source_type: str, name: str) -> Response:
    """Write an author's file as a download: what an author wrote is never shown as a page of ours."""
    mimetype = next(kind for kind, ending in FILE_TYPES.items() if ending == source_type)
    return send_file(BytesIO(source), mimetype, as_attachment=True, download_name=name + source_type)
