"""The wire of doubts (疑问): what the machine asks, and what reviewers answer."""

from typing import Any

from marshmallow import fields, post_load

from server.review.doubts.asking import Answer
from server.review.doubts.kinds import Code, State
from server.review.schemas.decisions import REASON
from server.schema import Schema


class DoubtItemSchema(Schema):
    """One thing that is asked about; no names where it is the record itself, `details` are the numbers."""

    key = fields.String()
    names = fields.List(fields.String())
    message = fields.String()
    message_en = fields.String()
    details = fields.Dict()


class DoubtAnswerSchema(Schema):
    """What a reviewer answered, about the things named by `keys`."""

    keys = fields.List(fields.String())
    fine = fields.Boolean()
    note = fields.String(allow_none=True)
    reviewer = fields.String()
    answered_at = fields.AwareDateTime()


class DoubtSchema(Schema):
    """A question of the machine (疑问): no verdict, and it holds nothing up."""

    id = fields.String()
    code = fields.String(metadata={"enum": [code.value for code in Code]})
    question = fields.String()
    question_en = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in State]})
    items = fields.List(fields.Nested(DoubtItemSchema))
    answers = fields.List(fields.Nested(DoubtAnswerSchema))


class DoubtReplySchema(Schema):
    """Whether what was asked about is fine, and in words why."""

    fine = fields.Boolean(required=True)
    note = fields.String(load_default=None, validate=REASON, allow_none=True)

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Answer:
        """Make the value."""
        return Answer(**data)
