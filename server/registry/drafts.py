"""What is said about an object, a licence, a marker or a certificate before it is entered."""

from dataclasses import dataclass, field
from datetime import date

from server.registry.models import LicenceKind, ObjectKind


@dataclass(frozen=True)
class ObjectDraft:
    """An object to enter. `region` is a six-digit division code; empty means the actor's own.

    A risk class counts from `risk_since`, by default from today; `risk_source` says who rated.
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


@dataclass(frozen=True)
class LicenceDraft:
    """A licence to enter, its corner points as pasted text.

    `zone` (13-23 or 25-45) completes eastings that lack their zone number. Area in km², elevations in
    metres.
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


@dataclass(frozen=True)
class MarkerDraft:
    """A boundary marker to enter: X north and Y east in the grid of its licence, in metres."""

    marker_no: str
    x: float
    y: float
    corner: str | None = None
    kind: str = "corner"
    elevation: float | None = None


@dataclass(frozen=True)
class CertificateDraft:
    """A certificate of a person, good from the first to the last day, both included."""

    number: str
    issuer: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class ImportedObject:
    """One object of an import with everything that came with it. `row` is its row in the sheet."""

    row: int
    draft: ObjectDraft
    licence: LicenceDraft | None = None
    markers: tuple[MarkerDraft, ...] = field(default=())
