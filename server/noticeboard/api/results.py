"""Results as pages: looked for, one by one with what they were before, and all of one object."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from server.http import session
from server.noticeboard.api.blueprint import LANGUAGE, PagedSchema, pages, parser
from server.noticeboard.results import OUTCOMES, about_object, filters, objects_of, question_of
from server.noticeboard.showing import show
from server.paging import page
from server.publicity.models import Disclosure, DisclosureState, Outcome
from server.publicity.searching import as_public, find_public, order_of, public_results, results_of_object
from server.view_marks import public

ROWS = 20


class ResultsSchema(PagedSchema):
    """Whose results, and which of them; days are days of inspection, and both count."""

    q = fields.String(validate=validate.Length(2, 100))
    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    item = fields.String(validate=validate.Length(max=200))
    outcome = fields.Enum(Outcome, by_value=True)
    first = fields.Date()
    last = fields.Date()


@pages.get(f"{LANGUAGE}/results")
@parser.use_args(ResultsSchema, location="query")
@public
def list_results(asked: dict[str, Any]) -> Response:
    """Look for results by a name or a credit code, or their beginnings, and by matter, time, region and outcome."""
    question = question_of(asked)
    keys, descending = order_of(question)
    found = public_results(question)
    rows, after = page(session, found, keys, asked["after"], ROWS, descending=descending)
    facts: dict[str, Any] = {
        "asked": asked,
        "after": after,
        "filters": filters(session),
        "outcomes": OUTCOMES,
    }
    return show("results", rows=[as_public(each) for each in rows], objects=objects_of(rows), **facts)


@pages.get(f"{LANGUAGE}/results/<uuid:disclosure_id>")
@public
def show_result(disclosure_id: UUID) -> Response:
    """Show one result and what was public of it before; 410 where it was corrected or withdrawn since."""
    found, history = find_public(session, disclosure_id)
    is_public = found.state == DisclosureState.PUBLIC.value
    standing = next((each.id for each in history if each.state == DisclosureState.PUBLIC.value), None)
    told = {"result": as_public(found), "history": [as_public(each) for each in history]}
    return show("result", 200 if is_public else 410, **told, standing=standing, object_id=found.object_id)


@pages.get(f"{LANGUAGE}/objects/<uuid:object_id>")
@parser.use_args(PagedSchema, location="query")
@public
def show_object(asked: dict[str, Any], object_id: UUID) -> Response:
    """Show all that is or was public of an object, the newest first."""
    keys = (Disclosure.inspected_on, Disclosure.id)
    found = results_of_object(object_id)
    rows, after = page(session, found, keys, asked["after"], ROWS, descending=True)
    told = [as_public(each) for each in rows]
    return show("object", about=about_object(rows), rows=told, after=after)
