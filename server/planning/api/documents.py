"""Published plans and work schemes, for everybody: each with its number, date and hash."""

from typing import Any
from uuid import UUID

from server.http import session
from server.paging import next_page, page
from server.planning import schemas, schemes, versions
from server.planning.api.blueprint import public_blp
from server.planning.models import PlanVersion
from server.view_marks import public


@public_blp.get("/plans")
@public_blp.arguments(schemas.PublicPlansQuerySchema, location="query")
@public_blp.response(200, schemas.PublicPlanSchema(many=True))
@public
def list_published_plans(query: dict[str, Any]) -> Any:
    """List the published plans as they stand, the newest publication first."""
    found = versions.published_versions(query.get("year"), query.get("region"))
    keys = [PlanVersion.published_at, PlanVersion.plan_id]
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return [{**_head(each), **_about(each)} for each in rows], 200, next_page(after)


@public_blp.get("/plans/<uuid:plan_id>")
@public_blp.response(200, schemas.PublishedPlanSchema)
@public
def show_published_plan(plan_id: UUID) -> dict[str, Any]:
    """Show a published plan as it stands, with what was published before and its work schemes."""
    return _whole(versions.find_version(session, plan_id))


@public_blp.get("/plans/<uuid:plan_id>/versions/<int:number>")
@public_blp.response(200, schemas.PublishedPlanSchema)
@public
def show_published_version(plan_id: UUID, number: int) -> dict[str, Any]:
    """Show a plan as it was published at one time; `sha256` is that of `document` as canonical JSON."""
    return _whole(versions.find_version(session, plan_id, number))


@public_blp.get("/schemes/<uuid:planned_id>/<int:number>")
@public_blp.response(200, schemas.PublishedSchemeSchema)
@public
def show_published_scheme(planned_id: UUID, number: int) -> dict[str, Any]:
    """Show a published work scheme of a planned inspection."""
    scheme = schemes.find_published_scheme(session, planned_id, number)
    return {"sha256": scheme.sha256, "document": schemes.scheme_document(scheme)}


def _head(version: PlanVersion) -> dict[str, Any]:
    return {
        "id": version.plan_id,
        "version": version.number,
        "published_at": version.published_at,
        "reason": version.reason,
        "sha256": version.sha256,
    }


def _about(version: PlanVersion) -> dict[str, Any]:
    return {name: version.document[name] for name in ("year", "kind", "number", "name", "bureau", "region")}


def _whole(version: PlanVersion) -> dict[str, Any]:
    return {
        **_head(version),
        "document": version.document,
        "versions": [_head(each) for each in versions.versions_of(session, version.plan_id)],
        "schemes": [
            {
                "planned": each.planned_id,
                "number": each.number,
                "title": each.title,
                "published_at": each.published_at,
                "sha256": each.sha256,
            }
            for each in versions.published_schemes(session, version.plan_id)
        ],
    }
