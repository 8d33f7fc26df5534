"""The wire of recusals (回避): interests of people and experts in objects."""

from marshmallow import fields

from server.draws.schemas.ceremonies import WORDS
from server.paging import PagingSchema
from server.schema import Schema


class NewInterestSchema(Schema):
    """An interest of a person or an expert in an object."""

    subject_id = fields.UUID(required=True)
    object_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=WORDS)


class RecusalsQuerySchema(PagingSchema):
    """Whose recusals, or about which object; all where nothing is said."""

    subject = fields.UUID()
    object = fields.UUID()


class InterestSchema(NewInterestSchema):
    """A recusal that holds."""

    id = fields.UUID()
    region = fields.String()
    entered_by = fields.String()
    entered_at = fields.AwareDateTime()
