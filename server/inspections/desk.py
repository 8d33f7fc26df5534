"""What judging a batch of a phone's items needs, in one place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server import clock
from server.access import Actor
from server.accounts.models import DeviceKey
from server.checklists.models import FormVersion
from server.db import Json
from server.evidence import service as evidence
from server.inspections.counters import Counters
from server.inspections.models import (
    Assignment,
    Attestation,
    QuarantineCase,
    Record,
    Revision,
    RevisionStatus,
    Task,
)
from server.inspections.prefill import Prefill
from sync import Beacon, UnreadableRevision, read_beacon
from sync import Revision as Sealed


@dataclass(frozen=True)
class Admission:
    """A supervisor lets pass what would keep a revision in quarantine. `is_foreign`: not its author sent it."""

    is_foreign: bool


TAKEN = (RevisionStatus.ACCEPTED.value, RevisionStatus.LATE.value)


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
    def claims(self) -> list[Sealed]:
        """The revisions of a batch that could be read."""
        return [sealed for sealed in self.sealed.values() if isinstance(sealed, Sealed)]

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
