"""Draws as pages: the ceremony as it went, for everybody to check."""

from typing import Any
from uuid import UUID

from flask import Response

from server.draws.models import Ceremony
from server.draws.publication import public_heads, published_ceremonies
from server.http import session
from server.noticeboard import draws
from server.noticeboard.api.blueprint import LANGUAGE, LeafSchema, PagedSchema, pages, parser
from server.noticeboard.showing import Leaf, show
from server.paging import page
from server.view_marks import public

ROWS, OBJECTS = 20, 50


@pages.get(f"{LANGUAGE}/draws")
@parser.use_args(PagedSchema, location="query")
@public
def list_draws(asked: dict[str, Any]) -> Response:
    """List all draws, the newest first: also those that were given up, or drawn anew."""
    keys = (Ceremony.committed_at, Ceremony.id)
    rows, after = page(session, published_ceremonies(), keys, asked["after"], ROWS, descending=True)
    return show("draws", rows=public_heads(session, rows), states=draws.STATES, after=after)


@pages.get(f"{LANGUAGE}/draws/<uuid:ceremony_id>")
@parser.use_args(LeafSchema, location="query")
@public
def show_draw(asked: dict[str, Any], ceremony_id: UUID) -> Response:
    """Show a draw: its steps with their moments, list in drawn order, pairs and replacements, and how to check it."""
    read = draws.read_draw(session, ceremony_id)
    leaf = Leaf.of(read.drawn, asked["page"], OBJECTS)
    known = draws.with_results(session, [each.id for each in leaf.rows]) if leaf.rows else set[str]()
    return show("draw", read=read, file=read.file, leaf=leaf, known=known, words=draws)
