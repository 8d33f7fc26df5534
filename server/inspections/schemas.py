"""The wire of tasks."""

from marshmallow import fields, validate

from server.inspections.departments import MOST
from server.inspections.gate.rules import Mode
from server.inspections.gate.visit import Source
from server.inspections.models import TaskState
from server.paging import PagingSchema
from server.schema import Day, Schema

Numbers = validate.Length(min=1, max=100)
Reasons = validate.Length(min=1, max=500)


class TasksQuerySchema(PagingSchema):
    """Which tasks: in a state, at an object, of a person, for a form, of a region, a bureau, a row of a plan, or due when."""

    form = fields.String(validate=validate.Length(min=1, max=255))
    object = fields.UUID()
    person = fields.UUID()
    state = fields.String(validate=validate.OneOf([state.value for state in TaskState]))
    region = fields.String(validate=validate.Regexp("^[0-9]{6}$"))
    organisation = fields.UUID()
    planned = fields.UUID()
    number = fields.String(
        validate=validate.Length(min=1, max=100), metadata={"description": "the number it begins with"}
    )
    due_from = fields.Date()
    due_to = fields.Date()


class FormUsageSchema(Schema):
    """What a form is used for within one's jurisdiction, in numbers."""

    assigned = fields.Integer(metadata={"description": "tasks not begun"})
    open = fields.Integer(metadata={"description": "tasks being inspected"})
    people = fields.Integer(metadata={"description": "inspectors on these tasks"})
    phones = fields.Integer(metadata={"description": "their devices, blocked ones left out"})


class OpenTaskSchema(Schema):
    """A task that waits for somebody."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    state = fields.String()
    due_on = fields.Date()


class TaskInspectorSchema(Schema):
    """Somebody on a task; `role` is lead or assisting. `active` false: has left, and somebody else is needed."""

    id = fields.UUID()
    name = fields.String()
    active = fields.Boolean()
    role = fields.String()
    certificate = fields.String(allow_none=True)
    certificate_valid_to = fields.String(allow_none=True, metadata={"format": "date"})


class TaskFormSchema(Schema):
    """A form to fill; `version` is the newest."""

    id = fields.String()
    version = fields.String(allow_none=True)


class VisitRulesSchema(Schema):
    """What the bureau asks of a visit: at most so many a year of one enterprise, a code scanned on entry."""

    a_year = fields.Integer(allow_none=True)
    entry_code = fields.Boolean()


class AllowedSchema(Schema):
    """Who allowed what a rule forbids, and why."""

    by = fields.String()
    reason = fields.String()
    at = fields.String(metadata={"format": "date-time"})


class ToldCheckSchema(Schema):
    """What one rule of the gate came to; rules and outcomes are those of the table that phones carry."""

    rule = fields.String()
    outcome = fields.String()
    verdict = fields.String(metadata={"enum": ["allow", "warn", "block"]})
    facts = fields.List(fields.String())
    facts_en = fields.List(fields.String())
    allowed = fields.Nested(AllowedSchema, allow_none=True)


class BasisSchema(Schema):
    """A law or document, and what it says in short."""

    source = fields.String()
    says = fields.String()


class CheckSchema(ToldCheckSchema):
    """What one rule came to, why it matters and by which law."""

    name = fields.String()
    name_en = fields.String()
    why = fields.String()
    why_en = fields.String()
    overridable = fields.Boolean()
    bases = fields.List(fields.Nested(BasisSchema))


class GateSchema(Schema):
    """All checks of a task as of a day, and the verdict that counts."""

    judged_on = fields.Date()
    verdict = fields.String(metadata={"enum": ["allow", "warn", "block"]})
    checks = fields.List(fields.Nested(CheckSchema))


class GatedVisitSchema(Schema):
    """A drawn visit and what of it does not hold."""

    visit = fields.UUID()
    object = fields.UUID()
    task_no = fields.String()
    verdict = fields.String(metadata={"enum": ["allow", "warn", "block"]})
    checks = fields.List(fields.Nested(ToldCheckSchema))


class DrawGateSchema(Schema):
    """The visits of a draw, the blocked ones first."""

    draw = fields.UUID()
    visits = fields.List(fields.Nested(GatedVisitSchema))


class AllowSchema(Schema):
    """Which rule is set aside for a task, and why."""

    rule = fields.String(required=True)
    reason = fields.String(required=True, validate=Reasons)


class RecusalAnswerSchema(Schema):
    """Whether whoever asks has an interest in the task."""

    answer = fields.String(required=True, validate=validate.OneOf(["no_interest", "recused"]))


class ConductSchema(Schema):
    """How a task is made and what stands on paper; what is left out stays as it is."""

    mode = fields.String(validate=validate.OneOf([mode.value for mode in Mode]))
    source = fields.String(validate=validate.OneOf([source.value for source in Source]))
    approval_no = fields.String(allow_none=True, validate=Numbers)
    approved_on = fields.Date(allow_none=True)
    notice_no = fields.String(allow_none=True, validate=Numbers)
    notice_served_on = fields.Date(allow_none=True)
    urgent_reason = fields.String(allow_none=True, validate=Reasons)


class CommissionSchema(Schema):
    """A commissioned institution with its qualification and report, or an opinion that is adopted."""

    institution = fields.String(load_default="", validate=validate.Length(max=200))
    uscc = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=18))
    qualification = fields.String(load_default="", validate=validate.Length(max=200))
    qualification_no = fields.String(load_default="", validate=validate.Length(max=100))
    valid_to = fields.Date(load_default=None, allow_none=True)
    report = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp("^[0-9a-f]{64}$"),
        metadata={"description": "SHA-256 of the report, in lower-case hexadecimal digits"},
    )  # fmt: skip
    opinion = fields.String(load_default="", validate=validate.Length(max=4000))
    opinion_by = fields.String(load_default="", validate=validate.Length(max=200))


class SectionSchema(Schema):
    """One department's part of a joint visit."""

    id = fields.UUID()
    organisation = fields.UUID()
    name = fields.String()
    lead = fields.UUID()
    inspectors = fields.List(fields.UUID())
    items = fields.List(fields.String())
    forms = fields.List(fields.String())
    due_on = fields.String(metadata={"format": "date"})


class DepartmentSchema(Schema):
    """A department that takes part: its bureau, its people (the lead first), its items, and when it closes."""

    organisation = fields.UUID(required=True)
    people = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=20))
    items = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=100))
    due_on = fields.Date(load_default=None, allow_none=True)


class DepartmentsSchema(Schema):
    """All departments of a joint visit, the leading one first."""

    departments = fields.List(
        fields.Nested(DepartmentSchema), required=True, validate=validate.Length(max=MOST)
    )


class TaskSchema(Schema):
    """A task, as phones see it too."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    state = fields.String()
    opens_on = fields.String(metadata={"format": "date"})
    due_on = fields.String(metadata={"format": "date"})
    object = fields.UUID()
    object_name = fields.String(
        metadata={"description": "not on the phone's feed, which has the object itself"}
    )
    forms = fields.List(fields.Nested(TaskFormSchema))
    items = fields.List(fields.String())
    lead = fields.UUID(allow_none=True)
    inspectors = fields.List(fields.Nested(TaskInspectorSchema))
    approval_no = fields.String(allow_none=True)
    notice_no = fields.String(allow_none=True)
    rules = fields.Nested(VisitRulesSchema)
    mode = fields.String(metadata={"enum": [mode.value for mode in Mode]})
    sections = fields.List(fields.Nested(SectionSchema))
    gate = fields.List(fields.Nested(ToldCheckSchema))


class ReassignSchema(Schema):
    """The people who take over: all who are on the task from now on."""

    lead = fields.UUID(required=True)
    assisting = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=10))
    reason = fields.String(required=True, validate=Reasons)


class ExtensionSchema(Schema):
    """The new last day of a task, and why it needs more time."""

    due_on = Day(required=True)
    reason = fields.String(required=True, validate=Reasons)


class WithdrawSchema(Schema):
    """Why a task is taken back."""

    reason = fields.String(required=True, validate=Reasons)


class GapSchema(Schema):
    """Numbers of a device that never came, first to last, and the revision that came after them."""

    first = fields.Integer()
    last = fields.Integer()
    next_rev = fields.String()
    next_received_at = fields.AwareDateTime()


class GapPersonSchema(Schema):
    """Whose revisions."""

    id = fields.UUID()
    name = fields.String()


class DeviceGapsSchema(Schema):
    """How far the revisions of one person on a device have come; at most 200 gaps are listed."""

    person = fields.Nested(GapPersonSchema)
    newest = fields.Integer(metadata={"description": "the highest number that came"})
    arrived = fields.Integer()
    missing = fields.Integer()
    gaps = fields.List(fields.Nested(GapSchema))
