"""The board and the map of coverage over HTTP."""

from typing import Any

from server.blueprint import Blueprint
from server.board import schemas, service
from server.board.service import Covered
from server.db import Json
from server.http import actor, session

blp = Blueprint(
    "board", __name__, url_prefix="/api/v1", description="What is under way, and what was visited"
)


@blp.get("/board")
@blp.arguments(schemas.BoardQuerySchema, location="query")
@blp.response(200, schemas.BoardSchema)
def show_board(query: dict[str, Any]) -> Json:
    """Show how much stands where from the draw to the public, and the most urgent of it with the rule that says so."""
    return service.show_board(session, actor, **query)


@blp.get("/board/choices")
@blp.response(200, schemas.BoardChoicesSchema)
def show_choices() -> Json:
    """Show the regions, departments, plans and items that the board can be filtered by."""
    return service.choices(session, actor)


@blp.get("/coverage")
@blp.arguments(schemas.CoverageQuerySchema, location="query")
@blp.response(200, schemas.MapOfCoverageSchema)
def show_coverage(covered: Covered) -> Json:
    """Show which drawn objects were visited, which not yet and which are late; where nobody is, was or goes."""
    return service.coverage(session, actor, covered)
