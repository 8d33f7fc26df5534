"""Which record a submission belongs to, and what it replaces there."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from server.inspections import service as inspections
from server.inspections.models import Record, Revision, RevisionStatus, Task, TaskState
from server.openrosa.models import Submission
from server.openrosa.pieces import Pieces
from server.openrosa.reading import ReadInstance, record_of, task_of

_TAKEN = frozenset({RevisionStatus.ACCEPTED.value, RevisionStatus.LATE.value})


@dataclass(frozen=True)
class Place:
    """The record, and the revisions that are replaced. `objection`: why it has to be held, if it has to.

    `base`: the instance that it replaces, if it names one.
    """

    record: UUID
    parents: tuple[str, ...] = ()
    objection: str | None = None
    base: str | None = None


def place(session: Session, pieces: Pieces, given: ReadInstance) -> Place:
    """Say where a submission goes.

    Files that came after its revision was made: a child of that. An edit, or a fresh record that names a returned one:
    a child of what it names, held where that has not come (it is taken when it comes) or is no longer what stands. The
    same `instanceID` with other bytes: beside the first, for the lead inspector to merge. Else a record of its own.
    """
    submission = pieces.submission
    made = session.get(Revision, submission.rev) if submission.rev else None
    if made is not None and made.status in _TAKEN and made.record_id is not None:
        return Place(made.record_id, (made.rev,))
    beyond = _place_beyond(session, submission, given)
    if beyond is not None:
        return beyond
    for each in pieces.siblings:
        sibling = session.get(Revision, each.rev) if each.rev else None
        if sibling is not None and sibling.status in _TAKEN and sibling.record_id is not None:
            return Place(sibling.record_id, tuple(sibling.parents))
    return Place(record_of(given.instance_id, submission.person_id))


def home(session: Session, person_id: UUID, given: ReadInstance, placed: Place) -> UUID | None:
    """Tell the task of a submission: the one it names, that of its record, or the only open one with its form."""
    named = task_of(given.instance)
    if named is not None:
        return named
    record = session.get(Record, placed.record)
    if record is not None:
        return record.task_id
    open_still = Task.state.not_in([TaskState.DONE.value, TaskState.WITHDRAWN.value])
    query = select(Task.id, Task.forms).where(Task.id.in_(inspections.tasks_of(person_id)), open_still)
    fitting = [task_id for task_id, forms in session.execute(query) if given.form[0] in forms]
    return fitting[0] if len(fitting) == 1 else None


def _place_beyond(session: Session, submission: Submission, given: ReadInstance) -> Place | None:
    """Place what replaces something; None where it names nothing.

    A list of tasks tells all that was returned of a visit: of those, the one of its form is meant, and none of other forms.
    """
    missing = None
    for base in given.bases:
        rev, record = _standing(session, base, submission.person_id)
        if record is None or rev is None:
            missing = missing or base
        elif given.is_edit or record.form_id == given.form[0]:
            objection = None if rev in record.heads else inspections.BASE_STALE
            return Place(record.id, (rev,), objection, base)
    if missing is None:
        return None
    return Place(record_of(missing, submission.person_id), (), inspections.BASE_UNKNOWN, missing)


def _standing(session: Session, instance_id: str, person_id: UUID) -> tuple[str | None, Record | None]:
    """Find the revision that an instance became, one's own before another's, or that is named itself.

    What is neither may be the id of a record: then its only head.
    """
    query = (
        select(Revision)
        .join(Submission, Submission.rev == Revision.rev)
        .where(Submission.instance_id == instance_id, Revision.status.in_(_TAKEN))
        .order_by(case((Submission.person_id == person_id, 0), else_=1), Submission.last_at.desc())
        .limit(1)
    )
    found = session.scalar(query) or session.get(Revision, instance_id)
    if found is not None and found.status in _TAKEN:
        return found.rev, session.get(Record, found.record_id)
    try:
        record = session.get(Record, UUID(instance_id.removeprefix("uuid:")))
    except ValueError:
        return None, None
    return (record.heads[0], record) if record is not None and len(record.heads) == 1 else (None, None)
