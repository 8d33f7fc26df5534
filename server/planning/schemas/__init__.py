"""The wire of planning."""

from server.planning.schemas.intakes import CorrectionsSchema, EnterSchema, IntakeQuerySchema, IntakeSchema
from server.planning.schemas.plans import (
    PlanDetailSchema,
    PlanImportQuerySchema,
    PlanImportSchema,
    PlanSchema,
    PlansQuerySchema,
)
from server.planning.schemas.public import (
    PublicPlanSchema,
    PublicPlansQuerySchema,
    PublishedPlanSchema,
    PublishedSchemeSchema,
)
from server.planning.schemas.steps import (
    AggregateSchema,
    AmendmentDecisionSchema,
    AmendmentSchema,
    ApprovalSchema,
    FilingSchema,
    NumberSchema,
    ProposalSchema,
    ReadinessSchema,
    ReasonSchema,
    SchemeSchema,
    SchemeTextSchema,
)

__all__ = [
    "AggregateSchema",
    "AmendmentDecisionSchema",
    "AmendmentSchema",
    "ApprovalSchema",
    "CorrectionsSchema",
    "EnterSchema",
    "FilingSchema",
    "IntakeQuerySchema",
    "IntakeSchema",
    "NumberSchema",
    "PlanDetailSchema",
    "PlanImportQuerySchema",
    "PlanImportSchema",
    "PlanSchema",
    "PlansQuerySchema",
    "ProposalSchema",
    "PublicPlanSchema",
    "PublicPlansQuerySchema",
    "PublishedPlanSchema",
    "PublishedSchemeSchema",
    "ReadinessSchema",
    "ReasonSchema",
    "SchemeSchema",
    "SchemeTextSchema",
]
