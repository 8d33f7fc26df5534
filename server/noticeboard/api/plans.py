"""Annual plans, their changes, and work schemes as pages."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from server.http import session
from server.noticeboard import plans
from server.noticeboard.api.blueprint import LANGUAGE, LeafSchema, PagedSchema, pages, parser
from server.noticeboard.showing import Leaf, show
from server.paging import page
from server.planning.models import PlanVersion, WorkScheme
from server.planning.schemes import find_published_scheme
from server.view_marks import public

ROWS, LINES = 20, 30


class PlansSchema(PagedSchema):
    """Which plans: of a year."""

    year = fields.Integer(validate=validate.Range(2000, 2100))


@pages.get(f"{LANGUAGE}/plans")
@parser.use_args(PlansSchema, location="query")
@public
def list_plans(asked: dict[str, Any]) -> Response:
    """List the published plans as they stand, the newest publication first."""
    keys = [PlanVersion.published_at, PlanVersion.plan_id]
    found = plans.newest_plans(asked.get("year"), None)
    rows, after = page(session, found, keys, asked["after"], ROWS, descending=True)
    heads = plans.heads_of(session, {each.plan_id for each in rows})
    years = plans.years_of_plans(session)
    return show("plans", rows=rows, heads=heads, years=years, asked=asked, after=after)


@pages.get(f"{LANGUAGE}/plans/<uuid:plan_id>")
@parser.use_args(LeafSchema, location="query")
@public
def show_plan(asked: dict[str, Any], plan_id: UUID) -> Response:
    """Show a plan as it stands."""
    return _show(plans.read_plan(session, plan_id), asked["page"])


@pages.get(f"{LANGUAGE}/plans/<uuid:plan_id>/versions/<int:number>")
@parser.use_args(LeafSchema, location="query")
@public
def show_plan_version(asked: dict[str, Any], plan_id: UUID, number: int) -> Response:
    """Show a plan as it was published at one time, and what was changed by that."""
    return _show(plans.read_plan(session, plan_id, number), asked["page"])


def _show(read: plans.ReadPlan, number: int) -> Response:
    leaf = Leaf.of(read.rows, number, LINES)
    return show("plan", read=read, document=read.version.document, fields=plans.ROW_FIELDS, leaf=leaf)


@pages.get(f"{LANGUAGE}/schemes")
@parser.use_args(PagedSchema, location="query")
@public
def list_schemes(asked: dict[str, Any]) -> Response:
    """List the published work schemes, the newest first."""
    keys = [WorkScheme.published_at, WorkScheme.planned_id, WorkScheme.number]
    found = plans.published_schemes()
    rows, after = page(session, found, keys, asked["after"], ROWS, descending=True)
    tasks = plans.tasks_of(session, {each.planned_id for each in rows})
    return show("schemes", rows=rows, tasks=tasks, after=after)


@pages.get(f"{LANGUAGE}/schemes/<uuid:planned_id>/<int:number>")
@public
def show_scheme(planned_id: UUID, number: int) -> Response:
    """Show a work scheme as it was published."""
    scheme = find_published_scheme(session, planned_id, number)
    return show("scheme", scheme=scheme, of=plans.tasks_of(session, {planned_id})[planned_id])
