"""The wire of merges: proposals, drafts, and what resolutions took from whom."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.inspections.service import Choices
from server.schema import Schema

REV = validate.Regexp(r"sha256:[0-9a-f]{64}\Z")
_WRITABLE = validate.Regexp(
    r"[\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]*\Z", error="Not a text that XML can hold."
)


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
    attestations = fields.List(
        fields.Dict(), metadata={"description": "co-signatures of this head, which a resolution voids"}
    )


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

    choices = fields.Dict(keys=fields.String(), values=fields.String(validate=REV), load_default=dict)
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=[validate.Length(max=100_000), _WRITABLE]),
        load_default=dict,
    )

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Choices:
        """Make the value."""
        return Choices(data["choices"], data["answers"])
