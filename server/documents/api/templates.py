"""Word templates and rules of a bureau, for administrators."""

from typing import Any
from uuid import UUID

from flask import Response, request

from server.documents import schemas, service
from server.documents.api.blueprint import PDF, blp, named
from server.documents.kinds import DocumentKind
from server.documents.templating import TemplateInUse, TemplateVersion
from server.documents.trying import Trial
from server.documents.word import DOCX
from server.http import actor, session
from server.problems import DocumentNotFound
from server.view_marks import importing, untransacted

_BODY = {"required": True, "content": {DOCX: {"schema": {"type": "string", "format": "binary"}}}}


@blp.get("/documents/templates")
@blp.response(200, schemas.TemplateSchema(many=True))
def list_document_templates() -> list[TemplateInUse]:
    """List the templates in use, with the fields that each may name."""
    return service.templates_of(session, actor)


@blp.get("/documents/templates/<kind>/docx")
@blp.arguments(schemas.TemplateQuerySchema, location="query")
@blp.response(200, content_type=DOCX)
def send_document_template(query: dict[str, Any], kind: str) -> Response:
    """Send a template to be edited in Word or WPS."""
    its = _kind(kind)
    docx = service.template_bytes(session, actor, its, query["version"])
    return named(Response(docx, mimetype=DOCX), f"{its.chinese}（模板）.docx")


@blp.put("/documents/templates/<kind>/docx")
@blp.doc(requestBody=_BODY)
@blp.arguments(schemas.NoteQuerySchema, location="query")
@blp.response(200, schemas.TemplateSchema)
@importing
def replace_document_template(query: dict[str, str], kind: str) -> TemplateInUse:
    """Put a template in use once it renders; unknown fields are named with their place, and nothing is changed."""
    return service.upload(session, actor, _kind(kind), request.get_data(), query["note"])


@blp.get("/documents/templates/<kind>/versions")
@blp.response(200, schemas.TemplateVersionSchema(many=True))
def list_template_versions(kind: str) -> list[TemplateVersion]:
    """List the versions of a template, the newest first; 0 is the one that ships."""
    return service.versions_of(session, actor, _kind(kind))


@blp.post("/documents/templates/<kind>/use")
@blp.arguments(schemas.UseTemplateSchema)
@blp.response(200, schemas.TemplateSchema)
def use_template_again(given: dict[str, Any], kind: str) -> TemplateInUse:
    """Put an earlier version in use again, as a new one; it is tried first, as one that is uploaded."""
    return service.use_again(session, actor, _kind(kind), given["version"], given["note"])


@blp.post("/documents/templates/<kind>/trial")
@blp.doc(requestBody=_BODY)
@blp.response(200, schemas.TrialSchema)
@importing
@untransacted
def try_document_template(kind: str) -> Trial:
    """Say which fields a template names, and which not; refused with each unknown one and its place. Nothing is kept."""
    return service.try_template(actor, _kind(kind), request.get_data())


@blp.post("/documents/templates/<kind>/trial/docx")
@blp.doc(requestBody=_BODY)
@blp.response(200, content_type=DOCX)
@importing
@untransacted
def fill_document_template(kind: str) -> Response:
    """Fill a template with an invented visit, to look at it in Word or WPS. Nothing is kept."""
    its = _kind(kind)
    docx = service.fill_template(actor, its, request.get_data())
    return named(Response(docx, mimetype=DOCX), f"{its.chinese}（示例）.docx")


@blp.get("/documents/templates/<kind>/example/pdf")
@blp.response(200, content_type=PDF)
@untransacted
def print_document_example(kind: str) -> Response:
    """Print a document of a kind with an invented visit; the layout of the PDF is the house's."""
    its = _kind(kind)
    pdf = service.print_example(actor, its)
    return named(Response(pdf, mimetype=PDF), f"{its.chinese}（示例）.pdf")


@blp.delete("/documents/templates/<kind>/docx")
@blp.arguments(schemas.NoteQuerySchema, location="query")
@blp.response(200, schemas.TemplateSchema)
def return_to_shipped_template(query: dict[str, str], kind: str) -> TemplateInUse:
    """Use the template that ships again; the bureau's own versions are kept."""
    return service.return_to_shipped(session, actor, _kind(kind), query["note"])


@blp.get("/documents/rules")
@blp.response(200, schemas.DocumentRulesInUseSchema)
def show_document_rules() -> dict[str, Any]:
    """Show how one's bureau numbers its documents, which number comes next, and its own words in them."""
    return service.document_rules(session, actor)


@blp.put("/organisations/<uuid:organisation_id>/rules/documents")
@blp.arguments(schemas.DocumentRulesSchema)
@blp.response(200, schemas.DocumentRulesSchema)
def set_document_rules(rules: dict[str, Any], organisation_id: UUID) -> dict[str, Any]:
    """Set how a bureau numbers its documents, and its own words in them (救济途径, 联系人, …)."""
    given: dict[str, Any] = service.set_document_rules(session, actor, organisation_id, rules).rules[
        "documents"
    ]
    return given


def _kind(name: str) -> DocumentKind:
    if name not in set(DocumentKind):
        raise DocumentNotFound()
    return DocumentKind(name)
