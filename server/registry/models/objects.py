"""Tables of inspected objects: what they are, their licences, risk classes and key listings."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList
from server.terms import Term, endings, kept_beside, labels


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
    `risk_class` is the one in force now; `RiskClass` holds its history. `owner_id` is the entity whose product,
    project or act this is. What provincial platforms keep beside it: `library` 专项库, `entity_type`
    主体类型, `registrar` 登记机关, `registration_status` 登记状态, `station` 属地监管所, `district` 责任片区,
    `source` 数据来源, `specialised` 专业监管, `qualifications` 专业资质资格, `experts` 配备专家.
    """

    __tablename__ = "inspected_object"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    region: Mapped[str]
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
    owner_id: Mapped[UUID | None] = mapped_column(index=True)
    library: Mapped[str | None]
    entity_type: Mapped[str | None]
    registrar: Mapped[str | None]
    registration_status: Mapped[str | None]
    established_on: Mapped[date | None]
    station: Mapped[str | None]
    district: Mapped[str | None]
    source: Mapped[str | None]
    specialised: Mapped[bool | None]
    qualifications: Mapped[JsonList | None]
    experts: Mapped[JsonList | None]

    __table_args__ = (
        UniqueConstraint("region", "kind", "name"),
        Index("ix_inspected_object_region_name_id", "region", "name", "id"),
        Index("ix_inspected_object_kind_region", "kind", "region", "name", "id"),
        Index("ix_inspected_object_risk_class_region", "risk_class", "region", "name", "id"),
    )


class ObjectTerm(Term, Base):
    """The parts of an object's name and its labels, by which it is found."""

    __tablename__ = "object_term"

    object_id: Mapped[UUID] = mapped_column(
        ForeignKey("inspected_object.id", ondelete="CASCADE"), primary_key=True, index=True
    )


kept_beside(
    InspectedObject,
    ObjectTerm,
    {"object_id": "id"},
    ("name", "tags"),
    lambda found: endings(found.name) | labels(found.tags),
)


class Licence(Base):
    """A licence of an object.

    A mining right carries its area as corner points (拐点) and elevations, a surveying qualification its
    grade (等级) and scope (专业范围).
    `rings` are as `forms.geodesy` writes and reads them, metres in the grid `epsg`; `geometry` is their
    GeoJSON. Areas in km², elevations in metres above the 1985 datum. `findings` keep what was wrong or
    corrected when the licence was read. A licence without an area has no `epsg`. `ended_on` is the last day on which
    one held that ended before its term (注销, 吊销); what it said before stands in `LicenceVersion`.
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
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None]


class LicencePart(StrEnum):
    """What of a licence a version is of: what it says, with its boundary, or its markers."""

    LICENCE = "licence"
    MARKERS = "markers"


class LicenceVersion(Base):
    """A licence, or its boundary markers, as they stood from a day on; nothing of it is written over.

    `number` counts the versions of a part from 1; the newest is what `Licence` and `BoundaryMarker` say. `since` is
    the first day it counts for, None where nobody knew; `source` says where it is from (变更登记, 实测, 导入). `state`
    is the row as `registry.states` writes it, of markers `{"markers": [row]}`. Without `entered_at` it stood there
    before versions were kept.
    """

    __tablename__ = "licence_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"))
    part: Mapped[str]
    number: Mapped[int]
    since: Mapped[date | None]
    source: Mapped[str]
    state: Mapped[Json]
    entered_at: Mapped[datetime | None]
    entered_by: Mapped[str]

    __table_args__ = (UniqueConstraint("licence_id", "part", "number"),)


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


class RiskClass(Base):
    """A risk class (信用风险分类) of an object, A low … D high, since a day and until the next one.

    `source` says who rated it; of two of one day the one entered last counts. None takes the class away.
    """

    __tablename__ = "risk_class"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    risk_class: Mapped[str | None]
    since: Mapped[date]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]

    __table_args__ = (Index("ix_risk_class_object_id_since", "object_id", "since"),)


class KeyListing(Base):
    """An object's time in the key-inspection library (重点抽查名录库); both days count, no end: until further notice.

    `region` repeats the object's, so that the library is listed without a join.
    """

    __tablename__ = "key_listing"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspected_object.id"))
    region: Mapped[str] = mapped_column(index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    reason: Mapped[str]
    entered_at: Mapped[datetime]
    ended_because: Mapped[str | None]

    __table_args__ = (Index("ix_key_listing_object_id_since", "object_id", "since"),)


class Label(Base):
    """A label (监管标签) that objects may carry; `aliases` are other spellings of it.

    `group` is what it tells: industry (行业), field (领域), kind (类型) or other.
    """

    __tablename__ = "label"

    name: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str]
    aliases: Mapped[JsonList]
    active: Mapped[bool] = mapped_column(default=True)
