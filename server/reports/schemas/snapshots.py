"""The wire of snapshots (统计快照): what is frozen, and whether it still is what it was."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.schema import Day, Schema


class SnapshotsQuerySchema(PagingSchema):
    """Which page of snapshots."""


class SnapshotOrderSchema(Schema):
    """What to freeze: the visits of a region (one's own, if left out) that open between two days."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    first = Day(required=True)
    last = Day(required=True)


class SnapshotSchema(Schema):
    """A frozen snapshot: when it was taken, of what, and the hash over all it holds."""

    id = fields.UUID()
    region = fields.String()
    first = fields.Date()
    last = fields.Date()
    as_of = fields.AwareDateTime()
    seq = fields.Integer(metadata={"description": "newest entry of the audit log then"})
    rows = fields.Integer()
    sha256 = fields.String()


class SnapshotCheckSchema(Schema):
    """Whether a snapshot still is what it was."""

    holds = fields.Boolean()
    rows = fields.Integer()
    sha256 = fields.String()
