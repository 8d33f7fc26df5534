"""The wire of frames: what a planner decides about one, and what it would hold."""

from typing import Any
from uuid import UUID

from marshmallow import fields, post_load, validate

from server.draws.frame import MOST_LOTS, PEOPLE_AT_LEAST
from server.draws.selection import Exclusion, Selection
from server.registry.models import LicenceKind, ObjectKind
from server.schema import Schema


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
