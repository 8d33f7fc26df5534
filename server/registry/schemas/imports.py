"""Imports and exports on the wire."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.problems import UrlNotFound
from server.registry.models import ImportState, Library
from server.registry.schemas.licences import FindingSchema
from server.registry.schemas.objects import RegistryReasonSchema
from server.schema import Schema

TITLES = {
    Library.ITEMS: "抽查事项清单",
    Library.OBJECTS: "检查对象名录库",
    Library.INSPECTORS: "执法检查人员名录库",
    Library.EXPERTS: "专家名录库",
}


class ImportQuerySchema(Schema):
    """How to import: try only, or take the good rows and leave the wrong ones."""

    dry_run = fields.Boolean(load_default=False)
    take_good_rows = fields.Boolean(load_default=False)


class RowErrorSchema(Schema):
    """A row that was left out, and why."""

    row = fields.Integer()
    column = fields.String()
    reason = fields.String()
    reason_en = fields.String()
    sheet = fields.String()


class ImportFindingSchema(FindingSchema):
    """What was noticed in a row that was taken; `line` counts inside the pasted corner points."""

    column = fields.String()
    line = fields.Integer(allow_none=True)


class ImportReportSchema(Schema):
    """The outcome of an import."""

    dry_run = fields.Boolean()
    rows = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    import_id = fields.UUID(allow_none=True, metadata={"description": "names the import, to undo it"})
    findings = fields.List(fields.Nested(ImportFindingSchema))
    errors = fields.List(fields.Nested(RowErrorSchema))


class LibraryImportSummarySchema(Schema):
    """An import: how far it is, and what came of it. `done` of `good_rows` are entered by now."""

    id = fields.UUID()
    library = fields.String(validate=validate.OneOf([library.value for library in Library]))
    organisation_id = fields.UUID()
    state = fields.String(validate=validate.OneOf([state.value for state in ImportState]))
    dry_run = fields.Boolean()
    take_good_rows = fields.Boolean()
    sha256 = fields.String(metadata={"description": "of the workbook as it came"})
    rows = fields.Integer()
    good_rows = fields.Integer()
    wrong_rows = fields.Integer()
    done = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    left = fields.Integer(
        metadata={"description": "entries that an undo left, as others changed them meanwhile"}
    )
    begun_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    undone_at = fields.AwareDateTime(allow_none=True)
    undone_because = fields.String(allow_none=True)


class LibraryImportSchema(LibraryImportSummarySchema):
    """An import with what was wrong and what was noticed in its rows, the first so many of each."""

    findings = fields.List(fields.Nested(ImportFindingSchema))
    errors = fields.List(fields.Nested(RowErrorSchema))


class ImportsQuerySchema(PagingSchema):
    """Which page of the imports."""


class ExportQuerySchema(Schema):
    """Of one region only, by its division code."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))


def library_of(name: str) -> Library:
    """Return the library that an address names."""
    try:
        return Library(name)
    except ValueError as error:
        raise UrlNotFound() from error


__all__ = [
    "TITLES",
    "ExportQuerySchema",
    "ImportQuerySchema",
    "ImportReportSchema",
    "ImportsQuerySchema",
    "LibraryImportSchema",
    "LibraryImportSummarySchema",
    "RegistryReasonSchema",
    "library_of",
]
