"""Shapes of the API for keys of stock ODK phones."""

from marshmallow import fields, validate

from server.schema import Schema

_Names = validate.Length(min=1, max=100)
_Reasons = validate.Length(min=1, max=500)


class KeyDraftSchema(Schema):
    """A key to make: for whom, and what the phone is called."""

    person = fields.UUID(required=True)
    name = fields.String(required=True, validate=_Names)


class KeysQuerySchema(Schema):
    """Whose keys; left out: everybody's of the jurisdiction, or one's own."""

    person = fields.UUID()


class KeyReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=_Reasons)


class PhoneKeySchema(Schema):
    """A key, without its address. `bound`: a phone has asked under it, and no other may."""

    id = fields.UUID()
    person = fields.UUID(attribute="person_id")
    username = fields.String()
    person_name = fields.String()
    device = fields.UUID(attribute="device_id")
    name = fields.String()
    made_at = fields.AwareDateTime()
    bound = fields.Boolean()
    bound_at = fields.AwareDateTime(allow_none=True)
    last_sent_at = fields.AwareDateTime(allow_none=True)
    sent = fields.Integer()
    ended_at = fields.AwareDateTime(allow_none=True)
    ended_because = fields.String(allow_none=True)


class PhoneSettingsSchema(Schema):
    """How a phone is set up. `code` is what its QR code holds; `managed` by the app's package, for MDM."""

    settings = fields.Dict()
    code = fields.String()
    managed = fields.Dict()


class ArrivingSchema(Schema):
    """A submission of which files are still to come: `expected` by its XML, `here` and `missing` by name."""

    id = fields.UUID()
    person = fields.UUID()
    person_name = fields.String()
    instance = fields.String()
    form = fields.String()
    form_version = fields.String()
    expected = fields.Integer(allow_none=True)
    here = fields.Integer()
    missing = fields.List(fields.String())
    since = fields.AwareDateTime()
    last_at = fields.AwareDateTime()
