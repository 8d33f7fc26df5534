"""Importing libraries from workbooks, following and undoing imports, and taking libraries away as workbooks."""

from typing import Any
from uuid import UUID

from flask import Response, send_file

from server import clock, http
from server.access import require
from server.http import actor, session, settings
from server.paging import next_page, page
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.import_report import ImportReport
from server.registry.models import Library, LibraryImport
from server.registry.schemas import imports as schemas
from server.view_marks import streaming
from server.workbook import WORKBOOK_BODY, XLSX, fill_workbook, read_workbook, receive_workbook, save_workbook


@blp.post("/objects/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_objects(query: dict[str, bool]) -> ImportReport:
    """Import objects, with licences and markers, from a workbook. All rows or, on request, the good ones."""
    return _import(Library.OBJECTS, query)


@blp.post("/inspectors/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_inspectors(query: dict[str, bool]) -> ImportReport:
    """Import inspectors with their certificates and exams from a workbook. All rows or, on request, the good ones."""
    return _import(Library.INSPECTORS, query)


@blp.post("/experts/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_experts(query: dict[str, bool]) -> ImportReport:
    """Import experts from a workbook. All rows or, on request, the good ones."""
    return _import(Library.EXPERTS, query)


@blp.post("/items/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_items(query: dict[str, bool]) -> ImportReport:
    """Import inspection items from a workbook. All rows or, on request, the good ones."""
    return _import(Library.ITEMS, query)


@blp.post("/imports/<string:library>")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(202, schemas.LibraryImportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def start_import(query: dict[str, bool], library: str) -> LibraryImport:
    """Hand in a large workbook (up to 50,000 rows) that the worker imports; ask for it to see how far it is."""
    kept = schemas.library_of(library)
    require(actor, service.KEEPINGS[kept].write)
    data = receive_workbook(settings().max_import_bytes)
    with http.short_transaction() as transaction:
        return service.start_import(transaction, actor, kept, data, **query)


@blp.get("/imports")
@blp.arguments(schemas.ImportsQuerySchema, location="query")
@blp.response(200, schemas.LibraryImportSummarySchema(many=True))
def list_imports(query: dict[str, Any]) -> Any:
    """List the imports of one's jurisdiction into the libraries one keeps, the newest first."""
    keys = [LibraryImport.begun_at, LibraryImport.id]
    imports = service.imports_within(actor)
    rows, after = page(session, imports, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/imports/<uuid:import_id>")
@blp.response(200, schemas.LibraryImportSchema)
def show_import(import_id: UUID) -> LibraryImport:
    """Show an import: how far it is, what was wrong, what was noticed."""
    return service.find_import(session, actor, import_id)


@blp.post("/imports/<uuid:import_id>/undo")
@blp.arguments(schemas.RegistryReasonSchema)
@blp.response(200, schemas.LibraryImportSchema)
def undo_import(body: dict[str, str], import_id: UUID) -> LibraryImport:
    """Take back all that an import entered; refused where anything stands on it by now."""
    return service.undo_import(session, actor, import_id, body["reason"])


@blp.get("/exports/<string:library>")
@blp.arguments(schemas.ExportQuerySchema, location="query")
@blp.response(200, {"type": "string", "format": "binary"}, content_type=XLSX, description="A workbook")
@streaming
def export_library(query: dict[str, Any], library: str) -> Response:
    """Take a library away as a workbook, of one's jurisdiction or of one region; it can be imported again."""
    kept = schemas.library_of(library)
    keeping = service.KEEPINGS[kept]
    require(actor, keeping.see)
    with http.short_transaction(writing=False) as reading:
        book = fill_workbook(keeping.sheets(reading, actor, query.get("region")))
    written = save_workbook(book)
    name = f"{schemas.TITLES[kept]}-{clock.today().isoformat()}.xlsx"
    return send_file(written, mimetype=XLSX, as_attachment=True, download_name=name)


def _import(library: Library, query: dict[str, bool]) -> ImportReport:
    require(actor, service.KEEPINGS[library].write)
    data = receive_workbook(settings().max_import_bytes)
    with http.short_transaction(writing=False) as asking:
        asked = service.KEEPINGS[library].ask(asking, actor)
    reading = service.read_rows(library, data, read_workbook(data), asked, dry_run=query["dry_run"])
    with http.short_transaction() as transaction:
        return service.import_now(transaction, actor, reading, take_good_rows=query["take_good_rows"])
