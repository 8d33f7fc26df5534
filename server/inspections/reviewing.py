"""What a reviewer's decision does to a record, and which records may be seen. The decision itself is `review`'s."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from forms import Answers, parse_instance, read_answers
from server import audit, clock, feed
from server.access import Actor, Permission, found_within, require, walked_within
from server.accounts.keys import KeyRing
from server.accounts.lateness import too_late
from server.checklists import service as checklists
from server.conditions import Unindexed
from server.db import Json
from server.draws.models import DrawnVisit
from server.evidence import service as evidence
from server.inspections.departments import is_complete
from server.inspections.models import (
    Attestation,
    EvidenceLevel,
    Record,
    Revision,
    Task,
    TaskState,
)
from server.inspections.standing import attested_roles, missing_signatures
from server.inspections.tasks import assignments_of, locked_task, tasks_of
from server.problems import (
    RecordMarkUnknown,
    RecordNotConflicted,
    RecordNotFinishable,
    RecordNotFound,
    RecordNotUnderReview,
    RecordOwnReview,
)
from sync import RecordState, read_revision


def visible_records(actor: Actor, *, is_found: bool = False) -> Select[Record]:
    """Select the records an actor may see: those of the jurisdiction, or of the tasks the actor is on.

    `is_found`: something else is asked for that has an index, such as their task.
    """
    require(actor, Permission.RECORD_READ)
    if actor.sees_region(Permission.RECORD_READ):
        return select(Record).where((found_within if is_found else walked_within)(actor, Record.region))
    return select(Record).where(Record.task_id.in_(tasks_of(actor.person_id)))


def sought_records(actor: Actor, state: str | None, task_id: UUID | None) -> Select[Record]:
    """Select the visible records in a state, or of a task."""
    chosen = visible_records(actor, is_found=task_id is not None)
    if state:
        # Of a task's records, or of one's own, the state is looked at; SQLite would rather go through all that are in it.
        is_found = task_id or not actor.sees_region(Permission.RECORD_READ)
        chosen = chosen.where((Unindexed(Record.state) if is_found else Record.state) == state)
    return chosen.where(Record.task_id == task_id) if task_id else chosen


def visible_record(session: Session, actor: Actor, record_id: UUID) -> Record:
    """Load a record the actor may see; what is hidden looks like what is not there."""
    record = session.scalar(visible_records(actor).where(Record.id == record_id))
    if record is None:
        raise RecordNotFound()
    return record


def revisions_of(session: Session, record_id: UUID) -> list[Revision]:
    """List the revisions that are part of a record, in the order they came."""
    query = select(Revision).where(Revision.record_id == record_id)
    return list(session.scalars(query.order_by(Revision.received_at, Revision.dev_seq, Revision.rev)))


def answers_of(session: Session, revision: Revision) -> Answers:
    """Read a taken revision's answers, with the form's words, from its exact bytes."""
    form = checklists.load(session, revision.form_id or "", revision.form_version or "")
    return read_answers(form, parse_instance(read_revision(revision.data).xml.encode("utf-8")))


def record_for_review(session: Session, actor: Actor, record_id: UUID) -> Record:
    """Load a record that waits for a decision, its task locked; nobody decides about their own visit."""
    record = session.get(Record, record_id)
    if record is None:
        raise RecordNotFound()
    require(actor, Permission.RECORD_REVIEW, record)
    locked_task(session, record.task_id)
    session.refresh(record)
    if any(each.person_id == actor.person_id for each in assignments_of(session, [record.task_id])):
        raise RecordOwnReview()
    if record.state != RecordState.UNDER_REVIEW:
        raise too_late(RecordNotUnderReview, record, "record", state=record.state)
    return record


def return_for_correction(
    session: Session, actor: Actor, record: Record, marks: Sequence[Json], reason: str
) -> Record:
    """Return a record of `record_for_review` to its phones, with the answers to correct.

    `marks`: `[{"path": "/data/markers[2]/photo", "reason": "…"}]`, paths of the record's form.
    """
    form = checklists.load(session, record.form_id, record.form_version)
    unknown = [mark["path"] for mark in marks if form.node(mark["path"]) is None]
    if unknown:
        raise RecordMarkUnknown(paths=unknown)
    record.review_act, record.review_rev = "returned", record.heads[0]
    record.state = RecordState.RETURNED.value
    record.marks, record.return_reason = [dict(mark) for mark in marks], reason
    session.flush()
    feed.touch(session, "record", record.id)
    audit.append(
        session,
        actor,
        "record.returned",
        ("record", record.id),
        {"rev": record.heads[0], "marks": record.marks, "reason": reason},
    )
    return record


def ask_for_merge(session: Session, actor: Actor, record_id: UUID, note: str | None) -> Record:
    """Ask the lead inspector of a record in conflict to bring its heads together: the phones are told, nothing is merged.

    Raises RecordNotConflicted. Asked again, the newest words stand.
    """
    record = visible_record(session, actor, record_id)
    require(actor, Permission.RECORD_REVIEW, record)
    locked_task(session, record.task_id)
    session.refresh(record)
    if record.state != RecordState.CONFLICTED:
        raise RecordNotConflicted()
    record.merge_asked = {"by": actor.name, "at": clock.iso(clock.now()), "note": note}
    session.flush()
    feed.touch(session, "record", record.id)
    audit.append(
        session, actor, "record.merge-asked", ("record", record.id), {"heads": record.heads, "note": note}
    )
    return record


def finish(session: Session, actor: Actor, record: Record, open_doubts: Sequence[Json] = ()) -> Record:
    """Make a record of `record_for_review` final. Raises RecordNotFinishable with all that stands against it.

    `open_doubts`: the questions that nobody had answered; they stand against nothing, and are told in the fact.
    """
    blocks = blocks_of(session, record)
    if blocks:
        raise RecordNotFinishable(blocks=blocks)
    record.review_act, record.review_rev = "accepted", record.heads[0]
    record.state, record.final_rev = RecordState.FINAL.value, record.heads[0]
    record.finished_at = clock.now()
    session.flush()
    task = session.get_one(Task, record.task_id)
    if task.state != TaskState.WITHDRAWN and is_complete(session, task):
        task.state, task.closed_at = TaskState.DONE.value, clock.now()
        if task.drawn_visit_id:
            session.get_one(DrawnVisit, task.drawn_visit_id).visited_at = task.closed_at
        session.flush()
        feed.touch(session, "task", task.id)
    feed.touch(session, "record", record.id)
    audit.append(
        session,
        actor,
        "record.finished",
        ("record", record.id),
        {
            "rev": record.final_rev,
            "task": str(record.task_id),
            "form": record.form_id,
            # What was accepted although its key is in doubt is not accepted in silence.
            "key_doubts": _key_doubts(session, record.heads[0]),
            "open_doubts": list(open_doubts),
        },
    )
    return record


def blocks_of(session: Session, record: Record) -> list[Json]:
    """List what blocks finalising (docs/protocol.md): each a `code` with what it is about."""
    if len(record.heads) != 1:
        return [{"code": "record.conflicted", "heads": record.heads}]
    head = session.get_one(Revision, record.heads[0])
    signed = session.scalars(select(Attestation).where(Attestation.rev == head.rev))
    on_task = {each.person_id for each in assignments_of(session, [record.task_id])}
    unsigned = missing_signatures(head, attested_roles(signed, on_task, head.author_id))
    absent = evidence.missing_of(session, head.rev, [entry["sha256"] for entry in head.media])
    blocks: list[Json] = []
    if head.evidence_level == EvidenceLevel.INVALID_SIGNATURE:
        blocks.append({"code": "signature.invalid", "rev": head.rev})
    if unsigned:
        blocks.append({"code": "signature.missing", "signatures": unsigned})
    if absent:
        blocks.append({"code": "media.missing", "sha256": absent})
    return blocks


def _key_doubts(session: Session, rev: str) -> list[str]:
    """Name what is in doubt now about the keys that a revision and its co-signatures came under."""
    head = session.get_one(Revision, rev)
    signed = [(head.author_id, head.key, head.received_at)]
    signed += [
        (each.person_id, each.key, each.received_at)
        for each in session.scalars(select(Attestation).where(Attestation.rev == rev))
    ]
    ring = KeyRing(session, [(person_id, key) for person_id, key, _ in signed])
    return sorted({doubt for each in signed for doubt in ring.doubts(*each)})
