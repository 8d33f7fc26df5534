"""Published lists, for everybody: which versions there are, what stood on a day, and the bytes of each."""

from typing import Any

from flask import Response

from server.http import session
from server.paging import next_page, page
from server.registry import service
from server.registry.api.blueprint import public_blp
from server.registry.models import ListVersion
from server.registry.schemas import lists as schemas
from server.view_marks import public


@public_blp.get("/lists")
@public_blp.arguments(schemas.PublishedListsQuerySchema, location="query")
@public_blp.response(200, schemas.PublishedListSchema(many=True))
@public
def show_published_lists(query: dict[str, Any]) -> Any:
    """List the published lists: every version, or with `on` the one of each bureau that held on that day."""
    versions = service.published_versions(query.get("organisation"), query.get("kind"), query.get("on"))
    keys = [ListVersion.published_at, ListVersion.id]
    rows, after = page(session, versions, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@public_blp.get("/lists/<string:sha256>")
@public_blp.response(200, {"type": "object"}, description="The list as it was published, byte for byte")
@public
def show_published_list(sha256: str) -> Response:
    """Give a published list by its SHA-256: canonical JSON, whose bytes have that hash."""
    data = service.published_bytes(session, sha256)
    answer = Response(data, content_type="application/json")
    answer.cache_control.public, answer.cache_control.max_age = True, 86400
    return answer
