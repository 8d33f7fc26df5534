"""One thing's whole life: everything the log says of a visit, from the draw to the platform, in its order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require
from server.audit import AuditEntry
from server.inspections.models import Record, Revision, Task
from server.platform.models import Delivery
from server.problems import TaskNotFound
from server.publicity.models import Disclosure, Publication
from server.results.models import Followup, Result

MOST = 500


def life_of(session: Session, actor: Actor, kind: str, subject: UUID) -> Sequence[AuditEntry]:
    """Give what is told of the visit that a task, record, result, follow-up or delivery is of, the oldest first.

    Whoever reads the log of the visit's region reads all of it, also what the system did. At most five hundred entries.
    """
    require(actor, Permission.AUDIT_READ)
    task = session.get(Task, _task_of(session, kind, subject) or subject)
    if task is None:
        raise TaskNotFound()
    require(actor, Permission.AUDIT_READ, task)
    found: list[AuditEntry] = []
    # Kind by kind, so that each is one range of the index.
    for its_kind, subjects in subjects_of(session, task).items():
        if subjects:
            about = (AuditEntry.subject_kind == its_kind, AuditEntry.subject.in_(subjects))
            query = select(AuditEntry).where(*about).order_by(AuditEntry.seq).limit(MOST)
            found += session.scalars(query)
    return sorted(found, key=lambda entry: entry.seq)[:MOST]


def subjects_of(session: Session, task: Task) -> dict[str, list[str]]:
    """Name everything that hangs on a visit, by kind."""
    records = session.scalars(select(Record.id).where(Record.task_id == task.id)).all()
    results = session.scalars(select(Result.id).where(Result.task_id == task.id)).all()
    revisions = session.scalars(select(Revision.rev).where(Revision.record_id.in_(records))).all()
    followups = session.scalars(select(Followup.id).where(Followup.result_id.in_(results))).all()
    disclosures = session.scalars(select(Disclosure.id).where(Disclosure.result_id.in_(results))).all()
    publications = session.scalars(
        select(Publication.id).where(Publication.disclosure_id.in_(disclosures))
    ).all()
    deliveries = session.scalars(select(Delivery.id).where(Delivery.result_id.in_(results))).all()
    ids = {
        "draw": [task.draw_id] if task.draw_id else [],
        "task": [task.id],
        "record": records,
        "revision": revisions,
        "result": results,
        "followup": followups,
        "disclosure": disclosures,
        "publication": publications,
        "delivery": deliveries,
    }
    return {kind: [str(each) for each in some] for kind, some in ids.items()}


def _task_of(session: Session, kind: str, subject: UUID) -> UUID | None:
    of_result = select(Result.task_id).join
    queries = {
        "record": select(Record.task_id).where(Record.id == subject),
        "result": select(Result.task_id).where(Result.id == subject),
        "followup": of_result(Followup, Followup.result_id == Result.id).where(Followup.id == subject),
        "delivery": of_result(Delivery, Delivery.result_id == Result.id).where(Delivery.id == subject),
        "disclosure": of_result(Disclosure, Disclosure.result_id == Result.id).where(
            Disclosure.id == subject
        ),
    }
    return session.scalar(queries[kind]) if kind in queries else None
