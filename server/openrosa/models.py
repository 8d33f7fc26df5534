"""Tables of the keys that stock ODK phones ask with, and of the submissions that come in pieces."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, JsonList


class PhoneKey(Base):
    """What a stock ODK phone asks with: one inspector on one device, named by the address that it was given.

    The secret in the address is worked out from `id` and the installation's own secret and stands nowhere. `bound_to`:
    the `deviceID` that a phone tells, once one has; another is refused. `names_itself`: it told it when it
    read, too, which Collect before 2026 and KoboCollect do only when they send. `sent` and `last_rev`: how many revisions
    came under it and the newest, which take the place of a native phone's own counter.
    """

    __tablename__ = "openrosa_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    device_id: Mapped[UUID] = mapped_column(default=uuid4)
    name: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    bound_to: Mapped[str | None]
    bound_at: Mapped[datetime | None]
    names_itself: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    sent: Mapped[int] = mapped_column(BigInteger, default=0)
    last_rev: Mapped[str | None]


class SubmissionState(StrEnum):
    """`arriving`: files that its XML names have not come; `taken`: it went through the same door as every push."""

    ARRIVING = "arriving"
    TAKEN = "taken"


class Submission(Base):
    """One instance of a form as its XML stood, by one person: an `instanceID` with other bytes is another one.

    `instance_id` is that of the XML, or, of XML that nobody can read, `sha256:` and its hash. `xml` are the exact bytes
    until they are part of a revision, which keeps them. `expected`: names of the files that the XML names, None where
    its form is not known. `rev`: the newest revision that was made of it; what became of that, the revision says.
    `base`: the instance it replaces (`deprecatedID`, or one that was returned), and `waits`: that had not come.
    """

    __tablename__ = "openrosa_submission"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("openrosa_key.id"), index=True)
    instance_id: Mapped[str]
    xml_sha256: Mapped[str]
    xml: Mapped[bytes | None] = mapped_column(deferred=True)
    form_id: Mapped[str]
    form_version: Mapped[str]
    base: Mapped[str | None]
    waits: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=SubmissionState.ARRIVING.value)
    expected: Mapped[JsonList | None]
    rev: Mapped[str | None] = mapped_column(index=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("instance_id", "person_id", "xml_sha256"),
        Index(
            "ix_openrosa_submission_arriving",
            "last_at",
            sqlite_where=text("state = 'arriving'"),
            postgresql_where=text("state = 'arriving'"),
        ),
        Index(
            "ix_openrosa_submission_waiting",
            "base",
            sqlite_where=text("waits = 1"),
            postgresql_where=text("waits"),
        ),
    )


class SubmittedFile(Base):
    """A file that came with a submission, under its name. Other bytes under the same name are a further one."""

    __tablename__ = "openrosa_file"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("openrosa_submission.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    came_at: Mapped[datetime]
