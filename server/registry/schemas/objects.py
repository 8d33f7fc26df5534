"""Objects, licences, markers, inspectors and imports on the wire."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.registry.drafts import LicenceDraft, MarkerDraft, ObjectDraft
from server.registry.licence_reading import MAX_MARKERS
from server.registry.models import LicenceKind, ObjectKind
from server.schema import Schema

Short = validate.Length(max=200)
Name = validate.Length(min=1, max=200)
Elevation = validate.Range(-5000, 9000)


class ObjectsQuerySchema(PagingSchema):
    """Which objects: of a kind, or with a text in the name or as credit code."""

    kind = fields.Enum(ObjectKind, by_value=True)
    text = fields.String(validate=Name)


class ObjectDraftSchema(Schema):
    """An object to enter; the region is one's own where none is given."""

    name = fields.String(required=True, validate=Name)
    kind = fields.Enum(ObjectKind, by_value=True, load_default=ObjectKind.ENTERPRISE)
    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    uscc = fields.String(allow_none=True, validate=validate.Length(max=32))
    registration_no = fields.String(allow_none=True, validate=validate.Length(max=32))
    address = fields.String(validate=Short)
    legal_representative = fields.String(validate=Short)
    phone = fields.String(allow_none=True, validate=validate.Length(max=40))
    risk_class = fields.String(allow_none=True, validate=validate.OneOf("ABCD"))
    tags = fields.List(fields.String(validate=Name), validate=validate.Length(max=50))
    latitude = fields.Float(allow_none=True, validate=validate.Range(3, 54))
    longitude = fields.Float(allow_none=True, validate=validate.Range(73, 136))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> ObjectDraft:
        """Make the value."""
        return ObjectDraft(**{**data, "tags": tuple(data.get("tags", ()))})


class ObjectSchema(Schema):
    """An inspected object. `uscc_valid` false is a warning: the check digit does not fit."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    kind = fields.String()
    name = fields.String()
    uscc = fields.String(allow_none=True)
    uscc_valid = fields.Boolean(allow_none=True)
    registration_no = fields.String(allow_none=True)
    address = fields.String()
    legal_representative = fields.String()
    phone = fields.String(allow_none=True)
    risk_class = fields.String(allow_none=True, metadata={"description": "A low … D high"})
    tags = fields.List(fields.String())
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    active = fields.Boolean()


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


class ObjectDetailSchema(ObjectSchema):
    """An object with its licences."""

    licences = fields.List(fields.Nested(LicenceSchema))


class MarkerDraftSchema(Schema):
    """A marker: X north and Y east in the grid of the licence, in metres."""

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


class MarkersSchema(Schema):
    """The markers of a licence as GeoJSON, and what was corrected."""

    markers = fields.Dict(metadata={"description": "GeoJSON FeatureCollection"})
    findings = fields.List(fields.Nested(FindingSchema))


class CertificateSchema(Schema):
    """An enforcement certificate."""

    number = fields.String()
    issuer = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date()


class InspectorSchema(Schema):
    """An inspector; `certified` says whether a certificate is valid today."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    organisation_id = fields.UUID()
    region = fields.String()
    certified = fields.Boolean()
    certificates = fields.List(fields.Nested(CertificateSchema))


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
    findings = fields.List(fields.Nested(ImportFindingSchema))
    errors = fields.List(fields.Nested(RowErrorSchema))
