"""Tables of inspected objects, their licences and boundary markers, the item list and certificates."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList


class ObjectKind(StrEnum):
    """What is inspected: an entity (主体), or one of its products, projects or acts."""

    ENTERPRISE = "enterprise"
    PRODUCT = "product"
    PROJECT = "project"
    ACT = "act"


class LicenceKind(StrEnum):
    """What a licence allows: mining (采矿), exploration (勘查) or surveying (测绘资质)."""

    MINING = "mining"
    EXPLORATION = "exploration"
    SURVEYING = "surveying"


class InspectedObject(Base):
    """An inspected object (检查对象). Its name tells it apart within its region and kind.

    `uscc_valid` is what the check digit says; None without a code. Position in degrees of CGCS2000.
    """

    __tablename__ = "inspected_object"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    name: Mapped[str]
    uscc: Mapped[str | None] = mapped_column(index=True)
    uscc_valid: Mapped[bool | None]
    registration_no: Mapped[str | None]
    address: Mapped[str]
    legal_representative: Mapped[str]
    phone: Mapped[str | None]
    risk_class: Mapped[str | None]
    tags: Mapped[JsonList]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (UniqueConstraint("region", "kind", "name"),)


class Licence(Base):
    """A licence of an object.

    A mining right carries its area as corner points (拐点) and elevations, a surveying qualification its
    grade (等级) and scope (专业范围).
    `rings` are as `forms.geodesy` writes and reads them, metres in the grid `epsg`; `geometry` is their
    GeoJSON. Areas in km², elevations in metres above the 1985 datum. `findings` keep what was wrong or
    corrected when the licence was read. A licence without an area has no `epsg`.
    """

    __tablename__ = "licence"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"), index=True)
    kind: Mapped[str]
    licence_no: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str]
    issuer: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    mineral: Mapped[str | None]
    method: Mapped[str | None]
    scale: Mapped[str | None]
    grade: Mapped[str | None]
    scope: Mapped[str | None]
    area_km2: Mapped[float | None]
    computed_area_km2: Mapped[float | None]
    elevation_upper: Mapped[float | None]
    elevation_lower: Mapped[float | None]
    epsg: Mapped[int | None]
    rings: Mapped[JsonList]
    geometry: Mapped[Json | None]
    findings: Mapped[JsonList]


class BoundaryMarker(Base):
    """A boundary marker (界桩): X north, Y east in the grid of its licence (metres), and in degrees."""

    __tablename__ = "boundary_marker"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"))
    marker_no: Mapped[str]
    corner: Mapped[str | None]
    kind: Mapped[str]
    x: Mapped[float]
    y: Mapped[float]
    latitude: Mapped[float]
    longitude: Mapped[float]
    elevation: Mapped[float | None]

    __table_args__ = (UniqueConstraint("licence_id", "marker_no"),)


class InspectionItem(Base):
    """An inspection item (抽查事项) and the form it is inspected with; `aliases` as plans write it."""

    __tablename__ = "inspection_item"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    form_id: Mapped[str]
    basis: Mapped[str]
    content: Mapped[str]
    aliases: Mapped[JsonList]


class ReferenceList(Base):
    """A list that phones hold, as JSON; of those of one name the one that was offered last counts."""

    __tablename__ = "reference_list"

    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True, index=True)
    title: Mapped[str]
    title_en: Mapped[str]
    count: Mapped[int]
    data: Mapped[bytes]
    offered_at: Mapped[datetime]


class Certificate(Base):
    """An enforcement certificate (执法证) of a person; whoever has a valid one may inspect."""

    __tablename__ = "certificate"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[str]
    issuer: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]

    __table_args__ = (UniqueConstraint("issuer", "number"),)


class CertificateDay(Base):
    """Up to which day it was told whose certificates ran out or began: one row."""

    __tablename__ = "certificate_day"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
