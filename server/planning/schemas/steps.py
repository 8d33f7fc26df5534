"""The wire of a plan's steps: aggregated, approved, published, amended, carried out."""

from marshmallow import ValidationError, fields, validate, validates_schema

from server.planning.launches import Timeliness
from server.planning.words import WORDS
from server.schema import Schema
from server.workbook.rows import MAX_TEXT

_NUMBER = validate.Length(max=60)
_NAME = validate.Length(max=200)


class AggregateSchema(Schema):
    """Which drafts become one plan; several need a name."""

    plans = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 100))
    name = fields.String(load_default="", validate=_NAME)
    number = fields.String(load_default="", validate=_NUMBER)


class ApprovalSchema(Schema):
    """Under which number a plan is approved."""

    approval_no = fields.String(load_default="", validate=_NUMBER)


class ReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class NumberSchema(Schema):
    """Under which document number (发文文号) a plan is published; empty: the one it has."""

    number = fields.String(load_default="", validate=_NUMBER)


class FilingSchema(Schema):
    """Under which number the level above has the plan on file."""

    filing_no = fields.String(required=True, validate=validate.Length(1, 60))


class PlanChangeSchema(Schema):
    """One change: a row added, changed or withdrawn; `set` in the words of the plan, by column key."""

    action = fields.String(required=True, validate=validate.OneOf(["add", "change", "withdraw"]))
    planned = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=36))
    set = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(WORDS))),
        values=fields.String(validate=validate.Length(max=MAX_TEXT)),
        load_default=dict,
    )

    @validates_schema
    def check_parts(self, data: dict[str, object], **_: object) -> None:
        """Ask for what the action needs."""
        if data["action"] != "add":
            try:
                fields.UUID().deserialize(data["planned"])
            except ValidationError as error:
                raise ValidationError("which row?", "planned") from error
        if data["action"] != "withdraw" and not data["set"]:
            raise ValidationError("what is to be set?", "set")


class ProposalSchema(ReasonSchema):
    """Changes of a published plan, and why."""

    changes = fields.List(fields.Nested(PlanChangeSchema), required=True, validate=validate.Length(1, 500))


class AmendmentDecisionSchema(Schema):
    """Whether an amendment is approved."""

    approve = fields.Boolean(required=True)
    answer = fields.String(load_default="", validate=validate.Length(max=2000))
    approval_no = fields.String(load_default="", validate=_NUMBER)


class AmendmentSchema(Schema):
    """A change of a published plan."""

    id = fields.UUID()
    plan_id = fields.UUID()
    state = fields.String(metadata={"enum": ["proposed", "approved", "published", "refused"]})
    reason = fields.String()
    changes = fields.List(fields.Nested(PlanChangeSchema))
    proposed_at = fields.AwareDateTime()
    proposed_by = fields.UUID()
    decided_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.UUID(allow_none=True)
    approval_no = fields.String()
    answer = fields.String()
    published_version = fields.Integer(allow_none=True)


class ComparedCellSchema(Schema):
    """A cell before and after."""

    key = fields.String()
    column = fields.String()
    before = fields.String()
    after = fields.String()


class ComparedChangeSchema(Schema):
    """A change of an amendment beside what stood there before."""

    action = fields.String(metadata={"enum": ["add", "change", "withdraw"]})
    row_no = fields.Integer(allow_none=True)
    name = fields.String()
    cells = fields.List(fields.Nested(ComparedCellSchema))


class StepSchema(Schema):
    """A step that a plan can take now: whether you may, else why not; who of the bureau may."""

    name = fields.String(metadata={"enum": ["aggregate", "approve", "return", "publish", "amend", "file"]})
    allowed = fields.Boolean()
    why = fields.Function(lambda step: step.why[0], metadata={"type": "string"})
    why_en = fields.Function(lambda step: step.why[1], metadata={"type": "string"})
    people = fields.List(fields.String())


class SchemeTextSchema(Schema):
    """The text of a work scheme."""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    body = fields.String(required=True, validate=validate.Length(1, 100_000))


class SchemeSchema(SchemeTextSchema):
    """A version of the work scheme of a planned inspection."""

    planned_id = fields.UUID()
    number = fields.Integer()
    written_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)
    sha256 = fields.String(allow_none=True)


class OccasionSchema(Schema):
    """One launch that a row of a plan is due to have, and how it stands."""

    planned_id = fields.UUID()
    row_no = fields.Integer()
    name = fields.String()
    number = fields.Integer()
    first = fields.Date()
    last = fields.Date()
    timeliness = fields.Enum(Timeliness, by_value=True)
    launched_on = fields.Date(allow_none=True)
    objects = fields.Integer()


class ReadinessSchema(Schema):
    """How a plan is carried out, as of a day."""

    as_of = fields.Date()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    rows = fields.Integer(metadata={"description": "planned inspections that stand"})
    by_class = fields.Integer(metadata={"description": "of them linked with the risk classification"})
    occasions = fields.List(fields.Nested(OccasionSchema))
