"""Tasks and records as phones see them (docs/protocol.md §2)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.bundles import Bundle
from server.db import Json
from server.inspections import gathering
from server.inspections.assigned import ASSIGNED, Assigned, about, assigned_of, assigned_to
from server.inspections.gate.telling import gates_for_phones
from server.inspections.gathering import Beside
from server.inspections.lawfulness import read_visit_rules
from server.inspections.merging import merge_counts
from server.inspections.models import Record, Task, TaskSection
from server.inspections.prefill import prefill_tasks
from server.inspections.tasks import LEAD
from sync import RecordState

_RECORDS = Record.__table__.c
_TOLD = (
    *(_RECORDS.id, _RECORDS.task_id, _RECORDS.form_id, _RECORDS.form_version, _RECORDS.author_id),
    *(
        _RECORDS.state,
        _RECORDS.heads,
        _RECORDS.final_rev,
        _RECORDS.marks,
        _RECORDS.return_reason,
        _RECORDS.merge_asked,
        _RECORDS.flags,
    ),
)
_VISITS = Bundle(
    {"tasks": gathering.TASKS, "records": select(*_TOLD).where(gathering.among(_RECORDS.id, "records"))}
)

_TASKS_TOLD = Bundle(ASSIGNED | gathering.BESIDE)


def visit_views(
    session: Session, tasks: Collection[UUID], records: Collection[UUID]
) -> tuple[dict[UUID, Json], dict[UUID, Json]]:
    """Write the bodies of tasks and of records as phones see them, in a handful of queries however many there are."""
    found = _VISITS.read(session, {"ids": list(tasks), "records": list(records)})
    return _task_views(session, found["tasks"]), _record_views(session, found["records"])


def task_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of tasks as phones see them."""
    return visit_views(session, ids, ())[0]


def record_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of records. A head's bytes are the blob of its hash; `merge` only where heads are in conflict."""
    return visit_views(session, (), ids)[1]


def _task_views(session: Session, tasks: Sequence[Task]) -> dict[UUID, Json]:
    if not tasks:
        return {}
    day = clock.today()
    rows = _TASKS_TOLD.read(session, about(tasks, day) | gathering.about(tasks, day))
    assigned, beside = assigned_of(session, tasks, rows, day), gathering.beside_of(rows, day)
    views = desk_view(session, tasks, assigned, beside)
    prefills = prefill_tasks(session, tasks, assigned, beside)
    return {
        each: view | {"prefill": prefills[each].as_written(), "prefill_sha256": prefills[each].sha256}
        for each, view in views.items()
    }


def desk_view(
    session: Session,
    tasks: Sequence[Task],
    assigned: Assigned | None = None,
    beside: Beside | None = None,
) -> dict[UUID, Json]:
    """Write the bodies of tasks without what forms are filled with beforehand: only phones fill in forms."""
    assigned = assigned or assigned_to(session, tasks)
    people = _people_view(assigned)
    beside = beside or gathering.beside_gates(session, tasks, clock.today())
    gates = gates_for_phones(session, tasks, assigned, beside)
    rules = {bureau.id: read_visit_rules(bureau.rules) for bureau in assigned.organisations.values()}
    return {
        task.id: {
            "number": task.number,
            "name": task.name,
            "state": task.state,
            "opens_on": task.opens_on.isoformat(),
            "due_on": task.due_on.isoformat(),
            "object": str(task.object_id),
            "forms": [{"id": each, "version": beside.versions.get(each)} for each in task.forms],
            "items": task.item_codes,
            "lead": next((each["id"] for each in people[task.id] if each["role"] == LEAD), None),
            "inspectors": people[task.id],
            "approval_no": task.approval_no,
            "notice_no": task.notice_no,
            "rules": rules[task.organisation_id].as_json(),
            "sections": [_section_view(each, assigned) for each in assigned.sections.get(task.id, ())],
            "mode": task.mode,
            "gate": gates[task.id],
        }
        for task in tasks
    }


def _section_view(section: TaskSection, assigned: Assigned) -> Json:
    """Write one department's part of a joint visit: whose it is, what it fills and when it closes."""
    return {
        "id": str(section.id),
        "organisation": str(section.organisation_id),
        "name": assigned.organisations[section.organisation_id].name,
        "lead": str(section.lead_id),
        "inspectors": [str(each.person_id) for each in assigned.assignments if each.section_id == section.id],
        "items": section.item_codes,
        "forms": section.forms,
        "due_on": section.due_on.isoformat(),
    }


def prefill_blob(session: Session, task_id: UUID, sha256: str) -> bytes | None:
    """Return the `prefill` of a task as the bytes of that hash; None when it is another one by now."""
    task = session.get(Task, task_id)
    prefill = prefill_tasks(session, [task])[task.id] if task else None
    return prefill.data if prefill and prefill.sha256 == sha256 else None


def _record_views(session: Session, records: Sequence[Any]) -> dict[UUID, Json]:
    merges = merge_counts(
        session, {each.id: each.heads for each in records if each.state == RecordState.CONFLICTED}
    )
    named = cache(str)  # many records are of the same few tasks and authors
    return {
        record: {
            "task": named(task),
            "form": form,
            "form_version": version,
            "author": named(author),
            "state": state,
            "heads": heads,
            "final": final,
            "marks": marks or [],
            "return_reason": reason,
            "flags": flags,
            **({"merge": merges[record] | _asked(asked)} if record in merges else {}),
        }
        for record, task, form, version, author, state, heads, final, marks, reason, asked, flags in records
    }


def _asked(told: Json | None) -> Json:
    return {"asked": told} if told else {}


def _people_view(assigned: Assigned) -> dict[UUID, list[Json]]:
    """List who is on each task, the lead first, with the enforcement certificate (执法证): its number and last day."""
    people: dict[UUID, list[Json]] = defaultdict(list)
    for each in assigned.assignments:
        person = assigned.persons[each.person_id]
        people[each.task_id].append(
            {
                "id": str(each.person_id),
                "name": person.name,
                "active": person.active,
                "role": each.role,
                "certificate": person.certificate,
                "certificate_valid_to": person.valid_to.isoformat() if person.valid_to else None,
            }
        )
    return people
