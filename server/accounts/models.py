"""Tables of people, their organisations, their phones and their sessions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json, JsonList
from server.terms import Term, endings, kept_beside, labels
from sync import KeyLife


class Region(Base):
    """A division (行政区划): province, city or county, by its six-digit code of GB/T 2260."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent: Mapped[str | None] = mapped_column(ForeignKey("region.code"))


class RegionOutline(Base):
    """Where a region lies, for pictures: a Polygon or MultiPolygon in degrees, longitude first, as somebody's file had it.

    `source`: whose file, of when; it stands wherever the outline is drawn. It decides nothing: jurisdiction follows from codes.
    """

    __tablename__ = "region_outline"

    code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    geometry: Mapped[Json]
    source: Mapped[str]
    entered_at: Mapped[datetime]


class Organisation(Base):
    """A bureau (局) or unit. Its region is the jurisdiction of its people.

    `rules` holds what a bureau may set for itself, such as its deadline rule set. `ended_at`: nobody is put into it
    any more; what it did stays its own.
    """

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    rules: Mapped[Json] = mapped_column(default=dict)
    ended_at: Mapped[datetime | None]


class Person(Base):
    """Someone who can sign in. `region` repeats the organisation's, so that lists filter without a join.

    `code_hash`: of a one-time code with which they set a password, good until `code_until`.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[JsonList]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    code_hash: Mapped[str | None]
    code_until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_person_region_username", "region", "username"),
        Index(
            "ix_person_inactive", "username",
            sqlite_where=text("active = 0"), postgresql_where=text("not active"),
        ),
    )  # fmt: skip


class PersonTerm(Term, Base):
    """The parts of a person's name and user name, and the roles, by which they are found."""

    __tablename__ = "person_term"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


kept_beside(
    Person,
    PersonTerm,
    {"person_id": "id"},
    ("name", "username", "roles"),
    lambda person: endings(person.name, person.username) | labels(person.roles),
)


class Device(Base):
    """A phone in one person's hands; a shared phone is one row for each of them. The phone chose the id."""

    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str]
    first_seen: Mapped[datetime]
    last_sign_in: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    blocked_because: Mapped[str | None]

    __table_args__ = (
        Index("ix_device_person_id", "person_id"),
        Index("ix_device_last_sign_in", "last_sign_in", "id", "person_id"),
        Index(
            "ix_device_blocked",
            "last_sign_in",
            "id",
            "person_id",
            sqlite_where=text("blocked_at is not null"),
            postgresql_where=text("blocked_at is not null"),
        ),
    )


class DeviceTerm(Term, Base):
    """The parts of what a phone is called in one person's hands."""

    __tablename__ = "device_term"

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["device_id", "person_id"], ["device.id", "device.person_id"], ondelete="CASCADE"
        ),
        Index("ix_device_term_device_id", "device_id", "person_id"),
    )


kept_beside(
    Device,
    DeviceTerm,
    {"device_id": "id", "person_id": "person_id"},
    ("name",),
    lambda device: endings(device.name),
)


class DeviceStanding(Base):
    """What a phone said of itself last, and when: written over each time, so that nothing can be followed by it.

    `version`: the build of the application. `drafts`, `records` and `files`: what the server is not known to have.
    `used` and `quota`: bytes of its store, None where the browser doesn't tell.
    """

    __tablename__ = "device_standing"

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    said_at: Mapped[datetime]
    version: Mapped[str]
    drafts: Mapped[int]
    records: Mapped[int]
    files: Mapped[int]
    used: Mapped[int | None] = mapped_column(BigInteger)
    quota: Mapped[int | None] = mapped_column(BigInteger)


class KeyEnd(StrEnum):
    """Why a key signs no more."""

    REPLACED = "replaced"  # a new key of the same device took its place
    HANDED_BACK = "handed_back"
    DATA_LOST = "data_lost"  # the browser's storage was cleared, and the key with it
    OTHER = "other"


class KeyDoubt(StrEnum):
    """Why a key is revoked."""

    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISED = "compromised"
    OTHER = "other"


class DeviceKey(Base):
    """A device's public key (ES256, JWK), and how it stands now; how it came to that is in the audit log.

    What came under it before it was ended or before the moment since which it is revoked stands. `endorsement`:
    the signature of the key that it replaced over its enrolment, where the phone still had that one.
    """

    __tablename__ = "device_key"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    device_id: Mapped[UUID] = mapped_column(index=True)
    jwk: Mapped[Json]
    enrolled_at: Mapped[datetime]
    endorsement: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    replaced_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoked_since: Mapped[datetime | None]
    revoked_because: Mapped[str | None]

    @property
    def life(self) -> KeyLife:
        """When it was ended, and since when it is revoked."""
        return KeyLife(self.ended_at, self.revoked_since)


class SignInSession(Base):
    """One sign-in and its rotating tokens, kept as hashes only.

    A family is one sign-in with all its rotations; a refresh token used twice ends the family, but for a lost reply
    (`server.accounts.renewing`). `follows`: the session whose refresh token opened this one. `used_at`: when something
    was first asked in it, which proves that its tokens arrived.
    """

    __tablename__ = "sign_in_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    family: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    device_id: Mapped[UUID | None] = mapped_column(index=True)
    access_hash: Mapped[str] = mapped_column(unique=True)
    refresh_hash: Mapped[str] = mapped_column(unique=True)
    access_expires: Mapped[datetime]
    refresh_expires: Mapped[datetime]
    refreshed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    follows: Mapped[UUID | None] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
