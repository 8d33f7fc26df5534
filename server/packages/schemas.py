"""What may be asked of a package."""

from marshmallow import fields

from server.schema import Schema


class PackageQuerySchema(Schema):
    """`stamped`: whether stamped copies (水印副本) of the photos go along."""

    stamped = fields.Boolean(load_default=True)
