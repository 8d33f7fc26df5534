"""Annual plans over HTTP."""

from typing import Any
from uuid import UUID

from server import http
from server.access import Permission, require
from server.http import Blueprint, actor, session, settings, streaming
from server.paging import next_page, page
from server.planning import importing, schemas, service
from server.planning.models import Plan
from server.workbook import WORKBOOK_BODY, receive_workbook

blp = Blueprint("planning", __name__, url_prefix="/api/v1", description="Annual plans")


@blp.get("/plans")
@blp.arguments(schemas.PlansQuerySchema, location="query")
@blp.response(200, schemas.PlanSchema(many=True))
def list_plans(query: dict[str, Any]) -> Any:
    """List the plans of one's jurisdiction, the newest year first."""
    plans = service.plans_within(actor, year=query.get("year"))
    rows, after = page(session, plans, [Plan.year, Plan.id], query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/plans/<uuid:plan_id>")
@blp.response(200, schemas.PlanDetailSchema)
def show_plan(plan_id: UUID) -> dict[str, Any]:
    """Show a plan with its rows and what was noticed when it was imported."""
    return _detail(service.find_plan(session, actor, plan_id))


@blp.post("/plans/<uuid:plan_id>/publish")
@blp.response(200, schemas.PlanDetailSchema)
def publish_plan(plan_id: UUID) -> dict[str, Any]:
    """Publish a plan: from then on it stands."""
    return _detail(service.publish_plan(session, actor, plan_id))


@blp.post("/plans/import")
@blp.arguments(schemas.PlanImportQuerySchema, location="query")
@blp.response(200, schemas.PlanImportSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def import_plan(query: dict[str, Any]) -> dict[str, Any]:
    """Import a plan from a workbook; scan faults are repaired and told row by row.

    A draft of the same year, kind and name is replaced.
    """
    require(actor, Permission.PLAN_WRITE)
    data = receive_workbook(settings().max_import_bytes)
    reading = importing.read_plan(data, query["year"], query.get("kind"), query["name"])
    with http.short_transaction() as transaction:
        outcome = importing.enter_plan(
            transaction,
            actor,
            reading,
            number=query["number"],
            take_good_rows=query["take_good_rows"],
            dry_run=query["dry_run"],
        )
    return {
        "plan": outcome.plan,
        "rows": outcome.rows,
        "findings": reading.findings,
        "errors": reading.errors,
    }


def _detail(plan: Plan) -> dict[str, Any]:
    plain = {name: getattr(plan, name) for name in schemas.PlanDetailSchema().fields if name != "rows"}
    return {**plain, "rows": service.rows_of(session, [plan.id])}
