"""The wire of health and settings."""

from marshmallow import fields

from server.health.findings import Level
from server.schema import Schema

_LEVELS = {"enum": [level.value for level in Level]}


class HealthFindingSchema(Schema):
    """One part of the installation: how it does, in words; `at`: since when, or when last."""

    part = fields.String()
    name = fields.String()
    name_en = fields.String()
    level = fields.String(metadata=_LEVELS)
    told = fields.String()
    told_en = fields.String()
    advice = fields.String(allow_none=True)
    advice_en = fields.String(allow_none=True)
    at = fields.AwareDateTime(allow_none=True)


class WaitingSchema(Schema):
    """Work that stands still until somebody does something; `is_more`: there are more than were counted."""

    kind = fields.String()
    name = fields.String()
    name_en = fields.String()
    for_whom = fields.String()
    for_whom_en = fields.String()
    count = fields.Integer()
    is_more = fields.Boolean()
    level = fields.String(metadata=_LEVELS)


class HealthReportSchema(Schema):
    """How the installation does."""

    level = fields.String(metadata=_LEVELS)
    version = fields.String()
    epoch = fields.String()
    seq = fields.Integer(metadata={"description": "newest entry of the audit log"})
    asked_at = fields.AwareDateTime()
    findings = fields.List(fields.Nested(HealthFindingSchema))
    waiting = fields.List(fields.Nested(WaitingSchema))


class FailedJobSchema(Schema):
    """A job that failed: what it reacts to, how often it was tried, and the kind of its error."""

    seq = fields.Integer()
    reaction = fields.String()
    action = fields.String()
    told = fields.String()
    told_en = fields.String()
    happened_at = fields.AwareDateTime()
    attempts = fields.Integer()
    error = fields.String()
    next_at = fields.AwareDateTime(allow_none=True)
    dead_at = fields.AwareDateTime(allow_none=True)


class SettingSchema(Schema):
    """A setting of this installation. `value` is null for secrets, of which only `is_set` is told."""

    variable = fields.String()
    group = fields.String()
    value = fields.String(allow_none=True)
    is_secret = fields.Boolean()
    is_set = fields.Boolean()
    is_default = fields.Boolean()
    meaning = fields.String()
    meaning_en = fields.String()
