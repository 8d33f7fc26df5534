"""The wire of accounts (protocol §1)."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.accounts.devices import DeviceClaim
from server.accounts.keys import KeyClaim, Revocation
from server.accounts.models import KeyDoubt, KeyEnd
from server.accounts.people_schemas import Names, PersonSchema
from server.accounts.renewing import Renewal
from server.schema import Moment, Schema

_Note = validate.Length(min=1, max=1000)
_JWK = {"description": "ECDSA P-256, as a JWK"}
_ENDORSEMENT = {"description": "signature of the key that this one replaces, base64 of r‖s"}
_SEALED = {"description": "its data key, wrapped to the organisation's; base64"}
# Who replaces a key enrols the new one: that is no reason to end one.
_ENDS = [each for each in KeyEnd if each is not KeyEnd.REPLACED]


class DeviceClaimSchema(Schema):
    """A phone naming itself."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, validate=Names)
    public_key = fields.Dict(keys=fields.String(), metadata=_JWK)
    endorsement = fields.String(validate=validate.Length(max=200), metadata=_ENDORSEMENT)
    sealed_key = fields.String(validate=validate.Length(max=400), metadata=_SEALED)

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
    """The refresh token of the last answer that arrived, signed by the device's key where there is one."""

    refresh_token = fields.String(required=True, validate=validate.Length(max=256))
    proof = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "signature of the device's key over the token, base64 of r‖s"},
    )

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Renewal:
        """Make the value."""
        return Renewal(**data)


class SessionDeviceSchema(Schema):
    """The device of a session and the key it signs with."""

    id = fields.UUID()
    key_id = fields.String(allow_none=True)


class LimitsSchema(Schema):
    """What phones keep to: how much may come and go at a time, so that none has to find out by being refused.

    `retention_days`: they keep what they sent so long, even when it is safe to delete. `lease_hours`: so long they show
    what they hold without having reached the server.
    """

    push_items = fields.Integer()
    push_bytes = fields.Integer()
    pull_items = fields.Integer()
    retention_days = fields.Integer()
    lease_hours = fields.Integer()


class AboutAppSchema(Schema):
    """What a phone shows of itself: its filing number (备案号), and who takes complaints (投诉渠道)."""

    filing = fields.String()
    office = fields.String()
    telephone = fields.String()
    address = fields.String(metadata={"description": "of a house, an e-mail or a page"})


class SessionSchema(Schema):
    """An open session."""

    token = fields.String()
    refresh_token = fields.String()
    expires_at = fields.AwareDateTime()
    user = fields.Nested(PersonSchema)
    device = fields.Nested(SessionDeviceSchema)
    epoch = fields.String()
    server_keys = fields.List(fields.Dict(), metadata={"description": "JWKs that receipts are signed with"})
    limits = fields.Nested(LimitsSchema)
    about = fields.Nested(
        AboutAppSchema, metadata={"description": "absent where the operator set none of it"}
    )
    escrow_key = fields.Dict(
        metadata={"description": "JWK of the organisation, which data keys are wrapped to"}
    )
    data_key = fields.String(
        metadata={"description": "what `sealed_key` holds, base64; absent where it is not opened here"}
    )


class DeviceSchema(Schema):
    """A device of a person."""

    id = fields.UUID()
    name = fields.String()
    first_seen = fields.AwareDateTime()
    last_sign_in = fields.AwareDateTime()
    blocked_at = fields.AwareDateTime(allow_none=True)


class KeyClaimSchema(Schema):
    """A new key of a device."""

    public_key = fields.Dict(keys=fields.String(), required=True, metadata=_JWK)
    endorsement = fields.String(validate=validate.Length(max=200), metadata=_ENDORSEMENT)

    @post_load
    def claim(self, data: dict[str, Any], **_: Any) -> KeyClaim:
        """Make the value."""
        return KeyClaim(**data)


class KeyEndSchema(Schema):
    """Why a key signs no more."""

    because = fields.Enum(KeyEnd, by_value=True, required=True, validate=validate.OneOf(_ENDS))
    note = fields.String(load_default="", validate=validate.Length(max=1000))


class RevocationSchema(Schema):
    """Since when a key may have been in other hands, and why."""

    since = Moment(required=True)
    because = fields.Enum(KeyDoubt, by_value=True, required=True)
    note = fields.String(required=True, validate=_Note)

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Revocation:
        """Make the value."""
        return Revocation(**data)


class RestoreSchema(Schema):
    """Why a revocation was a mistake."""

    note = fields.String(required=True, validate=_Note)


class KeySchema(Schema):
    """A key of a device: how it stands, and how it came to that."""

    key_id = fields.String()
    device_id = fields.UUID()
    person_id = fields.UUID()
    public_key = fields.Dict(attribute="jwk")
    endorsement = fields.String(allow_none=True)
    enrolled_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    ended_because = fields.String(allow_none=True, metadata={"enum": [each.value for each in KeyEnd]})
    replaced_by = fields.String(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)
    revoked_since = fields.AwareDateTime(allow_none=True)
    revoked_because = fields.String(allow_none=True, metadata={"enum": [each.value for each in KeyDoubt]})


class KeyHistorySchema(KeySchema):
    """A key, and every fact about it in order."""

    history = fields.List(
        fields.Dict(),
        metadata={"description": "`seq`, `at`, `by`, `fact`: enrolled, replaced, ended, revoked or restored"},
    )


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
