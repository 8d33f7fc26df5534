"""Take away as files: ledgers, pictures, what maps open. Whoever does so is written down."""

from io import BytesIO
from typing import IO, Any
from uuid import UUID

from flask import Response, send_file

from server import http
from server.http import actor
from server.problems import PictureNotFound
from server.reports import place_taking, service, tables_book
from server.reports.api.blueprint import blp
from server.reports.ledger import LedgerFilter
from server.reports.pictures import Picture, draw_page, tell
from server.reports.place_taking import PlaceKind
from server.reports.schemas.files import PictureQuerySchema, PlacesQuerySchema
from server.reports.schemas.ledgers import LedgerFilterSchema
from server.reports.taking import (
    MIME_TYPES,
    FileKind,
    Wanted,
    make_at_once,
    note_picture,
    note_tables,
    note_taken,
)
from server.view_marks import streaming
from server.workbook import XLSX, fill_workbook, save_workbook

_BINARY = {"type": "string", "format": "binary"}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/ledger.xlsx")
@blp.arguments(LedgerFilterSchema, location="query")
@blp.response(200, _BINARY, content_type=XLSX, description="A workbook")
@streaming
def send_ledger_workbook(query: dict[str, Any], snapshot_id: UUID) -> Response:
    """Send a ledger (台账) with live formulas: a summary, a sheet for each item, the days off."""
    return _send(Wanted(FileKind.LEDGER_XLSX, snapshot_id, LedgerFilter(**query)))


@blp.get("/reports/snapshots/<uuid:snapshot_id>/ledger.csv")
@blp.arguments(LedgerFilterSchema, location="query")
@blp.response(200, {"type": "string"}, content_type="text/csv")
@streaming
def send_ledger_lines(query: dict[str, Any], snapshot_id: UUID) -> Response:
    """Send exactly the filtered lines of a ledger, in the order of the list."""
    return _send(Wanted(FileKind.LEDGER_CSV, snapshot_id, LedgerFilter(**query)))


@blp.get("/reports/snapshots/<uuid:snapshot_id>/tables.xlsx")
@blp.response(200, _BINARY, content_type=XLSX, description="A workbook")
@streaming
def send_tables(snapshot_id: UUID) -> Response:
    """Send the work report (抽查工作情况统计), coverage and assessment as one workbook, its rates as formulas."""
    with http.short_transaction(writing=False) as reading:
        snapshot = service.find_snapshot(reading, actor, snapshot_id)
        book = fill_workbook(tables_book.sheets_of(reading, snapshot), snapshot.as_of)
    written = save_workbook(book)
    with http.short_transaction() as writing:
        note_tables(writing, actor, snapshot_id)
    return _answer(written, XLSX, f"抽查统计表-{snapshot.first}-{snapshot.last}.xlsx")


@blp.get("/reports/snapshots/<uuid:snapshot_id>/pictures/<string:name>")
@blp.arguments(PictureQuerySchema, location="query")
@blp.response(200, _BINARY, content_type="image/png", description="A picture")
@streaming
def send_picture(query: dict[str, Any], snapshot_id: UUID, name: str) -> Response:
    """Send a picture: `rates`, the figures by county and matter, or `map`, where was drawn and where visited."""
    if name not in set(Picture):
        raise PictureNotFound()
    picture, size = Picture(name), query["size"]
    with http.short_transaction(writing=False) as reading:
        snapshot = service.find_snapshot(reading, actor, snapshot_id)
        told = tell(reading, snapshot, picture)
        file = f"{told['title']}-{told['region']}-{snapshot.first}-{snapshot.last}-{query['page']}.png"
    drawn = draw_page(told, size, query["page"])
    with http.short_transaction() as writing:
        note_picture(
            writing, actor, snapshot_id, {"picture": name, "size": size.value, "page": query["page"]}
        )
    return _answer(BytesIO(drawn), "image/png", file)


@blp.get("/reports/places.geojson")
@blp.arguments(PlacesQuerySchema, location="query")
@blp.response(200, {"type": "object"}, content_type="application/geo+json", description="RFC 7946")
@streaming
def send_places_as_geojson(query: dict[str, Any]) -> Response:
    """Send objects, boundaries, markers and fixes with their accuracy as one GeoJSON collection."""
    return _send_places(PlaceKind.GEOJSON, query)


@blp.get("/reports/places.gpkg")
@blp.arguments(PlacesQuerySchema, location="query")
@blp.response(200, _BINARY, content_type="application/geopackage+sqlite3", description="OGC GeoPackage")
@streaming
def send_places_as_geopackage(query: dict[str, Any]) -> Response:
    """Send the same as a GeoPackage: a table for each layer, with its frame and a spatial index."""
    return _send_places(PlaceKind.GEOPACKAGE, query)


def _send_places(kind: PlaceKind, query: dict[str, Any]) -> Response:
    with http.short_transaction(writing=False) as reading:
        wanted = place_taking.want(actor, kind, query.get("layers"), query.get("region"))
        made = place_taking.make_at_once(reading, actor, wanted)
    with http.short_transaction() as writing:
        place_taking.note_taken(writing, actor, wanted, made.lines)
    return _answer(made.content, place_taking.MIME_TYPES[kind], made.name)


def _send(wanted: Wanted) -> Response:
    with http.short_transaction(writing=False) as reading:
        finish = make_at_once(reading, actor, wanted)
    made = finish()
    with http.short_transaction() as writing:
        note_taken(writing, actor, wanted, made.lines)
    return _answer(made.content, MIME_TYPES[wanted.kind], made.name)


def _answer(content: IO[bytes], mimetype: str, name: str) -> Response:
    return send_file(content, mimetype=mimetype, as_attachment=True, download_name=name)
