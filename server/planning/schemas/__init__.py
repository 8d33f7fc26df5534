"""The wire of planning."""

from server.planning.schemas.intakes import CorrectionsSchema, EnterSchema, IntakeQuerySchema, IntakeSchema
from server.planning.schemas.overlaps import (
    ForeseenSchema,
    FrameSchema,
    OverlapsQuerySchema,
    OverlapsSchema,
    QuotaSchema,
    SharedObjectSchema,
    SharedQuerySchema,
)
from server.planning.schemas.plans import (
    PlanDetailSchema,
    PlanExportQuerySchema,
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
    "ForeseenSchema",
    "FrameSchema",
    "IntakeQuerySchema",
    "IntakeSchema",
    "NumberSchema",
    "OverlapsQuerySchema",
    "OverlapsSchema",
    "PlanDetailSchema",
    "PlanExportQuerySchema",
    "PlanImportQuerySchema",
    "PlanImportSchema",
    "PlanSchema",
    "PlansQuerySchema",
    "ProposalSchema",
    "PublicPlanSchema",
    "PublicPlansQuerySchema",
    "PublishedPlanSchema",
    "PublishedSchemeSchema",
    "QuotaSchema",
    "ReadinessSchema",
    "ReasonSchema",
    "SchemeSchema",
    "SchemeTextSchema",
    "SharedObjectSchema",
    "SharedQuerySchema",
]
