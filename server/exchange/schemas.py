"""The wire of phones (docs/protocol.md §2 and §3)."""

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from server.exchange.notices import Notice
from server.schema import Schema
from sync import MAX_PAGE

_PAIR = 2
REVISION_ID = validate.Regexp(r"sha256:[0-9a-f]{64}\Z")


class PullQuerySchema(Schema):
    """Where to read on; no cursor reads from zero."""

    is_repeated = True

    cursor = fields.String(load_default=None, validate=validate.Length(max=4096))
    limit = fields.Integer(load_default=200, validate=validate.Range(1, MAX_PAGE))
    prefill = fields.String(
        load_default="inline",
        validate=validate.OneOf(["inline", "blob"]),
        metadata={"description": "`blob`: bodies of tasks have `prefill_sha256` only"},
    )


class BlobQuerySchema(Schema):
    """What the bytes belong to, where their hash alone does not find them."""

    task = fields.UUID(load_default=None, metadata={"description": "The task whose prefill it is"})


class FeedItemSchema(Schema):
    """One change: `put` with the newest body, or `drop` with why. `via`: the channel it came through."""

    op = fields.String(validate=validate.OneOf(["put", "drop"]))
    kind = fields.String()
    id = fields.String()
    n = fields.Integer()
    via = fields.String()
    body = fields.Dict()
    why = fields.String(allow_none=True)


class FeedPageSchema(Schema):
    """A page of the feed; `more` false: what the phone holds is consistent."""

    epoch = fields.String()
    server_time = fields.String()
    beacon = fields.String()
    items = fields.List(fields.Nested(FeedItemSchema))
    next = fields.String()
    more = fields.Boolean()
    durable_seq = fields.Integer()


class DigestQuerySchema(Schema):
    """How far the phone has read."""

    cursor = fields.String(required=True, validate=validate.Length(max=4096))


class DigestSchema(Schema):
    """Sixteen sums over what the phone should hold; `stale`: it has to pull first, and there are none."""

    epoch = fields.String()
    seq = fields.Integer()
    stale = fields.Boolean()
    buckets = fields.List(fields.String())


class BucketSchema(Schema):
    """Everything of one bucket; whatever else the phone holds in it is to be dropped."""

    epoch = fields.String()
    items = fields.List(fields.Nested(FeedItemSchema))


class NoticeSchema(Schema):
    """A notice to one person or to everybody of a region; one's own region where neither is named."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=500))
    text_en = fields.String(validate=validate.Length(min=1, max=1000))
    person = fields.UUID(attribute="person_id")
    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    days = fields.Integer(load_default=30, validate=validate.Range(1, 90))

    @validates_schema
    def has_one_recipient(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two recipients."""
        if "person_id" in data and "region" in data:
            raise ValidationError("person 与 region 只能选一。 Either person or region.", "region")

    @post_load
    def notice(self, data: dict[str, Any], **_: Any) -> Notice:
        """Make the value."""
        return Notice(**data)


class PostedSchema(Schema):
    """A notice that was posted."""

    id = fields.UUID()
    text = fields.String()
    text_en = fields.String()
    told_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()


class PushItemSchema(Schema):
    """One operation: a revision with its exact bytes (base64), or an attestation in a role."""

    op = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["revision", "attest"]))
    rev = fields.String(required=True)
    bytes = fields.String()
    role = fields.String()
    alg = fields.String()
    key = fields.String()
    sig = fields.String()


class PushSchema(Schema):
    """At most 50 operations and 1 MiB."""

    epoch = fields.String(required=True)
    batch = fields.UUID(required=True)
    items = fields.List(fields.Nested(PushItemSchema), required=True)


class PushFindingSchema(Schema):
    """What re-validation found at one path; it informs, it never blocks the push."""

    path = fields.String()
    kind = fields.String()
    message = fields.String()


class OutcomeSchema(Schema):
    """What became of one operation; `outcome` unknown only in answers about status."""

    op = fields.UUID()
    outcome = fields.String()
    content = fields.String()
    rev = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    findings = fields.List(fields.Nested(PushFindingSchema))
    media_missing = fields.List(fields.String())
    record_state = fields.String(allow_none=True)
    heads = fields.List(fields.String())
    seq = fields.Integer(allow_none=True)
    hash = fields.String(allow_none=True)
    receipt = fields.String(allow_none=True)
    replayed = fields.Boolean()


class OutcomesSchema(Schema):
    """Answers in the order of the items."""

    epoch = fields.String()
    items = fields.List(fields.Nested(OutcomeSchema))


class OpsSchema(Schema):
    """Operations to ask about; `epoch`, where given, is the one that the phone believes in."""

    ops = fields.List(fields.UUID(), required=True, validate=validate.Length(max=500))
    epoch = fields.String(load_default=None, validate=validate.Length(max=64))


class OfferedField(fields.Field[tuple[str, UUID | None]]):
    """A revision's id, or a pair of it and of the operation that it was pushed as."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, UUID | None]:  # noqa: ARG002
        rev, op = value if isinstance(value, list) and len(value) == _PAIR else (value, None)
        if not isinstance(rev, str):
            raise ValidationError("应为修订编号，或编号与操作号 / a revision id, or a pair of it and its op")
        return str(REVISION_ID(rev)), None if op is None else fields.UUID().deserialize(op)


class ReofferSchema(Schema):
    """Revisions that a phone holds, and receipts for the server to compare with its log."""

    revs = fields.List(
        OfferedField(
            metadata={
                "oneOf": [
                    {"type": "string", "description": "sha256:…"},
                    {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
                ]
            }
        ),
        required=True,
        validate=validate.Length(max=1000),
    )
    receipts = fields.List(
        fields.String(validate=validate.Length(max=4096)),
        load_default=list,
        validate=validate.Length(max=100),
    )
    epoch = fields.String(load_default=None, validate=validate.Length(max=64))


class ReofferedSchema(Schema):
    """Those of the offered revisions that should be sent again, and files of one's own that are not stored."""

    epoch = fields.String()
    missing = fields.List(fields.String())
    media_missing = fields.List(fields.String())


class HandedOutSchema(Schema):
    """A revision as it was pushed, and its co-signatures, each without `op`: to be held, and pushed if it is lost."""

    record = fields.UUID(allow_none=True)
    item = fields.Dict()
    attestations = fields.List(fields.Dict())
