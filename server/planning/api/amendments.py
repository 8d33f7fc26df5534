"""Changes of published plans: proposed, decided, published."""

from typing import Any
from uuid import UUID

from server.http import actor, session
from server.paging import PagingSchema, next_page, page
from server.planning import amendments, comparing, schemas
from server.planning.api.blueprint import blp
from server.planning.models import PlanAmendment


@blp.get("/plans/<uuid:plan_id>/amendments")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, schemas.AmendmentSchema(many=True))
def list_amendments(query: dict[str, Any], plan_id: UUID) -> Any:
    """List the amendments of a plan, the newest first."""
    found = amendments.amendments_within(actor, plan_id)
    keys = [PlanAmendment.proposed_at, PlanAmendment.id]
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.post("/plans/<uuid:plan_id>/amendments")
@blp.arguments(schemas.ProposalSchema)
@blp.response(201, schemas.AmendmentSchema)
def propose_amendment(body: dict[str, Any], plan_id: UUID) -> PlanAmendment:
    """Propose changes of a published plan, with the reason (计划调整)."""
    return amendments.propose(session, actor, plan_id, body["reason"], body["changes"])


@blp.get("/plans/amendments/<uuid:amendment_id>/changes")
@blp.response(200, schemas.ComparedChangeSchema(many=True))
def compare_amendment(amendment_id: UUID) -> list[comparing.ComparedChange]:
    """Lay what an amendment changes beside what stood there before."""
    return comparing.compare_changes(session, amendments.find_amendment(session, actor, amendment_id))


@blp.post("/plans/amendments/<uuid:amendment_id>/decide")
@blp.arguments(schemas.AmendmentDecisionSchema)
@blp.response(200, schemas.AmendmentSchema)
def decide_amendment(body: dict[str, Any], amendment_id: UUID) -> PlanAmendment:
    """Approve an amendment or refuse it."""
    return amendments.decide(session, actor, amendment_id, **body)


@blp.post("/plans/amendments/<uuid:amendment_id>/publish")
@blp.response(200, schemas.AmendmentSchema)
def publish_amendment(amendment_id: UUID) -> PlanAmendment:
    """Carry out an approved amendment: the plan is published again, the version before stays readable."""
    return amendments.publish(session, actor, amendment_id)
