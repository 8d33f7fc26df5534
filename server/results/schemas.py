"""The wire of results, of their deadlines and of objections to them."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.results.codes import FollowupCode, ResultCode
from server.results.deadlines import DeadlineKind
from server.results.models import ObjectionState, ResultState
from server.results.service import Confirmation
from server.schema import Day, Schema

_STATES = [state.value for state in ResultState]
_Text = validate.Length(max=10_000)


class ResultsQuerySchema(PagingSchema):
    """Which results."""

    state = fields.String(validate=validate.OneOf(_STATES))
    task = fields.UUID()


_SEEN = {"description": "the version that was seen; refused when another is there"}


class ConfirmationSchema(Schema):
    """What an inspector confirms; what is left out stays as drafted."""

    codes = fields.List(fields.Enum(ResultCode, by_value=True), validate=validate.Length(min=1, max=19))
    followup_codes = fields.List(fields.Enum(FollowupCode, by_value=True), validate=validate.Length(max=13))
    findings_text = fields.String(validate=_Text)
    rectify_by = Day()
    version = fields.Integer(metadata=_SEEN)
    correction = fields.String(
        validate=validate.Length(max=1000), metadata={"description": "why a released result is changed"}
    )

    @post_load
    def confirmation(self, data: dict[str, Any], **_: Any) -> Confirmation:
        """Make the value."""
        for name in {"codes", "followup_codes"} & data.keys():
            data[name] = tuple(data[name])
        return Confirmation(**data)


class ReleaseSchema(Schema):
    """What is released."""

    version = fields.Integer(load_default=None, metadata=_SEEN)


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
    objection = fields.String(
        allow_none=True,
        metadata={"description": "how the newest objection stands; `answered` by a corrected version"},
    )
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
    closed_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "released, and nothing about it is open"}
    )


class NamedResultSchema(ResultSchema):
    """A result in a list, with the names of what it is about."""

    object_name = fields.String()
    task_number = fields.String()
    item_name = fields.String()


class ResultVersionSchema(Schema):
    """What a result said in one version."""

    version = fields.Integer()
    codes = fields.List(fields.String())
    followup_codes = fields.List(fields.String())
    findings_text = fields.String()
    rectify_by = fields.Date(allow_none=True)
    correction = fields.String(
        allow_none=True, metadata={"description": "why it took the place of the one before"}
    )
    written_by = fields.UUID(allow_none=True)
    written_at = fields.AwareDateTime()
    released_by = fields.UUID(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)


class DeadlineSchema(Schema):
    """When something is due, what it was counted from, and when it was done."""

    subject_id = fields.UUID()
    kind = fields.String(metadata={"enum": [kind.value for kind in DeadlineKind]})
    start_on = fields.Date()
    days = fields.Integer(allow_none=True, metadata={"description": "working days"})
    due_on = fields.Date()
    estimated = fields.Boolean()
    calendar = fields.String()
    rule = fields.String()
    met_on = fields.Date(allow_none=True)


class DeadlineChangeSchema(Schema):
    """How a notice moved a deadline."""

    notice_id = fields.UUID()
    subject_id = fields.UUID()
    kind = fields.String()
    was = fields.Date()
    now = fields.Date()
    calendar_was = fields.String()
    calendar = fields.String()
    at = fields.AwareDateTime()


class DeadlinesSchema(Schema):
    """The deadlines of a result and of what it brought about, and how they were moved."""

    deadlines = fields.List(fields.Nested(DeadlineSchema))
    changes = fields.List(fields.Nested(DeadlineChangeSchema))


class ObjectionDraftSchema(Schema):
    """What the entity says against a result, and on which day it was received."""

    grounds = fields.String(required=True, validate=validate.Length(min=1, max=10_000))
    filed_on = Day(required=True)


class ObjectionDecisionSchema(Schema):
    """What was decided about an objection, and why."""

    state = fields.Enum(
        ObjectionState, by_value=True, required=True, validate=validate.NoneOf([ObjectionState.FILED])
    )
    decision = fields.String(required=True, validate=validate.Length(min=1, max=10_000))


class ObjectionSchema(Schema):
    """An objection and how it stands."""

    id = fields.UUID()
    result_id = fields.UUID()
    version = fields.Integer(metadata={"description": "the version of the result that it is about"})
    grounds = fields.String()
    filed_on = fields.Date()
    received_by = fields.UUID()
    received_at = fields.AwareDateTime()
    decide_by = fields.Date()
    state = fields.String(metadata={"enum": [state.value for state in ObjectionState]})
    decision = fields.String(allow_none=True)
    decided_by = fields.UUID(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
