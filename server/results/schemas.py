"""The wire of results."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.results.codes import FollowupCode, ResultCode
from server.results.models import ResultState
from server.results.service import Confirmation
from server.schema import Schema

_STATES = [state.value for state in ResultState]


class ResultsQuerySchema(PagingSchema):
    """Which results."""

    state = fields.String(validate=validate.OneOf(_STATES))
    task = fields.UUID()


class ConfirmationSchema(Schema):
    """What an inspector confirms; what is left out stays as drafted."""

    codes = fields.List(fields.Enum(ResultCode, by_value=True), validate=validate.Length(min=1, max=19))
    followup_codes = fields.List(fields.Enum(FollowupCode, by_value=True), validate=validate.Length(max=13))
    findings_text = fields.String(validate=validate.Length(max=10_000))
    rectify_by = fields.Date()
    version = fields.Integer(
        metadata={"description": "the version that was seen; refused when another is there"}
    )
    correction = fields.String(
        validate=validate.Length(max=1000), metadata={"description": "why a released result is changed"}
    )

    @post_load
    def confirmation(self, data: dict[str, Any], **_: Any) -> Confirmation:
        """Make the value."""
        for name in {"codes", "followup_codes"} & data.keys():
            data[name] = tuple(data[name])
        return Confirmation(**data)


class ResultSchema(Schema):
    """The result of one task and one item."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    task_id = fields.UUID()
    item_code = fields.String()
    object_id = fields.UUID()
    record_id = fields.UUID()
    rev = fields.String()
    codes = fields.List(fields.String())
    followup_codes = fields.List(fields.String())
    findings_text = fields.String()
    rectify_by = fields.Date(allow_none=True)
    state = fields.String(metadata={"enum": _STATES})
    version = fields.Integer()
    correction = fields.String(allow_none=True)
    inspected_on = fields.Date()
    due_on = fields.Date(metadata={"description": "by when it has to be entered"})
    due_rule = fields.String()
    publish_on = fields.Date(
        allow_none=True, metadata={"description": "by when a normal result is to be public"}
    )
    estimated = fields.Boolean(
        metadata={"description": "a calendar on the way to due_on is not published yet"}
    )
    drafted_at = fields.AwareDateTime()
    confirmed_by = fields.UUID(allow_none=True)
    confirmed_at = fields.AwareDateTime(allow_none=True)
    released_by = fields.UUID(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)
