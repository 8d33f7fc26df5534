"""The wire of roots."""

from marshmallow import ValidationError, fields, validate

from server.notary.parts import PART
from server.schema import Schema


class RootSchema(Schema):
    """The server's signed word that the first `size` entries of the audit log have this Merkle root."""

    size = fields.Integer()
    root = fields.String(metadata={"description": "RFC 9162, SHA-256, 64 hexadecimal digits"})
    date = fields.String(metadata={"description": "day of the bureau's time zone"})
    made_at = fields.String()
    statement = fields.String(
        metadata={"description": "canonical JSON: what was signed and stamped, as UTF-8"}
    )
    signature = fields.String(
        metadata={"description": "base64 of r‖s over MERESTONE1, NUL, root, NUL, statement"}
    )
    key = fields.String()
    stamp = fields.String(
        allow_none=True,
        metadata={"description": "base64 of an RFC 3161 TimeStampResp (DER) over the statement"},
    )
    stamped_at = fields.String(allow_none=True)
    stamp_error = fields.String(
        allow_none=True, metadata={"description": "why the authority gave no stamp when it was asked last"}
    )


def _whole_parts(after: int) -> None:
    if after % PART:
        raise ValidationError(f"a multiple of {PART}")


class PartQuerySchema(Schema):
    """Which part: the one behind so many entries."""

    after = fields.Integer(
        load_default=0,
        validate=[validate.Range(0, 2**63 - 1), _whole_parts],
        metadata={"multipleOf": PART},
    )


class BrokenRootSchema(Schema):
    """The first root that does not hold, and why."""

    size = fields.Integer()
    date = fields.Date()
    why = fields.String()
    why_en = fields.String()


class PartSchema(Schema):
    """What was found of the entries behind `after` up to `until`, of `head` that there are."""

    after = fields.Integer()
    until = fields.Integer()
    head = fields.Integer()
    broken = fields.Integer(allow_none=True, metadata={"description": "the first entry that does not hold"})
    broken_root = fields.Nested(BrokenRootSchema, allow_none=True)
    roots = fields.Integer()
    stamped = fields.Integer()
    verified = fields.Integer(
        metadata={"description": "time-stamps that were checked to be by a trusted authority"}
    )
    unknown_keys = fields.List(fields.String())
