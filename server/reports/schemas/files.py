"""The wire of what is made of reports to be taken away: pictures, places and files of the worker."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.reports.models import FileState
from server.reports.pictures import Size
from server.reports.place_taking import PlaceKind
from server.reports.places import LayerName
from server.reports.schemas.ledgers import LedgerFilterSchema
from server.reports.taking import FileKind
from server.schema import Schema


class PictureQuerySchema(Schema):
    """How large, and which page of it."""

    size = fields.Enum(Size, by_value=True, load_default=Size.PHONE)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1000))


class PlacesQuerySchema(Schema):
    """Which layers (`layers=objects&layers=fixes`; all that one may see, if left out), of one's jurisdiction or of a region."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    layers = fields.List(fields.Enum(LayerName, by_value=True), validate=validate.Length(min=1))


class PlacesOrderSchema(PlacesQuerySchema):
    """Which file of places the worker is to make, of which layers."""

    kind = fields.Enum(PlaceKind, by_value=True, required=True)


class FileOrderSchema(LedgerFilterSchema):
    """Which file the worker is to make, of which lines."""

    kind = fields.Enum(FileKind, by_value=True, required=True)


class FilesQuerySchema(PagingSchema):
    """Which files: of a snapshot, of places, or all."""

    snapshot = fields.UUID()
    places = fields.Boolean()


class ReportFileSchema(Schema):
    """A file that the worker makes: how far it is, and until when it is kept."""

    id = fields.UUID()
    snapshot_id = fields.UUID(allow_none=True, metadata={"description": "null: places"})
    kind = fields.String(metadata={"enum": [kind.value for kind in (*FileKind, *PlaceKind)]})
    filter = fields.Dict(attribute="chosen", metadata={"description": "as it was asked for"})
    name = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in FileState]})
    done = fields.Integer(metadata={"description": "lines or features that are written"})
    total = fields.Integer()
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    problem = fields.String(allow_none=True)
    asked_at = fields.AwareDateTime()
    ready_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
