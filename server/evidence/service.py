"""Which media a record expects, what of it has come, and who may see it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from server import access, clock, feed
from server.access import Actor, Permission
from server.db import Json
from server.evidence import possession, resembling
from server.evidence.models import MediaLink, MediaObject, Upload
from server.problems import MediaNotFound
from server.rows import insert_rows
from sync import Position

_LINKS: Table = MediaLink.__table__  # type: ignore[assignment]


class MediaStatus(StrEnum):
    """How far a file has come: nothing, some bytes, all bytes, all bytes in a second place too."""

    ABSENT = "absent"
    PARTIAL = "partial"
    STORED = "stored"
    DURABLE = "durable"


class Promised(Protocol):
    """A file as a revision names it; `sync.MediaEntry` is one."""

    @property
    def name(self) -> str:
        """Name in the answers."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes in lower-case hex."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def type(self) -> str:
        """Media type as the phone says it."""

    @property
    def captured_at(self) -> datetime | None:
        """When, by the phone's clock."""

    @property
    def position(self) -> Position | None:
        """Where, by the phone."""


@dataclass(frozen=True)
class Expectation:
    """The files that one revision vouches for; who sealed it, and who brought it here."""

    rev: str
    record_id: UUID
    task_id: UUID | None
    region: str
    entries: Sequence[Promised]
    restricted: bool = False
    author_id: UUID | None = None
    sender_id: UUID | None = None


def expect(
    session: Session,
    rev: str,
    record_id: UUID,
    task_id: UUID | None,
    region: str,
    entries: Sequence[Promised],
) -> None:
    """Write down which files a revision vouches for. Idempotent; the files may have come before or come later."""
    expect_all(session, [Expectation(rev, record_id, task_id, region, entries)])


def expect_all(session: Session, expectations: Sequence[Expectation]) -> None:
    """Write down what a whole batch of revisions vouches for, at once."""
    rows = [
        {
            "rev": each.rev,
            "name": entry.name,
            "sha256": entry.sha256,
            "record_id": each.record_id,
            "task_id": each.task_id,
            "region": each.region,
            "size": entry.size,
            "type": entry.type,
            "captured_at": entry.captured_at,
            "position": _position_json(entry.position),
            "restricted": each.restricted,
            "author_id": each.author_id,
            "sender_id": each.sender_id,
            "vouched": True,
        }
        for each in expectations
        for entry in each.entries
    ]
    if rows:
        possession.vouch(session, rows)
    insert_rows(session, _LINKS, rows, known=())
    resembling.forget(session, {str(row["sha256"]) for row in rows if row["restricted"]})
    restricted = sorted({entry.sha256 for each in expectations if each.restricted for entry in each.entries})
    if restricted:  # what came before its record was looked into like any other: that is undone
        session.execute(
            update(MediaObject)
            .where(MediaObject.sha256.in_(restricted))
            .values(inspect_after=clock.now())
            .execution_options(synchronize_session=False)
        )


def missing(session: Session, shas: Iterable[str]) -> list[str]:
    """Return those of the given hashes that are not stored, in their order, each once."""
    wanted = list(dict.fromkeys(shas))
    if not wanted:
        return []
    stored = set(session.scalars(select(MediaObject.sha256).where(MediaObject.sha256.in_(wanted))))
    return [sha256 for sha256 in wanted if sha256 not in stored]


def missing_of(session: Session, rev: str, shas: Iterable[str]) -> list[str]:
    """Return those of a revision's files that it still waits for: not stored, or not yet come from whoever names them."""
    wanted = list(dict.fromkeys(shas))
    withheld = {sha256 for _, sha256 in possession.withheld(session, [rev])}
    absent = withheld.union(missing(session, wanted))
    return [sha256 for sha256 in wanted if sha256 in absent]


def missing_for_record(session: Session, record_id: UUID) -> list[str]:
    """Return the hashes that any revision of a record vouches for and that are not stored, sorted."""
    query = (
        select(MediaLink.sha256)
        .outerjoin(MediaObject, MediaObject.sha256 == MediaLink.sha256)
        .where(MediaLink.record_id == record_id, MediaObject.sha256.is_(None))
        .distinct()
        .order_by(MediaLink.sha256)
    )
    return list(session.scalars(query))


def status_of(state: str, *, promised: bool) -> MediaStatus:
    """Say how far a stored file has come; `promised`: its store keeps everything in a second place by itself."""
    return MediaStatus.DURABLE if promised else MediaStatus(state)


def statuses(session: Session, shas: Iterable[str], *, promised: bool = False) -> dict[str, MediaStatus]:
    """Say for each hash how far it has come, in two queries however many there are; `promised` see `status_of`."""
    wanted = list(dict.fromkeys(shas))
    found = dict.fromkeys(wanted, MediaStatus.ABSENT)
    on_their_way = select(Upload.sha256).where(
        Upload.sha256.in_(wanted),
        Upload.offset > 0,
        Upload.ended_at.is_(None),
        Upload.mismatched.is_(None),
        Upload.expires_at > clock.now(),
    )
    for sha256 in session.scalars(on_their_way.distinct()):
        found[str(sha256)] = MediaStatus.PARTIAL
    here = select(MediaObject.sha256, MediaObject.state).where(MediaObject.sha256.in_(wanted))
    for sha256, state in session.execute(here):
        found[sha256] = status_of(state, promised=promised)
    return found


def statuses_for(
    session: Session, actor: Actor, shas: Iterable[str], *, promised: bool
) -> dict[str, MediaStatus]:
    """Say for each hash how far it has come, to whoever reads media at all: whoever knows a hash may ask."""
    access.require(actor, Permission.MEDIA_READ)
    found = statuses(session, shas, promised=promised)
    # Whoever named a file that somebody else brought still has to send it.
    withheld = possession.withheld_from(session, actor.person_id, list(found))
    return found | dict.fromkeys(withheld, MediaStatus.ABSENT)


def visible_object(session: Session, actor: Actor, sha256: str) -> MediaObject:
    """Load a stored object that the actor may see; what is hidden looks like what is not there."""
    access.require(actor, Permission.MEDIA_READ)
    found = session.get(MediaObject, sha256)
    if found is None or not sees(session, actor, sha256):
        raise MediaNotFound()
    return found


def is_restricted(session: Session, sha256: str) -> bool:
    """Say whether a file belongs to a record of a restricted form (涉密): then no copy of it is kept."""
    return sha256 in restricted_among(session, [sha256])


def restricted_among(session: Session, shas: Collection[str]) -> set[str]:
    """Return those of the given files that belong to a record of a restricted form (涉密)."""
    query = select(MediaLink.sha256).where(MediaLink.sha256.in_(shas), MediaLink.restricted).distinct()
    return set(session.scalars(query)) if shas else set()


def sees(session: Session, actor: Actor, sha256: str) -> bool:
    """Say whether the actor may see a file: through a record it belongs to, or because the actor sent it."""
    links = select(MediaLink.record_id).where(MediaLink.sha256 == sha256, possession.counts())
    if actor.sees_region(Permission.MEDIA_READ):
        in_region = links.where(access.within(actor, MediaLink.region)).limit(1)
        if session.scalar(in_region) is not None:
            return True
    recipient = feed.user(actor.person_id)
    records = session.scalars(links.distinct())
    return any(feed.sees(session, recipient, "record", each) for each in records) or _sent(
        session, actor, sha256
    )


def _sent(session: Session, actor: Actor, sha256: str) -> bool:
    # Naming a hash is enough to be spared sending the bytes; it is not enough to be shown them.
    query = select(Upload.id).where(
        Upload.owner_id == actor.person_id,
        Upload.sha256 == sha256,
        Upload.finished_at.is_not(None),
        Upload.skipped.is_(False),
    )
    return session.scalar(query.limit(1)) is not None


def _position_json(position: Position | None) -> Json | None:
    if position is None:
        return None
    body = {name: value for name, value in asdict(position).items() if value is not None}
    if position.at is not None:
        body["at"] = clock.iso(position.at)
    return body
