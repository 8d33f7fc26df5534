"""Objects, risk classes, labels and inspectors on the wire."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.registry.drafts import ObjectDraft
from server.registry.models import ObjectKind
from server.registry.schemas.licences import LicenceSchema
from server.schema import Day, Schema

Short = validate.Length(max=200)
Name = validate.Length(min=1, max=200)


class ObjectsQuerySchema(PagingSchema):
    """Which objects: of a kind, a risk class, with a label, in the key library today, with a text in the name."""

    kind = fields.Enum(ObjectKind, by_value=True)
    text = fields.String(validate=Name, metadata={"description": "part of the name, or the credit code"})
    risk_class = fields.String(validate=validate.OneOf("ABCD"))
    tag = fields.String(validate=Name)
    key = fields.Boolean(load_default=False)


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

    risk_since = fields.Date(allow_none=True)
    risk_source = fields.String(validate=Short)
    owner = fields.String(
        validate=Short, metadata={"description": "the entity whose product, project or act it is"}
    )
    library = fields.String(allow_none=True, validate=Short)
    entity_type = fields.String(allow_none=True, validate=Short)
    registrar = fields.String(allow_none=True, validate=Short)
    registration_status = fields.String(allow_none=True, validate=Short)
    established_on = fields.Date(allow_none=True)
    station = fields.String(allow_none=True, validate=Short)
    district = fields.String(allow_none=True, validate=Short)
    source = fields.String(allow_none=True, validate=Short)
    specialised = fields.Boolean(allow_none=True)
    qualifications = fields.List(fields.String(validate=Name), validate=validate.Length(max=50))
    experts = fields.List(fields.String(validate=Name), validate=validate.Length(max=50))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> ObjectDraft:
        """Make the value."""
        lists = {name: tuple(data.get(name, ())) for name in ("tags", "qualifications", "experts")}
        return ObjectDraft(**{**data, **lists})


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
    owner_id = fields.UUID(allow_none=True)
    library = fields.String(allow_none=True, metadata={"description": "专项库名称"})
    entity_type = fields.String(allow_none=True, metadata={"description": "主体类型"})
    registrar = fields.String(allow_none=True, metadata={"description": "登记机关"})
    registration_status = fields.String(allow_none=True, metadata={"description": "登记状态"})
    established_on = fields.Date(allow_none=True, metadata={"description": "成立日期"})
    station = fields.String(allow_none=True, metadata={"description": "属地监管所"})
    district = fields.String(allow_none=True, metadata={"description": "责任片区"})
    source = fields.String(allow_none=True, metadata={"description": "数据来源"})
    specialised = fields.Boolean(allow_none=True, metadata={"description": "专业监管"})
    qualifications = fields.List(fields.String(), allow_none=True, metadata={"description": "专业资质资格"})
    experts = fields.List(fields.String(), allow_none=True, metadata={"description": "配备专家"})


class RegistryReasonSchema(Schema):
    """Why something is done."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class RiskClassSchema(Schema):
    """A risk class since a day, A low … D high, and who rated; null: none."""

    risk_class = fields.String(required=True, allow_none=True, validate=validate.OneOf("ABCD"))
    since = fields.Date(required=True)
    source = fields.String(required=True, validate=Name)
    entered_at = fields.AwareDateTime(dump_only=True)
    entered_by = fields.String(dump_only=True)


class KeyListingDraftSchema(RegistryReasonSchema):
    """Since when, and until when if that is known, an object is in the key library; both days count."""

    since = fields.Date(required=True)
    until = fields.Date(allow_none=True, load_default=None)


class KeyListingEndSchema(RegistryReasonSchema):
    """The last day in the key library."""

    last_day = Day(required=True)


class KeyListingSchema(Schema):
    """An object's time in the key library."""

    object_id = fields.UUID()
    since = fields.Date()
    until = fields.Date(allow_none=True)
    reason = fields.String()
    ended_because = fields.String(allow_none=True)


class KeyLibraryQuerySchema(PagingSchema):
    """The library of which day."""

    on = fields.Date()


class LabelSchema(Schema):
    """A label (监管标签) and the other spellings of it."""

    name = fields.String(dump_only=True)
    group = fields.String(required=True, validate=validate.OneOf(["industry", "field", "kind", "other"]))
    aliases = fields.List(fields.String(validate=Name), load_default=list, validate=validate.Length(max=50))
    active = fields.Boolean(load_default=True)


class ObjectDetailSchema(ObjectSchema):
    """An object with its licences."""

    licences = fields.List(fields.Nested(LicenceSchema))


class CertificateSchema(Schema):
    """An enforcement certificate."""

    number = fields.String()
    issuer = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date()
    kind = fields.String(allow_none=True)


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
