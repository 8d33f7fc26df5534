"""The wire of versions: their files and co-signatures, and two of them side by side."""

from marshmallow import fields

from server.review.schemas.merging import REV
from server.schema import Schema
from sync import KEY_ENDED, KEY_REVOKED

KEY_DOUBTS = {
    "description": "what is to ask about the key as it stands now: `key_ended`, `key_revoked`",
    "enum": [KEY_ENDED, KEY_REVOKED],
}


class CompareQuerySchema(Schema):
    """Which two versions."""

    old = fields.String(required=True, validate=REV)
    new = fields.String(required=True, validate=REV)


class FilePlaceSchema(Schema):
    """Where a file was captured by its phone: WGS 84, a radius of 68 % in metres."""

    latitude = fields.Float()
    longitude = fields.Float()
    accuracy = fields.Float(allow_none=True)
    altitude = fields.Float(allow_none=True)
    at = fields.AwareDateTime(allow_none=True)
    is_mock = fields.Boolean(allow_none=True)


class FileSchema(Schema):
    """A file of a version; `path` is the answer that names it."""

    name = fields.String()
    path = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    type = fields.String(allow_none=True)
    status = fields.String(metadata={"enum": ["absent", "partial", "stored", "durable"]})
    captured_at = fields.AwareDateTime(allow_none=True, metadata={"description": "by the phone's clock"})
    position = fields.Nested(FilePlaceSchema, allow_none=True)
    source = fields.String(allow_none=True, metadata={"enum": ["camera", "gallery", None]})


class AttestationSchema(Schema):
    """A co-signature."""

    role = fields.String()
    person = fields.String()
    alg = fields.String()
    valid = fields.Boolean()
    counts = fields.Boolean(
        metadata={"description": "stands for a signature on the form, of this version and of no other"}
    )
    voided = fields.Boolean(
        metadata={"description": "a later version took its place: it attests the earlier one, as it ever did"}
    )
    key = fields.String()
    key_doubts = fields.List(fields.String(), metadata=KEY_DOUBTS)


class VersionSchema(Schema):
    """One revision of a record."""

    rev = fields.String()
    parents = fields.List(fields.String())
    author = fields.String()
    received_at = fields.AwareDateTime()
    wall_time = fields.AwareDateTime(
        allow_none=True, metadata={"description": "the phone's clock; not to be trusted"}
    )
    clock = fields.Dict(allow_none=True)
    position = fields.Dict(allow_none=True)
    form_version = fields.String(allow_none=True)
    status = fields.String()
    evidence_level = fields.String(
        allow_none=True, metadata={"description": "as it was judged when it came; never judged anew"}
    )
    device = fields.UUID(allow_none=True)
    key = fields.String(allow_none=True)
    key_doubts = fields.List(fields.String(), metadata=KEY_DOUBTS)
    flags = fields.List(fields.String())
    signatures = fields.Dict(allow_none=True)
    attestations = fields.List(fields.Nested(AttestationSchema))


class ChangeSchema(Schema):
    """An answer that differs; null on the side that has none."""

    path = fields.String()
    key = fields.String(
        metadata={
            "description": "the path with rows named by what tells them apart: `/data/m[no='J2']/photo`"
        }
    )
    labels = fields.Dict()
    old = fields.Dict(allow_none=True)
    new = fields.Dict(allow_none=True)


class ComparisonSchema(Schema):
    """Two versions side by side."""

    old = fields.String()
    new = fields.String()
    same = fields.Integer(metadata={"description": "how many answers are equal"})
    changes = fields.List(fields.Nested(ChangeSchema))
