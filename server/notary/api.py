"""Roots over HTTP, so that they can be kept where nobody of ours can change them."""

from typing import Any

from flask import Response
from sqlalchemy import select

from server.access import Permission, require
from server.blueprint import Blueprint
from server.http import actor, installation, session, settings
from server.notary import proofs, schemas, service
from server.notary.authority import trusted_roots
from server.notary.checking import Trust
from server.notary.models import AuditRoot
from server.notary.parts import Part, check_part
from server.paging import PagingSchema, next_page, page
from server.problems import RootNotFound

blp = Blueprint("notary", __name__, url_prefix="/api/v1", description="Signed roots of the audit log")


@blp.get("/audit/roots")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, schemas.RootSchema(many=True))
def list_roots(query: dict[str, Any]) -> Any:
    """List the roots of the audit log, the newest first. They tell how many entries there are, none of them."""
    require(actor, Permission.AUDIT_READ)
    rows, after = page(
        session, select(AuditRoot), [AuditRoot.size], query["after"], query["limit"], descending=True
    )
    return (
        [service.root_json(each) | {"stamp_error": each.stamp_error} for each in rows],
        200,
        next_page(after),
    )


@blp.get("/audit/roots/<int(bits=64):size>/proof")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def send_proof(size: int) -> Response:
    """Send a root with its signature, its time-stamp and a proof that it begins the newest one, as a ZIP."""
    require(actor, Permission.AUDIT_READ)
    root = session.get(AuditRoot, size)
    if root is None:
        raise RootNotFound()
    name = f"audit-root-{root.date.isoformat()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        proofs.proof_of(session, root, installation().key), mimetype="application/zip", headers=headers
    )


@blp.get("/audit/check")
@blp.arguments(schemas.PartQuerySchema, location="query")
@blp.response(200, schemas.PartSchema)
def check_log(query: dict[str, int]) -> Part:
    """Check one part of the log: its hash chain and the roots in it. Ask for part after part, from `after` 0 on."""
    require(actor, Permission.AUDIT_READ)
    return check_part(session, Trust(installation().key, trusted_roots(settings())), query["after"])
