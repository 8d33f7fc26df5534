"""The wire of plans on their way in."""

from marshmallow import fields, validate

from server.planning.intakes import MOST_CORRECTIONS
from server.planning.models import PlanKind
from server.planning.schemas.plans import PlanFindingSchema, PlanRowErrorSchema, Year
from server.planning.words import WORDS
from server.schema import Schema
from server.workbook.rows import MAX_TEXT


class IntakeQuerySchema(Schema):
    """What the source is; the layout is recognised by the headings, `kind` says which of several tables."""

    year = fields.Integer(required=True, validate=Year)
    kind = fields.Enum(PlanKind, by_value=True)
    name = fields.String(load_default="", validate=validate.Length(max=200))


class CorrectionSchema(Schema):
    """A cell as a person reads it; without a row, for every row that says nothing there."""

    row = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "as the source counts its rows"}
    )
    column = fields.String(required=True, validate=validate.OneOf(sorted(WORDS)))
    text = fields.String(required=True, validate=validate.Length(max=MAX_TEXT))


class CorrectionsSchema(Schema):
    """Cells to correct."""

    corrections = fields.List(
        fields.Nested(CorrectionSchema), required=True, validate=validate.Length(1, MOST_CORRECTIONS)
    )


class EnterSchema(Schema):
    """Under which number and for which section a source becomes a draft."""

    number = fields.String(load_default="", validate=validate.Length(max=60))
    section = fields.String(load_default="", validate=validate.Length(max=100))
    take_good_rows = fields.Boolean(load_default=False)


class ReadRowSchema(Schema):
    """How a row of a source reads now."""

    row = fields.Integer()
    name = fields.String()
    good = fields.Boolean(metadata={"description": "whether it can be entered"})
    items = fields.List(fields.String())
    object_scope = fields.String()
    ratio_text = fields.String()
    window_text = fields.String()


class IntakeSchema(Schema):
    """A source, the corrections made, and how it reads with them."""

    id = fields.UUID()
    year = fields.Integer()
    kind = fields.Enum(PlanKind, by_value=True)
    layout = fields.String()
    name = fields.String()
    sha256 = fields.String()
    received_at = fields.AwareDateTime()
    plan_id = fields.UUID(allow_none=True, metadata={"description": "the draft that it became"})
    corrections = fields.List(fields.Nested(CorrectionSchema))
    rows = fields.List(fields.Nested(ReadRowSchema))
    findings = fields.List(fields.Nested(PlanFindingSchema))
    errors = fields.List(fields.Nested(PlanRowErrorSchema))
