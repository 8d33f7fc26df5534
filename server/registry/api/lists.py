"""The item list over HTTP: items, claims, responsibilities, and the versions that are published of them."""

from datetime import date
from typing import Any
from uuid import UUID

from server.access import Permission, require
from server.clock import today
from server.http import actor, session
from server.paging import PagingSchema, next_page, page
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.item_drafts import ResponsibilityDraft
from server.registry.list_changes import EntryChange, changes_of_version
from server.registry.models import InspectionItem, ItemClaim, ListVersion, Responsibility
from server.registry.schemas import lists as schemas


@blp.get("/items")
@blp.response(200, schemas.ItemSchema(many=True))
def list_items() -> list[InspectionItem]:
    """List the inspection items, those of every level."""
    return service.items(session)


@blp.put("/items/<string:code>")
@blp.arguments(schemas.ItemDraftSchema)
@blp.response(200, schemas.ItemSchema)
def enter_item(elements: dict[str, Any], code: str) -> InspectionItem:
    """Enter an item, or bring it up to date; an item of a higher level is claimed, not changed."""
    item, _ = service.enter_item(session, actor, schemas.item_draft(code, elements))
    service.offer_items(session, actor)
    return item


@blp.get("/claims")
@blp.response(200, schemas.ClaimSchema(many=True))
def list_claims() -> list[ItemClaim]:
    """List what the bureau has claimed, also what has ended."""
    require(actor, Permission.LIST_READ)
    return service.claims_of(session, actor)


@blp.get("/claims/missing")
@blp.response(200, schemas.ItemSchema(many=True))
def list_unclaimed_items() -> list[InspectionItem]:
    """List the items in force that the bureau could claim and has not: to be claimed, or reported as not its own."""
    return service.unclaimed_items(session, actor, today())


@blp.post("/claims")
@blp.arguments(schemas.ClaimDraftSchema)
@blp.response(200, schemas.ClaimSchema(many=True))
def claim_items(body: dict[str, Any]) -> list[ItemClaim]:
    """Claim items of the unified list, or of the bureau's own, into the bureau's list (认领)."""
    return service.claim_items(session, actor, body["codes"], body["draft"], body["on"] or today())


@blp.post("/claims/<string:code>/end")
@blp.arguments(schemas.ClaimEndSchema)
@blp.response(200, schemas.ClaimSchema)
def release_item(body: dict[str, date], code: str) -> ItemClaim:
    """Take an item out of the bureau's list after a day."""
    return service.release_item(session, actor, code, body.get("last_day") or today())


@blp.get("/responsibilities")
@blp.response(200, schemas.ResponsibilitySchema(many=True))
def list_responsibilities() -> list[Responsibility]:
    """List the lines of the bureau's multi-department responsibility list."""
    require(actor, Permission.LIST_READ)
    return list(session.scalars(service.responsibilities_of(actor)))


@blp.post("/responsibilities")
@blp.arguments(schemas.ResponsibilitySchema)
@blp.response(200, schemas.ResponsibilitySchema)
def enter_responsibility(draft: ResponsibilityDraft) -> Responsibility:
    """Enter a line of the multi-department responsibility list, or bring the one of that name up to date."""
    return service.enter_responsibility(session, actor, draft)


@blp.delete("/responsibilities/<uuid:line_id>")
@blp.response(204)
def drop_responsibility(line_id: UUID) -> None:
    """Take a line out of the multi-department responsibility list."""
    service.drop_responsibility(session, actor, line_id)


@blp.get("/list-versions")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, schemas.ListVersionSchema(many=True))
def list_versions(query: dict[str, Any]) -> Any:
    """List the versions of the jurisdiction's lists, whatever their state, the newest first."""
    keys = [ListVersion.prepared_at, ListVersion.id]
    versions = service.versions_within(actor)
    rows, after = page(session, versions, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.post("/list-versions")
@blp.arguments(schemas.ListVersionDraftSchema)
@blp.response(201, schemas.ListVersionSchema)
def prepare_version(body: dict[str, Any]) -> ListVersion:
    """Write down the bureau's list as it will stand on a day; one that was not published yet is replaced."""
    return service.prepare_version(session, actor, body["kind"], body["draft"])


@blp.get("/list-versions/<uuid:version_id>/changes")
@blp.arguments(schemas.ListChangesQuerySchema, location="query")
@blp.response(200, schemas.EntryChangeSchema(many=True))
def compare_version(query: dict[str, Any], version_id: UUID) -> list[EntryChange]:
    """Tell what is different in a version of a list, against another one or the one published before it."""
    return changes_of_version(session, actor, version_id, query.get("against"))


@blp.post("/list-versions/<uuid:version_id>/approve")
@blp.arguments(schemas.ListApprovalSchema)
@blp.response(200, schemas.ListVersionSchema)
def approve_version(body: dict[str, str], version_id: UUID) -> ListVersion:
    """Approve a version as it stands; not by who prepared it."""
    return service.approve_version(session, actor, version_id, **body)


@blp.post("/list-versions/<uuid:version_id>/publish")
@blp.response(200, schemas.ListVersionSchema)
def publish_list_version(version_id: UUID) -> ListVersion:
    """Publish an approved version: everybody can read it, and from its day on it is the list."""
    return service.publish_version(session, actor, version_id)
