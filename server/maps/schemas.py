"""The wire of maps."""

from marshmallow import Schema, fields


class PackSchema(Schema):
    """A pack of tiles to hold on a phone."""

    region = fields.String()
    name = fields.String()
    size = fields.Integer(metadata={"description": "bytes"})
    etag = fields.String(
        metadata={"description": "for `If-Range`: what it says when it is the same file still"}
    )


class OnlineLayerSchema(Schema):
    """A layer that is shown while there is a network, by the bureau's own key."""

    name = fields.String()
    key = fields.String()


class MapsSchema(Schema):
    """What a phone may show below its boundaries. `online` is null where the bureau has no key."""

    packs = fields.List(fields.Nested(PackSchema))
    online = fields.Nested(OnlineLayerSchema, allow_none=True)
