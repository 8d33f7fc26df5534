"""Follow-ups over HTTP, and the notices of days off."""

from typing import Any
from uuid import UUID

from server.http import actor, session
from server.inspections.models import Task
from server.paging import next_page
from server.results import calendars, following, followups
from server.results import followup_schemas as schemas
from server.results.api.blueprint import blp
from server.results.calendars import NoticeDraft
from server.results.following import Outcome, Receipt, Visit
from server.results.models import CalendarNotice, Followup
from server.results.naming import named_followups


@blp.get("/followups")
@blp.arguments(schemas.FollowupsQuerySchema, location="query")
@blp.response(200, schemas.NamedFollowupSchema(many=True))
def list_followups(query: dict[str, Any]) -> Any:
    """List follow-ups, the oldest first; inspectors see those of their own tasks. `overdue`: what is late."""
    rows, after = followups.page_of_followups(session, actor, query["sought"], query["after"], query["limit"])
    return named_followups(session, rows), 200, next_page(after)


@blp.get("/followups/<uuid:followup_id>")
@blp.response(200, schemas.FollowupSchema)
def show_followup(followup_id: UUID) -> Followup:
    """Show one follow-up."""
    return followups.find_followup(session, actor, followup_id)


@blp.post("/followups/<uuid:followup_id>/send")
@blp.arguments(schemas.PassingSchema)
@blp.response(200, schemas.FollowupSchema)
def send_followup(given: dict[str, Any], followup_id: UUID) -> Followup:
    """Note that the order, letter or decision went out, under its number."""
    return following.pass_on(session, actor, followup_id, given["reference_no"], given.get("to_body"))


@blp.post("/followups/<uuid:followup_id>/receipt")
@blp.arguments(schemas.ReceiptSchema)
@blp.response(200, schemas.FollowupSchema)
def acknowledge_followup(receipt: Receipt, followup_id: UUID) -> Followup:
    """Note the receipt of whoever took it over."""
    return following.acknowledge(session, actor, followup_id, receipt)


@blp.post("/followups/<uuid:followup_id>/visit")
@blp.arguments(schemas.FurtherVisitSchema)
@blp.response(201, schemas.OpenedVisitSchema)
def visit_again(visit: Visit, followup_id: UUID) -> Task:
    """Open a task to go back and see; its accepted record becomes the evidence."""
    return following.open_visit(session, actor, followup_id, visit)


@blp.post("/followups/<uuid:followup_id>/finish")
@blp.arguments(schemas.FollowupOutcomeSchema)
@blp.response(200, schemas.FollowupSchema)
def finish_followup(outcome: Outcome, followup_id: UUID) -> Followup:
    """Enter what came of it; refused with a list while its kind still needs something."""
    return following.finish(session, actor, followup_id, outcome)


@blp.post("/followups/<uuid:followup_id>/cancel")
@blp.arguments(schemas.FollowupReasonSchema)
@blp.response(200, schemas.FollowupSchema)
def cancel_followup(given: dict[str, str], followup_id: UUID) -> Followup:
    """Let it fall away, with a reason."""
    return followups.cancel(session, actor, followup_id, given["reason"])


@blp.put("/organisations/<uuid:organisation_id>/rules/deadline")
@blp.arguments(schemas.DeadlineRulesSchema)
@blp.response(200, schemas.DeadlineRulesSchema)
def set_deadline_rules(rules: dict[str, Any], organisation_id: UUID) -> dict[str, Any]:
    """Set a bureau's own deadline rules, all of them; they hold for what is counted from now on."""
    given: dict[str, Any] = calendars.set_deadline_rules(session, actor, organisation_id, rules).rules[
        "deadline"
    ]
    return given


@blp.get("/calendars")
@blp.response(200, schemas.EnteredCalendarSchema(many=True))
def list_calendars() -> Any:
    """List the notices of days off that were entered."""
    return calendars.notices(session, actor)


@blp.post("/calendars")
@blp.arguments(schemas.CalendarNoticeSchema)
@blp.response(201, schemas.EnteredCalendarSchema)
def enter_calendar(draft: NoticeDraft) -> CalendarNotice:
    """Enter a notice of days off; every deadline that it may move is counted again."""
    return calendars.enter_notice(session, actor, draft)
