"""The wire of phones as a desk sees them, and of what a phone says of itself."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.accounts.phones import KeyState, Standing
from server.paging import PagingSchema
from server.schema import Schema

_Count = validate.Range(0, 1_000_000)
_Bytes = validate.Range(0, 1 << 53)


class PhoneStandingDraftSchema(Schema):
    """What a phone says of itself: its build, how much the server is not known to have, how full it is in bytes."""

    version = fields.String(required=True, validate=validate.Length(max=100))
    drafts = fields.Integer(required=True, validate=_Count)
    records = fields.Integer(required=True, validate=_Count)
    files = fields.Integer(required=True, validate=_Count)
    used = fields.Integer(allow_none=True, load_default=None, validate=_Bytes)
    quota = fields.Integer(allow_none=True, load_default=None, validate=_Bytes)

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Standing:
        """Make the value."""
        return Standing(**data)


class PhoneStandingSchema(Schema):
    """What a phone said of itself last."""

    said_at = fields.AwareDateTime()
    version = fields.String()
    drafts = fields.Integer()
    records = fields.Integer()
    files = fields.Integer()
    used = fields.Integer(allow_none=True)
    quota = fields.Integer(allow_none=True)


class PhonesQuerySchema(PagingSchema):
    """Which phones: part of a name of a person or phone, blocked ones or the others."""

    text = fields.String(load_default="", validate=validate.Length(max=120))
    blocked = fields.Boolean(load_default=None)


class HolderSchema(Schema):
    """Whose a phone is."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    region = fields.String()
    active = fields.Boolean()


class PhoneSchema(Schema):
    """A phone in one person's hands. `last_seen`: the last sign-in or sync that it told of; no earlier one is kept."""

    id = fields.String()
    device = fields.UUID()
    person = fields.Nested(HolderSchema)
    name = fields.String()
    first_seen = fields.AwareDateTime()
    last_sign_in = fields.AwareDateTime()
    last_seen = fields.AwareDateTime()
    blocked_at = fields.AwareDateTime(allow_none=True)
    blocked_because = fields.String(allow_none=True)
    standing = fields.Nested(PhoneStandingSchema, allow_none=True)
    key_state = fields.String(metadata={"enum": [state.value for state in KeyState]})


class BlockSchema(Schema):
    """Why a phone is blocked, or let in again."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))
