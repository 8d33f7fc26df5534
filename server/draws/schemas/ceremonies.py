"""The wire of ceremonies, step by step, and of what everybody may know of them."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.draws.announcing import Announcement
from server.draws.models import CeremonyKind, ReplacementCause
from server.draws.schemas.frames import UnmatchedSchema
from server.schema import Day, Schema

WORDS = validate.Length(1, 300)


class AnnouncementSchema(Schema):
    """What is announced before anything is drawn: `planned_id` for a draw of objects, `locked_by` for a match."""

    kind = fields.Enum(CeremonyKind, by_value=True, load_default=CeremonyKind.FULL)
    opens_on = Day(required=True)
    due_on = Day(required=True)
    planned_id = fields.UUID(load_default=None)
    locked_by = fields.UUID(load_default=None)
    randomness_source = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "public randomness that nobody can know yet, such as a round of drand"},
    )
    supersedes = fields.UUID(load_default=None, metadata={"description": "the ceremony that is drawn anew"})
    reason = fields.String(load_default="", validate=validate.Length(max=300))

    @post_load
    def announce(self, data: dict[str, Any], **_: Any) -> Announcement:
        """Make what the verb takes."""
        return Announcement(**data)


class RevelationSchema(Schema):
    """The public randomness, when it was announced."""

    randomness = fields.String(load_default="", validate=validate.Length(max=500))


class WhySchema(Schema):
    """A reason that everybody can read."""

    reason = fields.String(required=True, validate=WORDS)


class ReplacingSchema(Schema):
    """Somebody who can't go after all. The reason stays in the house, the cause is published."""

    object_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    cause = fields.Enum(ReplacementCause, by_value=True, required=True)
    reason = fields.String(required=True, validate=WORDS)


class CeremonySchema(Schema):
    """A ceremony; never its secret. The file for everybody is at `/public/draws/<id>`."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    planned_id = fields.UUID()
    kind = fields.String()
    number = fields.String()
    state = fields.String(
        metadata={
            "enum": ["committed", "frozen", "revealed", "published", "abandoned", "superseded"],
        }
    )
    opens_on = fields.Date()
    due_on = fields.Date()
    locked_by_id = fields.UUID(allow_none=True)
    supersedes_id = fields.UUID(allow_none=True)
    reason = fields.String()
    commitment = fields.String()
    randomness_source = fields.String()
    frame_digest = fields.String()
    seed = fields.String()
    draw_id = fields.UUID(allow_none=True)
    committed_at = fields.AwareDateTime()
    frozen_at = fields.AwareDateTime(allow_none=True)
    revealed_at = fields.AwareDateTime(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)


class PairSchema(Schema):
    """A drawn object with who goes there now, by team, the lead first; for the house."""

    object_id = fields.UUID()
    teams = fields.Dict()


class NamedObjectSchema(Schema):
    """An object by its name."""

    id = fields.UUID()
    name = fields.String()


class CeremonyDetailSchema(CeremonySchema):
    """A ceremony with its pairs and what could not be matched."""

    drawn = fields.List(fields.UUID())
    pairs = fields.List(fields.Nested(PairSchema))
    unmatched = fields.List(fields.Nested(UnmatchedSchema))
    over_cap = fields.List(
        fields.Nested(NamedObjectSchema),
        metadata={
            "description": "Of a frozen frame: what has reached the yearly cap since. It can't be drawn; freeze a new one."
        },
    )
    row_withdrawn = fields.Boolean(
        metadata={"description": "Nothing can be drawn for its row any more: it can only be given up."}
    )


class SubstitutionSchema(Schema):
    """Who went out and who came in, by the names of the frame."""

    place = fields.Integer()
    object_id = fields.UUID()
    team = fields.String()
    out = fields.String()
    into = fields.String()
    cause = fields.String()
    at = fields.AwareDateTime()


class LockSchema(Schema):
    """Objects that were locked to a region and wait for their people."""

    ceremony_id = fields.UUID()
    number = fields.String()
    region = fields.String()
    objects = fields.Integer()
    opens_on = fields.Date()
    due_on = fields.Date()


class PublicDrawSchema(Schema):
    """What everybody may know of a draw in a list: whose, for what, how far, and what is promised."""

    format = fields.String()
    id = fields.UUID()
    number = fields.String()
    kind = fields.String()
    state = fields.String()
    region = fields.String()
    bureau = fields.String()
    task = fields.String()
    opens_on = fields.String()
    due_on = fields.String()
    commitment = fields.String()
    randomness_source = fields.String()
    frame_digest = fields.String()
    locked_by = fields.UUID(allow_none=True)
    supersedes = fields.UUID(allow_none=True)
    superseded_by = fields.UUID(allow_none=True)
    reason = fields.String()
    committed_at = fields.String()
    frozen_at = fields.String(allow_none=True)
    revealed_at = fields.String(allow_none=True)
    published_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
