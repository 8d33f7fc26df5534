"""What is known of one version of a record, as the rules of the questions take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from forms import Geopoint
from forms.geodesy import LicencePolygon
from server.clock import CHINA
from server.db import Json
from server.inspections.counters import Placed, Twin
from server.inspections.models import OperationReuse
from sync import MediaEntry, Position, RawFix, Revision


@dataclass(frozen=True)
class Use:
    """A file in another record. `visible`: that record lies where the reader may see; `total` counts them all."""

    sha256: str
    name: str
    record_id: UUID
    task_id: UUID
    task_number: str
    author: str
    received_at: datetime
    visible: bool


@dataclass(frozen=True)
class Seen:
    """One file of the version: what the phone says, `kind` of its answer, `facts` read out of the file itself."""

    entry: MediaEntry
    kind: str | None
    facts: Json

    @property
    def taken_at(self) -> datetime | None:
        """Say when by the camera; a camera that tells no offset is taken to be in the civil time of the country."""
        if "captured_at" in self.facts:
            return datetime.fromisoformat(self.facts["captured_at"])
        if "captured_local" in self.facts:
            return datetime.fromisoformat(self.facts["captured_local"]).replace(tzinfo=CHINA).astimezone(UTC)
        return None

    @property
    def taken_from(self) -> tuple[float, float] | None:
        """Say where by the camera, (latitude, longitude) in degrees."""
        if "latitude" in self.facts and "longitude" in self.facts:
            return self.facts["latitude"], self.facts["longitude"]
        return None


@dataclass(frozen=True)
class Fix:
    """A position the phone told, with the file (None: the version itself) and what its clocks said then."""

    name: str | None
    position: Position
    at: datetime | None
    boot: str | None = None
    mono: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Name the file, if there is one."""
        return () if self.name is None else (self.name,)


@dataclass(frozen=True)
class Measured:
    """An answered position with the fixes that it is told to be the mean of; `label` is its question's, with its row."""

    path: str
    label: str
    told: Geopoint
    fixes: Sequence[RawFix]


@dataclass(frozen=True)
class Version:
    """One version of the record, as its clock was judged when it came."""

    rev: str
    flags: Sequence[str]
    clock: Json
    wall: datetime | None
    received_at: datetime
    shas: frozenset[str]


@dataclass(frozen=True)
class Counting:
    """How the versions of the record stand among all that their devices sealed.

    `places`: each with the number before it that has come. `twins`: others with the same number, and whether the
    reader may see the record they are in. `reuses`: the times a version came under an operation id that was spent.
    """

    places: Sequence[Placed] = ()
    twins: Sequence[tuple[Twin, bool]] = ()
    reuses: Sequence[OperationReuse] = ()


@dataclass(frozen=True)
class Stay:
    """From when to when an inspection lasted by its own answers; `is_on_site`: it was not made from the desk."""

    begins: datetime
    ends: datetime
    is_on_site: bool


@dataclass(frozen=True)
class Beside:
    """Another object's record that the same phone brought shortly before or after.

    `positions` are those of the phone with their moments; `answers` by path where the form is the same, else none.
    """

    record_id: UUID
    task_number: str
    object_name: str
    visible: bool
    stay: Stay | None
    positions: Sequence[Position]
    answers: Json


@dataclass(frozen=True)
class Case:
    """A record's version with everything the rules look at.

    `written`: what a person wrote or measured, by path, as JSON; `as_registered`: the measured positions that equal a
    registered one, path and label.
    """

    sealed: Revision
    seen: Sequence[Seen]
    versions: Sequence[Version]
    opens_at: datetime
    ends_at: datetime
    place: LicencePolygon | tuple[float, float] | None
    uses: Mapping[str, Sequence[Use]] = field(default_factory=dict)
    alike: Mapping[str, Sequence[tuple[Use, float]]] = field(default_factory=dict)
    counting: Counting = field(default_factory=Counting)
    measured: Sequence[Measured] = ()
    stay: Stay | None = None
    beside: Sequence[Beside] = ()
    written: Json = field(default_factory=dict)
    as_registered: Sequence[tuple[str, str]] = ()

    @property
    def first_files(self) -> frozenset[str]:
        """Name the files of the version that came first: the others were captured for a correction."""
        return min(self.versions, key=lambda each: each.received_at).shas

    @cached_property
    def fixes(self) -> list[Fix]:
        """List the positions of the version: its own and those of its files."""
        own = self.sealed.position
        fixes = [Fix(None, own, own.at)] if own is not None else []
        for each in self.seen:
            entry = each.entry
            if entry.position is not None:
                at = entry.position.at or entry.captured_at
                fixes.append(Fix(entry.name, entry.position, at, entry.captured_boot, entry.captured_mono))
        return fixes

    def received_at(self, sha256: str) -> datetime:
        """Say when the first version that vouches for a file came; it was captured before."""
        return min(each.received_at for each in self.versions if sha256 in each.shas)


def minutes(span: timedelta) -> float:
    """Write a span as the questions tell it: minutes, one decimal."""
    return round(abs(span).total_seconds() / 60, 1)
