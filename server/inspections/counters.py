"""The numbers that a device gives a person's revisions: what repeats, what is not tied, and what never came.

They tell about evidence and never about a person: an installation that was copied or set back gives a number twice,
and one that lost something leaves a gap.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from server.access import Actor, Permission, region_bounds, require
from server.accounts.models import Device, Person
from server.conditions import Among, Several
from server.inspections.models import OperationReuse, Record, Revision
from server.problems import DeviceNotFound
from sync import Revision as Sealed

REUSED: Final = "device_counter_reused"
BROKEN: Final = "device_chain_broken"
MOST_GAPS: Final = 200

_REVISION = Revision.__table__.c
_AROUND = select(
    *(_REVISION[name] for name in ("author_id", "device_id", "dev_seq", "rev", "prev_dev_rev", "wall_time"))
).where(
    Among(_REVISION.author_id, bindparam("people", type_=Several(_REVISION.author_id.type))),
    Among(_REVISION.device_id, bindparam("devices", type_=Several(_REVISION.device_id.type))),
    Among(_REVISION.dev_seq, bindparam("numbers", type_=Several(_REVISION.dev_seq.type))),
)

Neighbour = tuple[UUID, int, str, str | None, datetime | None]
"""A revision that stands next to a person's numbers: device, number, id, the one it is tied to, the wall clock."""


class Counters:
    """What is known of one person's revisions whose numbers are next to those of a batch."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, int], dict[str, str | None]] = {}
        self._walls: dict[tuple[UUID, int], datetime] = {}

    def know(self, neighbours: Iterable[Neighbour]) -> None:
        """Take what was fetched."""
        for device, number, rev, previous, wall in neighbours:
            self._known.setdefault((device, number), {})[rev] = previous
            if wall is not None:
                self._walls[device, number] = wall

    def wall_at(self, device: UUID, number: int) -> datetime | None:
        """Tell what the phone's clock said in the revision of a number; None where that is not known here."""
        return self._walls.get((device, number))

    def add(self, rev: str, sealed: Sealed) -> None:
        """Note one that has come, so that the next of the batch finds it."""
        self._known.setdefault((sealed.device, sealed.dev_seq), {})[rev] = sealed.prev_dev_rev

    def flags(self, rev: str, sealed: Sealed) -> list[str]:
        """Say what is odd: a number that another revision has, a link that does not lead to the one before."""
        twins = self._at(sealed, 0).keys() - {rev}
        before = self._at(sealed, -1)
        after = [previous for previous in self._at(sealed, 1).values() if previous is not None]
        is_first = sealed.dev_seq <= 1
        is_tied = (
            is_first == (sealed.prev_dev_rev is None)
            and (not before or sealed.prev_dev_rev in before)
            and (not after or rev in after or bool(twins))
        )
        return ([REUSED] if twins else []) + ([] if is_tied else [BROKEN])

    def _at(self, sealed: Sealed, step: int) -> dict[str, str | None]:
        return self._known.get((sealed.device, sealed.dev_seq + step), {})


def fetch_around(session: Session, claims: Collection[tuple[UUID, Sealed]]) -> dict[UUID, list[Neighbour]]:
    """Fetch the neighbours of several people's revisions in one query, by person.

    Some that are nobody's neighbours come with them, where one phone has the numbers of another: to know more does no
    harm.
    """
    asked = {
        "people": list({author for author, _ in claims}),
        "devices": list({each.device for _, each in claims}),
        "numbers": list({each.dev_seq + step for _, each in claims for step in (-1, 0, 1)}),
    }
    around: dict[UUID, list[Neighbour]] = defaultdict(list)
    for row in session.connection().execute(_AROUND, asked):
        around[row.author_id].append(tuple(row)[1:])
    return around


@dataclass(frozen=True)
class Gap:
    """Numbers that never came, first to last, and the revision that came after them."""

    first: int
    last: int
    next_rev: str
    next_received_at: datetime


@dataclass(frozen=True)
class Counted:
    """How far the revisions of one person on one device have come; `gaps` are the first `MOST_GAPS`."""

    person: Person
    newest: int
    arrived: int
    gaps: Sequence[Gap]

    @property
    def missing(self) -> int:
        """How many numbers never came."""
        return self.newest - self.arrived


def gaps_of_device(session: Session, actor: Actor, device_id: UUID) -> list[Counted]:
    """Tell which revisions of a device never came: one's own, and those of people whose records one reads.

    What is in quarantine has come. Raises DeviceNotFound for a device of nobody one may ask about.
    """
    require(actor, Permission.RECORD_READ)
    people = select(Person).join(Device, Device.person_id == Person.id).where(Device.id == device_id)
    asked = [
        person
        for person in session.scalars(people.order_by(Person.name, Person.id))
        if _may_ask(actor, person)
    ]
    if not asked:
        raise DeviceNotFound()
    ids = [person.id for person in asked]
    mine = (Revision.device_id == device_id, Revision.author_id.in_(ids), Revision.dev_seq >= 1)
    counted = select(
        Revision.author_id, func.max(Revision.dev_seq), func.count(Revision.dev_seq.distinct())
    ).where(*mine)
    totals = {
        author_id: (newest or 0, arrived)
        for author_id, newest, arrived in session.execute(counted.group_by(Revision.author_id))
    }
    gaps: dict[UUID, list[Gap]] = {person_id: [] for person_id in ids}
    before = func.lag(Revision.dev_seq, 1, 0).over(
        partition_by=Revision.author_id, order_by=[Revision.dev_seq, Revision.rev]
    )
    each = select(
        Revision.author_id, Revision.dev_seq, Revision.rev, Revision.received_at, before.label("before")
    ).where(*mine)
    found = each.subquery()
    query = select(found).where(found.c.dev_seq - found.c.before > 1)
    for row in session.execute(query.order_by(found.c.author_id, found.c.dev_seq).limit(MOST_GAPS)):
        gaps[row.author_id].append(Gap(row.before + 1, row.dev_seq - 1, row.rev, row.received_at))
    return [Counted(person, *totals.get(person.id, (0, 0)), gaps[person.id]) for person in asked]


@dataclass(frozen=True)
class Placed:
    """Where a revision stands among those of its device: the highest number before it that has come (0: none)."""

    rev: str
    number: int
    before: int


def places_of(session: Session, record_id: UUID) -> list[Placed]:
    """Tell for each revision of a record the number that came before it on its device, in one query."""
    earlier = aliased(Revision)
    before = (
        select(func.max(earlier.dev_seq))
        .where(
            earlier.device_id == Revision.device_id,
            earlier.author_id == Revision.author_id,
            earlier.dev_seq < Revision.dev_seq,
        )
        .scalar_subquery()
    )
    query = select(Revision.rev, Revision.dev_seq, before).where(
        Revision.record_id == record_id, Revision.dev_seq.is_not(None)
    )
    return [Placed(rev, number or 0, int(below or 0)) for rev, number, below in session.execute(query)]


@dataclass(frozen=True)
class Twin:
    """Another revision (`other`) with the device, person and number of one of a record; `region`: its record's."""

    rev: str
    number: int
    other: str
    received_at: datetime
    record_id: UUID | None
    region: str | None


def twins_of(session: Session, record_id: UUID) -> list[Twin]:
    """List the other revisions that have the device, person and number of one of a record."""
    twin = aliased(Revision)
    query = (
        select(Revision.rev, Revision.dev_seq, twin.rev, twin.received_at, twin.record_id, Record.region)
        .join(
            twin,
            (twin.device_id == Revision.device_id)
            & (twin.dev_seq == Revision.dev_seq)
            & (twin.author_id == Revision.author_id)
            & (twin.rev != Revision.rev),
        )
        .outerjoin(Record, Record.id == twin.record_id)
        .where(Revision.record_id == record_id)
        .order_by(Revision.rev, twin.rev)
    )
    return [
        Twin(rev, number or 0, other, received_at, in_record, region)
        for rev, number, other, received_at, in_record, region in session.execute(query)
    ]


def reuses_of(session: Session, revs: Collection[str]) -> list[OperationReuse]:
    """List the times that revisions came under an operation id that was spent."""
    query = select(OperationReuse).where(OperationReuse.rev.in_(revs))
    return list(session.scalars(query.order_by(OperationReuse.at, OperationReuse.op)))


def _may_ask(actor: Actor, person: Person) -> bool:
    first, last = region_bounds(actor.region)
    return person.id == actor.person_id or (
        actor.sees_region(Permission.RECORD_READ) and first <= person.region <= last
    )
