"""The wire of platforms: deliveries, and drawn tasks that come in."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.platform.models import DeliveryState
from server.schema import Schema

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
