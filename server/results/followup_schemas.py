"""The wire of follow-ups and of calendars."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.results.calendars import NATION, NoticeDraft
from server.results.codes import FollowupCode
from server.results.following import Outcome, Receipt, Visit
from server.results.followups import Sought
from server.results.models import FollowupState
from server.schema import Day, Schema

_Words = validate.Length(min=1, max=200)
_Long = validate.Length(max=10_000)
_Few = validate.Length(max=200)


class FollowupsQuerySchema(PagingSchema):
    """Which follow-ups."""

    state = fields.Enum(FollowupState, by_value=True)
    result = fields.UUID()
    code = fields.Enum(FollowupCode, by_value=True)
    overdue = fields.Boolean(load_default=False)

    @post_load
    def sought(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value beside the place."""
        sought = Sought(data.get("state"), data.get("result"), data.get("code"), data["overdue"])
        return {"sought": sought, "limit": data["limit"], "after": data["after"]}


class PassingSchema(Schema):
    """Under which number an order, letter or decision went out; a transfer also says to whom."""

    reference_no = fields.String(required=True, validate=_Words)
    to_body = fields.String(validate=_Words)


class ReceiptSchema(Schema):
    """The receipt of whoever took it over."""

    no = fields.String(required=True, validate=_Words, attribute="number")
    by = fields.String(required=True, validate=_Words)
    on = Day(required=True)

    @post_load
    def receipt(self, data: dict[str, Any], **_: Any) -> Receipt:
        """Make the value."""
        return Receipt(**data)


class FurtherVisitSchema(Schema):
    """Who goes back, when, with which forms (those of the first visit, if left out)."""

    lead = fields.UUID(required=True, attribute="lead_id")
    assisting = fields.List(fields.UUID(), required=True, validate=_Few, attribute="assisting_ids")
    opens_on = Day(required=True)
    due_on = Day(required=True)
    forms = fields.List(fields.String(validate=_Words), validate=_Few)
    approval_no = fields.String(validate=_Words)
    notice_no = fields.String(validate=_Words)

    @post_load
    def visit(self, data: dict[str, Any], **_: Any) -> Visit:
        """Make the value."""
        people = tuple(data.pop("assisting_ids"))
        return Visit(assisting_ids=people, forms=tuple(data.pop("forms", ())), **data)


class FollowupOutcomeSchema(Schema):
    """What came of a follow-up, and what shows it: final records about the object, and stored files."""

    done_on = Day(required=True)
    outcome = fields.String(validate=_Long)
    reference_no = fields.String(validate=_Words)
    records = fields.List(fields.UUID(), validate=_Few)
    media = fields.List(fields.String(validate=validate.Regexp(r"[0-9a-f]{64}\Z")), validate=_Few)

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> Outcome:
        """Make the value."""
        for name in {"records", "media"} & data.keys():
            data[name] = tuple(data[name])
        return Outcome(**data)


class FollowupReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class FollowupSchema(Schema):
    """One thing that is done about a result."""

    id = fields.UUID()
    region = fields.String()
    result_id = fields.UUID()
    version = fields.Integer(metadata={"description": "the version of the result that ordered it"})
    code = fields.String(metadata={"enum": [code.value for code in FollowupCode]})
    state = fields.String(metadata={"enum": [state.value for state in FollowupState]})
    act_by = fields.Date(allow_none=True, metadata={"description": "by when the entity has to put it right"})
    to_body = fields.String(allow_none=True)
    reference_no = fields.String(allow_none=True)
    receipt = fields.Dict(allow_none=True, metadata={"description": "`{no, by, on}` of whoever took it over"})
    task_id = fields.UUID(allow_none=True, metadata={"description": "the visit that was opened for it"})
    evidence = fields.List(fields.Dict(), metadata={"description": "`{record}` or `{media}` each"})
    outcome = fields.String()
    done_on = fields.Date(allow_none=True)
    opened_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    entered_by = fields.UUID(allow_none=True)
    entered_at = fields.AwareDateTime(allow_none=True)
    ended_reason = fields.String(allow_none=True)


class NamedFollowupSchema(FollowupSchema):
    """A follow-up in a list, with the names of what it is about."""

    object_name = fields.String()
    task_number = fields.String()
    item_name = fields.String()


class OpenedVisitSchema(Schema):
    """The task that was opened."""

    task = fields.UUID(attribute="id")
    number = fields.String()


class DeadlineRulesSchema(Schema):
    """The deadline rules of a bureau; what is left out is the law's default. Read strictly by `results.deadlines`."""

    entry = fields.Dict(
        metadata={"description": '`{"kind": "working_days", "days": 15, "from": "task_end"}`'}
    )
    publication = fields.Dict()
    followup = fields.Dict()
    objection = fields.Dict()
    days_off = fields.List(fields.String(), validate=validate.Length(max=366))


class CalendarNoticeSchema(Schema):
    """A year's days off and make-up working days as a notice tells them; the nation's, if no region is named."""

    region = fields.String(load_default=NATION, validate=validate.Regexp(r"\d{6}\Z"))
    year = fields.Integer(required=True, validate=validate.Range(2000, 2100))
    version = fields.String(required=True, validate=_Words, metadata={"description": "its document number"})
    days_off = fields.List(fields.Date(), load_default=list, validate=validate.Length(max=366))
    make_up = fields.List(fields.Date(), load_default=list, validate=validate.Length(max=366))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> NoticeDraft:
        """Make the value."""
        return NoticeDraft(**data | {name: tuple(data[name]) for name in ("days_off", "make_up")})


class EnteredCalendarSchema(Schema):
    """A notice that counts."""

    id = fields.UUID()
    region = fields.String()
    year = fields.Integer()
    version = fields.String()
    days_off = fields.List(fields.String())
    make_up = fields.List(fields.String())
    entered_at = fields.AwareDateTime()
