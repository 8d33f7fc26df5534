"""Stamped copies (水印副本) of the photos of a record: what the band below the picture says, and its printing.

The facts come from the revision, the task and the server's own receipt; the copy proves nothing and is not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    Looker,
    LookingInterrupted,
    Stamp,
    Store,
    StoreError,
    Unprintable,
    UnreadableMedia,
    original_file,
    sniff,
)
from server.access import Actor
from server.accounts.models import Person
from server.db import Json
from server.evidence import possession
from server.evidence import service as evidence
from server.evidence.models import MediaLink, MediaObject
from server.inspections import service as inspections
from server.inspections.models import Assignment, Record
from server.problems import (
    MediaNoPreview,
    MediaNotFound,
    MediaNotLookedInto,
    MediaUnprintable,
    StoreUnavailable,
)
from server.review import dossier

_ROLES: Final = {"lead": "主检 lead", "assisting": "协检 assisting"}
_HASH_DIGITS: Final = 12
_NOT_A_PHOTO: Final = "只为照片制作水印副本。Stamped copies are made of photos only."
_RESTRICTED: Final = "受限表单（涉密场所）的照片不制作副本。No copies are made of photos of restricted forms."


@dataclass(frozen=True)
class StampedPhoto:
    """A photo to be printed with a band: the SHA-256 of the original, and what the band says."""

    sha256: str
    stamp: Stamp


def stamped_photo(
    session: Session, actor: Actor, record_id: UUID, name: str, rev: str | None, zone: ZoneInfo
) -> StampedPhoto:
    """Read what the band of one photo says, for whoever may see the original.

    `name` is the photo's in the answers of `rev`, by default the accepted version or the (first) head; times are written in `zone`. Raises
    `MediaNotFound`, and `MediaNoPreview` for what is no photo or comes from a restricted form.
    """
    record = inspections.visible_record(session, actor, record_id)
    link = session.get(MediaLink, (rev or record.shown_rev, name))
    if link is None or link.record_id != record_id:
        raise MediaNotFound()
    found = evidence.visible_object(session, actor, link.sha256)
    if evidence.is_restricted(session, link.sha256):
        raise MediaNoPreview(_RESTRICTED)
    if found.family != "image":
        raise MediaNoPreview(_NOT_A_PHOTO)
    return _Band(session, record, zone).of(link, found)


def stamped_photos(session: Session, record: Record, rev: str, zone: ZoneInfo) -> dict[str, StampedPhoto]:
    """Read what the bands of all photos of a version say, by name, in a handful of queries however many there are.

    For whoever was let see the record and its media. What has not come, is no photo or is restricted is left out.
    """
    links = session.execute(
        select(MediaLink, MediaObject)
        .join(MediaObject, MediaObject.sha256 == MediaLink.sha256)
        .where(MediaLink.rev == rev, MediaObject.family == "image", possession.counts())
        .order_by(MediaLink.name)
    ).all()
    if not links:
        return {}
    restricted = evidence.restricted_among(session, [link.sha256 for link, _ in links])
    band = _Band(session, record, zone)
    return {link.name: band.of(link, found) for link, found in links if link.sha256 not in restricted}


def stamped_copy(store: Store, looker: Looker, photo: StampedPhoto) -> bytes:
    """Print a photo with its band, as JPEG; the original is only read.

    Raises `MediaUnprintable` rather than print a character that the font lacks, `MediaNoPreview` when the photo
    cannot be read, `MediaNotLookedInto` and `StoreUnavailable` when it may be tried again.
    """
    try:
        with original_file(store, photo.sha256, looker.folder) as file:
            kind = sniff(file.read(SNIFF_LENGTH))
            if kind is None:
                raise MediaNoPreview(_NOT_A_PHOTO)
            return looker.stamp(file, kind, photo.stamp)
    except Unprintable as error:
        raise MediaUnprintable(str(error), characters=error.characters) from error
    except UnreadableMedia as error:
        raise MediaNoPreview(error.reason) from error
    except LookingInterrupted as error:
        raise MediaNotLookedInto().with_headers(Retry_After="5") from error
    except StoreError as error:
        raise StoreUnavailable().with_headers(Retry_After="5") from error


class _Band:
    """What the bands of all photos of a record have in common."""

    def __init__(self, session: Session, record: Record, zone: ZoneInfo) -> None:
        self._zone = zone
        self._shown = dossier.summaries(session, [record])[0]
        self._inspectors = _people(session, inspections.assignments_of(session, [record.task_id]))

    def of(self, link: MediaLink, found: MediaObject) -> StampedPhoto:
        stamp = Stamp(
            task=f"{self._shown['task_number']} {self._shown['task_name']}",
            subject=self._shown["object_name"],
            captured=_moment(link.captured_at, self._zone, "手机时钟 phone"),
            received=_moment(found.stored_at, self._zone, "服务器 server"),
            position=_place(link.position),
            inspectors=self._inspectors,
            sha256=f"{link.sha256[:_HASH_DIGITS]}…",
        )
        return StampedPhoto(link.sha256, stamp)


def _moment(moment: datetime | None, zone: ZoneInfo, whose: str) -> str:
    if moment is None:
        return "未提供 not given"
    text = moment.astimezone(zone).isoformat(" ", "seconds")
    return f"{text[:19]} UTC{text[19:]}（{whose}）"


def _place(position: Json | None) -> str:
    if position is None:
        return "未提供 not given"
    latitude, longitude = position["latitude"], position["longitude"]
    place = (
        f"{abs(latitude):.6f}°{'N' if latitude >= 0 else 'S'} "
        f"{abs(longitude):.6f}°{'E' if longitude >= 0 else 'W'}"
    )
    accuracy = position.get("accuracy")
    within = "精度未知 accuracy unknown" if accuracy is None else f"±{accuracy:.1f} m".replace(".0 ", " ")
    return f"{place} {within}（WGS 84/CGCS2000）"


def _people(session: Session, assignments: Iterable[Assignment]) -> str:
    on_it = {each.person_id: _ROLES[each.role] for each in assignments if each.ended_at is None}
    names = session.execute(select(Person.id, Person.name).where(Person.id.in_(on_it)))
    found = {row.id: row.name for row in names}
    return "、".join(f"{found[person]}（{role}）" for person, role in on_it.items())
