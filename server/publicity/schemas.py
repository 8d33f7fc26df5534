"""The wire of publicity: what the public reads, and what its publishers do."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.publicity.models import DisclosureState, PublicationState, Target
from server.publicity.rules import WITHDRAWALS, Reason
from server.schema import Schema

_TARGETS = [target.value for target in Target]
_Note = validate.Length(max=1000)


class PublicResultsQuerySchema(PagingSchema):
    """Whose results: an enterprise by the beginning of its name (two characters at least) or by its credit code."""

    name = fields.String(validate=validate.Length(min=2, max=100))
    code = fields.String(validate=validate.Regexp(r"[0-9A-Z]{18}\Z"))
    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))


class PublicFileQuerySchema(Schema):
    """Which part of a bulk file: at most so many rows behind the place that the last part's `Link` named."""

    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 1000))
    after = fields.String(load_default=None, validate=validate.Length(max=512))


class PublicReasonSchema(Schema):
    """Why something is not public any more."""

    zh = fields.String()
    en = fields.String()


class PublicResultSchema(Schema):
    """A result as everybody may read it; of a corrected or withdrawn one there is only that it was, and why."""

    id = fields.String()
    state = fields.String(metadata={"enum": ["public", "corrected", "withdrawn"]})
    published_at = fields.String(metadata={"format": "date-time"})
    changed_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer()
    task_no = fields.String()
    task_name = fields.String()
    plan_name = fields.String(allow_none=True)
    draw_no = fields.String(allow_none=True)
    organisation = fields.String()
    region = fields.String()
    region_name = fields.String(allow_none=True)
    object_name = fields.String()
    object_kind = fields.String()
    uscc = fields.String(allow_none=True)
    item_code = fields.String()
    item_name = fields.String(allow_none=True)
    inspected_on = fields.String(metadata={"format": "date"})
    result_codes = fields.List(fields.String())
    result = fields.String()
    followup_codes = fields.List(fields.String())
    followup = fields.String()
    closed_on = fields.String(allow_none=True, metadata={"format": "date", "description": "完结"})
    objection = fields.String(allow_none=True)
    reason = fields.Nested(PublicReasonSchema, allow_none=True)


class PublicHistorySchema(PublicResultSchema):
    """A result with all that was public of it."""

    history = fields.List(fields.Nested(PublicResultSchema))


class PublicationsQuerySchema(PagingSchema):
    """Which publications."""

    state = fields.String(validate=validate.OneOf([state.value for state in PublicationState]))
    target = fields.String(validate=validate.OneOf(_TARGETS))
    batch = fields.UUID()


class PublicationSchema(Schema):
    """Where one disclosure stands at one target."""

    id = fields.UUID()
    disclosure_id = fields.UUID()
    target = fields.String(metadata={"enum": _TARGETS})
    region = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in PublicationState]})
    due_on = fields.Date(allow_none=True)
    batch = fields.UUID(allow_none=True)
    queued_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    settled_at = fields.AwareDateTime(allow_none=True)
    receipt = fields.Dict(allow_none=True)
    errors = fields.List(fields.Dict())


class BatchOrderSchema(Schema):
    """What to take out: what is due at a target, the oldest first."""

    target = fields.Enum(Target, by_value=True, required=True, validate=validate.NoneOf([Target.PORTAL]))
    most = fields.Integer(load_default=1000, validate=validate.Range(1, 1000))


class BatchRowSchema(PublicResultSchema):
    """What a place is to show; of what it has to take back only what it is found by, and why."""

    published_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class BatchSchema(Schema):
    """A batch with the rows that its file holds."""

    batch = fields.UUID()
    rows = fields.List(fields.Nested(BatchRowSchema))


class SettlementSchema(Schema):
    """What a target answered about some publications: a receipt that says something, its number for one, or errors."""

    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=1000))
    receipt = fields.Dict(load_default=None)
    errors = fields.List(fields.Dict(), load_default=list, validate=validate.Length(max=100))


class PublicityRulesSchema(Schema):
    """Where a bureau's results go, and whether those with problems wait until they are handled."""

    targets = fields.List(fields.String(validate=validate.OneOf(_TARGETS)))
    problems = fields.String(validate=validate.OneOf(["at_once", "after_handling"]))


class OwnPublicityRulesSchema(PublicityRulesSchema):
    """Where the results of one's own bureau go, as it set that or by default."""

    organisation_id = fields.UUID()
    organisation = fields.String()


class WithdrawalSchema(Schema):
    """Why something is taken back: a reason that the public is told, and a note that stays inside."""

    reason = fields.Enum(Reason, by_value=True, required=True, validate=validate.OneOf(WITHDRAWALS))
    note = fields.String(required=True, validate=_Note)


class PublishAgainSchema(Schema):
    """Why something that was taken back is to be public again."""

    note = fields.String(required=True, validate=[_Note, validate.Regexp(r"(?s).*\S")])


class DisclosureSchema(Schema):
    """What the public may read of one version of a result, and how it stands."""

    id = fields.UUID()
    result_id = fields.UUID()
    version = fields.Integer()
    state = fields.String(metadata={"enum": [state.value for state in DisclosureState]})
    body = fields.Dict()
    objection = fields.String(allow_none=True)
    closed_on = fields.Date(allow_none=True)
    reason = fields.String(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)
    changed_at = fields.AwareDateTime()


class PublicationListedSchema(PublicationSchema):
    """Where one disclosure stands at one target, with what it says, and the working days that are left.

    `days_left`: below zero when it is late, null where nothing is waited for. `is_newest`: no newer version was disclosed.
    """

    disclosure = fields.Nested(DisclosureSchema)
    days_left = fields.Integer(allow_none=True)
    is_newest = fields.Boolean()
