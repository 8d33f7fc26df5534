"""Before the draw: which objects rows mean, how many would be drawn, and where inspections would meet."""

from typing import Any
from uuid import UUID

from server.accounts.models import Organisation
from server.http import actor, session
from server.paging import next_page, page
from server.planning import foreseeing, frames, schemas, service
from server.planning.api.blueprint import blp
from server.planning.models import Plan
from server.planning.overlaps import told
from server.registry.models import InspectedObject


@blp.put("/planned/<uuid:planned_id>/frame")
@blp.arguments(schemas.FrameSchema)
@blp.response(200, schemas.FrameSchema)
def set_frame(body: dict[str, Any], planned_id: UUID) -> dict[str, Any] | None:
    """Say which objects a planned inspection means, until it is drawn."""
    return frames.set_frame(session, actor, planned_id, frames.Frame.from_json(body)).frame


@blp.get("/planned/<uuid:planned_id>/quota")
@blp.response(200, schemas.QuotaSchema)
def show_quota(planned_id: UUID) -> dict[str, Any]:
    """Tell how many objects a draw of a planned inspection would take today, with the sums."""
    return _expected(planned_id)


@blp.post("/planned/<uuid:planned_id>/quota")
@blp.arguments(schemas.FrameSchema)
@blp.response(200, schemas.QuotaSchema)
def try_frame(body: dict[str, Any], planned_id: UUID) -> dict[str, Any]:
    """Tell how many objects another frame would catch and a draw would take of them; nothing is kept."""
    return _expected(planned_id, frames.Frame.from_json(body))


@blp.get("/plans/overlaps")
@blp.arguments(schemas.OverlapsQuerySchema, location="query")
@blp.response(200, schemas.ForeseenSchema)
def foresee_overlaps(query: dict[str, Any]) -> dict[str, Any]:
    """Tell where the plans of one's bureau would meet in a year: repeated visits, caps, visits to merge."""
    found = foreseeing.foresee(session, actor, query["year"])
    return told(found.overlaps, found.rows) | {"unframed": found.unframed}


@blp.get("/plans/overlaps/objects")
@blp.arguments(schemas.SharedQuerySchema, location="query")
@blp.response(200, schemas.SharedObjectSchema(many=True))
def list_shared_objects(query: dict[str, Any]) -> Any:
    """List the objects that are in the frames of all of some planned inspections."""
    found = foreseeing.shared_objects(session, actor, query["planned"])
    keys = [InspectedObject.name, InspectedObject.id]
    rows, after = page(session, found, keys, query["after"], query["limit"])
    return rows, 200, next_page(after)


def _expected(planned_id: UUID, frame: frames.Frame | None = None) -> dict[str, Any]:
    planned = service.find_row(session, actor, planned_id)
    plan = session.get_one(Plan, planned.plan_id)
    rules = session.get_one(Organisation, plan.organisation_id).rules
    return frames.expected(session, planned, rules, frame)
