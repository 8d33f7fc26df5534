"""What judging a batch of a phone's items needs, fetched at once: few queries however many items."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session, make_transient_to_detached

from server import clock
from server.access import Actor
from server.accounts.models import DeviceKey
from server.checklists import service as checklists
from server.checklists.models import FormVersion
from server.db import Json
from server.evidence import service as evidence
from server.inspections.assigned import assigned_to
from server.inspections.counters import Counters
from server.inspections.gathering import among
from server.inspections.models import (
    Assignment,
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
from server.rows import insert_new, insert_rows, update_rows
from sync import Beacon, PushItem, UnreadableRevision, read_beacon, read_revision
from sync import Revision as Sealed


@dataclass(frozen=True)
class Admission:
    """A supervisor lets pass what would keep a revision in quarantine. `is_foreign`: not its author sent it."""

    is_foreign: bool


TAKEN = (RevisionStatus.ACCEPTED.value, RevisionStatus.LATE.value)

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
_RECORDS_TABLE: Table = Record.__table__  # type: ignore[assignment]
_ATTESTATIONS_TABLE: Table = Attestation.__table__  # type: ignore[assignment]
_WHOLE = [column.key for column in _REVISION]
_JUDGED = [name for name in _WHOLE if name != "data"]
_OF_RECORD = [column.key for column in Record.__table__.c]
_OF_ATTESTATION = [column.key for column in Attestation.__table__.c]


@dataclass
class Desk:
    """One person's batch: the items as read, the rows they touch. Its tasks are held, its records locked (R1, 0049).

    What judging changes is changed here too, so that the next item of the batch finds it. `fresh` are the revisions that
    came just now, `made` the records that begin with one of them, `signed` the co-signatures and `opened` the cases that
    tell of one: the session knows none of them before the desk is settled. `unwritten` names those of which nothing is
    stored before that. `actor` is whose work it is; `relayed_by` who sent it, where that is somebody else (see
    `server.inspections.relaying`). `bound` names by revision the task where it is not the one that the bytes name.
    `objections` name by revision why whoever brought it holds it back, a `noun.reason` code. With an `admission`, what can
    be let pass is flagged instead of quarantined.
    """

    actor: Actor
    server_key: Mapping[str, str]
    received_at: datetime
    sealed: dict[str, Sealed | UnreadableRevision] = field(default_factory=dict)
    revisions: dict[str, Revision] = field(default_factory=dict)
    fresh: dict[str, Revision] = field(default_factory=dict)
    unwritten: set[str] = field(default_factory=set)
    tasks: dict[UUID, Task] = field(default_factory=dict)
    assignments: dict[UUID, list[Assignment]] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)
    made: list[Record] = field(default_factory=list)
    graphs: dict[UUID, dict[str, Collection[str]]] = field(default_factory=dict)
    authors: dict[UUID, dict[str, UUID]] = field(default_factory=dict)
    attestations: dict[str, list[Attestation]] = field(default_factory=dict)
    signed: list[Attestation] = field(default_factory=list)
    keys: dict[str, DeviceKey] = field(default_factory=dict)
    devices: set[UUID] = field(default_factory=set)
    forms: dict[tuple[str, str], FormVersion] = field(default_factory=dict)
    prefills: dict[UUID, Prefill] = field(default_factory=dict)
    media_missing: set[str] = field(default_factory=set)
    walls: dict[UUID, list[tuple[int, datetime]]] = field(default_factory=dict)
    expected: list[evidence.Expectation] = field(default_factory=list)
    beacons: dict[str, Beacon | None] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    bound: dict[str, UUID] = field(default_factory=dict)
    cases: dict[str, QuarantineCase] = field(default_factory=dict)
    opened: list[QuarantineCase] = field(default_factory=list)
    objections: Mapping[str, str] = field(default_factory=dict)
    admission: Admission | None = None
    judged_at: datetime = field(default_factory=clock.now)
    relayed_by: Actor | None = None

    def task_id_of(self, rev: str) -> UUID | None:
        """Tell the task that a revision belongs to: the one it was bound to, or that its bytes name."""
        sealed = self.sealed.get(rev)
        return self.bound.get(rev) or (sealed.task if isinstance(sealed, Sealed) else None)

    @property
    def sender(self) -> Actor:
        """Whoever brought it, whom the audit log names."""
        return self.relayed_by or self.actor

    @property
    def relay(self) -> Json:
        """What the audit log says of work that somebody else brought."""
        if self.relayed_by is None:
            return {}
        return {"author": str(self.actor.person_id), "relayed_by": str(self.relayed_by.person_id)}

    def assignment(self, task_id: UUID, person_id: UUID) -> Assignment | None:
        """Find a person's assignment to a task, ended ones too."""
        return next((each for each in self.assignments[task_id] if each.person_id == person_id), None)

    def beacon(self, token: str | None) -> Beacon | None:
        """Read a time beacon, once for all revisions that carry the same."""
        if token is None:
            return None
        if token not in self.beacons:
            self.beacons[token] = read_beacon(self.server_key, token)
        return self.beacons[token]

    def wall_before(self, device: UUID, dev_seq: int) -> datetime | None:
        """Tell the wall clock of the device's revision before this one."""
        earlier = [pair for pair in self.walls.get(device, ()) if pair[0] < dev_seq]
        return max(earlier)[1] if earlier else None


def settle_desk(session: Session, desk: Desk) -> None:
    """Write down everything that was judged since the desk was opened or settled.

    Raises IntegrityError when somebody else stored one of its unwritten revisions since the desk was opened.
    """
    # What something in the session refers to is in it, too, and written with that.
    made = sorted((each for each in desk.made if each not in session), key=lambda record: record.id)
    for records in _alike(made, _OF_RECORD):
        insert_rows(session, _RECORDS_TABLE, records)
    session.flush()
    for rows in _alike([row for row in desk.fresh.values() if row.rev in desk.unwritten], _WHOLE):
        insert_rows(session, _REVISIONS_TABLE, rows)
    judged = [row for row in desk.fresh.values() if row.status != RevisionStatus.RECEIVED]
    for rows in _alike([row for row in judged if row.rev not in desk.unwritten], _JUDGED):
        update_rows(session, _REVISIONS_TABLE, rows)
    for signed in _alike(desk.signed, _OF_ATTESTATION):
        insert_rows(session, _ATTESTATIONS_TABLE, signed)
    evidence.expect_all(session, desk.expected)
    session.add_all(desk.opened)
    for done in (desk.expected, desk.made, desk.signed, desk.opened, desk.unwritten):
        done.clear()
    for row in judged:
        del desk.fresh[row.rev]
    for each in (*made, *judged):  # from here on they are rows like any other
        make_transient_to_detached(each)
        session.add(each)


def _alike(rows: Sequence[Record | Revision | Attestation], columns: Sequence[str]) -> Iterable[list[Json]]:
    """Put rows together of which the same columns are filled in, in an order that is the same for whoever writes them."""
    found: dict[tuple[str, ...], list[Json]] = {}
    for row in rows:
        held = vars(row)
        said = {name: held[name] for name in columns if name in held}
        found.setdefault(tuple(said), []).append(said)
    return [found[names] for names in sorted(found)]


def fill_shared(session: Session, desk: Desk, readable: Sequence[PushItem], *, lock: bool) -> None:
    """Fetch what is not one person's: revisions, tasks, records, forms, files."""
    session.flush()  # what this transaction has written is seen by statements for columns, too
    _fetch_revisions(session, desk, {item.rev for item in readable if item.rev})
    _fetch_tasks(session, desk, lock=lock)
    _fetch_records(session, desk, lock=lock)
    claims = desk_claims(desk)
    desk.forms = checklists.known(session, [(claim.form, claim.form_version) for claim in claims])
    desk.prefills = _prefills_of(session, desk, _tasks_with_lists(desk))
    desk.media_missing = set(
        evidence.missing(session, [entry.sha256 for claim in claims for entry in claim.media])
    )


def desk_claims(desk: Desk) -> list[Sealed]:
    """List the revisions of a batch that could be read."""
    return [sealed for sealed in desk.sealed.values() if isinstance(sealed, Sealed)]


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
    ids = {claim.task for claim in desk_claims(desk)} | set(desk.bound.values())
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
    ids = {claim.record for claim in desk_claims(desk)}
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
