"""The wire of media (protocol §4); uploads speak in headers, see `media.tus`."""

from marshmallow import Schema, fields, validate

_SHA256 = validate.Regexp(r"^(sha256:)?[0-9a-f]{64}\Z")


class StatusQuerySchema(Schema):
    """Hashes to ask about: 64 lower-case hexadecimal digits, with or without `sha256:` before them."""

    sha256 = fields.List(fields.String(validate=_SHA256), required=True, validate=validate.Length(max=500))


class StatusSchema(Schema):
    """For each hash, as it was written: how far it has come."""

    media = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(["absent", "partial", "stored", "durable"])),
    )
