"""Judging the record of a visit when it was submitted: what came in spite of a rule is flagged, never refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.audit import Acting
from server.db import Json
from server.inspections.gate.checks import Check, judge_visit
from server.inspections.gate.entering import note_recusal
from server.inspections.gate.facts import know, visit_of
from server.inspections.gate.rules import Verdict
from server.inspections.gate.written import as_written
from server.inspections.models import Record, RecusalAnswer, Revision, Task
from server.inspections.tasks import assignments_of
from sync import Declarations, read_revision

BLOCKED = "gate_blocked"
"""Flag of a record that came although a rule forbids its visit and nobody allowed it."""


def judge_arrival(session: Session, actor: Acting, record_id: UUID) -> None:
    """Judge the visit of a submitted record on the day it was made, and flag the record as it stands now.

    What inspectors declared is read out of its bytes first. Idempotent.
    """
    record = session.get_one(Record, record_id)
    if not record.heads:
        return
    head = session.get_one(Revision, record.shown_rev)
    task = session.get_one(Task, record.task_id, with_for_update=True)
    session.refresh(record)
    declared = _take_declarations(session, actor, task, head)
    blocked = [check for check in judge_record(session, task, head) if check.verdict is Verdict.BLOCK]
    was, now = BLOCKED in record.flags, bool(blocked)
    if was != now:
        record.flags = sorted({*record.flags, BLOCKED} if now else {*record.flags} - {BLOCKED})
        session.flush()
        feed.touch(session, "record", record.id)
    if was != now or declared:
        audit.append(
            session,
            actor,
            "record.gated",
            ("record", record.id),
            {"rev": head.rev, "blocked": [each.name for each in blocked], "declared": declared},
        )


def gate_of_record(session: Session, record: Record, head: Revision) -> list[Json]:
    """Write what of a record's visit was not as it should be on the day it was made, with law and reasons."""
    task = session.get_one(Task, record.task_id)
    checks = judge_record(session, task, head)
    return [check.as_json() for check in checks if check.verdict is not Verdict.ALLOW]


def judge_record(session: Session, task: Task, head: Revision) -> list[Check]:
    """Judge a visit as its record tells it, on the day it was made."""
    known = know(session, [task], visited_on(head))
    visit = as_written(visit_of(task, known), task, known, head.answers or {})
    declared = read_revision(head.data).declarations or Declarations()
    if visit.entry_code is None and declared.entry is not None:
        visit = replace(visit, entry_code=declared.entry.code)  # scanned at the gate, before any form
    return judge_visit(visit, known.allowed(task.id))


def visited_on(head: Revision) -> date:
    """Say on which day a visit was made: as the record says, else when it was sealed; never after it came."""
    written = str((head.answers or {}).get("/data/visit/start_at") or "")[:10]
    came = clock.day_of(head.received_at)
    try:
        return min(date.fromisoformat(written), came)
    except ValueError:
        return min(clock.day_of(head.wall_time or head.received_at), came, clock.today())


def _take_declarations(session: Session, actor: Acting, task: Task, head: Revision) -> dict[str, str]:
    """Keep what people on the task declared in the bytes; what the server was told is not told again."""
    on_task = {str(each.person_id) for each in assignments_of(session, [task.id])}
    known = {
        str(person): answer
        for person, answer in session.execute(
            select(RecusalAnswer.person_id, RecusalAnswer.answer).where(RecusalAnswer.task_id == task.id)
        )
    }
    declared = read_revision(head.data).declarations or Declarations()
    said = {each.person: each.answer for each in declared.recusal if each.person in on_task}
    new = {person: answer for person, answer in said.items() if known.get(person) != answer}
    for person, answer in new.items():
        note_recusal(session, actor, task, UUID(person), answer)
    return new
