"""Inspected objects, licences, markers and inspectors over HTTP."""

from typing import Any
from uuid import UUID

from server import clock, http
from server.access import Permission, require
from server.http import actor, session, settings, streaming
from server.paging import next_page, page
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.drafts import LicenceDraft, MarkerDraft, ObjectDraft
from server.registry.import_report import ImportReport
from server.registry.models import InspectedObject
from server.registry.schemas import objects as schemas
from server.workbook import WORKBOOK_BODY, read_workbook, receive_workbook


@blp.get("/objects")
@blp.arguments(schemas.ObjectsQuerySchema, location="query")
@blp.response(200, schemas.ObjectSchema(many=True))
def list_objects(query: dict[str, Any]) -> Any:
    """List inspected objects: of one's jurisdiction, or for an inspector those of the own tasks."""
    objects = service.objects_within(session, actor, kind=query.get("kind"), text=query.get("text"))
    keys = [InspectedObject.name, InspectedObject.id]
    rows, after = page(session, objects, keys, query["after"], query["limit"])
    return rows, 200, next_page(after)


@blp.post("/objects")
@blp.arguments(schemas.ObjectDraftSchema)
@blp.response(201, schemas.ObjectSchema)
def add_object(draft: ObjectDraft) -> InspectedObject:
    """Enter an inspected object; a credit code that fails its check is a warning, not a refusal."""
    return service.add_object(session, actor, draft)


@blp.get("/objects/<uuid:object_id>")
@blp.response(200, schemas.ObjectDetailSchema)
def show_object(object_id: UUID) -> Any:
    """Show an object with its licences, their boundaries and markers."""
    found = service.find_object(session, actor, object_id)
    return service.object_view(session, [found.id])[found.id]


@blp.post("/objects/<uuid:object_id>/licences")
@blp.arguments(schemas.LicenceDraftSchema)
@blp.response(201, schemas.LicenceSchema)
def enter_licence(draft: LicenceDraft, object_id: UUID) -> Any:
    """Enter a licence from its text: corner points are read tolerantly and shown back as GeoJSON.

    What was corrected or looks wrong stands in `findings`; the area enclosed stands beside the licensed one.
    A licence that is already there is replaced.
    """
    licence, _ = service.enter_licence(session, actor, object_id, draft)
    return service.licence_as_json(licence, service.markers_of(session, [licence.id]))


@blp.put("/licences/<uuid:licence_id>/markers")
@blp.arguments(schemas.MarkersDraftSchema)
@blp.response(200, schemas.MarkersSchema)
def enter_markers(body: dict[str, list[MarkerDraft]], licence_id: UUID) -> Any:
    """Enter all boundary markers of a licence; those left out are removed."""
    markers, findings = service.enter_markers(session, actor, licence_id, body["markers"])
    return {"markers": service.markers_as_geojson(markers), "findings": findings}


@blp.get("/inspectors")
@blp.response(200, schemas.InspectorSchema(many=True))
def list_inspectors() -> list[dict[str, Any]]:
    """List the inspectors of one's jurisdiction with their certificates."""
    today = clock.now().astimezone(settings().zone).date()
    return [
        {
            **{name: getattr(person, name) for name in ("id", "username", "name", "roles", "region")},
            "organisation_id": person.organisation_id,
            "certificates": held,
            "certified": any(each.valid_from <= today <= each.valid_to for each in held),
        }
        for person, held in service.inspectors_within(session, actor)
    ]


@blp.post("/objects/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_objects(query: dict[str, bool]) -> ImportReport:
    """Import objects, with licences and markers, from a workbook. All rows or, on request, the good ones."""
    require(actor, Permission.OBJECT_WRITE)
    sheets = read_workbook(receive_workbook(settings().max_import_bytes))
    with http.short_transaction() as transaction:
        return service.import_objects(transaction, actor, sheets, **query)


@blp.post("/inspectors/import")
@blp.arguments(schemas.ImportQuerySchema, location="query")
@blp.response(200, schemas.ImportReportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_inspectors(query: dict[str, bool]) -> ImportReport:
    """Import inspectors with their certificates from a workbook. All rows or, on request, the good ones."""
    require(actor, Permission.PERSON_MANAGE)
    sheets = read_workbook(receive_workbook(settings().max_import_bytes))
    with http.short_transaction() as transaction:
        return service.import_inspectors(transaction, actor, sheets, **query)
