"""Whether whoever named a file in a revision is known to hold its bytes; see decision 0052.

A hash is no secret: it stands on papers and in packages. So naming one in a revision shows nobody a file that somebody else
brought. A link counts when nobody else had a claim to the file as it was written down (`vouched`), or once all
bytes came from its author, or from whoever brought the revision in the author's place. Until then the file is one that
the record still waits for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, Table, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from server import feed
from server.conditions import Among, Several
from server.evidence.models import MediaBringer, MediaLink, Upload
from server.rows import insert_rows

_BRINGERS: Table = MediaBringer.__table__  # type: ignore[assignment]
#: What came whole: an upload that was spared its bytes, because they were here, proves nothing.
_CAME: Final = and_(Upload.finished_at.is_not(None), Upload.skipped.is_(False))


# Made once: building a statement costs more than running it, and every push of a record asks it.
_LINK, _SENT, _BROUGHT = MediaLink.__table__.c, Upload.__table__.c, MediaBringer.__table__.c
_SHAS: Final = bindparam("shas", type_=Several(_LINK.sha256.type))
_CLAIMS: Final[CompoundSelect[str, UUID | None]] = union_all(
    select(_SENT.sha256, _SENT.owner_id).where(
        Among(_SENT.sha256, _SHAS), _SENT.finished_at.is_not(None), _SENT.skipped.is_(False)
    ),
    select(_BROUGHT.sha256, _BROUGHT.person_id).where(Among(_BROUGHT.sha256, _SHAS)),
    select(_LINK.sha256, _LINK.author_id).where(Among(_LINK.sha256, _SHAS), _LINK.vouched),
)


def counts() -> ColumnElement[bool]:
    """Say in a query for `MediaLink` that a link shows its file."""
    people = (MediaLink.author_id, MediaLink.sender_id)
    sent = select(Upload.id).where(Upload.sha256 == MediaLink.sha256, Upload.owner_id.in_(people), _CAME)
    brought = select(MediaBringer.sha256).where(
        MediaBringer.sha256 == MediaLink.sha256, MediaBringer.person_id.in_(people)
    )
    return or_(MediaLink.vouched, sent.exists(), brought.exists())


def withheld(session: Session, revs: Collection[str]) -> set[tuple[UUID, str]]:
    """Tell which files of revisions are waited for although they are here: by record and SHA-256."""
    files = select(MediaLink.record_id, MediaLink.sha256)
    doubted = (
        _pairs(session, files.where(MediaLink.rev.in_(revs), ~MediaLink.vouched, ~counts()))
        if revs
        else set()
    )
    if not doubted:
        return doubted
    records, shas = {each[0] for each in doubted}, {each[1] for each in doubted}
    shown = files.where(MediaLink.record_id.in_(records), MediaLink.sha256.in_(shas), counts())
    return doubted - _pairs(session, shown)


def _pairs(session: Session, query: Select[UUID, str]) -> set[tuple[UUID, str]]:
    return {(record_id, sha256) for record_id, sha256 in session.execute(query)}


def withheld_from(session: Session, person_id: UUID, shas: Collection[str]) -> set[str]:
    """Name the files that a person named in a revision, or brought one that names them, and is not known to hold."""
    theirs = or_(MediaLink.author_id == person_id, MediaLink.sender_id == person_id)
    doubted = select(MediaLink.sha256).where(
        MediaLink.sha256.in_(shas), ~MediaLink.vouched, theirs, ~counts()
    )
    return set(session.scalars(doubted)) if shas else set()


def is_spared(session: Session, person_id: UUID, sha256: str) -> bool:
    """Say whether a person need not send the bytes of a file that is here: theirs, nobody's, or one that they see."""
    others = _claims(session, [sha256])[sha256] - {person_id}
    return not others or _came_from(session, sha256, person_id) or _is_seen(session, sha256, person_id)


def vouch(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Say of links that are about to be written whether they count by themselves: `vouched`."""
    claims = _claims(session, {row["sha256"] for row in rows})
    for row in rows:
        people = {row["author_id"], row["sender_id"]} - {None}
        others = claims[row["sha256"]] - people
        row["vouched"] = not people or not others or _may_see(session, row)
        if row["vouched"]:
            claims[row["sha256"]] |= people


def note_brought(session: Session, brought: Iterable[tuple[UUID, str]]) -> None:
    """Write down who brought files otherwise than by an upload, with their SHA-256."""
    rows = [{"sha256": sha256, "person_id": person_id} for person_id, sha256 in sorted(set(brought))]
    insert_rows(session, _BRINGERS, rows, known=())


def _claims(session: Session, shas: Collection[str]) -> dict[str, set[UUID | None]]:
    """Tell who sent a file, brought it, or named it so that it counts; None where that is not known."""
    found: dict[str, set[UUID | None]] = defaultdict(set)
    if not shas:
        return found
    session.flush()
    for sha256, person_id in session.connection().execute(_CLAIMS, {"shas": sorted(shas)}):
        found[sha256].add(person_id)
    return found


def _came_from(session: Session, sha256: str, person_id: UUID) -> bool:
    sent = select(Upload.id).where(Upload.sha256 == sha256, Upload.owner_id == person_id, _CAME)
    return (
        session.scalar(sent.limit(1)) is not None
        or session.get(MediaBringer, (sha256, person_id)) is not None
    )


def _may_see(session: Session, row: dict[str, Any]) -> bool:
    """Say whether the record has the file already, or its author sees it elsewhere."""
    in_record = select(MediaLink.rev).where(
        MediaLink.sha256 == row["sha256"], MediaLink.record_id == row["record_id"], counts()
    )
    if session.scalar(in_record.limit(1)) is not None:
        return True
    author = row["author_id"]
    return author is not None and _is_seen(session, row["sha256"], author)


def _is_seen(session: Session, sha256: str, person_id: UUID) -> bool:
    records = select(MediaLink.record_id).where(MediaLink.sha256 == sha256, counts()).distinct()
    recipient = feed.user(person_id)
    return any(feed.sees(session, recipient, "record", each) for each in session.scalars(records))
