"""Item lists as pages."""

from typing import Any

from flask import Response
from marshmallow import fields

from server.http import session
from server.noticeboard.api.blueprint import LANGUAGE, LeafSchema, PagedSchema, pages, parser
from server.noticeboard.lists import bureaus_of, read_list
from server.noticeboard.showing import Leaf, show
from server.paging import page
from server.registry.models import ListKind, ListVersion
from server.registry.service import published_versions
from server.view_marks import public

ROWS, ENTRIES = 20, 20


class ListsSchema(PagedSchema):
    """Which lists: of a kind, or those that held on a day."""

    kind = fields.Enum(ListKind, by_value=True)
    on = fields.Date()


@pages.get(f"{LANGUAGE}/lists")
@parser.use_args(ListsSchema, location="query")
@public
def list_lists(asked: dict[str, Any]) -> Response:
    """List the published versions of item lists, the newest first, or those that held on a day."""
    found = published_versions(None, asked.get("kind"), asked.get("on"))
    keys = [ListVersion.published_at, ListVersion.id]
    rows, after = page(session, found, keys, asked["after"], ROWS, descending=True)
    bureaus = bureaus_of(session, {each.organisation_id for each in rows})
    return show("lists", rows=rows, bureaus=bureaus, asked=asked, after=after)


@pages.get(f"{LANGUAGE}/lists/<string:sha256>")
@parser.use_args(LeafSchema, location="query")
@public
def show_list(asked: dict[str, Any], sha256: str) -> Response:
    """Show a version of a list: its entries with their legal basis, and what changed since the version before."""
    read = read_list(session, sha256)
    return show("list", read=read, leaf=Leaf.of(read.entries, asked["page"], ENTRIES))
