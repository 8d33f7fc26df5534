"""Roots over HTTP, so that they can be kept where nobody of ours can change them."""

from typing import Any

from sqlalchemy import select

from server.access import Permission, require
from server.http import Blueprint, actor, session
from server.notary import schemas, service
from server.notary.models import AuditRoot
from server.paging import PagingSchema, next_page, page

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
    return [service.root_json(each) for each in rows], 200, next_page(after)
