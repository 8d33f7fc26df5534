"""The wire of accounts (protocol §1)."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from server.accounts.devices import DeviceClaim

Names = validate.Length(min=1, max=120)


class DeviceClaimSchema(Schema):
    """A phone naming itself."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, validate=Names)
    public_key = fields.Dict(keys=fields.String(), metadata={"description": "ECDSA P-256, as a JWK"})

    @post_load
    def claim(self, data: dict[str, Any], **_: Any) -> DeviceClaim:
        """Make the value."""
        return DeviceClaim(**data)


class SignInSchema(Schema):
    """User name, password and, from a phone, the device."""

    username = fields.String(required=True, validate=Names)
    password = fields.String(required=True, load_only=True, validate=validate.Length(min=1, max=256))
    device = fields.Nested(DeviceClaimSchema)


class RefreshSchema(Schema):
    """The refresh token of the last answer."""

    refresh_token = fields.String(required=True, validate=validate.Length(max=256))


class PersonSchema(Schema):
    """A person."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    organisation_id = fields.UUID()
    region = fields.String()


class SessionDeviceSchema(Schema):
    """The device of a session and the key it signs with."""

    id = fields.UUID()
    key_id = fields.String(allow_none=True)


class SessionSchema(Schema):
    """An open session."""

    token = fields.String()
    refresh_token = fields.String()
    expires_at = fields.AwareDateTime()
    user = fields.Nested(PersonSchema)
    device = fields.Nested(SessionDeviceSchema)
    epoch = fields.String()
    server_keys = fields.List(fields.Dict(), metadata={"description": "JWKs that receipts are signed with"})


class DeviceSchema(Schema):
    """A device of a person."""

    id = fields.UUID()
    name = fields.String()
    first_seen = fields.AwareDateTime()
    last_sign_in = fields.AwareDateTime()
    blocked_at = fields.AwareDateTime(allow_none=True)


class DevicesQuerySchema(Schema):
    """Whose devices; one's own by default."""

    person = fields.UUID()


class TimeSchema(Schema):
    """Server time for a four-timestamp offset: received and sent, in ISO 8601."""

    received = fields.String()
    sent = fields.String()


class ReachSchema(Schema):
    """Who am I, and what may I do."""

    user = fields.Nested(PersonSchema)
    permissions = fields.List(fields.String())
    device_id = fields.UUID(allow_none=True)
