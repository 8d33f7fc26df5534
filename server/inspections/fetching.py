"""Fetching what lies on a desk and is not one person's, at once: few queries however many items."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from server.checklists import service as checklists
from server.evidence import service as evidence
from server.inspections.assigned import assigned_to
from server.inspections.desk import TAKEN, Desk
from server.inspections.gathering import among
from server.inspections.models import (
    Attestation,
    CaseState,
    QuarantineCase,
    Record,
    Revision,
    RevisionStatus,
    Task,
)
from server.inspections.prefill import Prefill, prefill_tasks
from server.inspections.tasks import assignments_of
from server.rows import insert_new
from sync import PushItem, UnreadableRevision, read_revision
from sync import Revision as Sealed

# Made once: building a statement costs more than running it. What is only looked at is read as columns, not as objects.
_REVISION = Revision.__table__.c
_REVISIONS = select(Revision).where(among(_REVISION.rev))
_TASKS = select(Task).where(among(Task.__table__.c.id)).order_by(Task.id)
# Who changes a task or its people waits for the pushes, and they for them; not one push for another (0049).
_TASKS_SHARED = _TASKS.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
_REVISIONS_LOCKED = (
    _REVISIONS.order_by(_REVISION.rev).with_for_update().execution_options(populate_existing=True)
)
_RECORDS = (
    select(Record)
    .where(among(Record.__table__.c.id))
    .order_by(Record.id)
    .execution_options(populate_existing=True)
)
_RECORDS_LOCKED = _RECORDS.with_for_update(key_share=True)
_GRAPHS = select(_REVISION.record_id, _REVISION.rev, _REVISION.parents, _REVISION.author_id).where(
    among(_REVISION.record_id), _REVISION.status.in_(TAKEN)
)
_ATTESTATIONS = select(Attestation).where(among(Attestation.__table__.c.rev))
_REVISIONS_TABLE: Table = Revision.__table__  # type: ignore[assignment]


def fill_shared(session: Session, desk: Desk, readable: Sequence[PushItem], *, lock: bool) -> None:
    """Fetch what is not one person's: revisions, tasks, records, forms, files."""
    session.flush()  # what this transaction has written is seen by statements for columns, too
    _fetch_revisions(session, desk, {item.rev for item in readable if item.rev})
    _fetch_tasks(session, desk, lock=lock)
    _fetch_records(session, desk, lock=lock)
    claims = desk.claims
    desk.forms = checklists.known(session, [(claim.form, claim.form_version) for claim in claims])
    desk.prefills = _prefills_of(session, desk, _tasks_with_lists(desk))
    desk.media_missing = set(
        evidence.missing(session, [entry.sha256 for claim in claims for entry in claim.media])
    )


def _tasks_with_lists(desk: Desk) -> list[Task]:
    """Return the tasks whose forms look things up in the lists of what is known beforehand."""
    wanted = {
        desk.task_id_of(rev)
        for rev, claim in desk.sealed.items()
        if isinstance(claim, Sealed)
        and (row := desk.forms.get((claim.form, claim.form_version))) is not None
        and row.lists
    }
    return [task for task_id, task in desk.tasks.items() if task_id in wanted]


def _prefills_of(session: Session, desk: Desk, tasks: Sequence[Task]) -> dict[UUID, Prefill]:
    """Gather what is known beforehand of tasks whose assignments lie on the desk."""
    if not tasks:
        return {}
    held = [each for task in tasks for each in desk.assignments[task.id] if each.ended_at is None]
    return prefill_tasks(session, tasks, assigned_to(session, tasks, held))


def bring(
    session: Session,
    desk: Desk,
    items: Sequence[PushItem],
    authors: Mapping[str, UUID] | None = None,
    *,
    store: bool,
) -> set[str]:
    """Lay revisions on the desk; return those that were here before. `authors`: of some, who brought them if others did.

    With `store` the exact bytes of the others are stored at once, so that nothing that comes of them later undoes it;
    without, they are written once, with all that was judged, when the desk is settled.
    """
    by_rev = {item.rev: item for item in items if item.rev}
    if not by_rev:
        return set()
    rows = {
        rev: {
            "rev": rev,
            "data": by_rev[rev].data,
            "received_at": desk.received_at,
            "author_id": (authors or {}).get(rev, desk.actor.person_id),
            "status": RevisionStatus.RECEIVED.value,
            "parents": [],
            "findings": [],
            "media": [],
            "flags": [],
        }
        for rev in sorted(by_rev)
    }
    if store:
        new = insert_new(session, _REVISIONS_TABLE, list(rows.values()))
    else:
        _fetch_revisions(session, desk, by_rev.keys())
        new = by_rev.keys() - desk.revisions.keys()
        desk.unwritten = new
    desk.fresh = {rev: Revision(**row) for rev, row in rows.items() if rev in new}
    desk.revisions |= desk.fresh
    read_bytes(desk, items)
    return by_rev.keys() - desk.fresh.keys()


def read_bytes(desk: Desk, items: Sequence[PushItem]) -> None:
    """Read the bytes of revisions, or note why they can't be read."""
    for item in items:
        try:
            desk.sealed[item.rev or ""] = read_revision(item.data)
        except UnreadableRevision as error:
            desk.sealed[item.rev or ""] = error


def fetch_cases(session: Session, desk: Desk, held: Collection[str]) -> None:
    """Fetch what is known in quarantine of revisions that came before and were not taken."""
    revs = [rev for rev in held if desk.revisions[rev].status not in TAKEN]
    if revs:
        query = select(QuarantineCase).where(QuarantineCase.rev.in_(revs))
        desk.cases = {case.rev: case for case in session.scalars(query) if case.rev}


def _fetch_revisions(session: Session, desk: Desk, revs: Collection[str]) -> None:
    wanted = set(revs) - desk.revisions.keys()
    if wanted:
        found = session.scalars(_REVISIONS, {"ids": list(wanted)})
        desk.revisions |= {row.rev: row for row in found}


def _fetch_tasks(session: Session, desk: Desk, *, lock: bool) -> None:
    ids = {claim.task for claim in desk.claims} | set(desk.bound.values())
    ids |= {row.task_id for row in desk.revisions.values() if row.task_id}
    _find_tasks(session, desk, ids, lock=lock)
    unknown = {
        rev: sealed.record
        for rev, sealed in desk.sealed.items()
        if isinstance(sealed, Sealed) and desk.task_id_of(rev) not in desk.tasks
    }
    if unknown:
        _bind(session, desk, unknown, lock=lock)
    desk.assignments = {task_id: [] for task_id in desk.tasks}
    for each in assignments_of(session, desk.tasks.keys()):
        desk.assignments[each.task_id].append(each)


def _find_tasks(session: Session, desk: Desk, ids: Collection[UUID], *, lock: bool) -> None:
    if not ids:
        return
    found = session.scalars(_TASKS_SHARED if lock else _TASKS, {"ids": list(ids)})
    desk.tasks |= {task.id: task for task in found}


def _bind(session: Session, desk: Desk, records: Mapping[str, UUID], *, lock: bool) -> None:
    """Bind revisions that name no task to the one that a supervisor named for an earlier one of the same record.

    Rare, so that tasks locked here out of order cost a retry at worst.
    """
    query = select(QuarantineCase.record_id, QuarantineCase.bound_task_id).where(
        QuarantineCase.record_id.in_(set(records.values())),
        QuarantineCase.bound_task_id.is_not(None),
        QuarantineCase.state == CaseState.ADMITTED.value,
    )
    homes = {record: task for record, task in session.execute(query) if task is not None}
    desk.bound |= {rev: homes[record] for rev, record in records.items() if record in homes}
    _find_tasks(session, desk, set(homes.values()) - desk.tasks.keys(), lock=lock)


def _fetch_records(session: Session, desk: Desk, *, lock: bool) -> None:
    """Fetch records as they are now that nobody else changes them: heads, graph, co-signatures.

    What waits in quarantine is read again before: somebody may have let it pass since.
    """
    waiting = [
        rev for rev, row in desk.revisions.items() if row.status not in TAKEN and rev not in desk.fresh
    ]
    if waiting and lock:
        session.scalars(_REVISIONS_LOCKED, {"ids": waiting}).all()
    ids = {claim.record for claim in desk.claims}
    ids |= {row.record_id for row in desk.revisions.values() if row.record_id}
    if ids:
        found = session.scalars(_RECORDS_LOCKED if lock else _RECORDS, {"ids": list(ids)})
        desk.records = {record.id: record for record in found}
    if desk.records:
        desk.graphs = {record_id: {} for record_id in desk.records}
        desk.authors = {record_id: {} for record_id in desk.records}
        known = session.connection().execute(_GRAPHS, {"ids": list(desk.records)})
        for record_id, rev, parents, author_id in known:
            desk.graphs[record_id][rev], desk.authors[record_id][rev] = parents, author_id
    stand = {rev for record in desk.records.values() for rev in (*record.heads, record.final_rev) if rev}
    _fetch_revisions(session, desk, stand)
    revs = desk.revisions.keys() | {rev for graph in desk.graphs.values() for rev in graph}
    for attestation in session.scalars(_ATTESTATIONS, {"ids": list(revs)}) if revs else ():
        desk.attestations.setdefault(attestation.rev, []).append(attestation)
