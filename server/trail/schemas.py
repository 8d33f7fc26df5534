"""The wire of the audit trail."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.schema import Day, Schema
from server.trail.reading import Asked


class TrailQuerySchema(PagingSchema):
    """Which entries; empty values are as good as none."""

    actor = fields.String(load_default=None, validate=validate.Length(max=120))
    kind = fields.String(load_default=None, validate=validate.Length(max=60))
    subject = fields.String(load_default=None, validate=validate.Length(max=200))
    action = fields.String(load_default=None, validate=validate.Length(max=80))
    first = Day(load_default=None)
    last = Day(load_default=None)
    region = fields.String(load_default=None, validate=validate.Regexp(r"\d{6}\Z"))

    @post_load
    def asked(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value, beside the page."""
        paging = {"after": data.pop("after"), "limit": data.pop("limit")}
        return {"asked": Asked(**data)} | paging


class LifeQuerySchema(Schema):
    """Whose life."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(["task", "record", "result", "followup", "delivery", "disclosure"]),
    )
    id = fields.UUID(required=True)


class MemberSchema(Schema):
    """One member of an entry: what, what it was where that is known, and what it is."""

    member = fields.String()
    name = fields.String()
    name_en = fields.String()
    before = fields.Raw(allow_none=True)
    now = fields.Raw(allow_none=True)


class EntrySchema(Schema):
    """One entry of the log in words; `region` is that of whoever did it, null for the system."""

    id = fields.String(metadata={"description": "its number, as lists tell rows apart"})
    seq = fields.Integer()
    at = fields.String()
    actor = fields.String()
    actor_name = fields.String()
    action = fields.String()
    told = fields.String()
    told_en = fields.String()
    kind = fields.String()
    kind_name = fields.String()
    kind_name_en = fields.String()
    subject = fields.String()
    name = fields.String()
    region = fields.String(allow_none=True)
    hash = fields.String()
    members = fields.List(fields.Nested(MemberSchema))


class WordSchema(Schema):
    """A kind of thing, or an event, with what it is called."""

    value = fields.String()
    name = fields.String()
    name_en = fields.String()


class WordsSchema(Schema):
    """What can be asked for."""

    kinds = fields.List(fields.Nested(WordSchema))
    actions = fields.List(fields.Nested(WordSchema))
