"""The wire of review."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.review.doubts.asking import Answer
from server.review.doubts.kinds import Code, State
from server.review.merge_schemas import REV, ResolutionSchema
from server.review.service import Mark, Return
from server.review.stock_reasons import MOST
from server.schema import Schema
from sync import KEY_ENDED, KEY_REVOKED, RecordState

_STATES = [state.value for state in RecordState]
_DOUBTS = {
    "description": "what is to ask about the key as it stands now: `key_ended`, `key_revoked`",
    "enum": [KEY_ENDED, KEY_REVOKED],
}
_REASON = validate.Length(min=1, max=1000)


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


class CompareQuerySchema(Schema):
    """Which two versions."""

    old = fields.String(required=True, validate=REV)
    new = fields.String(required=True, validate=REV)


class MarkSchema(Schema):
    """An answer to correct."""

    path = fields.String(required=True, validate=validate.Length(min=1, max=500))
    reason = fields.String(required=True, validate=_REASON)

    @post_load
    def mark(self, data: dict[str, Any], **_: Any) -> Mark:
        """Make the value."""
        return Mark(**data)


_SEEN = {"description": "the version that was looked at; refused when another has come since"}


class AcceptanceSchema(Schema):
    """What is accepted."""

    rev = fields.String(load_default=None, validate=REV, metadata=_SEEN)


class ReturnSchema(Schema):
    """Why a record goes back, and what to correct."""

    rev = fields.String(load_default=None, validate=REV, metadata=_SEEN)
    reason = fields.String(required=True, validate=_REASON)
    marks = fields.List(fields.Nested(MarkSchema), load_default=list, validate=validate.Length(max=200))
    due_on = fields.Date()

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Return:
        """Make the value."""
        return Return(**data)


class StockReasonsSchema(Schema):
    """Reasons that reviewers of a bureau write most often, in the order of the digits that choose them."""

    reasons = fields.List(fields.String(validate=_REASON), required=True, validate=validate.Length(max=MOST))


class MediaCountSchema(Schema):
    """How many files are expected, and how many have come."""

    expected = fields.Integer()
    arrived = fields.Integer()


class MergeAskedSchema(Schema):
    """Who asked for heads to be brought together, and in which words."""

    by = fields.String()
    at = fields.String()
    note = fields.String(allow_none=True)


class AskMergeSchema(Schema):
    """Words to the lead inspector, if need be."""

    note = fields.String(load_default=None, validate=_REASON, allow_none=True)


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
    key_doubts = fields.List(fields.String(), metadata=_DOUBTS)


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
    key_doubts = fields.List(fields.String(), metadata=_DOUBTS)
    flags = fields.List(fields.String())
    signatures = fields.Dict(allow_none=True)
    attestations = fields.List(fields.Nested(AttestationSchema))


class DecisionSchema(Schema):
    """A reviewer's decision."""

    rev = fields.String()
    verdict = fields.String(metadata={"enum": ["accepted", "returned"]})
    reason = fields.String(allow_none=True)
    marks = fields.List(fields.Dict())
    due_on = fields.Date(allow_none=True)
    reviewer = fields.String()
    decided_at = fields.AwareDateTime()


class SignedRevisionSchema(Schema):
    """A revision under a key: what was judged when it came, and what is in doubt now."""

    rev = fields.String()
    received_at = fields.AwareDateTime()
    evidence_level = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    key_doubts = fields.List(fields.String(), metadata=_DOUBTS)


class SignedAttestationSchema(Schema):
    """A co-signature under a key."""

    rev = fields.String()
    role = fields.String()
    received_at = fields.AwareDateTime()
    valid = fields.Boolean()
    key_doubts = fields.List(fields.String(), metadata=_DOUBTS)


class RecordUnderKeySchema(RecordSummarySchema):
    """A record with what of it came under a key."""

    revisions = fields.List(fields.Nested(SignedRevisionSchema))
    attestations = fields.List(fields.Nested(SignedAttestationSchema))


class DoubtItemSchema(Schema):
    """One thing that is asked about; no names where it is the record itself, `details` are the numbers."""

    key = fields.String()
    names = fields.List(fields.String())
    message = fields.String()
    message_en = fields.String()
    details = fields.Dict()


class DoubtAnswerSchema(Schema):
    """What a reviewer answered, about the things named by `keys`."""

    keys = fields.List(fields.String())
    fine = fields.Boolean()
    note = fields.String(allow_none=True)
    reviewer = fields.String()
    answered_at = fields.AwareDateTime()


class DoubtSchema(Schema):
    """A question of the machine (疑问): no verdict, and it holds nothing up."""

    id = fields.String()
    code = fields.String(metadata={"enum": [code.value for code in Code]})
    question = fields.String()
    question_en = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in State]})
    items = fields.List(fields.Nested(DoubtItemSchema))
    answers = fields.List(fields.Nested(DoubtAnswerSchema))


class DoubtReplySchema(Schema):
    """Whether what was asked about is fine, and in words why."""

    fine = fields.Boolean(required=True)
    note = fields.String(load_default=None, validate=_REASON, allow_none=True)

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Answer:
        """Make the value."""
        return Answer(**data)


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
