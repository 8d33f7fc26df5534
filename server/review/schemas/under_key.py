"""The wire of what came under a key."""

from marshmallow import fields

from server.review.schemas.records import RecordSummarySchema
from server.review.schemas.versions import KEY_DOUBTS
from server.schema import Schema


class SignedRevisionSchema(Schema):
    """A revision under a key: what was judged when it came, and what is in doubt now."""

    rev = fields.String()
    received_at = fields.AwareDateTime()
    evidence_level = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    key_doubts = fields.List(fields.String(), metadata=KEY_DOUBTS)


class SignedAttestationSchema(Schema):
    """A co-signature under a key."""

    rev = fields.String()
    role = fields.String()
    received_at = fields.AwareDateTime()
    valid = fields.Boolean()
    key_doubts = fields.List(fields.String(), metadata=KEY_DOUBTS)


class RecordUnderKeySchema(RecordSummarySchema):
    """A record with what of it came under a key."""

    revisions = fields.List(fields.Nested(SignedRevisionSchema))
    attestations = fields.List(fields.Nested(SignedAttestationSchema))
