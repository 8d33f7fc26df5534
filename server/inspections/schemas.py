"""The wire of tasks."""

from marshmallow import fields, validate

from server.inspections.models import TaskState
from server.paging import PagingSchema
from server.schema import Schema

Reasons = validate.Length(min=1, max=500)


class TasksQuerySchema(PagingSchema):
    """Which tasks: in a state, or those that a person is on."""

    person = fields.UUID()
    state = fields.String(validate=validate.OneOf([state.value for state in TaskState]))


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


class TaskSchema(Schema):
    """A task, as phones see it too."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    state = fields.String()
    opens_on = fields.String(metadata={"format": "date"})
    due_on = fields.String(metadata={"format": "date"})
    object = fields.UUID()
    forms = fields.List(fields.Nested(TaskFormSchema))
    items = fields.List(fields.String())
    lead = fields.UUID(allow_none=True)
    inspectors = fields.List(fields.Nested(TaskInspectorSchema))
    approval_no = fields.String(allow_none=True)
    notice_no = fields.String(allow_none=True)
    rules = fields.Nested(VisitRulesSchema)


class ReassignSchema(Schema):
    """The people who take over: all who are on the task from now on."""

    lead = fields.UUID(required=True)
    assisting = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=10))
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
