"""How lists and libraries are kept over HTTP: confirmations month by month, and what each speaks for."""

from typing import Any
from uuid import UUID

from server.clock import today
from server.http import actor, session
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.library_changes import LibraryChange
from server.registry.models import LibraryMonth
from server.registry.schemas import maintenance as schemas


@blp.get("/maintenance")
@blp.arguments(schemas.MaintenanceQuerySchema, location="query")
@blp.response(200, schemas.MaintenanceSchema)
def show_maintenance(query: dict[str, Any]) -> Any:
    """Show how the bureau's libraries were kept in a year: each month of each, and the end of April."""
    return service.maintenance_of(session, actor, query.get("year") or today().year)


@blp.post("/maintenance")
@blp.arguments(schemas.LibraryMonthDraftSchema)
@blp.response(201, schemas.LibraryMonthSchema)
def confirm_month(body: dict[str, Any]) -> LibraryMonth:
    """Confirm that the bureau's library was looked through and is right as of a month."""
    return service.confirm_month(session, actor, **body)


@blp.get("/maintenance/<uuid:confirmed_id>/changes")
@blp.arguments(schemas.LibraryChangesQuerySchema, location="query")
@blp.response(200, schemas.LibraryChangeSchema(many=True))
def list_library_changes(query: dict[str, int], confirmed_id: UUID) -> list[LibraryChange]:
    """List the changes that a confirmation speaks for: all since the confirmation before."""
    return service.changes_of_month(session, actor, confirmed_id, query["after"], query["limit"])
