"""The wire of forms."""

from marshmallow import Schema, fields


class FormVersionSchema(Schema):
    """One published version of a form; `sha256` (hex) names the XForm's bytes."""

    form_id = fields.String()
    version = fields.String()
    title = fields.String()
    sha256 = fields.String()
    source_type = fields.String()
    published_at = fields.AwareDateTime()
    retired_at = fields.AwareDateTime(allow_none=True)
