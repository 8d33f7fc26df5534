"""The wire of what was declared before an inspection."""

from marshmallow import fields

from server.schema import Schema


class RecusalSchema(Schema):
    """What an inspector declared about an interest in the inspected unit (回避声明), and on whose phone."""

    person = fields.String()
    name = fields.String()
    answer = fields.String(metadata={"enum": ["no_interest", "recused"]})
    at = fields.String(allow_none=True, metadata={"description": "by the phone's clock"})
    on = fields.String()
    on_name = fields.String(allow_none=True)


class OverrideSchema(Schema):
    """Why somebody began although something was missing that the law asks for."""

    missing = fields.List(fields.String())
    reason = fields.String()
    person = fields.String()
    name = fields.String(allow_none=True)
    at = fields.String(metadata={"description": "by the phone's clock"})


class EntryCodeSchema(Schema):
    """The code that was scanned or shown on entry (扫码入企)."""

    code = fields.String()
    how = fields.String(metadata={"enum": ["scanned", "typed"]})
    person = fields.String()
    at = fields.String(metadata={"description": "by the phone's clock"})


class DeclarationsSchema(Schema):
    """What was declared before the inspection, sealed with the version."""

    recusal = fields.List(fields.Nested(RecusalSchema))
    overrides = fields.List(fields.Nested(OverrideSchema))
    entry = fields.Nested(EntryCodeSchema, metadata={"description": "absent where none was scanned or shown"})
