"""The wire of reports."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.reports.models import FileState
from server.reports.pictures import Size
from server.reports.place_taking import PlaceKind
from server.reports.places import LayerName
from server.reports.taking import FileKind
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


class PictureQuerySchema(Schema):
    """How large, and which page of it."""

    size = fields.Enum(Size, by_value=True, load_default=Size.PHONE)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1000))


class PlacesQuerySchema(Schema):
    """Which layers (`layers=objects&layers=fixes`; all that one may see, if left out), of one's jurisdiction or of a region."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    layers = fields.List(fields.Enum(LayerName, by_value=True), validate=validate.Length(min=1))


class PlacesOrderSchema(PlacesQuerySchema):
    """Which file of places the worker is to make, of which layers."""

    kind = fields.Enum(PlaceKind, by_value=True, required=True)


class LedgerFilterSchema(Schema):
    """Which lines of a ledger: of a region, of an item, with a problem, public, with a term that is over."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    item = fields.String(validate=validate.Length(max=100))
    problem = fields.Boolean()
    public = fields.Boolean()
    late = fields.Boolean()


class LedgerQuerySchema(PagingSchema, LedgerFilterSchema):
    """Which lines of a ledger, and which page of them."""


class FileOrderSchema(LedgerFilterSchema):
    """Which file the worker is to make, of which lines."""

    kind = fields.Enum(FileKind, by_value=True, required=True)


class FilesQuerySchema(PagingSchema):
    """Which files: of a snapshot, of places, or all."""

    snapshot = fields.UUID()
    places = fields.Boolean()


class ReportFileSchema(Schema):
    """A file that the worker makes: how far it is, and until when it is kept."""

    id = fields.UUID()
    snapshot_id = fields.UUID(allow_none=True, metadata={"description": "null: places"})
    kind = fields.String(metadata={"enum": [kind.value for kind in (*FileKind, *PlaceKind)]})
    filter = fields.Dict(attribute="chosen", metadata={"description": "as it was asked for"})
    name = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in FileState]})
    done = fields.Integer(metadata={"description": "lines or features that are written"})
    total = fields.Integer()
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    problem = fields.String(allow_none=True)
    asked_at = fields.AwareDateTime()
    ready_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)


class LedgerLineSchema(Schema):
    """A line of a ledger (台账): one item of one visit, in the words of the ledger; see docs/reports.md."""

    id = fields.String(metadata={"description": "place in the snapshot"})
    region = fields.String()
    organisation = fields.String()
    plan_no = fields.String(allow_none=True)
    plan_name = fields.String(allow_none=True)
    task_number = fields.String(allow_none=True)
    task_name = fields.String(allow_none=True)
    sampling = fields.String(allow_none=True)
    ratio = fields.String(allow_none=True)
    item_code = fields.String()
    item = fields.String()
    object_name = fields.String(allow_none=True)
    uscc = fields.String(allow_none=True)
    risk_class = fields.String(allow_none=True)
    lead_section = fields.String(allow_none=True)
    cooperators = fields.String(allow_none=True)
    lead = fields.String(allow_none=True)
    assisting = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    task_due = fields.String(metadata={"format": "date"})
    inspected_on = fields.String(allow_none=True, metadata={"format": "date"})
    result = fields.String(allow_none=True)
    problem = fields.String(allow_none=True)
    findings_text = fields.String(allow_none=True)
    followup = fields.String(allow_none=True)
    rectify_by = fields.String(allow_none=True, metadata={"format": "date"})
    revisits = fields.Integer(allow_none=True)
    revisits_over = fields.Integer(allow_none=True)
    revisited_on = fields.String(allow_none=True, metadata={"format": "date"})
    entry_due = fields.String(allow_none=True, metadata={"format": "date"})
    entry_met = fields.String(allow_none=True, metadata={"format": "date"})
    publication_due = fields.String(allow_none=True, metadata={"format": "date"})
    published_on = fields.String(allow_none=True, metadata={"format": "date"})
    link = fields.String(allow_none=True)
    next_due = fields.String(allow_none=True, metadata={"format": "date"})
    remaining = fields.Integer(allow_none=True, metadata={"description": "working days; below zero: late"})
