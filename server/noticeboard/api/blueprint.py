"""The blueprint of the pages: their language out of the address, what a query may say, how a refusal is shown."""

from typing import Any

from flask import Blueprint as Pages
from flask import Response, current_app, g
from marshmallow import fields, pre_load, validate

from server.bodies import BoundedParser
from server.noticeboard.showing import CHINESE, guarded, show, words_of_a_page
from server.paging import MOST_AFTER
from server.refusals import REFUSALS, problem_of
from server.schema import Schema

pages = Pages("noticeboard", __name__, url_prefix="/public", template_folder="../templates")
root = Pages("noticeboard_root", __name__)
LANGUAGE = "/<any(zh, en):language>"
parser = BoundedParser()

pages.context_processor(words_of_a_page)


class AskedSchema(Schema):
    """What a page is asked for: fields that were left empty in a form count as not there."""

    @pre_load
    def without_blanks(self, given: Any, **_: Any) -> dict[str, Any]:
        """Leave out what a form sends empty."""
        return {name: value.strip() for name, value in given.items() if value.strip()}


class PagedSchema(AskedSchema):
    """Which page of a list: behind the place that the page before named."""

    after = fields.String(load_default=None, validate=validate.Length(max=MOST_AFTER))


class LeafSchema(AskedSchema):
    """Which leaf of a long document."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))


@pages.url_value_preprocessor
def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Read the language out of the address, for whatever is said."""
    g.language = (values or {}).pop("language", CHINESE)


@pages.url_defaults
def give_language(endpoint: str, values: dict[str, Any]) -> None:
    """Lead on in the same language."""
    if current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        values.setdefault("language", g.get("language", CHINESE))


def refuse(error: Exception) -> Any:
    """Show a refusal as a page, with what to do."""
    problem = problem_of(error)
    if problem is None:
        return error
    response: Response = show(
        "refused", problem.status, problem=problem, after=problem.headers.get("Retry-After")
    )
    response.headers.update(problem.headers)
    return guarded(response)


for kind in REFUSALS:
    pages.register_error_handler(kind, refuse)
