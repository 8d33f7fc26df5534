"""Open data: what there is, what its fields mean, and the tables of published documents beside their JSON."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from flask import Response

from server.db import Json
from server.http import session
from server.noticeboard import announcements
from server.noticeboard.api.blueprint import LANGUAGE, pages
from server.noticeboard.comparing import written
from server.noticeboard.datasets import DRAWN_FIELDS, drawn_rows, result_fields
from server.noticeboard.lists import ITEM_FIELDS, read_list
from server.noticeboard.plans import ROW_FIELDS, row_in_words
from server.noticeboard.showing import kept, show
from server.noticeboard.words import WORDS
from server.planning.versions import find_version
from server.view_marks import public
from server.workbook import BYTE_ORDER_MARK, csv_lines

NEWEST = 40
_VERIFIER = Path(__file__).parents[3] / "docs" / "verify_draw.py"


@pages.get(f"{LANGUAGE}/data")
@public
def show_data() -> Response:
    """Show what there is to be had for machines, field by field, and the newest documents with their hashes."""
    tables = {"Item lists": ITEM_FIELDS, "Annual plans": ROW_FIELDS, "Draws": DRAWN_FIELDS}
    news = announcements.newest(session, NEWEST)
    return show("data", fields=result_fields(), tables=tables, news=news)


@pages.get("/files/lists/<string:sha256>.csv")
@public
def send_list_table(sha256: str) -> Response:
    """Send a published list as a table."""
    read = read_list(session, sha256)
    return _table(list(read.fields), list(read.fields.values()), read.entries)


@pages.get("/files/plans/<uuid:plan_id>/<int:number>.csv")
@public
def send_plan_table(plan_id: UUID, number: int) -> Response:
    """Send a published plan as a table."""
    version = find_version(session, plan_id, number)
    rows = [row_in_words(each) for each in version.document["rows"]]
    return _table(list(ROW_FIELDS), list(ROW_FIELDS.values()), rows)


@pages.get("/files/draws/<uuid:ceremony_id>.csv")
@public
def send_draw_table(ceremony_id: UUID) -> Response:
    """Send what a draw drew as a table, in the order of the draw; people by their hashes."""
    rows = drawn_rows(session, ceremony_id)
    return _table(list(DRAWN_FIELDS), list(DRAWN_FIELDS.values()), rows)


@pages.get("/files/verify_draw.py")
@public
def send_verifier() -> Response:
    """Send the program with which anybody checks a draw without us."""
    response = Response(_VERIFIER.read_bytes(), mimetype="text/x-python")
    response.headers["Content-Disposition"] = f"attachment; filename={_VERIFIER.name}"
    return kept(response)


def _table(names: list[str], labels: list[str], rows: Sequence[Json]) -> Response:
    lines = [
        [WORDS[label] for label in labels],
        *([written(row.get(name)) for name in names] for row in rows),
    ]
    return kept(Response(BYTE_ORDER_MARK + csv_lines(lines), mimetype="text/csv"))
