"""The wire of review."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from server.inspections.service import Choices
from server.paging import PagingSchema
from server.review.doubts.asking import Answer
from server.review.doubts.kinds import Code, State
from server.review.service import Mark, Return
from sync import KEY_ENDED, KEY_REVOKED, RecordState

_STATES = [state.value for state in RecordState]
_REV = validate.Regexp(r"sha256:[0-9a-f]{64}\Z")
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
    """Which version of a record to show; the head by default."""

    rev = fields.String(load_default=None, validate=_REV)


class CompareQuerySchema(Schema):
    """Which two versions."""

    old = fields.String(required=True, validate=_REV)
    new = fields.String(required=True, validate=_REV)


class MarkSchema(Schema):
    """An answer to correct."""

    path = fields.String(required=True, validate=validate.Length(min=1, max=500))
    reason = fields.String(required=True, validate=_REASON)

    @post_load
    def mark(self, data: dict[str, Any], **_: Any) -> Mark:
        """Make the value."""
        return Mark(**data)


class ReturnSchema(Schema):
    """Why a record goes back, and what to correct."""

    reason = fields.String(required=True, validate=_REASON)
    marks = fields.List(fields.Nested(MarkSchema), load_default=list, validate=validate.Length(max=200))
    due_on = fields.Date()

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Return:
        """Make the value."""
        return Return(**data)


class MediaCountSchema(Schema):
    """How many files are expected, and how many have come."""

    expected = fields.Integer()
    arrived = fields.Integer()


class ConflictSchema(Schema):
    """How long the lead inspector has to bring the heads of a record together."""

    since = fields.AwareDateTime()
    due_on = fields.Date()
    overdue = fields.Boolean()


class RecordSummarySchema(Schema):
    """A record in a list."""

    id = fields.UUID()
    region = fields.String()
    task_id = fields.UUID()
    task_number = fields.String()
    task_name = fields.String()
    object_id = fields.UUID()
    object_name = fields.String()
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


class FileSchema(Schema):
    """A file of a version; `path` is the answer that names it."""

    name = fields.String()
    path = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    type = fields.String(allow_none=True)
    status = fields.String(metadata={"enum": ["absent", "partial", "stored", "durable"]})


class AttestationSchema(Schema):
    """A co-signature."""

    role = fields.String()
    person = fields.String()
    alg = fields.String()
    valid = fields.Boolean()
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


class PlaceValueSchema(Schema):
    """What a version has at a place: an answer, or rows of answers; null for nothing."""

    rev = fields.String()
    value = fields.Dict(allow_none=True)


class TakenSchema(Schema):
    """Whence a resolution has what stands at a place; `from` is empty where no version that it joined says so."""

    path = fields.String()
    titles = fields.Dict()
    # `from` is a word of the language
    from_ = fields.List(fields.String(), data_key="from", attribute="from")
    values = fields.List(fields.Nested(PlaceValueSchema))


class ResolutionSchema(Schema):
    """A version that brought several others together, and what it took from which."""

    rev = fields.String()
    parents = fields.List(fields.String())
    bases = fields.List(fields.String())
    versions_differ = fields.Boolean()
    taken = fields.List(fields.Nested(TakenSchema))
    signatures_carried = fields.List(
        fields.String(), metadata={"description": "drawn signatures that stood on a version it came of"}
    )


class RecordSchema(RecordSummarySchema):
    """A record with everything there is to decide on; `answers` is a tree with labels and words."""

    rev = fields.String()
    final_rev = fields.String(allow_none=True)
    marks = fields.List(fields.Dict())
    return_reason = fields.String(allow_none=True)
    answers = fields.Dict()
    findings = fields.List(fields.Dict())
    files = fields.List(fields.Nested(FileSchema))
    versions = fields.List(fields.Nested(VersionSchema))
    resolutions = fields.List(fields.Nested(ResolutionSchema))
    decisions = fields.List(fields.Nested(DecisionSchema))
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


class MergeHeadSchema(Schema):
    """A head: who sealed it, and when as far as it can be said."""

    rev = fields.String()
    author = fields.Dict(metadata={"description": "`id`, `name` and the `role` on the task"})
    received_at = fields.AwareDateTime()
    wall_time = fields.AwareDateTime(allow_none=True)
    clock = fields.Dict(allow_none=True)
    form_version = fields.String()
    evidence_level = fields.String()
    status = fields.String()
    flags = fields.List(fields.String())


class MergePlaceSchema(Schema):
    """A place at which heads differ; `titles` name it in words, by language."""

    path = fields.String()
    unit = fields.String(metadata={"enum": ["answer", "row", "row_as_a_whole", "repeat_as_a_whole"]})
    titles = fields.Dict()
    heads = fields.List(fields.String())
    values = fields.List(fields.Nested(PlaceValueSchema))
    bases = fields.List(fields.Nested(PlaceValueSchema))


class MergeAutomaticSchema(MergePlaceSchema):
    """A place at which nothing is to choose; `heads` are those that changed it, alike."""

    change = fields.String(metadata={"enum": ["changed", "row_added", "row_deleted"]})


class MergeClashSchema(MergePlaceSchema):
    """A place at which a person chooses one of `heads`, or writes an answer."""

    kind = fields.String(
        metadata={"enum": ["both_changed", "edit_against_delete", "no_base", "versions_differ"]}
    )


class MergeRepeatSchema(Schema):
    """How the rows of a repeat were matched: by key, by position since the base, or not at all."""

    path = fields.String()
    matched = fields.String(metadata={"enum": ["key", "position", "whole"]})


class MergeLeftOutSchema(Schema):
    """An answer that belongs to the version it is in, such as a signature: it is given anew."""

    path = fields.String()
    titles = fields.Dict()
    values = fields.List(fields.Nested(PlaceValueSchema))


class MergeDraftSchema(Schema):
    """A version to look at, complete and seal; `lost`: answers that the form no longer asks in this company."""

    parents = fields.List(fields.String())
    onto = fields.String(metadata={"description": "the head whose metadata the draft carries"})
    form_version = fields.String()
    xml = fields.String()
    media = fields.List(fields.Dict(), metadata={"description": "as in revision bytes"})
    lost = fields.List(fields.Dict())


class MergeSchema(Schema):
    """How the heads of a record come together: a proposal that only a person makes a version of."""

    record = fields.UUID()
    task = fields.UUID()
    form = fields.String()
    lead = fields.UUID(allow_none=True)
    may_resolve = fields.Boolean(metadata={"description": "whoever asks is the lead inspector"})
    heads = fields.List(fields.Nested(MergeHeadSchema))
    more_heads = fields.Integer(metadata={"description": "heads beside these: a version names at most 16"})
    bases = fields.List(fields.String())
    versions_differ = fields.Boolean()
    form_changes = fields.List(fields.Dict())
    automatic = fields.List(fields.Nested(MergeAutomaticSchema))
    clashes = fields.List(fields.Nested(MergeClashSchema))
    repeats = fields.List(fields.Nested(MergeRepeatSchema))
    left_out = fields.List(fields.Nested(MergeLeftOutSchema))
    unread = fields.List(fields.Dict(), metadata={"description": "what has no place in the form"})
    resolution = fields.Nested(MergeDraftSchema, allow_none=True)
    one_tap = fields.Boolean()


class ChoicesSchema(Schema):
    """For each clash the head to take, by path; or an answer as the form writes it, where none is right."""

    choices = fields.Dict(keys=fields.String(), values=fields.String(validate=_REV), load_default=dict)
    answers = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=100_000)), load_default=dict
    )

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Choices:
        """Make the value."""
        return Choices(data["choices"], data["answers"])
