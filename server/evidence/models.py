"""Tables of media: what is stored, what is on its way, and which revision vouches for it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Json


class MediaObject(Base):
    """Bytes that are stored, once, under their SHA-256 (lower-case hex), however many records show them.

    `mime` and `family` are what the first bytes say, None when they are no kind we know; `facts` is what was
    read out of a photo or recording, or `{"unreadable": reason}`. `state` is `stored` or, once it is known to exist
    in a second place, `durable`. `sm3`: the SM3 of the bytes in lower-case hex, once the worker has read them.

    `derivatives`: by role (`thumbnail`, `preview`, `poster`, `waveform`, `playable`) what was made of it,
    `{"name", "size", "recipe"}`, or why nothing was, `{"unavailable": reason}`. `recipe`: by which recipe it was
    looked into, None when that has not succeeded yet. `inspect_after`: when the worker may look into it, `copy_after`:
    when it may make the copy that browsers play; None when there is nothing to do. `attempts` since it last succeeded.
    """

    __tablename__ = "media_object"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str | None]
    family: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="stored")
    facts: Mapped[Json] = mapped_column(default=dict)
    stored_at: Mapped[datetime]
    stored_seq: Mapped[int | None] = mapped_column(BigInteger)
    inspect_after: Mapped[datetime | None] = mapped_column(index=True)
    sm3: Mapped[str | None]
    derivatives: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    recipe: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    copy_after: Mapped[datetime | None] = mapped_column(index=True)


class PhotoLikeness(Base):
    """The fingerprint of a stored photo (`media.likeness`), cut into the bands it is looked up by.

    None for photos with nothing in them, and none is kept of photos from secret places (涉密).
    """

    __tablename__ = "photo_likeness"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("media_object.sha256", ondelete="CASCADE"), primary_key=True
    )
    likeness: Mapped[str]
    band1: Mapped[int] = mapped_column(index=True)
    band2: Mapped[int] = mapped_column(index=True)
    band3: Mapped[int] = mapped_column(index=True)
    band4: Mapped[int] = mapped_column(index=True)


class Upload(Base):
    """A file on its way (tus): what the phone promised, and how many of its bytes are here.

    `length` is None while the phone has not told it. `offset` is what is acknowledged, and `progress` what the store
    needs to go on from there (`media.Progress`); the two move together, and only by compare-and-set on
    `holder_epoch`, which every request that takes hold of the upload raises by one.
    `held_until` is the holder's lease, `stop_requested` asks it to let go. `sha256` is the promised hash, or the
    computed one when none was promised; `mismatched` is the hash of bytes that broke the promise. `skipped`: the
    content was here already and nothing was sent.
    """

    __tablename__ = "upload"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    device_id: Mapped[UUID | None]
    length: Mapped[int | None] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    progress: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    header: Mapped[str] = mapped_column("metadata")
    filename: Mapped[str | None]
    filetype: Mapped[str | None]
    record: Mapped[str | None]
    sha256: Mapped[str | None]
    skipped: Mapped[bool] = mapped_column(default=False)
    holder_epoch: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    stop_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mismatched: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_upload_owner_id_sha256", "owner_id", "sha256"),
        Index("ix_upload_sha256", "sha256"),
        Index(
            "ix_upload_under_way",
            "expires_at",
            sqlite_where=text("finished_at is null and ended_at is null"),
            postgresql_where=text("finished_at is null and ended_at is null"),
        ),
    )


class MediaLink(Base):
    """A revision vouches for a file: under this name it belongs to this record, whether it has come or not.

    All but `region` is the phone's claim, sealed in the revision; `position` is WGS 84 with metres.
    `restricted`: it comes from a form for secret places (涉密), so nobody keeps a copy or a small picture.
    `author_id` sealed the revision and `sender_id` brought it; `vouched`: the link shows the file by itself, see `possession`.
    """

    __tablename__ = "media_link"

    rev: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    record_id: Mapped[UUID] = mapped_column(index=True)
    task_id: Mapped[UUID | None]
    region: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    captured_at: Mapped[datetime | None]
    position: Mapped[Json | None]
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    author_id: Mapped[UUID | None]
    sender_id: Mapped[UUID | None]
    vouched: Mapped[bool] = mapped_column(default=True, server_default=true())

    __table_args__ = (
        Index("ix_media_link_sha256_region", "sha256", "region"),
        Index(
            "ix_media_link_doubted",
            "sha256",
            sqlite_where=text("vouched = 0"),
            postgresql_where=text("not vouched"),
        ),
    )


class MediaBringer(Base):
    """Somebody brought a file otherwise than by an upload, all of it."""

    __tablename__ = "media_bringer"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
