"""The wire of plans and their rows."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.planning.layouts import LAYOUTS
from server.planning.models import PlanKind, PlanState
from server.schema import Schema

Year = validate.Range(2000, 2100)


class PlansQuerySchema(PagingSchema):
    """Which plans: of one year or at one stage, or all."""

    year = fields.Integer(validate=Year)
    state = fields.Enum(PlanState, by_value=True)


class PlanImportQuerySchema(Schema):
    """What the workbook is. The kind is recognised by the headings; name it where a workbook holds several."""

    year = fields.Integer(required=True, validate=Year)
    kind = fields.Enum(PlanKind, by_value=True)
    number = fields.String(
        load_default="", validate=validate.Length(max=60), metadata={"description": "发文文号"}
    )
    name = fields.String(load_default="", validate=validate.Length(max=200))
    section = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "提出计划的科室"}
    )
    dry_run = fields.Boolean(load_default=False)
    take_good_rows = fields.Boolean(load_default=False)


class PlanExportQuerySchema(Schema):
    """In which layout; by default in the one that suits the rows best."""

    layout = fields.String(load_default=None, validate=validate.OneOf([layout.name for layout in LAYOUTS]))


class PlanFindingSchema(Schema):
    """What was repaired or looks wrong in a cell: as written and as read."""

    row = fields.Integer(metadata={"description": "as the spreadsheet counts"})
    column = fields.String()
    kind = fields.String()
    severity = fields.String(metadata={"description": "correction or warning"})
    written = fields.String()
    read = fields.String()
    message = fields.String()
    message_en = fields.String()


class PlanRowErrorSchema(Schema):
    """A row that was left out, and why."""

    row = fields.Integer()
    column = fields.String()
    reason = fields.String()
    reason_en = fields.String()
    sheet = fields.String()


class RatioSchema(Schema):
    """How many: a percentage (as text), a count, or percentages by class; a floor where `at_least`; how often."""

    percent = fields.String(allow_none=True)
    count = fields.Integer(allow_none=True)
    by_class = fields.Dict(keys=fields.String(), values=fields.String())
    at_least = fields.Boolean()
    times = fields.Integer(allow_none=True)
    times_at_least = fields.Boolean()
    period = fields.String(allow_none=True)
    note = fields.String()


class WindowSchema(Schema):
    """From the first to the last day, both included."""

    first = fields.String()
    last = fields.String()


class PlannedInspectionSchema(Schema):
    """One row of a plan: values as read, beside the texts as written."""

    id = fields.UUID(allow_none=True)
    row_no = fields.Integer()
    plan_no = fields.String(allow_none=True)
    plan_name = fields.String(allow_none=True)
    task_no = fields.String(allow_none=True)
    name = fields.String()
    sampling = fields.List(fields.String(), metadata={"description": "targeted 定向, untargeted 不定向"})
    items = fields.List(fields.String())
    item_codes = fields.List(fields.String())
    object_scope = fields.String()
    ratio = fields.Nested(RatioSchema)
    ratio_text = fields.String()
    risk_rule = fields.String(allow_none=True)
    windows = fields.List(fields.Nested(WindowSchema))
    window_text = fields.String()
    chosen_time = fields.Boolean(metadata={"description": "择机: at a chosen time within the windows"})
    initiator = fields.String()
    lead = fields.String(allow_none=True)
    cooperators = fields.List(fields.String())
    inspecting_body = fields.String(allow_none=True)
    notes = fields.List(fields.Nested(PlanFindingSchema))
    particulars = fields.Dict(metadata={"description": "what other layouts tell beside, as written"})
    frame = fields.Dict(allow_none=True, metadata={"description": "which objects `object_scope` means"})
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class PlanSchema(Schema):
    """An annual plan."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    year = fields.Integer()
    number = fields.String()
    name = fields.String()
    kind = fields.String()
    state = fields.String()
    imported_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)
    section = fields.String()
    part_of_id = fields.UUID(
        allow_none=True, metadata={"description": "the plan that it was aggregated into"}
    )
    aggregated_at = fields.AwareDateTime(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    approval_no = fields.String()
    version = fields.Integer(metadata={"description": "how often it was published"})
    filed_at = fields.AwareDateTime(allow_none=True)
    filing_no = fields.String()


class PlanDetailSchema(PlanSchema):
    """A plan with its rows and what was noticed when it was imported."""

    source = fields.String()
    findings = fields.List(fields.Nested(PlanFindingSchema))
    rows = fields.List(fields.Nested(PlannedInspectionSchema))


class PlanImportSchema(Schema):
    """The outcome of an import; a dry run has no plan, its rows are what would be entered."""

    plan = fields.Nested(PlanSchema, allow_none=True)
    layout = fields.String()
    rows = fields.List(fields.Nested(PlannedInspectionSchema))
    findings = fields.List(fields.Nested(PlanFindingSchema))
    errors = fields.List(fields.Nested(PlanRowErrorSchema))


class YearQuerySchema(PagingSchema):
    """Of which year."""

    year = fields.Integer(required=True, validate=Year)


class RowOfYearSchema(PlannedInspectionSchema):
    """A planned inspection with the plan that it is of."""

    plan = fields.Nested(PlanSchema)
