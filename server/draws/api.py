"""Draws over HTTP."""

from typing import Any
from uuid import UUID

from server.draws import schemas, service
from server.draws.models import Draw
from server.http import Blueprint, actor, session
from server.paging import next_page, page

blp = Blueprint("draws", __name__, url_prefix="/api/v1", description="Draws and the visits they ordain")


@blp.get("/draws")
@blp.arguments(schemas.DrawsQuerySchema, location="query")
@blp.response(200, schemas.DrawSchema(many=True))
def list_draws(query: dict[str, Any]) -> Any:
    """List draws, the newest first; inspectors see those that send them somewhere."""
    found = service.draws_within(actor, planned_id=query.get("planned"))
    keys = (Draw.published_at, Draw.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/draws/<uuid:draw_id>")
@blp.response(200, schemas.DrawWithVisitsSchema)
def show_draw(draw_id: UUID) -> dict[str, Any]:
    """Show one draw with its visits."""
    draw = service.find_draw(session, actor, draw_id)
    return vars(draw) | {"visits": service.visits_of(session, [draw.id])}
