"""The wire of what everybody may read of plans."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.planning.schemas.plans import Year
from server.schema import Schema

_HASH = {"description": "SHA-256 of `document` as canonical JSON (sorted keys, no blanks, UTF-8), in hex"}


class PublicPlansQuerySchema(PagingSchema):
    """Which published plans: of a year, of a division."""

    year = fields.Integer(validate=Year)
    region = fields.String(validate=validate.Regexp(r"\d{6}"))


class PublicVersionSchema(Schema):
    """One publication of a plan; `reason` says why there is a new one."""

    id = fields.UUID()
    version = fields.Integer()
    published_at = fields.AwareDateTime()
    reason = fields.String()
    sha256 = fields.String(metadata=_HASH)


class PublicPlanSchema(PublicVersionSchema):
    """A published plan as it stands."""

    year = fields.Integer()
    kind = fields.String()
    number = fields.String(metadata={"description": "发文文号"})
    name = fields.String()
    bureau = fields.String()
    region = fields.String()


class PublicSchemeSchema(Schema):
    """A published work scheme (工作方案), without its text."""

    planned = fields.UUID()
    number = fields.Integer()
    title = fields.String()
    published_at = fields.AwareDateTime()
    sha256 = fields.String(metadata=_HASH)


class PublishedPlanSchema(PublicVersionSchema):
    """A plan as it was published, what was published before and after, and its work schemes."""

    document = fields.Dict()
    versions = fields.List(fields.Nested(PublicVersionSchema))
    schemes = fields.List(fields.Nested(PublicSchemeSchema))


class PublishedSchemeSchema(Schema):
    """A work scheme as it was published."""

    sha256 = fields.String(metadata=_HASH)
    document = fields.Dict()
