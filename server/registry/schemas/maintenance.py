"""How libraries are kept, on the wire."""

from marshmallow import fields, validate

from server.registry.models import Library
from server.schema import Schema


class LibraryMonthDraftSchema(Schema):
    """Which library is right as of which month."""

    library = fields.Enum(Library, by_value=True, required=True)
    month = fields.String(
        required=True, validate=validate.Regexp(r"20\d\d-(0[1-9]|1[0-2])\Z"), metadata={"example": "2026-11"}
    )
    note = fields.String(load_default="", validate=validate.Length(max=1000))


class LibraryMonthSchema(Schema):
    """Who confirmed a library, when, and how many entries changed since the confirmation before."""

    id = fields.UUID()
    library = fields.String(validate=validate.OneOf([library.value for library in Library]))
    month = fields.String()
    confirmed_by = fields.String()
    confirmed_at = fields.AwareDateTime()
    entries = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    removed = fields.Integer()
    note = fields.String()


class MonthOfLibrarySchema(Schema):
    """A month of a library: confirmed, due, overdue, yet to come, or from before the bureau began."""

    month = fields.String()
    state = fields.String(validate=validate.OneOf(["confirmed", "due", "overdue", "later", "before"]))
    confirmation = fields.Nested(LibraryMonthSchema, allow_none=True)


class MonthsOfLibrarySchema(Schema):
    """The months of a library."""

    library = fields.String()
    months = fields.List(fields.Nested(MonthOfLibrarySchema))


class SpringDoneSchema(Schema):
    """When the list was published, or a library confirmed, in time."""

    library = fields.String()
    at = fields.AwareDateTime(allow_none=True)


class SpringSchema(Schema):
    """The spring's adjustment of list and libraries: what was done by its day; `before`: the bureau began after it."""

    due_on = fields.Date()
    state = fields.String(validate=validate.OneOf(["open", "met", "missed", "before"]))
    done = fields.List(fields.Nested(SpringDoneSchema))


class MaintenanceSchema(Schema):
    """How a bureau's libraries were kept in a year."""

    year = fields.Integer()
    libraries = fields.List(fields.Nested(MonthsOfLibrarySchema))
    april = fields.Nested(SpringSchema)


class MaintenanceQuerySchema(Schema):
    """Of which year; this one where it is left out."""

    year = fields.Integer(validate=validate.Range(2000, 2100))


class LibraryChangesQuerySchema(Schema):
    """Which changes: behind a number of the audit log."""

    after = fields.Integer(load_default=0, validate=validate.Range(0))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class LibraryChangeSchema(Schema):
    """A change of an entry: number and time of the fact, who, what, of which entry."""

    seq = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    action = fields.String()
    subject = fields.String()
    name = fields.String()
    details = fields.Dict()
