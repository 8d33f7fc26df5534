"""Tasks and records as phones see them (docs/protocol.md §2)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.accounts.models import Person
from server.checklists import service as checklists
from server.db import Json
from server.inspections.merging import merge_counts
from server.inspections.models import Record, Task
from server.inspections.prefill import prefill_tasks
from server.inspections.tasks import LEAD, assignments_of
from server.registry import service as registry
from sync import RecordState


def task_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of tasks, in a handful of queries however many there are."""
    tasks = session.scalars(select(Task).where(Task.id.in_(ids))).all()
    people = _people_view(session, [task.id for task in tasks])
    forms = checklists.newest(session, {form for task in tasks for form in task.forms})
    prefills = prefill_tasks(session, tasks)
    return {
        task.id: {
            "number": task.number,
            "name": task.name,
            "state": task.state,
            "opens_on": task.opens_on.isoformat(),
            "due_on": task.due_on.isoformat(),
            "object": str(task.object_id),
            "forms": [
                {"id": each, "version": forms[each].version if each in forms else None} for each in task.forms
            ],
            "items": task.item_codes,
            "lead": next((each["id"] for each in people[task.id] if each["role"] == LEAD), None),
            "inspectors": people[task.id],
            "approval_no": task.approval_no,
            "notice_no": task.notice_no,
            "prefill": prefills[task.id].as_json(),
        }
        for task in tasks
    }


def record_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of records. A head's bytes are the blob of its hash; `merge` only where heads are in conflict."""
    records = session.scalars(select(Record).where(Record.id.in_(ids))).all()
    merges = merge_counts(session, [each for each in records if each.state == RecordState.CONFLICTED])
    return {
        record.id: {
            "task": str(record.task_id),
            "form": record.form_id,
            "form_version": record.form_version,
            "author": str(record.author_id),
            "state": record.state,
            "heads": record.heads,
            "final": record.final_rev,
            "marks": record.marks or [],
            "return_reason": record.return_reason,
            "flags": record.flags,
            **({"merge": merges[record.id]} if record.id in merges else {}),
        }
        for record in records
    }


def _people_view(session: Session, task_ids: Collection[UUID]) -> dict[UUID, list[Json]]:
    """List who is on each task, the lead first, with the number of the enforcement certificate (执法证号)."""
    held = [each for each in assignments_of(session, task_ids) if each.ended_at is None]
    ids = {each.person_id for each in held}
    known = select(Person.id, Person.name, Person.active).where(Person.id.in_(ids))
    persons = {row.id: row for row in session.execute(known)}
    certificates = registry.valid_certificates(session, ids, clock.now().date())
    people: dict[UUID, list[Json]] = {task_id: [] for task_id in task_ids}
    for each in held:
        certificate = certificates.get(each.person_id)
        people[each.task_id].append(
            {
                "id": str(each.person_id),
                "name": persons[each.person_id].name,
                "active": persons[each.person_id].active,
                "role": each.role,
                "certificate": certificate.number if certificate else None,
            }
        )
    return people
