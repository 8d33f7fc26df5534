"""What is said about an object, a licence, a marker or a certificate before it is entered."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from server.registry.models import LicenceKind, ObjectKind


def said_of(draft: Any, *, is_new: bool) -> dict[str, Any]:
    """Return what a draft says, by name: of what is new everything, else what was `given`; lists for tuples."""
    return {
        each.name: list(value) if isinstance(value, tuple) else value
        for each in fields(draft)
        for value in (getattr(draft, each.name),)
        if each.name != "given" and (is_new or draft.given is None or each.name in draft.given)
    }


@dataclass(frozen=True)
class ObjectDraft:
    """An object to enter. `region` is a six-digit division code; empty means the actor's own.

    A risk class counts from `risk_since`, by default from today; `risk_source` says who rated. `owner` is the name
    or credit code of the entity whose product, project or act it is. `given` are the names of what was said of the
    object, None: everything; the rest stays as it is where the object is known already.
    """

    name: str
    kind: ObjectKind = ObjectKind.ENTERPRISE
    region: str = ""
    uscc: str | None = None
    registration_no: str | None = None
    address: str = ""
    legal_representative: str = ""
    phone: str | None = None
    risk_class: str | None = None
    tags: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    risk_since: date | None = None
    risk_source: str = ""
    owner: str = ""
    library: str | None = None
    entity_type: str | None = None
    registrar: str | None = None
    registration_status: str | None = None
    established_on: date | None = None
    station: str | None = None
    district: str | None = None
    source: str | None = None
    specialised: bool | None = None
    qualifications: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    given: frozenset[str] | None = None


@dataclass(frozen=True)
class LicenceDraft:
    """A licence to enter, its corner points as pasted text.

    `zone` (13-23 or 25-45) completes eastings that lack their zone number. Area in km², elevations in
    metres. `since` is the first day that what is said counts for, by default today, of a new licence the day it
    begins; `source` says where it is from. `given` as of an object.
    """

    licence_no: str
    kind: LicenceKind = LicenceKind.MINING
    holder: str = ""
    issuer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    mineral: str | None = None
    method: str | None = None
    scale: str | None = None
    grade: str | None = None
    scope: str | None = None
    area_km2: float | None = None
    elevation_upper: float | None = None
    elevation_lower: float | None = None
    corners: str = ""
    zone: int | None = None
    since: date | None = None
    source: str = ""
    given: frozenset[str] | None = None


@dataclass(frozen=True)
class MarkerDraft:
    """A boundary marker to enter: X north and Y east in the grid of its licence (metres), or two degrees."""

    marker_no: str
    x: float
    y: float
    corner: str | None = None
    kind: str = "corner"
    elevation: float | None = None


@dataclass(frozen=True)
class CertificateDraft:
    """A certificate of a person, good from the first to the last day, both included. `given` as of an object."""

    number: str
    issuer: str
    valid_from: date
    valid_to: date
    kind: str | None = None
    given: frozenset[str] | None = None


@dataclass(frozen=True)
class PageDraft:
    """What the inspector library shall say of a person; None stays as it is. See InspectorProfile."""

    scope: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    qualifications: tuple[str, ...] | None = None
    function: str | None = None
    post_class: str | None = None
    gender: str | None = None
    born: str | None = None
    phone: str | None = None
    work_no: str | None = None
    unit: str | None = None
    department: str | None = None
    duty: str | None = None
    district: str | None = None
    education: str | None = None
    major: str | None = None
    post_since: date | None = None
    title: str | None = None


@dataclass(frozen=True)
class ExpertDraft:
    """An expert to enter; name and unit tell experts of a bureau apart. See Expert; `given` as of an object."""

    name: str
    unit: str
    title: str = ""
    phone: str = ""
    tags: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    given: frozenset[str] | None = None


@dataclass(frozen=True)
class ImportedObject:
    """One object of an import with everything that came with it. `row` is its row in the sheet."""

    row: int
    draft: ObjectDraft
    licence: LicenceDraft | None = None
    markers: tuple[MarkerDraft, ...] = field(default=())
