"""The wire of draws and of the visits they ordain."""

from marshmallow import fields

from server.paging import PagingSchema
from server.schema import Schema


class DrawsQuerySchema(PagingSchema):
    """Which draws."""

    planned = fields.UUID(metadata={"description": "id of a planned inspection"})


class VisitSchema(Schema):
    """One drawn visit."""

    id = fields.UUID()
    object_id = fields.UUID()
    lead_id = fields.UUID()
    inspector_ids = fields.List(fields.UUID())
    task_no = fields.String()
    task_name = fields.String()
    forms = fields.List(fields.String())
    item_codes = fields.List(fields.String())
    opens_on = fields.Date()
    due_on = fields.Date()
    approval_no = fields.String(allow_none=True)
    notice_no = fields.String(allow_none=True)
    teams = fields.Dict(metadata={"description": "the inspectors by department"})
    expert_ids = fields.List(fields.UUID(), metadata={"description": "go along, never counted"})


class DrawSchema(Schema):
    """A published draw."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    planned_id = fields.UUID()
    number = fields.String()
    source = fields.String(metadata={"enum": ["platform", "own"]})
    locked = fields.Boolean(metadata={"description": "the objects may not be exchanged"})
    published_at = fields.AwareDateTime()
    superseded_at = fields.AwareDateTime(allow_none=True)


class DrawWithVisitsSchema(DrawSchema):
    """A published draw with its visits."""

    visits = fields.List(fields.Nested(VisitSchema))
