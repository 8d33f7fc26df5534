"""Photos that look alike: fingerprints kept in bands, so that looking one up does not read them all."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from sqlalchemy import ColumnElement, Select, bindparam, delete, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from media.likeness import BAND_BITS, Likeness
from server.db import is_postgresql
from server.evidence.models import MediaObject, PhotoLikeness

MOST_ALIKE: Final = 50
_BANDS: Final = ("band1", "band2", "band3", "band4")


@dataclass(frozen=True)
class Alike:
    """Two stored photos, by their hashes, that may be one. `difference`: the share of bits that differ."""

    sha256: str
    other: str
    difference: float


def keep(session: Session, sha256: str, likeness: Likeness) -> None:
    """Keep a stored photo's fingerprint; the same again changes nothing."""
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    values = {"likeness": str(likeness), **dict(zip(_BANDS, likeness.bands(), strict=True))}
    session.execute(
        insert(PhotoLikeness)
        .values(sha256=sha256, **values)
        .on_conflict_do_update(index_elements=[PhotoLikeness.sha256], set_=values)
    )


def forget(session: Session, shas: Collection[str]) -> None:
    """Drop fingerprints. Whoever is just keeping one has locked its photo, and is waited for."""
    if not shas:
        return
    photos = select(MediaObject.sha256).where(MediaObject.sha256.in_(shas)).order_by(MediaObject.sha256)
    session.execute(photos.with_for_update()).all()
    session.execute(
        delete(PhotoLikeness)
        .where(PhotoLikeness.sha256.in_(shas))
        .execution_options(synchronize_session=False)
    )


def find_alike(session: Session, shas: Collection[str]) -> list[Alike]:
    """Find the stored photos that look like some photos, in one query however many there are.

    A band of the other must differ by one bit at most, which an index finds; the whole is compared here. What is
    read beside the hits is about one stored photo in a thousand for each photo asked about. Of more than
    `MOST_ALIKE` for one photo, the nearest.
    """
    if not shas:
        return []
    found = [
        Alike(row.sha256, row.other, mine.difference(other))
        for row in session.execute(_NEAR, {"shas": list(shas)})
        if (mine := Likeness.read(row.mine)).resembles(other := Likeness.read(row.theirs))
    ]
    found.sort(key=lambda each: (each.sha256, each.difference, each.other))
    by_photo = groupby(found, key=lambda each: each.sha256)
    return [each for _, several in by_photo for each in islice(several, MOST_ALIKE)]


def _near(band: str) -> Select[str, str, str, str]:
    """Select the photos of which one band is that of a photo in `shas`, or is one bit off."""
    mine, other = aliased(PhotoLikeness), aliased(PhotoLikeness)
    ours, theirs = getattr(mine, band), getattr(other, band)
    wanted = [ours, *(_flipped(ours, 1 << bit) for bit in range(BAND_BITS))]
    return select(
        mine.sha256.label("sha256"),
        mine.likeness.label("mine"),
        other.sha256.label("other"),
        other.likeness.label("theirs"),
    ).where(
        mine.sha256.in_(bindparam("shas", expanding=True)), theirs.in_(wanted), other.sha256 != mine.sha256
    )


def _flipped(band: InstrumentedAttribute[int], bit: int) -> ColumnElement[int]:
    """Turn one bit over; SQLite knows no exclusive or."""
    return band.bitwise_or(bit) - band.bitwise_and(bit)


#: Written once: putting its seventy expressions together takes longer than running it.
_NEAR: Final = union(*(_near(band) for band in _BANDS))
