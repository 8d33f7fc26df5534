"""Looking into stored photos: what the camera wrote, and the small picture. A duty of the worker.

claim (short transaction) → perform (none) → settle (short transaction).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    Kind,
    Likeness,
    ObjectUnknown,
    Reading,
    Store,
    UnreadableImage,
    inspect_image,
    make_thumbnail,
    sniff,
)
from server import audit, clock
from server.access import SYSTEM
from server.db import Json
from server.evidence import resembling, service
from server.evidence.models import MediaLink, MediaObject
from server.problems import MediaNoPreview

THUMBNAIL: Final = "thumbnail.jpg"
#: After so long a photo that was claimed and never settled is claimed again.
LEASE: Final = timedelta(minutes=5)
_NO_KIND: Final = "不是可识别的照片、录音或录像。No photo, recording or video of a kind we know."


@dataclass(frozen=True)
class Inspection:
    """One photo to look into."""

    sha256: str
    restricted: bool = False


def claim(session: Session, limit: int = 10) -> list[Inspection]:
    """Take the photos that have waited longest; other workers pass them by until the lease is over."""
    now = clock.now()
    waiting = session.scalars(
        select(MediaObject)
        .where(MediaObject.inspect_after <= now)
        .order_by(MediaObject.inspect_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for each in waiting:
        each.inspect_after = now + LEASE
    linked = select(MediaLink.sha256).where(
        MediaLink.sha256.in_([each.sha256 for each in waiting]), MediaLink.restricted
    )
    restricted = set(session.scalars(linked)) if waiting else set()
    return [Inspection(each.sha256, each.sha256 in restricted) for each in waiting]


def perform(store: Store, work: Inspection) -> Json:
    """Read the photo's facts and keep its thumbnail, but none of a restricted form's photos.

    `{"unreadable": reason}` for a photo that is none.

    Degrees WGS 84, metres, pixels, ISO times, as `media.ImageFacts`. Raises `StoreError`: then try again.
    """
    try:
        kind = _image_kind(store, work.sha256)
        with store.open(work.sha256) as photo:
            facts = inspect_image(photo, kind)
        if not work.restricted:
            _keep_thumbnail(store, work.sha256, kind)
    except UnreadableImage as error:
        return {"unreadable": error.reason}
    return {
        name: clock.iso(value) if isinstance(value, datetime) else value
        for name, value in asdict(facts).items()
        if value is not None
    }


def settle(session: Session, work: Inspection, facts: Json) -> None:
    """Write the facts down, and the photo's fingerprint in a table of its own."""
    likeness = facts.get("likeness")
    session.execute(
        update(MediaObject)
        .where(MediaObject.sha256 == work.sha256)
        .values(
            facts={name: value for name, value in facts.items() if name != "likeness"}, inspect_after=None
        )
        .execution_options(synchronize_session=False)
    )
    # Asked only now that the photo's row is locked: a restricted record may have named it since it was claimed.
    if likeness is not None and not service.is_restricted(session, work.sha256):
        resembling.keep(session, work.sha256, Likeness.read(likeness))
    readable = "unreadable" not in facts
    audit.append(session, SYSTEM, "media.inspected", ("media", work.sha256), {"readable": readable})


def open_thumbnail(store: Store, sha256: str) -> Reading:
    """Open the small picture (JPEG), making it if the worker has not yet. Raises `MediaNoPreview`, `StoreError`."""
    try:
        return store.open_derivative(sha256, THUMBNAIL)
    except ObjectUnknown:
        pass
    try:
        _keep_thumbnail(store, sha256, _image_kind(store, sha256))
    except UnreadableImage as error:
        raise MediaNoPreview(error.reason) from error
    return store.open_derivative(sha256, THUMBNAIL)


def _image_kind(store: Store, sha256: str) -> Kind:
    with store.open(sha256, 0, SNIFF_LENGTH) as head:
        kind = sniff(b"".join(head))
    if kind is None:
        raise UnreadableImage(_NO_KIND)
    return kind


def _keep_thumbnail(store: Store, sha256: str, kind: Kind) -> None:
    with store.open(sha256) as photo:
        store.put_derivative(sha256, THUMBNAIL, make_thumbnail(photo, kind))
