"""The wire of what reviewers decide and ask for, and in which words."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.review.schemas.merging import REV
from server.review.service import Mark, Return
from server.review.stock_reasons import MOST
from server.schema import Schema

REASON = validate.Length(min=1, max=1000)
_SEEN = {"description": "the version that was looked at; refused when another has come since"}


class MarkSchema(Schema):
    """An answer to correct."""

    path = fields.String(required=True, validate=validate.Length(min=1, max=500))
    reason = fields.String(required=True, validate=REASON)

    @post_load
    def mark(self, data: dict[str, Any], **_: Any) -> Mark:
        """Make the value."""
        return Mark(**data)


class AcceptanceSchema(Schema):
    """What is accepted."""

    rev = fields.String(load_default=None, validate=REV, metadata=_SEEN)


class ReturnSchema(Schema):
    """Why a record goes back, and what to correct."""

    rev = fields.String(load_default=None, validate=REV, metadata=_SEEN)
    reason = fields.String(required=True, validate=REASON)
    marks = fields.List(fields.Nested(MarkSchema), load_default=list, validate=validate.Length(max=200))
    due_on = fields.Date()

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Return:
        """Make the value."""
        return Return(**data)


class AskMergeSchema(Schema):
    """Words to the lead inspector, if need be."""

    note = fields.String(load_default=None, validate=REASON, allow_none=True)


class StockReasonsSchema(Schema):
    """Reasons that reviewers of a bureau write most often, in the order of the digits that choose them."""

    reasons = fields.List(fields.String(validate=REASON), required=True, validate=validate.Length(max=MOST))


class DecisionSchema(Schema):
    """A reviewer's decision."""

    rev = fields.String()
    verdict = fields.String(metadata={"enum": ["accepted", "returned"]})
    reason = fields.String(allow_none=True)
    marks = fields.List(fields.Dict())
    due_on = fields.Date(allow_none=True)
    reviewer = fields.String()
    decided_at = fields.AwareDateTime()
