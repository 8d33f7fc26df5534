"""The wire of roots."""

from marshmallow import fields

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
