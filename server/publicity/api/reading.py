"""Results for everybody: by enterprise, one by one, in bulk. Pages may be kept for a minute (`Cache-Control`)."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from server.db import Json
from server.http import session
from server.paging import next_page, page
from server.publicity import schemas
from server.publicity.api.blueprint import public_blp
from server.publicity.files import as_csv
from server.publicity.models import Disclosure
from server.publicity.searching import Question, as_public, changed_results, find_public, public_results
from server.view_marks import public

_KEPT = {"Cache-Control": "public, max-age=60"}


@public_blp.get("/results")
@public_blp.arguments(schemas.PublicResultsQuerySchema, location="query")
@public_blp.response(200, schemas.PublicResultSchema(many=True))
@public
def find_results(query: dict[str, Any]) -> Any:
    """Find what is public about an enterprise, by the beginning of its name or by its credit code (一站式查询)."""
    found = public_results(Question(query.get("name"), query.get("code"), query.get("region")))
    keys = (Disclosure.name_key, Disclosure.id)
    rows, after = page(session, found, keys, query["after"], query["limit"])
    return [as_public(each) for each in rows], 200, {**_KEPT, **next_page(after)}


@public_blp.get("/results/<uuid:disclosure_id>")
@public_blp.response(200, schemas.PublicHistorySchema)
@public
def show_public_result(disclosure_id: UUID) -> Any:
    """Show one disclosure with all that was public of its result: what was corrected or withdrawn leaves a trace."""
    found, history = find_public(session, disclosure_id)
    return {**as_public(found), "history": [as_public(each) for each in history]}, 200, _KEPT


@public_blp.get("/files/results.json")
@public_blp.arguments(schemas.PublicFileQuerySchema, location="query")
@public_blp.response(200, schemas.PublicResultSchema(many=True))
@public
def send_results_as_json(query: dict[str, Any]) -> Response:
    """Send all that is or was public, in the order of its last change: whoever keeps the last `Link` reads on there."""
    rows, headers = _part(query)
    response = jsonify(rows)
    response.headers.update(headers)
    return response


@public_blp.get("/files/results.csv")
@public_blp.arguments(schemas.PublicFileQuerySchema, location="query")
@public_blp.response(200, content_type="text/csv")
@public
def send_results_as_csv(query: dict[str, Any]) -> Response:
    """Send the same for spreadsheets, part by part."""
    rows, headers = _part(query)
    response = Response(as_csv(rows), mimetype="text/csv")
    response.headers.update(headers)
    return response


def _part(query: dict[str, Any]) -> tuple[list[Json], dict[str, str]]:
    keys = (Disclosure.changed_at, Disclosure.id)
    rows, after = page(session, changed_results(), keys, query["after"], query["limit"])
    return [as_public(each) for each in rows], {**_KEPT, **next_page(after)}
