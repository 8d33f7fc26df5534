"""Publishing and reading forms over HTTP."""

from flask import Response, request

from server.access import Permission, require
from server.checklists import schemas, service
from server.checklists.models import FormVersion
from server.http import Blueprint, actor, session
from server.problems import MediaTypeWrong

blp = Blueprint("checklists", __name__, url_prefix="/api/v1", description="Published forms")

FILE_TYPES = {
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_SOURCE = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES},
}
_IMMUTABLE = "private, max-age=31536000, immutable"


@blp.post("/forms")
@blp.doc(requestBody=_SOURCE)
@blp.response(201, schemas.FormVersionSchema)
def publish_form() -> FormVersion:
    """Publish an XLSForm, given as Markdown, CSV or xlsx; a published version never changes."""
    file_type = FILE_TYPES.get(request.mimetype)
    if file_type is None:
        raise MediaTypeWrong(", ".join(FILE_TYPES))
    return service.publish(session, actor, request.get_data(), file_type)


@blp.get("/forms")
@blp.response(200, schemas.FormVersionSchema(many=True))
def list_forms() -> list[FormVersion]:
    """List every published version of every form."""
    return service.versions(session, actor)


@blp.get("/forms/<form_id>/versions/<version>")
@blp.response(200, schemas.FormVersionSchema)
def show_form(form_id: str, version: str) -> FormVersion:
    """Show one version of a form."""
    require(actor, Permission.FORM_READ)
    return service.published(session, form_id, version)


@blp.get("/forms/<form_id>/versions/<version>/xform")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/xml")
def send_xform(form_id: str, version: str) -> Response:
    """Send the XForm of one version; its bytes never change."""
    require(actor, Permission.FORM_READ)
    row = service.published(session, form_id, version)
    response = Response(row.xform, content_type="application/xml; charset=utf-8")
    response.set_etag(row.sha256)
    response.headers["Cache-Control"] = _IMMUTABLE
    return response
