"""The wire of phones (docs/protocol.md §2 and §3)."""

from marshmallow import Schema, fields, validate

from sync import MAX_PAGE

REVISION_ID = validate.Regexp(r"sha256:[0-9a-f]{64}\Z")


class PullQuerySchema(Schema):
    """Where to read on; no cursor reads from zero."""

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
    """Operations to ask about."""

    ops = fields.List(fields.UUID(), required=True, validate=validate.Length(max=500))


class ReofferSchema(Schema):
    """Revisions that a phone holds."""

    revs = fields.List(fields.String(validate=REVISION_ID), required=True, validate=validate.Length(max=1000))


class MissingRevisionsSchema(Schema):
    """Those of the offered revisions that the server lacks."""

    epoch = fields.String()
    missing = fields.List(fields.String())
