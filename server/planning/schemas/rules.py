"""The wire of what a bureau decides about draws and visits."""

from marshmallow import fields, validate

from server.planning.ratios import Rounding
from server.schema import Schema


class QuotaRulesSchema(Schema):
    """How many a draw takes; what is left out or null is as the plan says."""

    rounding = fields.String(validate=validate.OneOf([each.value for each in Rounding]))
    weights = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=20)),
        values=fields.Float(validate=validate.Range(0, 1000)),
        validate=validate.Length(max=20),
        metadata={"description": "shares that rise by risk class (分别递加比例)"},
    )
    least_percent = fields.Float(allow_none=True, validate=validate.Range(0, 100))
    least_draws = fields.Integer(allow_none=True, validate=validate.Range(1, 366))


class BureauVisitRulesSchema(Schema):
    """How often an enterprise is visited a year at most (年度检查频次上限), and whether a code is scanned (扫码入企)."""

    a_year = fields.Integer(allow_none=True, validate=validate.Range(1, 366))
    entry_code = fields.Boolean()
    approve_within = fields.Integer(
        allow_none=True,
        validate=validate.Range(1, 366),
        metadata={"description": "working days to have an urgent visit approved"},
    )
    plan_filed = fields.Boolean(metadata={"description": "see `server.inspections.lawfulness`"})


class PlanningRulesSchema(Schema):
    """What a bureau decides about draws and visits, all of it."""

    quota = fields.Nested(QuotaRulesSchema, load_default=dict)
    visit = fields.Nested(BureauVisitRulesSchema, load_default=dict)
