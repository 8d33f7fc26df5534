"""Pictures on paper: the previews that the worker made of photos and signatures, smaller still.

Strangers' files are opened elsewhere (decision 0019): what is read here are JPEG files of our own making. Photos of restricted
forms (涉密) have none, and are told by their hash alone.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import ObjectUnknown, Store, StoreError, derivatives, smaller_jpeg
from server.db import Json
from server.evidence.models import MediaObject
from server.problems import StoreUnavailable

#: Lets the worker make the previews of some files again.
MakeAnew = Callable[[list[str]], None]

#: Longest edge in pixels and quality, until one photo takes no more than `_ENOUGH` bytes: 20 photos stay below 4 MB.
_SIZES: Final = ((1000, 76), (900, 68), (760, 60), (640, 55))
_ENOUGH: Final = 160_000


def shown_in(blocks: Iterable[Json]) -> list[str]:
    """List the hashes of the pictures that blocks show, each once."""
    items = (item for block in blocks if block["kind"] in {"photos", "signatures"} for item in block["items"])
    return list(dict.fromkeys(item["sha256"] for item in items if item["sha256"]))


def previews_of(session: Session, shas: Iterable[str]) -> dict[str, bool]:
    """Say of which files there is a preview to show."""
    query = select(MediaObject.sha256, MediaObject.derivatives).where(MediaObject.sha256.in_(list(shas)))
    return {sha256: "name" in made.get("preview", {}) for sha256, made in session.execute(query)}


def fetch(store: Store, shas: Iterable[str], make_anew: MakeAnew) -> dict[str, bytes]:
    """Fetch the previews of some files, small enough for paper, by their hashes. Raises `StoreUnavailable`.

    So it does for previews that the store has lost, which are made anew. Where the original is lost too there is no picture.
    """
    found: dict[str, bytes] = {}
    lost: list[str] = []
    try:
        for sha256 in shas:
            try:
                with store.open_derivative(sha256, derivatives.PREVIEW) as reading:
                    found[sha256] = _small(b"".join(bytes(piece) for piece in reading))
            except ObjectUnknown:
                if store.exists(sha256):
                    lost.append(sha256)
    except StoreError as error:
        raise StoreUnavailable().with_headers(Retry_After="5") from error
    if lost:
        make_anew(lost)
        raise StoreUnavailable().with_headers(Retry_After="10")
    return found


def placed(blocks: Iterable[Json], there: Mapping[str, Any], absent: Mapping[str, bool]) -> list[Json]:
    """Write into blocks which picture stands where; one that is not there says why."""
    return [
        {
            **block,
            "items": [
                {
                    **item,
                    "image": f"{item['sha256']}.jpg" if item["sha256"] in there else None,
                    "absent": "照片尚在处理，见原件" if item["sha256"] in absent else "照片尚未送达",
                }
                for item in block["items"]
            ],
        }
        if block["kind"] in {"photos", "signatures"}
        else block
        for block in blocks
    ]


def _small(preview: bytes) -> bytes:
    made = preview
    for edge, quality in _SIZES:
        made = smaller_jpeg(preview, edge, quality)
        if len(made) <= _ENOUGH:
            break
    return made
