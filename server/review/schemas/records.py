"""The wire of records: in lists, and with everything there is to decide on."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.review.schemas.decisions import DecisionSchema
from server.review.schemas.declarations import DeclarationsSchema
from server.review.schemas.doubts import DoubtSchema
from server.review.schemas.merging import REV, ResolutionSchema
from server.review.schemas.versions import FileSchema, VersionSchema
from server.schema import Schema
from sync import RecordState

_STATES = [state.value for state in RecordState]


class RecordsQuerySchema(PagingSchema):
    """Which records."""

    state = fields.String(validate=validate.OneOf(_STATES))
    task = fields.UUID()
    waiting = fields.Boolean(
        load_default=False,
        metadata={"description": "those that wait for a reviewer: under review, or overdue in conflict"},
    )


class RecordQuerySchema(Schema):
    """Which version of a record to show; the final one or the head by default."""

    rev = fields.String(load_default=None, validate=REV)


class MediaCountSchema(Schema):
    """How many files are expected, and how many have come."""

    expected = fields.Integer()
    arrived = fields.Integer()


class MergeAskedSchema(Schema):
    """Who asked for heads to be brought together, and in which words."""

    by = fields.String()
    at = fields.String()
    note = fields.String(allow_none=True)


class ConflictSchema(Schema):
    """How long the lead inspector has to bring the heads of a record together."""

    since = fields.AwareDateTime()
    due_on = fields.Date()
    overdue = fields.Boolean()
    asked = fields.Nested(
        MergeAskedSchema,
        allow_none=True,
        metadata={"description": "a reviewer asked the lead inspector to do so; null: nobody did"},
    )


class RecordSummarySchema(Schema):
    """A record in a list."""

    id = fields.UUID()
    region = fields.String()
    task_id = fields.UUID()
    task_number = fields.String()
    task_name = fields.String()
    object_id = fields.UUID()
    object_name = fields.String()
    due_on = fields.Date(metadata={"description": "the last day of its task"})
    form_id = fields.String()
    form_version = fields.String()
    state = fields.String(metadata={"enum": _STATES})
    flags = fields.List(fields.String())
    heads = fields.List(fields.String())
    author = fields.String()
    created_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    conflict = fields.Nested(
        ConflictSchema, allow_none=True, metadata={"description": "in lists and single records"}
    )
    media = fields.Nested(MediaCountSchema)


class RecordSchema(RecordSummarySchema):
    """A record with everything there is to decide on; `answers` is a tree with labels and words."""

    rev = fields.String()
    final_rev = fields.String(allow_none=True)
    marks = fields.List(fields.Dict())
    return_reason = fields.String(allow_none=True)
    answers = fields.Dict()
    findings = fields.List(fields.Dict())
    files = fields.List(fields.Nested(FileSchema))
    declarations = fields.Nested(DeclarationsSchema)
    versions = fields.List(fields.Nested(VersionSchema))
    resolutions = fields.List(fields.Nested(ResolutionSchema))
    decisions = fields.List(fields.Nested(DecisionSchema))
    gate = fields.List(
        fields.Dict(), metadata={"description": "what the law asks of its visit and was not so on its day"}
    )
    blocks = fields.List(fields.Dict(), metadata={"description": "what stands against accepting it"})
    doubts = fields.List(
        fields.Nested(DoubtSchema),
        allow_none=True,
        metadata={"description": "questions of the machine; null for those whom they are not for"},
    )
