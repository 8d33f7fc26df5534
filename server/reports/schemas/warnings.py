"""The wire of early warnings: what calls for a targeted draw."""

from marshmallow import fields, validate

from server.reports.schemas.figures import ShareSchema
from server.reports.schemas.snapshots import SnapshotSchema
from server.schema import Schema


class WarningsQuerySchema(Schema):
    """The earlier snapshot to compare with."""

    before = fields.UUID()


class TargetedDrawSchema(Schema):
    """A row for the plan, proposed and no more."""

    name = fields.String()
    sampling = fields.List(fields.String())
    item_codes = fields.List(fields.String())
    object_scope = fields.String()
    objects = fields.Integer()
    ratio_text = fields.String()
    basis = fields.String()


class FieldWarningSchema(Schema):
    """An item, of objects with a tag or of all, in which problems are common or have risen."""

    item_code = fields.String()
    item = fields.String(allow_none=True)
    tag = fields.String(allow_none=True)
    signs = fields.List(fields.String(validate=validate.OneOf(["common", "rising"])))
    discovery = fields.Nested(ShareSchema)
    before = fields.Nested(ShareSchema, allow_none=True)
    proposal = fields.Nested(TargetedDrawSchema)


class RiskChangeSchema(Schema):
    """An object whose risk class rose."""

    object_id = fields.String()
    before = fields.String()
    now = fields.String()


class RiskSchema(Schema):
    """How the risk index changed: the mean weight of the classes, A 0 to D 3, of objects rated at both ends."""

    rated = fields.Integer()
    index_before = fields.String(allow_none=True)
    index = fields.String(allow_none=True)
    worse = fields.List(fields.Nested(RiskChangeSchema))
    better = fields.Integer()
    proposal = fields.Nested(TargetedDrawSchema, allow_none=True)


class WarningsSchema(Schema):
    """What calls for a targeted draw."""

    snapshot = fields.Nested(SnapshotSchema)
    fields_ = fields.List(fields.Nested(FieldWarningSchema), attribute="fields", data_key="fields")
    risk = fields.Nested(RiskSchema)
