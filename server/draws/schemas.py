"""The wire of draws and of their ceremonies."""

from typing import Any
from uuid import UUID

from marshmallow import fields, post_load, validate

from server.draws.announcing import Announcement
from server.draws.frame import MOST_LOTS, PEOPLE_AT_LEAST
from server.draws.models import CeremonyKind, ReplacementCause
from server.draws.selection import Exclusion, Selection
from server.paging import PagingSchema
from server.registry.models import LicenceKind, ObjectKind
from server.schema import Day, Schema

_WORDS = validate.Length(1, 300)


class DrawsQuerySchema(PagingSchema):
    """Which draws."""

    planned = fields.UUID(metadata={"description": "id of a planned inspection"})


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


class VisitSchema(Schema):
    """One drawn visit."""

    id = fields.UUID()
    object_id = fields.UUID()
    lead_id = fields.UUID()
    inspector_ids = fields.List(fields.UUID())
    task_no = fields.String()
    task_name = fields.String()
    forms = fields.List(fields.String())
    item_codes = fields.List(fields.String())
    opens_on = fields.Date()
    due_on = fields.Date()
    approval_no = fields.String(allow_none=True)
    notice_no = fields.String(allow_none=True)
    teams = fields.Dict(metadata={"description": "the inspectors by department"})
    expert_ids = fields.List(fields.UUID(), metadata={"description": "go along, never counted"})


class DrawSchema(Schema):
    """A published draw."""

    id = fields.UUID()
    region = fields.String()
    organisation_id = fields.UUID()
    planned_id = fields.UUID()
    number = fields.String()
    source = fields.String(metadata={"enum": ["platform", "own"]})
    locked = fields.Boolean(metadata={"description": "the objects may not be exchanged"})
    published_at = fields.AwareDateTime()
    superseded_at = fields.AwareDateTime(allow_none=True)


class DrawWithVisitsSchema(DrawSchema):
    """A published draw with its visits."""

    visits = fields.List(fields.Nested(VisitSchema))


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


class ExclusionSchema(Schema):
    """An object of the scope that is not drawn from, and why; everybody can read it."""

    object_id = fields.UUID(required=True)
    why = fields.Enum(Exclusion, by_value=True, required=True)
    words = fields.String(load_default="", validate=validate.Length(max=100))


class SelectionSchema(Schema):
    """What the planner decides about a frame; all of it is published but who is away."""

    kinds = fields.List(fields.Enum(ObjectKind, by_value=True), load_default=list)
    tags = fields.List(fields.String(), load_default=list)
    licences = fields.List(fields.Enum(LicenceKind, by_value=True), load_default=list)
    key_only = fields.Boolean(load_default=False)
    by_risk = fields.Boolean(load_default=None, allow_none=True)
    lots = fields.Dict(
        keys=fields.String(validate=validate.OneOf("ABCD")),
        values=fields.Integer(validate=validate.Range(1, MOST_LOTS)),
        load_default=dict,
        metadata={"description": "lots of an object by its risk class; one where nothing is said"},
    )
    out = fields.List(fields.Nested(ExclusionSchema), load_default=list)
    size = fields.Integer(load_default=PEOPLE_AT_LEAST, validate=validate.Range(PEOPLE_AT_LEAST, 10))
    leads = fields.Boolean(load_default=True, metadata={"description": "one of them must be allowed to lead"})
    most = fields.Integer(load_default=0, validate=validate.Range(0, 1000))
    exam = fields.Boolean(load_default=True, metadata={"description": "last year's training exam passed"})
    away = fields.List(fields.UUID(), load_default=list)
    departments = fields.List(fields.UUID(), load_default=list)
    experts = fields.Integer(load_default=0, validate=validate.Range(0, 5))

    @post_load
    def select(self, data: dict[str, Any], **_: Any) -> Selection:
        """Make what the verb takes."""
        out: dict[UUID, tuple[Exclusion, str]] = {
            each["object_id"]: (each["why"], each["words"]) for each in data.pop("out")
        }
        for name in ("kinds", "licences"):
            data[name] = tuple(each.value for each in data[name])
        for name in ("tags", "departments"):
            data[name] = tuple(data[name])
        return Selection(**{**data, "out": out, "away": frozenset(data["away"])})


class StratumSchema(Schema):
    """How many are drawn from a class."""

    name = fields.String()
    percent = fields.String()
    rounding = fields.String()
    least = fields.Integer()
    count = fields.Integer()


class UnmatchedSchema(Schema):
    """An object that can't be visited: `why` is region, recusal, lead or load."""

    object = fields.UUID()
    team = fields.String()
    why = fields.String()


class PreviewSchema(Schema):
    """What a frame would hold; `examples` of the objects that nobody could visit."""

    objects = fields.Integer()
    out = fields.Dict()
    strata = fields.List(fields.Nested(StratumSchema))
    arithmetic = fields.List(fields.Dict())
    people = fields.Dict()
    people_out = fields.Dict()
    unmatchable = fields.Integer()
    examples = fields.List(fields.Nested(UnmatchedSchema))


class RevelationSchema(Schema):
    """The public randomness, when it was announced."""

    randomness = fields.String(load_default="", validate=validate.Length(max=500))


class WhySchema(Schema):
    """A reason that everybody can read."""

    reason = fields.String(required=True, validate=_WORDS)


class ReplacingSchema(Schema):
    """Somebody who can't go after all. The reason stays in the house, the cause is published."""

    object_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    cause = fields.Enum(ReplacementCause, by_value=True, required=True)
    reason = fields.String(required=True, validate=_WORDS)


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


class NewInterestSchema(Schema):
    """An interest of a person or an expert in an object."""

    subject_id = fields.UUID(required=True)
    object_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=_WORDS)


class RecusalsQuerySchema(PagingSchema):
    """Whose recusals, or about which object; all where nothing is said."""

    subject = fields.UUID()
    object = fields.UUID()


class InterestSchema(NewInterestSchema):
    """A recusal that holds."""

    id = fields.UUID()
    region = fields.String()
    entered_by = fields.String()
    entered_at = fields.AwareDateTime()


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
