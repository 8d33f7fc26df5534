"""The wire of complaints and suggestions (docs/protocol.md)."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.complaints.models import ComplaintState
from server.complaints.service import Written
from server.paging import PagingSchema
from server.schema import Moment, Schema


class WrittenSchema(Schema):
    """A complaint or suggestion: the words, and nothing of where or on what they were written."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["complaint", "suggestion"]))
    text = fields.String(required=True, validate=[validate.Length(max=4000), validate.Regexp(r"\s*\S")])
    written_at = Moment(required=True, metadata={"description": "by the phone's clock"})

    @post_load
    def written(self, data: dict[str, Any], **_: Any) -> Written:
        """Make the value."""
        return Written(**data)


class ComplaintsQuerySchema(PagingSchema):
    """Which complaints; those that wait for an answer by default."""

    state = fields.Enum(ComplaintState, by_value=True, load_default=ComplaintState.RECEIVED)


class ComplaintAnswerSchema(Schema):
    """The answer, in words."""

    text = fields.String(required=True, validate=[validate.Length(max=2000), validate.Regexp(r"\s*\S")])


class ComplaintSenderSchema(Schema):
    """Who wrote it."""

    id = fields.UUID()
    name = fields.String()


class ComplaintSchema(Schema):
    """A complaint or suggestion, and what was answered."""

    id = fields.UUID()
    kind = fields.String(metadata={"enum": ["complaint", "suggestion"]})
    text = fields.String()
    written_at = fields.AwareDateTime()
    received_at = fields.AwareDateTime()
    state = fields.String(metadata={"enum": [each.value for each in ComplaintState]})
    region = fields.String()
    sender = fields.Nested(ComplaintSenderSchema)
    answer = fields.String(allow_none=True)
    answered_by = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
