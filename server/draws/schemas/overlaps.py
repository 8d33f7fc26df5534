"""The wire of overlaps: where visits that were drawn meet."""

from marshmallow import fields, validate

from server.schema import Schema


class DrawnYearSchema(Schema):
    """Visits that begin in which year."""

    year = fields.Integer(required=True, validate=validate.Range(2000, 2100))


class DrawnForSchema(Schema):
    """A planned inspection by its name."""

    id = fields.UUID()
    name = fields.String()


class DrawnMeetingSchema(Schema):
    """Planned inspections that meet at so many doors within the days that they share."""

    planned = fields.List(fields.Nested(DrawnForSchema))
    first = fields.Date()
    last = fields.Date()
    objects = fields.Integer()


class OftenVisitedSchema(Schema):
    """An enterprise with more visits than the cap allows."""

    enterprise_id = fields.UUID()
    name = fields.String()
    visits = fields.Integer()


class DrawnOverlapsSchema(Schema):
    """Where drawn visits of a year meet; `saved` visits would be saved by making `merges` in one."""

    repeated = fields.List(fields.Nested(DrawnMeetingSchema))
    merges = fields.List(fields.Nested(DrawnMeetingSchema), metadata={"description": "进一次门、查多项事"})
    saved = fields.Integer()
    cap = fields.Integer(allow_none=True, metadata={"description": "visits of an enterprise a year at most"})
    over_cap = fields.Integer(metadata={"description": "enterprises above it"})
    most = fields.List(fields.Nested(OftenVisitedSchema), metadata={"description": "the first 100 of them"})
