"""Is a document genuine: a page for whoever holds the paper."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from server.documents import service
from server.http import session
from server.noticeboard.api.blueprint import LANGUAGE, AskedSchema, pages, parser
from server.noticeboard.showing import show
from server.view_marks import public


class PaperSchema(AskedSchema):
    """What stands on a paper: its number (文号), or its id as its code gives it, and a hash, 64 hexadecimal digits."""

    id = fields.UUID()
    number = fields.String(validate=validate.Length(max=200))
    sha256 = fields.String(validate=validate.Regexp(r"[0-9a-fA-F]{64}\Z"))


@pages.get(f"{LANGUAGE}/documents")
@parser.use_args(PaperSchema, location="query")
@public
def check_paper(asked: dict[str, Any]) -> Response:
    """Ask for number and hash, and say whether a document was issued with them; where the code on a paper leads."""
    verdict = None
    if "sha256" in asked and "id" in asked:
        verdict = service.verify_issued(session, asked["id"], asked["sha256"])
    elif "sha256" in asked and "number" in asked:
        verdict = service.verify_number(session, asked["number"], asked["sha256"])
    return show("paper", asked=asked, verdict=verdict, unindexed=bool(asked))
