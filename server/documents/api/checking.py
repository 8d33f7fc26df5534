"""Is a document genuine: for whoever may read it, and for everybody who holds the paper."""

from typing import Any
from uuid import UUID

from server.db import Json
from server.documents import schemas, service
from server.documents.api.blueprint import blp, public_blp
from server.documents.checking import Check
from server.http import actor, session, store
from server.view_marks import public


@blp.get("/documents/<uuid:document_id>/check")
@blp.response(200, schemas.DocumentCheckSchema(many=True))
def check_document(document_id: UUID) -> list[Check]:
    """Check a document anew: file, content, and for a record the bytes and signatures that it rests on."""
    return service.check_document(session, actor, document_id, store())


@public_blp.get("/documents/<uuid:document_id>")
@public_blp.arguments(schemas.HashQuerySchema, location="query")
@public_blp.response(200, schemas.VerdictSchema)
@public
def verify_document(query: dict[str, Any], document_id: UUID) -> Json:
    """Say whether a document was issued with this content, or as this file."""
    return service.verify_issued(session, document_id, query["sha256"])


@public_blp.get("/documents/verify")
@public_blp.arguments(schemas.NumberQuerySchema, location="query")
@public_blp.response(200, schemas.VerdictSchema)
@public
def verify_document_number(query: dict[str, Any]) -> Json:
    """Say whether a document of this number was issued with this content, or as this file."""
    return service.verify_number(session, query["number"].strip(), query["sha256"])
