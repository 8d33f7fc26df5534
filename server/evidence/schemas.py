"""The wire of media (protocol §4); uploads speak in headers, see `media.tus`."""

from marshmallow import fields, validate

from server.schema import Schema

_SHA256 = validate.Regexp(r"^(sha256:)?[0-9a-f]{64}\Z")


class StatusQuerySchema(Schema):
    """Hashes to ask about: 64 lower-case hexadecimal digits, with or without `sha256:` before them.

    `epoch`, where given, is the one that the phone believes in.
    """

    epoch = fields.String(load_default=None, validate=validate.Length(max=64))
    sha256 = fields.List(fields.String(validate=_SHA256), required=True, validate=validate.Length(max=500))


class DerivativeSchema(Schema):
    """Something made of a file: `name`, `size` in bytes and `recipe`; or why it is not there, `unavailable`."""

    name = fields.String()
    size = fields.Integer()
    recipe = fields.Integer()
    unavailable = fields.String()


class AboutSchema(Schema):
    """What is known of a stored file; `facts` are claims of the device that made it.

    Units are seconds, pixels, hertz, degrees (WGS 84) and metres. `waiting`: it has not been looked into yet, or is
    about to be once more.
    """

    sha256 = fields.String()
    sm3 = fields.String(allow_none=True)
    size = fields.Integer()
    mime = fields.String(allow_none=True)
    family = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": ["stored", "durable"]})
    facts = fields.Dict()
    derivatives = fields.Dict(keys=fields.String(), values=fields.Nested(DerivativeSchema))
    waiting = fields.Boolean()


class StatusSchema(Schema):
    """For each hash, as it was written: how far it has come, in this epoch."""

    epoch = fields.String()
    media = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(["absent", "partial", "stored", "durable"])),
    )
