"""The wire of the board and of the map of coverage."""

from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from server import clock
from server.board.service import Column, Covered, Sought
from server.schema import Day, Schema

_REGION = validate.Regexp("^[0-9]{6}$")
DAYS_PUBLIC = 30
LONGEST = 400


class BoardQuerySchema(Schema):
    """Which part of the board, and how many cards of each column."""

    cards = fields.Integer(load_default=8, validate=validate.Range(1, 100))
    column = fields.Enum(Column, by_value=True, load_default=None)
    region = fields.String(validate=_REGION)
    item = fields.String(validate=validate.Length(min=1, max=100))
    plan = fields.UUID()
    organisation = fields.UUID()
    due_from = Day()
    due_to = Day()

    @post_load
    def sought(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value."""
        cards, only = data.pop("cards"), data.pop("column")
        days = {"first": data.pop("due_from", None), "last": data.pop("due_to", None)}
        return {
            "cards": cards,
            "only": only,
            "sought": Sought(clock.today() - timedelta(days=DAYS_PUBLIC), **data, **days),
        }


class CardSchema(Schema):
    """Something that stands on the board."""

    kind = fields.String(metadata={"enum": ["task", "record", "result"]})
    id = fields.UUID(metadata={"description": "of the task, record or result"})
    task = fields.UUID()
    number = fields.String()
    object_name = fields.String()
    items = fields.List(fields.String())
    department = fields.String()
    region = fields.String()
    due_on = fields.Date(allow_none=True, metadata={"description": "of what is public: since when"})
    days_left = fields.Integer(
        allow_none=True, metadata={"description": "working days; below zero what it is late by"}
    )
    urgency = fields.String(metadata={"enum": ["late", "soon", "fine"]})
    rule = fields.String(metadata={"description": "Chinese and English, ` · ` between"})
    place = fields.String(metadata={"description": "where the rule is written"})


class ColumnSchema(Schema):
    """One column: counted up to a bound, its most urgent cards first."""

    column = fields.String(metadata={"enum": [column.value for column in Column]})
    count = fields.Integer()
    more = fields.Boolean(metadata={"description": "there is more than was counted"})
    cards = fields.List(fields.Nested(CardSchema))


class BoardSchema(Schema):
    """The board as it stands now, of what the asker may see."""

    as_of = fields.AwareDateTime()
    since = fields.Date(metadata={"description": "from which day on what is public is shown"})
    columns = fields.List(fields.Nested(ColumnSchema))


class ChoiceSchema(Schema):
    """A value of a filter with its name."""

    value = fields.String()
    name = fields.String()


class BoardChoicesSchema(Schema):
    """What the board can be filtered by."""

    regions = fields.List(fields.Nested(ChoiceSchema))
    organisations = fields.List(fields.Nested(ChoiceSchema))
    plans = fields.List(fields.Nested(ChoiceSchema))
    items = fields.List(fields.Nested(ChoiceSchema))


class CoverageQuerySchema(Schema):
    """Of which visits: due between two days, by default of this year."""

    first = Day()
    last = Day()
    region = fields.String(validate=_REGION)
    plan = fields.UUID()
    organisation = fields.UUID()

    @post_load
    def covered(self, data: dict[str, Any], **_: Any) -> Covered:
        """Make the value; a period of at most `LONGEST` days."""
        year = clock.today().year
        data.setdefault("first", date(year, 1, 1))
        data.setdefault("last", date(year, 12, 31))
        if not timedelta(0) <= data["last"] - data["first"] <= timedelta(days=LONGEST):
            raise ValidationError(f"a period of at most {LONGEST} days", "last")
        return Covered(**data)


class CoverageGroupSchema(Schema):
    """How many visits of one matter in one region were made, are still to be made, or are late."""

    region = fields.String()
    region_name = fields.String()
    matter = fields.String()
    visited = fields.Integer()
    waiting = fields.Integer()
    late = fields.Integer()


class CoveragePointSchema(Schema):
    """Where an inspected object lies, in degrees of CGCS2000, and whether it was visited."""

    id = fields.UUID(metadata={"description": "of the task"})
    number = fields.String()
    name = fields.String()
    object_name = fields.String()
    due_on = fields.Date()
    latitude = fields.Float()
    longitude = fields.Float()
    state = fields.String(metadata={"enum": ["visited", "waiting", "late"]})


class MapOfCoverageSchema(Schema):
    """The visits of a period: counted by region and matter, and on the map."""

    as_of = fields.AwareDateTime()
    first = fields.Date()
    last = fields.Date()
    groups = fields.List(fields.Nested(CoverageGroupSchema))
    points = fields.List(fields.Nested(CoveragePointSchema))
    more = fields.Boolean(metadata={"description": "the map shows only some; the groups count all"})
