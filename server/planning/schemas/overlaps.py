"""The wire of frames, quotas and of where inspections meet."""

from typing import Any

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.planning.schemas.plans import Year
from server.registry.models import LicenceKind, ObjectKind
from server.schema import Schema


def _values(kind: type[ObjectKind] | type[LicenceKind]) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.OneOf([each.value for each in kind])), load_default=list
    )


class FrameSchema(Schema):
    """Which objects a row means: active ones of a kind, with a label, with a licence, of the key library."""

    kinds = _values(ObjectKind)
    tags = fields.List(
        fields.String(validate=validate.Length(1, 100)), load_default=list, validate=validate.Length(max=50)
    )
    licences = _values(LicenceKind)
    key_only = fields.Boolean(load_default=False)


class QuotaStepSchema(Schema):
    """One line of the sums."""

    text = fields.String()
    text_en = fields.String()


class QuotaSchema(Schema):
    """How many objects each draw of a row would take as of today; "" stands for objects without a risk class."""

    frame = fields.Dict(keys=fields.String(), values=fields.Integer())
    strata = fields.Dict(keys=fields.String(), values=fields.Integer())
    total = fields.Integer()
    draws = fields.Integer(metadata={"description": "draws a year"})
    arithmetic = fields.List(fields.Nested(QuotaStepSchema))


class OverlapsQuerySchema(Schema):
    """Of which year."""

    year = fields.Integer(required=True, validate=Year)


class SharedQuerySchema(PagingSchema):
    """In the frames of which rows at once."""

    planned = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 10))


class SharedObjectSchema(Schema):
    """An object that several rows may visit."""

    id = fields.UUID()
    name = fields.String()
    uscc = fields.String(allow_none=True)
    region = fields.String()


class MeetingRowSchema(Schema):
    """A planned inspection by its name."""

    id = fields.UUID()
    name = fields.String()
    items = fields.List(fields.String())
    initiator = fields.String()


class MeetingSchema(Schema):
    """Planned inspections that meet at so many doors within the days that they share."""

    planned = fields.List(fields.Nested(MeetingRowSchema))
    first = fields.Date()
    last = fields.Date()
    objects = fields.Integer()


class FrequentedSchema(Schema):
    """An enterprise with more visits than the cap allows."""

    enterprise_id = fields.UUID()
    name = fields.String()
    visits = fields.Integer()


class OverlapsSchema(Schema):
    """Where visits of a year meet: the same object twice at a time, over the cap, or to be made in one."""

    repeated = fields.List(fields.Nested(MeetingSchema))
    merges = fields.List(fields.Nested(MeetingSchema), metadata={"description": "进一次门、查多项事"})
    saved = fields.Integer(metadata={"description": "visits that merging would save"})
    cap = fields.Integer(allow_none=True, metadata={"description": "visits of an enterprise a year at most"})
    over_cap = fields.Integer(metadata={"description": "enterprises above it"})
    most = fields.List(fields.Nested(FrequentedSchema), metadata={"description": "the first 100 of them"})


class ForeseenSchema(OverlapsSchema):
    """Where visits would meet, before the draw; `unframed` rows can't be judged: nobody said their objects."""

    unframed = fields.List(fields.Nested(MeetingRowSchema))
