"""The wire of platforms: deliveries, and drawn tasks that come in."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.platform.models import DeliveryState, DifferenceKind, DifferenceState, RunSource, RunState
from server.schema import Day, Schema

_TEXT = validate.Length(max=200)
MOST_ROWS = 5000


class DeliveriesQuerySchema(PagingSchema):
    """Which deliveries."""

    state = fields.String(validate=validate.OneOf([state.value for state in DeliveryState]))
    result = fields.UUID()


class DeliverySchema(Schema):
    """One version of one result on its way to a platform."""

    id = fields.UUID()
    region = fields.String()
    result_id = fields.UUID()
    target = fields.String()
    key = fields.String(metadata={"description": "task no. / object code / item code / version"})
    version = fields.Integer()
    state = fields.String(metadata={"enum": [state.value for state in DeliveryState]})
    attempts = fields.Integer()
    next_at = fields.AwareDateTime()
    queued_at = fields.AwareDateTime()
    settled_at = fields.AwareDateTime(allow_none=True)
    payload = fields.Dict()
    receipt = fields.Dict(allow_none=True)
    errors = fields.List(fields.Dict())


class DaysSchema(Schema):
    """Which days, both included; 31 at most."""

    first = Day(required=True)
    last = Day(required=True)


class RunSchema(Schema):
    """A reconciliation (对账): receipts of those days here, results taken there, what agrees, what differs by kind."""

    id = fields.UUID()
    region = fields.String()
    target = fields.String()
    source = fields.String(metadata={"enum": [source.value for source in RunSource]})
    first = fields.Date()
    last = fields.Date()
    state = fields.String(metadata={"enum": [state.value for state in RunState]})
    attempts = fields.Integer()
    asked_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    here = fields.Integer()
    there = fields.Integer()
    agreed = fields.Integer()
    found = fields.Dict(keys=fields.String(), values=fields.Integer())
    problem = fields.String(allow_none=True, metadata={"description": "why the platform could not be asked"})
    file_sha256 = fields.String(allow_none=True)


class DifferencesQuerySchema(PagingSchema):
    """Which differences: in a state, of a kind, that a run saw."""

    state = fields.String(validate=validate.OneOf([state.value for state in DifferenceState]))
    kind = fields.String(validate=validate.OneOf([kind.value for kind in DifferenceKind]))
    run = fields.UUID()


class DifferenceSchema(Schema):
    """Where the two sides differ in one key: what each of them says, and what can be done."""

    id = fields.UUID()
    region = fields.String()
    target = fields.String()
    key = fields.String()
    kind = fields.String(metadata={"enum": [kind.value for kind in DifferenceKind]})
    delivery_id = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()
    ours = fields.Dict(allow_none=True, metadata={"description": "state, sha256, receipt_no, settled_at"})
    theirs = fields.Dict(allow_none=True, metadata={"description": "sha256, receipt_no, received_at"})
    state = fields.String(metadata={"enum": [state.value for state in DifferenceState]})
    reason = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    can_send_again = fields.Boolean()
    can_note = fields.Boolean()


class DifferenceNoteSchema(Schema):
    """Why a difference is one, and stays."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class DrawnRowSchema(Schema):
    """One drawn task; dates as ISO, people by certificate number, user name or name, the lead apart."""

    task_no = fields.String(required=True, validate=_TEXT)
    task_name = fields.String(validate=_TEXT)
    planned = fields.String(validate=_TEXT, metadata={"description": "name of the planned inspection"})
    plan_no = fields.String(validate=_TEXT)
    object_name = fields.String(required=True, validate=_TEXT)
    uscc = fields.String(allow_none=True, validate=_TEXT)
    lead = fields.String(validate=_TEXT)
    inspectors = fields.List(
        fields.String(validate=_TEXT), required=True, validate=validate.Length(min=1, max=20)
    )
    opens_on = fields.String(required=True, validate=_TEXT)
    due_on = fields.String(required=True, validate=_TEXT)
    approval_no = fields.String(allow_none=True, validate=_TEXT)
    notice_no = fields.String(allow_none=True, validate=_TEXT)


class DrawnRowsSchema(Schema):
    """Drawn tasks as JSON."""

    rows = fields.List(
        fields.Nested(DrawnRowSchema), required=True, validate=validate.Length(min=1, max=MOST_ROWS)
    )


class ImportQuerySchema(Schema):
    """How to import: only try it; take the good rows and leave the others out."""

    dry_run = fields.Boolean(load_default=False)
    take_good_rows = fields.Boolean(load_default=False)


class ImportedDrawSchema(Schema):
    """A draw that an import published."""

    id = fields.UUID()
    number = fields.String()
    planned_id = fields.UUID()


class DrawnRowErrorSchema(Schema):
    """A cell that can't be used, by row and heading."""

    row = fields.Integer()
    column = fields.String()
    reason = fields.String()
    reason_en = fields.String()


class DrawImportSchema(Schema):
    """What an import did: rows read, visits taken, draws published, rows left out."""

    dry_run = fields.Boolean()
    rows = fields.Integer()
    visits = fields.Integer()
    draws = fields.List(fields.Nested(ImportedDrawSchema))
    errors = fields.List(fields.Nested(DrawnRowErrorSchema))
