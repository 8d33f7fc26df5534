"""What the libraries say of people, on the wire."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.access import Role
from server.accounts.people import USERNAME
from server.registry.drafts import CertificateDraft, ExpertDraft, PageDraft
from server.registry.experts import LeaderDraft
from server.registry.schemas.objects import CertificateSchema
from server.schema import Schema

Name = validate.Length(min=1, max=200)
Short = validate.Length(max=200)


def _words() -> fields.List[Any]:
    return fields.List(fields.String(validate=Name), validate=validate.Length(max=200))


def _with_tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class StandingQuerySchema(Schema):
    """As of which day; today where it is left out."""

    on = fields.Date()


class StandingsQuerySchema(StandingQuerySchema):
    """Who left the library is told of where asked for."""

    ended = fields.Boolean(load_default=False)


class StandingSchema(Schema):
    """An inspector as of a day. `admitted`: last year's exam was passed."""

    person_id = fields.UUID()
    name = fields.String()
    organisation_id = fields.UUID()
    region = fields.String()
    certificates = fields.List(fields.Nested(CertificateSchema))
    certified = fields.Boolean()
    admitted = fields.Boolean()
    exam_years = fields.List(fields.Integer())
    exams_failed = fields.List(fields.Integer())
    scope = fields.List(fields.String(), metadata={"description": "codes of items; empty: all"})
    tags = fields.List(fields.String())
    lent_to = fields.List(fields.String())
    in_library = fields.Boolean()
    ended_on = fields.Date(allow_none=True, metadata={"description": "left the library on that day"})


class PageSchema(Schema):
    """What the inspector library says of a person; what is left out stays."""

    scope = _words()
    tags = _words()
    qualifications = _words()
    function = fields.String(validate=Short)
    post_class = fields.String(validate=Short)
    gender = fields.String(validate=Short)
    born = fields.String(validate=Short)
    phone = fields.String(validate=Short)
    work_no = fields.String(validate=Short)
    unit = fields.String(validate=Short)
    department = fields.String(validate=Short)
    duty = fields.String(validate=Short)
    district = fields.String(validate=Short)
    education = fields.String(validate=Short)
    major = fields.String(validate=Short)
    post_since = fields.Date(allow_none=True)
    title = fields.String(validate=Short)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> PageDraft:
        """Make the value."""
        return PageDraft(**_with_tuples(data))


class CertificateDraftSchema(Schema):
    """A certificate to enter, good from the first to the last day."""

    number = fields.String(required=True, validate=validate.Length(min=1, max=32))
    issuer = fields.String(required=True, validate=Name)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True)
    kind = fields.String(validate=validate.OneOf(["department", "government"]))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> CertificateDraft:
        """Make the value."""
        return CertificateDraft(**data)


class InspectorDraftSchema(PageSchema):
    """An inspector to enter with what the library says of them; the account is made where there is none."""

    username = fields.String(required=True, validate=validate.Regexp(USERNAME))
    name = fields.String(required=True, validate=validate.Length(min=1, max=120))
    role = fields.Enum(
        Role,
        by_value=True,
        load_default=Role.INSPECTOR,
        validate=validate.OneOf([Role.INSPECTOR, Role.LEAD]),
    )
    certificates = fields.List(fields.Nested(CertificateDraftSchema), load_default=list)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the values."""
        own = {name: data.pop(name) for name in ("username", "name", "role", "certificates")}
        return own | {"page": PageDraft(**_with_tuples(data))}


class ExamSchema(Schema):
    """How a person did in a year's training exam."""

    year = fields.Integer(dump_only=True)
    passed = fields.Boolean(required=True)
    held_on = fields.Date(allow_none=True)


class InspectorPageSchema(PageSchema):
    """All that the library says of a person: the page, certificates also of former times, exams, the newest first."""

    person_id = fields.UUID()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    active = fields.Boolean()
    in_library = fields.Boolean()
    ended_on = fields.Date(allow_none=True)
    ended_because = fields.String(allow_none=True)
    certificates = fields.List(fields.Nested(CertificateSchema))
    exams = fields.List(fields.Nested(ExamSchema))


class LendingSchema(Schema):
    """An inspector lent to a bureau, from the first to the last day."""

    id = fields.UUID(dump_only=True)
    person_id = fields.UUID(dump_only=True)
    organisation_id = fields.UUID(required=True)
    region = fields.String(dump_only=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    reason = fields.String(required=True, validate=Name)


class BureauSchema(Schema):
    """A bureau, by its name."""

    id = fields.UUID()
    name = fields.String()
    region = fields.String()


class LastDaySchema(Schema):
    """The last day."""

    last_day = fields.Date(required=True)


class ExpertSchema(Schema):
    """An expert, who takes part and is never counted as an inspector."""

    id = fields.UUID(dump_only=True)
    organisation_id = fields.UUID(dump_only=True)
    region = fields.String(dump_only=True)
    name = fields.String(required=True, validate=Name)
    unit = fields.String(required=True, validate=Name)
    title = fields.String(validate=Short)
    phone = fields.String(validate=Short)
    tags = _words()
    scope = _words()
    qualifications = _words()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    active = fields.Boolean(dump_only=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> ExpertDraft:
        """Make the value."""
        return ExpertDraft(**_with_tuples(data))


class LeaderSchema(Schema):
    """A member of a bureau's leading group."""

    id = fields.UUID(dump_only=True)
    organisation_id = fields.UUID(dump_only=True)
    region = fields.String(dump_only=True)
    name = fields.String(required=True, validate=Name)
    post = fields.String(required=True, validate=Name, metadata={"description": "组长、副组长、成员"})
    duty = fields.String(validate=Short, load_default="")
    since = fields.Date(required=True)
    until = fields.Date(dump_only=True, allow_none=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> LeaderDraft:
        """Make the value."""
        return LeaderDraft(**data)
