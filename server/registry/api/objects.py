"""Inspected objects with their risk classes, labels and the key library over HTTP."""

from typing import Any
from uuid import UUID

from server.clock import today
from server.http import actor, session
from server.paging import next_page, page
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.drafts import ObjectDraft
from server.registry.models import InspectedObject, KeyListing, Label, RiskClass
from server.registry.schemas import objects as schemas


@blp.get("/objects")
@blp.arguments(schemas.ObjectsQuerySchema, location="query")
@blp.response(200, schemas.ObjectSchema(many=True))
def list_objects(query: dict[str, Any]) -> Any:
    """List inspected objects by region and name: of one's jurisdiction, or for an inspector those of the own tasks."""
    which = service.ObjectFilter(
        query.get("kind"), query.get("text"), query.get("risk_class"), query.get("tag")
    )
    objects = service.objects_within(session, actor, which, reads_on=query["after"] is not None)
    if query["key"]:
        objects = objects.where(service.is_key(today()))
    keys = [InspectedObject.region, InspectedObject.name, InspectedObject.id]
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
    return service.object_view(session, [found.id], with_ended=True)[found.id]


@blp.put("/objects/<uuid:object_id>")
@blp.arguments(schemas.ObjectDraftSchema)
@blp.response(200, schemas.ObjectSchema)
def change_object(draft: ObjectDraft, object_id: UUID) -> InspectedObject:
    """Say anew what is known of an object; it stays in its region, its risk class unless another one is given."""
    return service.change_object(session, actor, object_id, draft)


@blp.post("/objects/<uuid:object_id>/retire")
@blp.arguments(schemas.RegistryReasonSchema)
@blp.response(200, schemas.ObjectSchema)
def retire_object(body: dict[str, str], object_id: UUID) -> InspectedObject:
    """Take an object out of the library (注销、迁出、停业); everything that is known of it stays."""
    return service.retire_object(session, actor, object_id, body["reason"])


@blp.get("/objects/<uuid:object_id>/risk")
@blp.response(200, schemas.RiskClassSchema(many=True))
def show_risk_classes(object_id: UUID) -> list[RiskClass]:
    """Show the history of an object's risk class, the oldest first."""
    return service.ratings_of(session, service.find_object(session, actor, object_id).id)


@blp.post("/objects/<uuid:object_id>/risk")
@blp.arguments(schemas.RiskClassSchema)
@blp.response(201, schemas.RiskClassSchema)
def rate_object(body: dict[str, Any], object_id: UUID) -> RiskClass:
    """Enter a risk class since a day, also an earlier one; null takes the class away."""
    return service.rate_object(session, actor, object_id, body["risk_class"], body["since"], body["source"])


@blp.get("/key-library")
@blp.arguments(schemas.KeyLibraryQuerySchema, location="query")
@blp.response(200, schemas.KeyListingSchema(many=True))
def list_key_library(query: dict[str, Any]) -> Any:
    """List the key-inspection library (重点抽查名录库) of a day, by default of today."""
    listings = service.key_listings_within(actor, query.get("on") or today())
    rows, after = page(session, listings, [KeyListing.since, KeyListing.id], query["after"], query["limit"])
    return rows, 200, next_page(after)


@blp.post("/objects/<uuid:object_id>/key-library")
@blp.arguments(schemas.KeyListingDraftSchema)
@blp.response(201, schemas.KeyListingSchema)
def enter_in_key_library(body: dict[str, Any], object_id: UUID) -> KeyListing:
    """Enter an object in the key-inspection library from a day on."""
    return service.enter_in_key_library(session, actor, object_id, **body)


@blp.post("/objects/<uuid:object_id>/key-library/end")
@blp.arguments(schemas.KeyListingEndSchema)
@blp.response(200, schemas.KeyListingSchema)
def take_from_key_library(body: dict[str, Any], object_id: UUID) -> KeyListing:
    """End an object's time in the key-inspection library with a day."""
    return service.take_from_key_library(session, actor, object_id, **body)


@blp.get("/labels")
@blp.response(200, schemas.LabelSchema(many=True))
def list_labels() -> list[Label]:
    """List the labels that objects may carry; while there is none, they carry any."""
    return service.labels(session)


@blp.put("/labels/<string:name>")
@blp.arguments(schemas.LabelSchema)
@blp.response(200, schemas.LabelSchema)
def enter_label(body: dict[str, Any], name: str) -> Label:
    """Enter a label, or change its group and its other spellings."""
    return service.enter_label(session, actor, name, **body)
