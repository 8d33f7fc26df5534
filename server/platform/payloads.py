"""What a delivery says: one result in canonical JSON, with our codes. Adapters translate for their province."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, literal, select, tuple_
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.audit import AuditEntry
from server.db import Json
from server.draws.models import Draw
from server.inspections import service as inspections
from server.inspections.models import Assignment, Task
from server.planning.models import PlannedInspection
from server.registry import service as registry
from server.registry.models import InspectedObject, InspectionItem
from server.results.models import Followup, FollowupState, Result
from server.results.service import answering_for


def object_code(inspected: InspectedObject) -> str:
    """Return the code a platform knows an object by: credit code, registration number, else our id."""
    return inspected.uscc or inspected.registration_no or str(inspected.id)


def delivery_key(session: Session, result: Result, version: int) -> str:
    """Return the idempotency key: task number, object code, item code, version.

    Task numbers are given out by several bureaus, and again where a draw is drawn anew: of results that would have the
    same key, all but the first that was drafted have the beginning of their id behind the number.
    """
    number = session.get_one(Task, result.task_id).number
    code = object_code(session.get_one(InspectedObject, result.object_id))
    same = (
        select(InspectedObject)
        .join(Result, Result.object_id == InspectedObject.id)
        .join(Task, Task.id == Result.task_id)
        .where(
            Task.number == number,
            Result.item_code == result.item_code,
            tuple_(Result.drafted_at, Result.id)
            < tuple_(literal(result.drafted_at), literal(result.id, Uuid())),
        )
    )
    if any(object_code(each) == code for each in session.scalars(same)):
        number = f"{number}~{result.id.hex[:8]}"
    return "/".join([number, code, result.item_code, f"v{version}"])


def result_payload(session: Session, result: Result, released: Json) -> Json:
    """Write a released result; `released` are the details of the fact that released it, fixed since then."""
    task = session.get_one(Task, result.task_id)
    inspected = session.get_one(InspectedObject, result.object_id)
    item = session.get(InspectionItem, result.item_code)
    answering = answering_for(result) | released  # of facts from before they said it, who stands there now
    return {
        "task_no": task.number,
        "task_name": task.name,
        "approval_no": task.approval_no,
        "notice_no": task.notice_no,
        **_plan(session, task),
        "organisation": session.get_one(Organisation, result.organisation_id).name,
        "region": result.region,
        "object": {
            "code": object_code(inspected),
            "name": inspected.name,
            "kind": inspected.kind,
            "uscc": inspected.uscc,
            "address": inspected.address,
            "legal_representative": inspected.legal_representative,
        },
        "item": {"code": result.item_code, "name": item.name if item else result.item_code},
        "result": released["codes"],
        "followups": released["followup_codes"],
        "findings": released["findings_text"],
        "rectify_by": released["rectify_by"],
        "inspected_on": result.inspected_on.isoformat(),
        "inspectors": _inspectors(session, task, result),
        "confirmed_by": _name(session, answering["confirmed_by"]),
        "confirmed_at": answering["confirmed_at"],
        "released_by": _name(session, answering["released_by"]),
        "version": released["version"],
        "correction": released["correction"],
    }


def said_in(session: Session, result: Result, version: int) -> Json:
    """Return what a version of a result said when it was released: the details of that fact."""
    facts = select(AuditEntry.details).where(
        AuditEntry.subject_kind == "result",
        AuditEntry.subject == str(result.id),
        AuditEntry.action == "result.released",
    )
    released = session.scalars(facts.order_by(AuditEntry.seq.desc()))
    return next(details for details in released if details["version"] == version)


def followup_outcomes(session: Session, result: Result) -> Sequence[Json]:
    """Write what came of each follow-up that was entered, the first first."""
    query = select(Followup).where(
        Followup.result_id == result.id, Followup.state == FollowupState.ENTERED.value
    )
    return [
        {
            "code": each.code,
            "reference_no": each.reference_no,
            "to": each.to_body,
            "receipt": each.receipt,
            "done_on": each.done_on.isoformat() if each.done_on else None,
            "outcome": each.outcome,
        }
        for each in session.scalars(query.order_by(Followup.opened_at, Followup.id))
    ]


def _plan(session: Session, task: Task) -> Json:
    planned = session.get(PlannedInspection, task.planned_id) if task.planned_id else None
    draw = session.get(Draw, task.draw_id) if task.draw_id else None
    return {
        "plan_no": planned.plan_no if planned else None,
        "plan_task": planned.name if planned else None,
        "draw_no": draw.number if draw else None,
    }


def _inspectors(session: Session, task: Task, result: Result) -> Sequence[Json]:
    """Tell who is on the visit, the lead first; of a joint one those of the department that answers for the result."""
    section = inspections.section_of_department(session, task.id, result.organisation_id)
    query = (
        select(Person, Assignment.role)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.task_id == task.id, Assignment.ended_at.is_(None))
        .order_by(Assignment.role.desc(), Person.username)
    )
    people = session.execute(query.where(Assignment.section_id == section.id) if section else query).all()
    lead = section.lead_id if section else None
    people = sorted(people, key=lambda row: row.Person.id != lead)
    held = registry.valid_certificates(session, [person.id for person, _ in people], result.inspected_on)
    return [
        {
            "name": person.name,
            "role": "lead" if person.id == lead else role,
            "certificate_no": held[person.id].number if person.id in held else None,
        }
        for person, role in people
    ]


def _name(session: Session, person_id: str | None) -> str | None:
    return session.get_one(Person, UUID(person_id)).name if person_id else None
