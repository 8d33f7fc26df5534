"""Word templates and rules of a bureau, for administrators."""

from typing import Any
from uuid import UUID

from flask import Response, request

from server.documents import schemas, service
from server.documents.api.blueprint import blp, named
from server.documents.kinds import DocumentKind
from server.documents.templating import TemplateInUse
from server.documents.word import DOCX
from server.http import actor, importing, session
from server.problems import DocumentNotFound

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
    """Put a template in use once it renders; unknown fields are named and nothing is changed."""
    return service.upload(session, actor, _kind(kind), request.get_data(), query["note"])


@blp.delete("/documents/templates/<kind>/docx")
@blp.arguments(schemas.NoteQuerySchema, location="query")
@blp.response(200, schemas.TemplateSchema)
def return_to_shipped_template(query: dict[str, str], kind: str) -> TemplateInUse:
    """Use the template that ships again; the bureau's own versions are kept."""
    return service.return_to_shipped(session, actor, _kind(kind), query["note"])


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
