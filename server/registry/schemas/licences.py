"""Licences, boundary markers and their versions on the wire."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.registry.drafts import LicenceDraft, MarkerDraft
from server.registry.licence_reading import MAX_MARKERS
from server.registry.models import LicenceKind
from server.schema import Schema

Short = validate.Length(max=200)
Elevation = validate.Range(-5000, 9000)


class LicenceDraftSchema(Schema):
    """A licence to enter; `corners` is what stands on it, pasted as text."""

    licence_no = fields.String(required=True, validate=validate.Length(min=1, max=60))
    kind = fields.Enum(LicenceKind, by_value=True, load_default=LicenceKind.MINING)
    holder = fields.String(validate=Short)
    issuer = fields.String(validate=Short)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    mineral = fields.String(allow_none=True, validate=Short)
    method = fields.String(allow_none=True, validate=Short)
    scale = fields.String(allow_none=True, validate=Short)
    grade = fields.String(allow_none=True, validate=Short)
    scope = fields.String(allow_none=True, validate=validate.Length(max=1000))
    area_km2 = fields.Float(allow_none=True, validate=validate.Range(0, 100_000))
    elevation_upper = fields.Float(allow_none=True, validate=Elevation)
    elevation_lower = fields.Float(allow_none=True, validate=Elevation)
    corners = fields.String(
        validate=validate.Length(max=200_000), metadata={"example": "1,3929498.94,37628380.47;2,…"}
    )
    zone = fields.Integer(allow_none=True, validate=validate.Range(13, 45))
    since = fields.Date(metadata={"description": "the first day that this counts for; today where left out"})
    source = fields.String(validate=Short, metadata={"description": "where it is from: 变更登记, 实测"})

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> LicenceDraft:
        """Make the value."""
        return LicenceDraft(**data)


class FindingSchema(Schema):
    """What was found or corrected while reading. Severity: error, warning, correction, note."""

    kind = fields.String()
    severity = fields.String()
    message = fields.String()
    message_en = fields.String()
    row = fields.Integer(allow_none=True)


class LicenceSchema(Schema):
    """A licence with its area as GeoJSON (longitude first), its corners in the grid and its markers."""

    id = fields.UUID()
    kind = fields.String()
    licence_no = fields.String()
    holder = fields.String()
    issuer = fields.String()
    valid_from = fields.String(allow_none=True)
    valid_to = fields.String(allow_none=True)
    ended_on = fields.String(allow_none=True, metadata={"description": "its last day, where it ended early"})
    ended_because = fields.String(allow_none=True)
    mineral = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    scale = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)
    area_km2 = fields.Float(allow_none=True)
    computed_area_km2 = fields.Float(allow_none=True)
    elevation_upper = fields.Float(allow_none=True)
    elevation_lower = fields.Float(allow_none=True)
    epsg = fields.Integer(allow_none=True)
    rings = fields.List(
        fields.Dict(), metadata={"description": "hole, corners: [name, X north, Y east] in metres"}
    )
    boundary = fields.Dict(allow_none=True, metadata={"description": "GeoJSON Feature"})
    markers = fields.Dict(metadata={"description": "GeoJSON FeatureCollection"})
    findings = fields.List(fields.Nested(FindingSchema))


class MarkerDraftSchema(Schema):
    """A marker: X north and Y east in the grid of the licence (metres), or latitude and longitude of CGCS2000."""

    marker_no = fields.String(required=True, validate=validate.Length(min=1, max=40))
    x = fields.Float(required=True)
    y = fields.Float(required=True)
    corner = fields.String(allow_none=True, validate=validate.Length(max=20))
    kind = fields.String(validate=validate.OneOf(["corner", "extra"]))
    elevation = fields.Float(allow_none=True, validate=Elevation)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> MarkerDraft:
        """Make the value."""
        return MarkerDraft(**data)


class MarkersDraftSchema(Schema):
    """All markers of a licence."""

    markers = fields.List(
        fields.Nested(MarkerDraftSchema), required=True, validate=validate.Length(max=MAX_MARKERS)
    )
    since = fields.Date(load_default=None, metadata={"description": "the first day that this counts for"})
    source = fields.String(load_default="", validate=Short)


class MarkersSchema(Schema):
    """The markers of a licence as GeoJSON, and what was corrected."""

    markers = fields.Dict(metadata={"description": "GeoJSON FeatureCollection"})
    findings = fields.List(fields.Nested(FindingSchema))


class LicenceReadingSchema(Schema):
    """What a licence's text would give; nothing is entered. `usable`: it can be entered as it is."""

    usable = fields.Boolean()
    findings = fields.List(fields.Nested(FindingSchema))
    epsg = fields.Integer(allow_none=True)
    rings = fields.List(fields.Dict(), metadata={"description": "as of a licence"})
    boundary = fields.Dict(allow_none=True, metadata={"description": "GeoJSON Feature"})
    computed_area_km2 = fields.Float(allow_none=True)


class MarkersReadingSchema(MarkersSchema):
    """What markers would give; nothing is entered."""

    usable = fields.Boolean()


class LicenceEndSchema(Schema):
    """The last day of a licence that ended early; null takes the end back."""

    last_day = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class LicenceVersionSchema(Schema):
    """How a licence (`part` licence) or its markers (markers) stood from a day until the next version's."""

    part = fields.String(validate=validate.OneOf(["licence", "markers"]))
    number = fields.Integer()
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True, metadata={"description": "the day the next one begins"})
    source = fields.String()
    entered_at = fields.AwareDateTime(allow_none=True)
    entered_by = fields.String()
    licence = fields.Nested(LicenceSchema)
    markers = fields.Dict(metadata={"description": "GeoJSON FeatureCollection"})
