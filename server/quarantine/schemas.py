"""The wire of the quarantine desk."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.inspections.models import CaseState, EvidenceLevel
from server.paging import PagingSchema
from server.quarantine.service import Sought
from server.schema import Moment, Schema

_STATES = {"enum": [state.value for state in CaseState]}
_REASON = validate.Length(min=1, max=1000)


class CasesQuerySchema(PagingSchema):
    """Which cases; those that wait for a decision by default."""

    state = fields.Enum(CaseState, by_value=True, load_default=CaseState.OPEN)
    reason = fields.String(validate=validate.Length(max=100))
    person = fields.UUID(metadata={"description": "who sent it"})
    since = Moment(metadata={"description": "what came at or after this moment"})

    @post_load
    def sought(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value, beside the page's place."""
        page = {name: data.pop(name) for name in ("after", "limit")}
        return page | {"sought": Sought(**data)}


class AdmissionSchema(Schema):
    """Why it is admitted, and the task it belongs to where the bytes name none there is."""

    reason = fields.String(required=True, validate=_REASON)
    task = fields.UUID(load_default=None)


class CaseReasonSchema(Schema):
    """Why it is put aside, or looked at again."""

    reason = fields.String(required=True, validate=_REASON)


class CaseSenderSchema(Schema):
    """Who sent it."""

    id = fields.UUID()
    name = fields.String()


class CaseSummarySchema(Schema):
    """A case in a list. What it claims to be of (`task_id`, `record_id`, form) may not exist."""

    id = fields.UUID()
    rev = fields.String(allow_none=True, metadata={"description": "the revision, where it is one"})
    op = fields.UUID(allow_none=True, metadata={"description": "of an item that was kept as it came"})
    reason = fields.String()
    message = fields.String()
    message_en = fields.String()
    state = fields.String(metadata=_STATES)
    region = fields.String()
    sender = fields.Nested(CaseSenderSchema)
    device_id = fields.UUID(allow_none=True)
    arrived_at = fields.AwareDateTime()
    task_id = fields.UUID(allow_none=True)
    record_id = fields.UUID(allow_none=True)
    form_id = fields.String(allow_none=True)
    form_version = fields.String(allow_none=True)
    bound_task_id = fields.UUID(allow_none=True, metadata={"description": "the task that a supervisor named"})
    joined = fields.UUID(allow_none=True, metadata={"description": "the record it became part of"})
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)


class CaseTaskSchema(Schema):
    """The task it belongs to."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()


class CaseRecordSchema(Schema):
    """The record it names."""

    id = fields.UUID()
    state = fields.String()
    form_id = fields.String()


class CaseMediaSchema(Schema):
    """A file it vouches for."""

    name = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    type = fields.String()
    status = fields.String(metadata={"enum": ["absent", "partial", "stored", "durable"]})


class CaseReadingSchema(Schema):
    """What could be read out of the bytes; `answers` only where the form is known."""

    author = fields.String(metadata={"description": "as the bytes say"})
    author_name = fields.String(allow_none=True, metadata={"description": "null: nobody of ours"})
    device = fields.UUID()
    dev_seq = fields.Integer()
    parents = fields.List(fields.String())
    wall_time = fields.AwareDateTime(metadata={"description": "the phone's clock; not to be trusted"})
    position = fields.Dict(allow_none=True)
    evidence_level = fields.String(allow_none=True, metadata={"enum": [each.value for each in EvidenceLevel]})
    task = fields.Nested(CaseTaskSchema, allow_none=True)
    record = fields.Nested(CaseRecordSchema, allow_none=True)
    answers = fields.Dict(allow_none=True)
    media = fields.List(fields.Nested(CaseMediaSchema))


class CaseObstacleSchema(Schema):
    """Something that keeps it in quarantine."""

    code = fields.String()
    message = fields.String()
    message_en = fields.String()


class CaseAdmissionSchema(Schema):
    """What it would take to admit it; `names_task`: a task has to be named."""

    possible = fields.Boolean()
    names_task = fields.Boolean()
    obstacles = fields.List(fields.Nested(CaseObstacleSchema))


class CaseSchema(CaseSummarySchema):
    """A case with all that is known of it."""

    read = fields.Nested(CaseReadingSchema, allow_none=True)
    admission = fields.Nested(CaseAdmissionSchema)
