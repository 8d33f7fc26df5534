"""What a bureau decides about draws and visits."""

from uuid import UUID

from server.db import Json
from server.http import actor, session
from server.planning import rules
from server.planning.api.blueprint import blp
from server.planning.schemas.rules import PlanningRulesSchema


@blp.put("/organisations/<uuid:organisation_id>/rules/planning")
@blp.arguments(PlanningRulesSchema)
@blp.response(200, PlanningRulesSchema)
def set_planning_rules(given: Json, organisation_id: UUID) -> Json:
    """Set how many a draw takes and how an enterprise is visited; for draws and visits from now on."""
    return rules.set_rules(session, actor, organisation_id, given["quota"], given["visit"]).rules
