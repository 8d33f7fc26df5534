"""The wire of figures that are counted from a snapshot: statistics, coverage, assessment, rates."""

from marshmallow import fields

from server.reports.schemas.snapshots import SnapshotSchema
from server.schema import Schema


class ShareSchema(Schema):
    """So many of so many; per cent with two decimals, null of nothing."""

    part = fields.Integer()
    whole = fields.Integer()
    percent = fields.String(allow_none=True)


class StatisticsLineSchema(Schema):
    """A line of the work report (抽查工作情况统计): one planned inspection and item, or their sum."""

    planned_id = fields.String(allow_none=True)
    task = fields.String(allow_none=True)
    sampling = fields.List(fields.String())
    scope = fields.String(allow_none=True)
    ratio = fields.String(allow_none=True)
    item_code = fields.String()
    item = fields.String(allow_none=True)
    base = fields.Integer(
        allow_none=True, metadata={"description": "抽查基数: objects in the frames that were drawn from"}
    )
    drawn = fields.Integer(metadata={"description": "抽查户数"})
    inspected = fields.Integer()
    published = fields.Integer(metadata={"description": "已公示"})
    unpublished = fields.Integer(metadata={"description": "未公示"})
    completion = fields.Nested(ShareSchema, metadata={"description": "抽查完成率"})
    results = fields.Dict(keys=fields.String(), values=fields.Integer())
    followups = fields.Dict(keys=fields.String(), values=fields.Integer())
    closed = fields.Integer(metadata={"description": "完结数"})
    closure = fields.Nested(ShareSchema, metadata={"description": "完结率"})
    discovery = fields.Nested(ShareSchema, metadata={"description": "问题发现率"})


class StatisticsSchema(Schema):
    """The work report with the snapshot that it was counted from."""

    snapshot = fields.Nested(SnapshotSchema)
    lines = fields.List(fields.Nested(StatisticsLineSchema))
    total = fields.Nested(StatisticsLineSchema)


class FieldCoverageSchema(Schema):
    """How much of a field was inspected."""

    code = fields.String()
    name = fields.String(allow_none=True)
    kind = fields.String()
    tag = fields.String()
    coverage = fields.Nested(ShareSchema)


class CoverageSchema(Schema):
    """How much of the library was inspected, by item, kind of object and tag."""

    snapshot = fields.Nested(SnapshotSchema)
    objects = fields.Integer()
    items = fields.List(fields.Nested(FieldCoverageSchema))
    kinds = fields.List(fields.Nested(FieldCoverageSchema))
    tags = fields.List(fields.Nested(FieldCoverageSchema))


class LiabilitySchema(Schema):
    """What the liability list names (R103), in numbers."""

    not_inspected = fields.Integer()
    not_published_in_time = fields.Integer()
    delayed = fields.Integer()
    followups_late = fields.Integer()
    crimes_not_transferred = fields.Integer()


class UnitSchema(Schema):
    """The work of one unit."""

    organisation_id = fields.String()
    name = fields.String()
    region = fields.String()
    visits = fields.Integer()
    objects_inspected = fields.Integer()
    results_released = fields.Integer()
    discovery = fields.Nested(ShareSchema)
    entry_in_time = fields.Nested(ShareSchema)
    publication_in_time = fields.Nested(ShareSchema)
    followups_over = fields.Nested(ShareSchema)
    liability = fields.Nested(LiabilitySchema)


class AssessmentSchema(Schema):
    """Assessment data of units, in the order of their regions."""

    snapshot = fields.Nested(SnapshotSchema)
    units = fields.List(fields.Nested(UnitSchema))


class RateLineSchema(Schema):
    """The figures of a county or an item, or of all."""

    code = fields.String()
    name = fields.String()
    drawn = fields.Integer()
    inspected = fields.Integer()
    completion = fields.Nested(ShareSchema, metadata={"description": "抽查完成率"})
    entry_in_time = fields.Nested(ShareSchema, metadata={"description": "按时录入率"})
    publication = fields.Nested(ShareSchema, metadata={"description": "公示率"})
    discovery = fields.Nested(ShareSchema, metadata={"description": "问题发现率"})
    revisits = fields.Nested(ShareSchema, metadata={"description": "回访率"})


class RatesSchema(Schema):
    """The five figures by county and by item, in the order of their codes."""

    snapshot = fields.Nested(SnapshotSchema)
    regions = fields.List(fields.Nested(RateLineSchema))
    items = fields.List(fields.Nested(RateLineSchema))
    total = fields.Nested(RateLineSchema)
