"""Plans: listed, shown, imported, and step by step published."""

from typing import Any
from uuid import UUID

from flask import Response, send_file

from server import http
from server.access import Permission, require
from server.http import actor, session, settings
from server.paging import next_page, page
from server.planning import entering, importing, schemas, service, stages, steps, tabling
from server.planning.api.blueprint import blp
from server.planning.models import Plan
from server.view_marks import streaming
from server.workbook import WORKBOOK_BODY, XLSX, fill_workbook, receive_workbook, save_workbook


@blp.get("/plans")
@blp.arguments(schemas.PlansQuerySchema, location="query")
@blp.response(200, schemas.PlanSchema(many=True))
def list_plans(query: dict[str, Any]) -> Any:
    """List the plans of one's jurisdiction, the newest year first."""
    plans = service.plans_within(actor, year=query.get("year"), state=query.get("state"))
    rows, after = page(session, plans, [Plan.year, Plan.id], query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/plans/<uuid:plan_id>")
@blp.response(200, schemas.PlanDetailSchema)
def show_plan(plan_id: UUID) -> dict[str, Any]:
    """Show a plan with its rows and what was noticed when it was imported."""
    return _detail(service.find_plan(session, actor, plan_id))


@blp.get("/plans/<uuid:plan_id>/steps")
@blp.response(200, schemas.StepSchema(many=True))
def show_next_steps(plan_id: UUID) -> list[steps.Step]:
    """Tell what is next for a plan, who of the bureau may do it, and why you may not."""
    return steps.next_steps(session, actor, service.find_plan(session, actor, plan_id))


@blp.get("/plans/<uuid:plan_id>/export")
@blp.arguments(schemas.PlanExportQuerySchema, location="query")
@blp.response(200, {"type": "string", "format": "binary"}, content_type=XLSX, description="A workbook")
@streaming
def export_plan(query: dict[str, Any], plan_id: UUID) -> Response:
    """Take a plan away as a workbook in one of the layouts that are imported; read again, it gives the same rows."""
    with http.short_transaction(writing=False) as reading:
        plan = service.find_plan(reading, actor, plan_id)
        book = fill_workbook([tabling.plan_sheet(plan, service.rows_of(reading, [plan.id]), query["layout"])])
        name = f"{plan.name}.xlsx"
    return send_file(save_workbook(book), mimetype=XLSX, as_attachment=True, download_name=name)


@blp.post("/plans/aggregate")
@blp.arguments(schemas.AggregateSchema)
@blp.response(200, schemas.PlanDetailSchema)
def aggregate_plans(body: dict[str, Any]) -> dict[str, Any]:
    """Aggregate the drafts of sections into the plan of the bureau (汇总)."""
    return _detail(
        stages.aggregate_plans(session, actor, body["plans"], name=body["name"], number=body["number"])
    )


@blp.post("/plans/<uuid:plan_id>/approve")
@blp.arguments(schemas.ApprovalSchema)
@blp.response(200, schemas.PlanDetailSchema)
def approve_plan(body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Approve an aggregated plan (审批)."""
    return _detail(stages.approve_plan(session, actor, plan_id, body["approval_no"]))


@blp.post("/plans/<uuid:plan_id>/return")
@blp.arguments(schemas.ReasonSchema)
@blp.response(200, schemas.PlanDetailSchema)
def return_plan(body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Send a plan back to who proposed it (退回)."""
    return _detail(stages.return_plan(session, actor, plan_id, body["reason"]))


@blp.post("/plans/<uuid:plan_id>/publish")
@blp.arguments(schemas.NumberSchema)
@blp.response(200, schemas.PlanDetailSchema)
def publish_plan(body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Publish an approved plan (公布): from then on it stands, and everybody can read it."""
    return _detail(stages.publish_plan(session, actor, plan_id, body["number"]))


@blp.post("/plans/<uuid:plan_id>/file")
@blp.arguments(schemas.FilingSchema)
@blp.response(200, schemas.PlanDetailSchema)
def file_plan(body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Note that the level above has the plan on file (备案)."""
    return _detail(stages.file_plan(session, actor, plan_id, body["filing_no"]))


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
        outcome = entering.enter_plan(
            transaction,
            actor,
            reading,
            number=query["number"],
            section=query["section"],
            take_good_rows=query["take_good_rows"],
            dry_run=query["dry_run"],
        )
    return {
        "plan": outcome.plan,
        "layout": reading.layout,
        "rows": outcome.rows,
        "findings": reading.findings,
        "errors": reading.errors,
    }


def _detail(plan: Plan) -> dict[str, Any]:
    plain = {name: getattr(plan, name) for name in schemas.PlanDetailSchema().fields if name != "rows"}
    return {**plain, "rows": service.rows_of(session, [plan.id])}
