"""What belongs to rows of plans: work schemes, and how they are launched."""

from typing import Any
from uuid import UUID

from server import clock
from server.http import actor, session
from server.paging import next_page, page
from server.planning import launches, schemas, schemes, service
from server.planning.api.blueprint import blp
from server.planning.models import PlannedInspection, WorkScheme


@blp.get("/planned")
@blp.arguments(schemas.YearQuerySchema, location="query")
@blp.response(200, schemas.RowOfYearSchema(many=True))
def list_rows_of_year(query: dict[str, Any]) -> Any:
    """List the planned inspections of a year, of all plans of the jurisdiction, each with its plan."""
    found = service.rows_of_year(actor, query["year"])
    keys = [PlannedInspection.plan_id, PlannedInspection.row_no]
    rows, after = page(session, found, keys, query["after"], query["limit"])
    plans = service.plans_of(session, rows)
    return [vars(row) | {"plan": plans[row.plan_id]} for row in rows], 200, next_page(after)


@blp.get("/planned/<uuid:planned_id>")
@blp.response(200, schemas.RowOfYearSchema)
def show_row(planned_id: UUID) -> dict[str, Any]:
    """Show one planned inspection with its plan."""
    row = service.find_row(session, actor, planned_id)
    return vars(row) | {"plan": service.plans_of(session, [row])[row.plan_id]}


@blp.get("/planned/<uuid:planned_id>/schemes")
@blp.response(200, schemas.SchemeSchema(many=True))
def list_schemes(planned_id: UUID) -> list[WorkScheme]:
    """List the work schemes (工作方案) of a planned inspection, the oldest first."""
    return schemes.schemes_of(session, actor, planned_id)


@blp.put("/planned/<uuid:planned_id>/scheme")
@blp.arguments(schemas.SchemeTextSchema)
@blp.response(200, schemas.SchemeSchema)
def write_scheme(body: dict[str, Any], planned_id: UUID) -> WorkScheme:
    """Write the work scheme of a planned inspection; after its publication, the next version of it."""
    return schemes.write_scheme(session, actor, planned_id, body["title"], body["body"])


@blp.post("/planned/<uuid:planned_id>/scheme/publish")
@blp.response(200, schemas.SchemeSchema)
def publish_scheme(planned_id: UUID) -> WorkScheme:
    """Publish the work scheme: from then on it stands, and everybody can read it."""
    return schemes.publish_scheme(session, actor, planned_id)


@blp.get("/plans/<uuid:plan_id>/readiness")
@blp.response(200, schemas.ReadinessSchema)
def show_readiness(plan_id: UUID) -> dict[str, Any]:
    """Tell which rows of a plan were launched in time and which late, as of today."""
    plan = service.find_plan(session, actor, plan_id)
    rows = service.rows_of(session, [plan.id])
    today = clock.today()
    standings = launches.readiness(session, rows, today)
    names = {row.id: row for row in rows}
    return {
        "as_of": today,
        "counts": launches.count(standings),
        "rows": sum(row.withdrawn_at is None for row in rows),
        "by_class": sum(row.withdrawn_at is None and launches.draws_by_class(row) for row in rows),
        "occasions": [
            {
                "planned_id": each.planned_id,
                "row_no": names[each.planned_id].row_no,
                "name": names[each.planned_id].name,
                "number": each.occasion.number,
                "first": each.occasion.first,
                "last": each.occasion.last,
                "timeliness": each.timeliness,
                "launched_on": each.launched_on,
                "objects": each.objects,
            }
            for each in standings
        ],
    }
